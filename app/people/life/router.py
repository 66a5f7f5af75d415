"""/v1/residents/{id}/events: in hospital, back home, dead."""

from typing import Annotated
from uuid import UUID

from fastapi import Body

from app.people.life import examples, problems, service
from app.people.life.models import REPORTERS
from app.people.life.schemas import LifeRead, ReportLife
from app.people.service import CallRequired, ResidentNotFound
from app.web.problems import problems as refusals
from app.web.route import only, router
from app.web.work import WorkDep

residents = router("/v1/residents", "市民")


@residents.post(
    "/{resident_id}/events",
    operation_id="reportLifeEvent",
    responses=refusals(CallRequired, ResidentNotFound, problems.EventDay),
)
@only(*REPORTERS)
async def report(
    work: WorkDep, resident_id: UUID, body: Annotated[ReportLife, Body(openapi_examples=examples.REPORT)]
) -> LifeRead:
    """住院、出院、去世：由本人（去世除外）、持有上门看病委托的人、服务中心、负责其小区的卫生服务中心报告。

    以后的上门、提醒和评价邀请随之悄悄取消，不发任何消息。话务员要在关联到本人或受托人的来电下（`Call-Id`）报住院和出院。
    误报的去世由服务中心写明原因更正（`NOT_DECEASED`）；已结束的委托要重新办理。
    """
    person = await service.report(work, resident_id, body)
    return LifeRead.of(person, service.parties(work.actor, person.id))


ROUTERS = (residents,)
