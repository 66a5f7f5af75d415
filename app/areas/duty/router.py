"""/v1/compounds/{code}/duty: whom to call now, public."""

from app.areas import queries as areas
from app.areas.duty import queries
from app.areas.duty.models import DutyLevel
from app.areas.duty.schemas import DutyRead
from app.areas.problems import CompoundNotFound
from app.areas.rooms import CompoundCode
from app.web.problems import problems
from app.web.route import public, router
from app.web.work import ResourceDep

compounds = router("/v1/compounds", "值班")


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
    found = await queries.rosters(work.session, compound.id)
    work.shows(found.lists[DutyLevel.COMPOUND][0])
    return DutyRead.of(compound.code, found, found.chain(work.now))


ROUTERS = (compounds,)
