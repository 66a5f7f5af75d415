"""/v1/auth, /v1/me and /v1/residents: signing in, and finding or registering people."""

from typing import Annotated

from fastapi import Body

from app.core.actors import STAFF, Role
from app.core.errors import RateLimited
from app.people import codes, examples, oauth, service, sessions
from app.people.oauth import auth
from app.people.schemas import (
    ChangePassword,
    CodeSent,
    MeRead,
    RegisterResident,
    RequestCode,
    ResidentFound,
    ResidentsFound,
    SearchResidents,
    SignedIn,
    TokenRead,
    VerifyCode,
)
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, SignInDep, SnapshotDep, WorkDep

my = router("/v1/me", "市民")
residents = router("/v1/residents", "话务")


@auth.post("/otp", status_code=202, operation_id="requestCode", responses=problems(RateLimited))
@public
async def request_code(
    work: SignInDep, body: Annotated[RequestCode, Body(openapi_examples=examples.REQUEST_CODE)]
) -> CodeSent:
    """发送六位手机验证码，五分钟内有效。不论号码是否登记过，回答都一样。"""
    await codes.request_code(work, body.phone)
    return CodeSent(expires_in=int(codes.VALID.total_seconds()))


@auth.post("/otp/verify", operation_id="verifyCode", responses=problems(codes.CodeWrong))
@public
async def verify_code(
    work: SignInDep, body: Annotated[VerifyCode, Body(openapi_examples=examples.VERIFY_CODE)]
) -> SignedIn:
    """用验证码登录：得到 10 分钟的访问令牌和可续期的令牌。每个验证码最多试五次。"""
    person, new = await codes.verify(work, body.phone, body.code)
    issued = await sessions.begin_resident(work, person.id)
    return SignedIn(**TokenRead.of(issued).model_dump(), resident_id=person.id, new_resident=new)


@my.get("", operation_id="readMe")
@only(Role.RESIDENT, Role.INTEGRATOR, *STAFF)
async def read_me(work: SnapshotDep) -> MeRead:
    """我是谁：身份、姓名、房屋（市民）或所管片区（员工）。"""
    return await service.me(work)


@my.put("/password", operation_id="changePassword", status_code=204, responses=problems(sessions.PasswordWrong))
@only(*STAFF)
async def change_password(
    work: PutDep, body: Annotated[ChangePassword, Body(openapi_examples=examples.CHANGE_PASSWORD)]
) -> None:
    """员工修改自己的密码；其他设备上的登录随即失效。"""
    await sessions.change_password(work, body.old_password, body.new_password)


@residents.post("/search", operation_id="searchResidents", responses=problems(service.CallRequired))
@only(Role.AGENT, Role.CLERK)
async def search_residents(
    work: WorkDep, body: Annotated[SearchResidents, Body(openapi_examples=examples.SEARCH)]
) -> ResidentsFound:
    """按电话、尾号、房号或姓名查找市民，最多二十位，姓名和电话均已遮盖。话务员要带 `Call-Id`。"""
    people, homes = await service.search(work, body)
    return ResidentsFound(
        items=[ResidentFound.of(p, [row for row in homes if row.resident_id == p.id]) for p in people]
    )


@residents.post(
    "",
    status_code=201,
    operation_id="registerResident",
    responses=problems(service.CallRequired, service.ResidentKnown),
)
@only(Role.AGENT, Role.CLERK)
async def register_resident(
    work: WorkDep, body: Annotated[RegisterResident, Body(openapi_examples=examples.REGISTER)]
) -> ResidentFound:
    """登记一位来电的市民。号码已登记过时返回 409 和那位市民的 id。"""
    return ResidentFound.of(await service.register(work, body), [])


ROUTERS = (oauth.auth, my, residents)
