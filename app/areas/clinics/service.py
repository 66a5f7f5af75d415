"""Every write about clinics."""

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert

from app.areas import queries
from app.areas.clinics.schemas import PutClinic
from app.areas.models import Clinic, ClinicCompound
from app.areas.problems import ClinicNotFound, CompoundsUnknown
from app.core.ids import new_id
from app.web.work import Work


async def put(work: Work, code: str, body: PutClinic) -> Clinic:
    """The clinic as it is from now on. A compound has one clinic: taking one over makes the other's version old."""
    compounds = await queries.compound_ids(work.session, body.compounds)
    unknown = sorted(set(body.compounds) - compounds.keys())
    if unknown:
        raise CompoundsUnknown(pointer=f"/compounds/{body.compounds.index(unknown[0])}", compound=unknown[0])
    values = {"id": new_id(), "code": code, "name": body.name, "phone": body.phone, "version": 0}
    await work.session.execute(insert(Clinic).values(values).on_conflict_do_nothing(index_elements=["code"]))
    clinic = await queries.clinic(work.session, code, lock=True)
    if clinic is None:
        raise ClinicNotFound
    work.expect(clinic.version, required=clinic.version > 0)
    ids = sorted(compounds.values())
    losing = [other for other in await queries.clinics_serving(work.session, ids) if other != clinic.id]
    if losing:
        await work.session.execute(update(Clinic).where(Clinic.id.in_(losing)).values(version=Clinic.version + 1))
    gone = delete(ClinicCompound).where(ClinicCompound.clinic_id == clinic.id, ClinicCompound.compound_id.not_in(ids))
    await work.session.execute(gone)
    if ids:
        mine = insert(ClinicCompound).values([{"compound_id": one, "clinic_id": clinic.id} for one in ids])
        taken = mine.on_conflict_do_update(index_elements=["compound_id"], set_={"clinic_id": clinic.id})
        await work.session.execute(taken)
    clinic.name, clinic.phone, clinic.version = body.name, body.phone, clinic.version + 1
    await work.session.flush()
    return clinic
