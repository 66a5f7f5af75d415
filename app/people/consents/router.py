"""/v1/consent-texts, /v1/me/consents and /v1/residents/{id}/consents: what people agree to."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Path

from app.core.actors import Role
from app.core.text import UpperCode
from app.people import service
from app.people.codes import AccountResting
from app.people.consents import examples, problems, queries, saying, texts
from app.people.consents.saying import read
from app.people.consents.schemas import ConsentRead, RecordConsent, SayConsent
from app.people.schemas import ConsentTextRead
from app.people.service import ResidentNotFound
from app.web.paging import Page, PagingDep
from app.web.problems import problems as refusals
from app.web.route import only, public, router
from app.web.work import ResourceDep, SnapshotDep, WorkDep

notices = router("/v1/consent-texts", "登录")
mine = router("/v1/me/consents", "市民")
residents = router("/v1/residents", "话务")


@notices.get("/{code}", operation_id="readConsentText", responses=refusals(problems.ConsentTextNotFound))
@public
async def read_consent_text(
    work: ResourceDep, code: Annotated[UpperCode, Path(examples=["PRIVACY"])]
) -> ConsentTextRead:
    """现行的告知文本：`PRIVACY` 是隐私告知，首次登录时给用户看，同意后把 `version` 带进登录。

    `HEALTH_DATA`（处理健康信息）和 `SHARE_WITH_CLINIC`（交给卫生服务中心）是约家庭医生要的两份单独同意。
    """
    text = await texts.current(work, code)
    work.shows(1)
    return ConsentTextRead.of(text)


@mine.post(
    "",
    operation_id="sayConsent",
    responses=refusals(
        problems.ConsentVersionUnknown,
        problems.RecipientWrong,
        problems.GuardianRequired,
        problems.NotTheSubject,
        problems.ConsentNotFound,
        AccountResting,
    ),
)
@only(Role.RESIDENT)
async def say_consent(work: WorkDep, body: Annotated[SayConsent, Body(openapi_examples=examples.SAY)]) -> ConsentRead:
    """同意（`given: true`）或撤回（`given: false`）现行版本的文本；`SHARE_WITH_CLINIC` 要写明交给哪个中心。

    同意只能由本人作出；未满十四周岁的，由登记的监护人作出（`subject_id` 写孩子）。撤回只影响以后，已经做了的不变。
    """
    return read(await saying.say(work, body))


@mine.get("", operation_id="listMyConsents")
@only(Role.RESIDENT)
async def list_my_consents(work: SnapshotDep, paging: PagingDep) -> Page[ConsentRead]:
    """本人作出的全部同意，撤回和换了版本的也在内，新的在前；`current` 是现在有效的。"""
    assert work.actor.id is not None
    cursor = paging.open()
    rows = await queries.page(work.session, work.actor.id, after=cursor.after_id, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.id])
    return Page(items=[read(said) for said in await saying.told(work, kept)], next_cursor=following)


@residents.post(
    "/{resident_id}/consents",
    operation_id="recordConsent",
    responses=refusals(
        service.CallRequired,
        ResidentNotFound,
        problems.CallNotLinked,
        problems.ConsentVersionUnknown,
        problems.RecipientWrong,
        problems.GuardianRequired,
        problems.ConsentNotFound,
        AccountResting,
    ),
)
@only(Role.AGENT, Role.CLERK)
async def record_consent(
    work: WorkDep, resident_id: UUID, body: Annotated[RecordConsent, Body(openapi_examples=examples.RECORD)]
) -> ConsentRead:
    """记下本人的话：话务员在关联到本人（或登记的监护人）的来电里，念过文本后记口头同意；服务中心记书面同意。"""
    return read(await saying.record(work, resident_id, body))


ROUTERS = (notices, mine, residents)
