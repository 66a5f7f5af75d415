"""/v1/areas and /v1/compounds: the places of the programme, public."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.areas import queries, rooms, schemas
from app.areas.clinics import router as clinics
from app.areas.duty import router as duty
from app.areas.emergencies import router as emergencies
from app.areas.problems import AreaNotFound, CompoundNotFound
from app.areas.schemas import AreaRead, AreaWithCompounds, CompoundRead, CompoundRow, PlacesRead
from app.core.actors import Role
from app.core.text import NO_NUL, Safe
from app.web.paging import Page, PagingDep
from app.web.problems import problems
from app.web.route import only, public, router
from app.web.sheets import ColumnsMissing, DryRun, FileUnreadable, ImportRead, TooManyRows, Upload
from app.web.work import IfNoneMatch, ReadDep, ResourceDep, WorkDep

areas = router("/v1/areas", "小区")
compounds = router("/v1/compounds", "小区")

Code = rooms.CompoundCode
Street = Annotated[str | None, Query(min_length=1, max_length=40, pattern=NO_NUL, description="街道，例如 城西街道")]
AreaClassCode = Annotated[
    str | None,
    Query(alias="class", min_length=1, max_length=40, pattern=r"^[A-Z_]+$", description="片区类别的代码"),
]
FOREVER = date.min


@areas.get("", operation_id="listAreas")
@public
async def list_areas(
    work: ReadDep, paging: PagingDep, street: Street = None, area_class: AreaClassCode = None
) -> Page[AreaRead]:
    """物业管理区域：类别、阶段和管理单位。"""
    cursor = paging.open()
    after = cursor.after[0] if cursor.after else None
    filters = queries.Filters(street, area_class)
    rows = await queries.areas(work.session, filters, after=after, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.code])
    return Page(items=[AreaRead.of(row) for row in kept], next_cursor=following)


@areas.get("/{code}", operation_id="readArea", responses=problems(AreaNotFound))
@public
async def read_area(work: ResourceDep, code: Code) -> AreaWithCompounds:
    """一个物业管理区域和它的小区。"""
    area = await queries.area(work.session, code)
    if area is None:
        raise AreaNotFound
    work.shows(area.version)
    return AreaWithCompounds.with_compounds(area, await queries.compound_codes(work.session, area.id))


@compounds.get("", operation_id="listCompounds")
@public
async def list_compounds(
    work: ReadDep,
    paging: PagingDep,
    street: Street = None,
    area_class: AreaClassCode = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=40, pattern=NO_NUL, description="名称里包含的字，按原样查找"),
        Safe,
    ] = None,
) -> Page[CompoundRow]:
    """小区一览，可按街道、类别和名称筛选。"""
    cursor = paging.open()
    after = cursor.after[0] if cursor.after else None
    filters = queries.Filters(street, area_class, q)
    rows = await queries.compounds(work.session, filters, after=after, limit=cursor.limit + 1)
    kept, following = cursor.page(rows, lambda row: [row.code])
    return Page(items=[CompoundRow.of(row) for row in kept], next_cursor=following)


@compounds.get("/{code}", operation_id="readCompound", responses=problems(CompoundNotFound))
@public
async def read_compound(work: ResourceDep, code: Code) -> CompoundRead:
    """一个小区：建成年份、户数、所属片区和服务它的社区卫生服务中心。"""
    compound = await queries.compound(work.session, code)
    if compound is None:
        raise CompoundNotFound
    work.shows(compound.version)
    return CompoundRead.whole(compound, await queries.clinic_of(work.session, compound.id))


async def _places_page(session: AsyncSession, code: str) -> tuple[UUID, bytes]:
    compound = await queries.compound(session, code)
    if compound is None:
        raise CompoundNotFound
    buildings = await queries.buildings(session, compound.id)
    units = await queries.units(session, compound.id)
    numbered = await queries.rooms(session, compound.id)
    return compound.id, schemas.places(compound, buildings, units, numbered).model_dump_json().encode()


@compounds.get(
    "/{code}/places", operation_id="readPlaces", response_model=PlacesRead, responses=problems(CompoundNotFound)
)
@public
async def read_places(request: Request, code: Code, if_none_match: IfNoneMatch = None) -> Response:
    """楼栋、单元和房号，供选择地址用；没有任何人的姓名。带 `If-None-Match` 时没有变化返回 304。"""
    pages = request.app.state.pages
    done: Response = await pages.serve(request, rooms.TOPIC, code, FOREVER, lambda session: _places_page(session, code))
    return done


@compounds.post(
    "/{code}/rooms",
    operation_id="importRooms",
    responses=problems(CompoundNotFound, FileUnreadable, ColumnsMissing, TooManyRows),
)
@only(Role.CLERK, Role.ADMIN)
async def import_rooms(work: WorkDep, code: Code, file: Upload, dry_run: DryRun = False) -> ImportRead:
    """导入小区的房屋：列为 楼栋、单元（可无）、房号、楼层、面积、用途（住宅、商铺、储藏室、车位）。

    每行各有结果：正确的写入，有误的说明原因；同一文件再传一次不会有变化。`dry_run=true` 只检查。
    """
    return await rooms.import_rooms(work, code, file, dry_run=dry_run)


ROUTERS = (areas, compounds, *clinics.ROUTERS, *duty.ROUTERS, *emergencies.ROUTERS)
