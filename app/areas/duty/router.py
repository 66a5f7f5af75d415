"""/v1/compounds/{code}/duty: whom to call now, public; and the rosters, kept by those who serve the area."""

from typing import Annotated

from fastapi import Body

from app.areas import queries as areas
from app.areas.duty import examples, queries, service
from app.areas.duty.models import DutyLevel
from app.areas.duty.schemas import DutyRead, PutDuty
from app.areas.models import Compound
from app.areas.problems import CompoundNotFound
from app.areas.rooms import CompoundCode
from app.core.actors import Role
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, ResourceDep, Work

compounds = router("/v1/compounds", "值班")


async def _read(work: Work, compound: Compound) -> DutyRead:
    found = await queries.rosters(work.session, compound.id)
    work.shows(found.lists[DutyLevel.COMPOUND][0])
    usernames = await queries.usernames(work.session, found) if service.keeps(work.actor, compound) else {}
    return DutyRead.of(compound.code, found, found.chain(work.now), usernames)


@compounds.get("/{code}/duty", operation_id="readDuty", responses=problems(CompoundNotFound))
@public
async def read_duty(work: ResourceDep, code: CompoundCode) -> DutyRead:
    """现在该打给谁，以及各级值班表。

    小区没有人值班时依次是管理单位、社区、街道和 12345，`call_now` 不会为空。ETag 里的版本是小区这一级的版本，
    其他各级的版本在各自的 `version` 里。
    """
    compound = await areas.compound(work.session, code)
    if compound is None:
        raise CompoundNotFound
    return await _read(work, compound)


@compounds.put(
    "/{code}/duty",
    operation_id="putDuty",
    responses=problems(CompoundNotFound, service.StaffUnknown, service.TownLineNeeded),
)
@only(Role.MANAGER, Role.CLERK, Role.ADMIN)
async def put_duty(
    work: PutDep, code: CompoundCode, body: Annotated[PutDuty, Body(openapi_examples=examples.PUT)]
) -> DutyRead:
    """整个替换一级的值班表，顺序就是拨打的顺序；已有的要带 `If-Match`（这一级的 `version`）。

    物业经理维护本小区的；服务中心还维护管理单位、社区、街道的，管理员还维护全市的。
    """
    return await _read(work, await service.put(work, code, body))


ROUTERS = (compounds,)
