"""/v1/clinics: which clinic serves which compounds."""

from typing import Annotated, Any

from fastapi import Body, Path

from app.areas import queries
from app.areas.clinics import service
from app.areas.clinics.schemas import ClinicRead, PutClinic
from app.areas.problems import ClinicNotFound, CompoundsUnknown
from app.core.actors import Role
from app.core.text import UpperCode
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.work import PutDep, ResourceDep

clinics = router("/v1/clinics", "小区")

ClinicCode = Annotated[UpperCode, Path(examples=["CHENGXI"])]
EXAMPLES: Any = {
    "west": {
        "summary": "城西街道的卫生服务中心和它服务的小区",
        "value": {"name": "城西街道社区卫生服务中心", "phone": "0359-0000-401", "compounds": ["TYY", "YRC"]},
    }
}


@clinics.get("/{clinic}", operation_id="readClinic", responses=problems(ClinicNotFound))
@public
async def read_clinic(work: ResourceDep, clinic: ClinicCode) -> ClinicRead:
    """一个社区卫生服务中心，和它的医生上门的小区。"""
    found = await queries.clinic(work.session, clinic)
    if found is None:
        raise ClinicNotFound
    work.shows(found.version)
    return ClinicRead.of(found, await queries.compounds_of_clinic(work.session, found.id))


@clinics.put("/{clinic}", operation_id="putClinic", responses=problems(CompoundsUnknown))
@only(Role.ADMIN)
async def put_clinic(
    work: PutDep, clinic: ClinicCode, body: Annotated[PutClinic, Body(openapi_examples=EXAMPLES)]
) -> ClinicRead:
    """新增或修改卫生服务中心和它服务的全部小区；已有的要带 `If-Match`。一个小区只属于一个中心，重新指定即改归。"""
    made = await service.put(work, clinic, body)
    work.shows(made.version)
    return ClinicRead.of(made, set(body.compounds))


ROUTERS = (clinics,)
