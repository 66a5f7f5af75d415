"""/v1/auth, /v1/me and /v1/residents: signing in, and finding or registering people."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from app.core.actors import STAFF, Role
from app.core.errors import RateLimited
from app.people import codes, disclosures, examples, oauth, profile, queries, service, sessions
from app.people.consents import problems as consent_problems
from app.people.consents import router as consents
from app.people.consents import texts
from app.people.homes import router as homes
from app.people.life import router as life
from app.people.oauth import auth
from app.people.proxies import router as proxies
from app.people.schemas import (
    ChangePassword,
    CodeSent,
    DisclosureRead,
    MeRead,
    PutMe,
    PutResident,
    RegisterResident,
    RequestCode,
    ResidentFound,
    ResidentRevealed,
    ResidentsFound,
    RevealResident,
    SearchResidents,
    SignedIn,
    VerifyCode,
)
from app.people.wechat import accounts
from app.people.wechat import router as wechat
from app.people.wechat.problems import LinkTokenWrong
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, ReadDep, ResourceDep, SignInDep, WorkDep

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


@auth.post(
    "/otp/verify",
    operation_id="verifyCode",
    responses=problems(
        codes.CodeWrong,
        codes.PhoneHolderUnsure,
        codes.AccountResting,
        consent_problems.PrivacyVersionUnknown,
        LinkTokenWrong,
    ),
)
@public
async def verify_code(
    work: SignInDep, body: Annotated[VerifyCode, Body(openapi_examples=examples.VERIFY_CODE)]
) -> SignedIn:
    """用验证码登录：得到 10 分钟的访问令牌和可续期的令牌。每个验证码最多试五次。

    号码很久（默认 180 天）没有验证过、又已登记了姓名或房屋时，还要填登记的 `name`，否则返回 409
    `phone-holder-unsure`；号码换了人用 `new_person: true`：原来的人保留自己的资料，只是不再有这个号码。
    同意隐私告知时带上 `privacy_version`（见 `GET /v1/consent-texts/PRIVACY`）。带上微信登录给出的 `link_token`，
    这个微信号就和您关联，以后用微信直接登录。
    """
    privacy = await texts.privacy_in_force(work, body.privacy_version)
    offered = await accounts.offered(work, body.link_token) if body.link_token is not None else None
    person, new = await codes.verify(work, body)
    if offered is not None:
        await accounts.take_up(work, offered, person)
    texts.accept(work, person, body.privacy_version)
    return await sessions.enter(work, person, privacy, new=new)


@my.get("", operation_id="readMe")
@only(Role.RESIDENT, Role.INTEGRATOR, *STAFF)
async def read_me(work: ResourceDep) -> MeRead:
    """我是谁：身份、姓名、房屋（市民）或所管片区（员工）。"""
    found = await service.me(work)
    work.shows(found.version)
    return found


@my.put(
    "",
    operation_id="putMe",
    responses=problems(
        codes.CodeWrong,
        profile.CodeRequired,
        profile.BirthYearFixed,
        service.BirthYearWrong,
        consent_problems.PrivacyVersionUnknown,
    ),
)
@only(Role.RESIDENT)
async def put_me(work: PutDep, body: Annotated[PutMe, Body(openapi_examples=examples.PUT_ME)]) -> MeRead:
    """修改本人的姓名、出生年份和手机号；换号要带发到新号码的验证码，其他设备上的登录随即失效。

    新号码原来登记在别人名下时，那个人不再有这个号码；他的房屋和订单不会转给您。
    """
    person = await profile.put_me(work, body)
    work.shows(person.version)
    return await service.me(work)


@my.get("/disclosures", operation_id="listMyDisclosures")
@only(Role.RESIDENT)
async def list_my_disclosures(work: ReadDep, paging: PagingDep) -> Page[DisclosureRead]:
    """谁看过我的完整姓名和电话：岗位、看了什么、为什么、什么时候，新的在前。"""
    cursor = paging.open()
    rows = await queries.disclosures(work.session, work.actor, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    return Page(items=[DisclosureRead.of(row) for row in kept], next_cursor=following)


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
    responses=problems(service.CallRequired, service.ResidentKnown, service.PhoneRequired, service.BirthYearWrong),
)
@only(Role.AGENT, Role.CLERK)
async def register_resident(
    work: WorkDep, body: Annotated[RegisterResident, Body(openapi_examples=examples.REGISTER)]
) -> ResidentFound:
    """登记一位来电的市民。号码已登记过时返回 409 和那位市民的 id。没有自己电话的人由服务中心登记。"""
    return ResidentFound.of(await service.register(work, body), [])


@residents.put(
    "/{resident_id}",
    operation_id="putResident",
    responses=problems(service.ResidentNotFound, service.BirthYearWrong),
)
@only(Role.CLERK)
async def put_resident(
    work: PutDep, resident_id: UUID, body: Annotated[PutResident, Body(openapi_examples=examples.PUT_RESIDENT)]
) -> ResidentFound:
    """服务中心按证件更正一位市民的姓名和出生年份；没有填的不变。"""
    person = await service.correct(work, resident_id, body)
    work.shows(person.version)
    homes_ = await queries.residencies(work.session, [person.id], work.today)
    return ResidentFound.of(person, list(homes_))


@residents.post(
    "/{resident_id}/reveal",
    operation_id="revealResident",
    responses=problems(service.CallRequired, service.ResidentNotFound),
)
@only(Role.AGENT, Role.CLERK)
async def reveal_resident(
    work: WorkDep, resident_id: UUID, body: Annotated[RevealResident, Body(openapi_examples=examples.REVEAL)]
) -> ResidentRevealed:
    """显示一位市民的完整姓名和电话，必须说明原因；本人能查到这次查看。话务员要带 `Call-Id`。"""
    person, row = await disclosures.reveal(work, resident_id, body)
    return ResidentRevealed(id=person.id, name=person.name, phone=person.phone, disclosure_id=row.id)


ROUTERS = (
    oauth.auth,
    my,
    residents,
    *homes.ROUTERS,
    *proxies.ROUTERS,
    *consents.ROUTERS,
    *life.ROUTERS,
    *wechat.ROUTERS,
)
