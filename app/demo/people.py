"""Demonstration accounts: nobody of them exists, and production refuses every one."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.actors import Role
from app.core.ids import demo_id
from app.db.base import Base
from app.db.types import blind
from app.people.consents.models import ConsentText
from app.people.homes.models import ROSTER_NAME, ROSTER_PHONE, RosterEntry
from app.people.models import ApiClient, ApiClientCompound, Residency, Resident, Staff, StaffArea

PASSWORD = "demo-2026"  # noqa: S105 the README tells it; production refuses accounts that have it
CLIENT_SECRET = "demo-integrator-secret"  # noqa: S105 as above
NAMED = ("A001", "A002", "A003")
"""The areas of TYY, YRC and QHC."""

STAFF: tuple[tuple[str, str, Role, str, bool], ...] = (
    ("admin", "管理员", Role.ADMIN, "系统管理员", True),
    ("agent", "话务员", Role.AGENT, "呼叫中心话务员", True),
    ("clerk", "服务中心", Role.CLERK, "服务中心收费员", True),
    ("manager", "物业经理", Role.MANAGER, "物业经理", False),
    ("committee", "物管会", Role.COMMITTEE, "物管会主任", False),
    ("crew", "清运班", Role.WORKER, "清运班师傅", False),
    ("electrician", "值班电工", Role.WORKER, "值班电工", False),
    ("clinic", "家庭医生", Role.CLINIC, "社区卫生服务中心护士", False),
    ("regulator", "监管科", Role.REGULATOR, "房地产服务中心监管员", True),
)
RESIDENTS: tuple[tuple[str, str, str | None, str | None], ...] = (
    ("+8613800000001", "周文山", "TYY-5-2-301", "OWNER"),
    ("+8613800000002", "吴春梅", "TYY-5-2-302", "OWNER"),
    ("+8613800000003", "王秀英", "QHC-1-1-102", "OWNER"),
    ("+8613800000004", "李晓兰", None, None),
    ("+8613800000005", "郑远航", "QHC-1-1-101", "TENANT"),
)
BIRTH_YEARS = {"+8613800000001": 1968, "+8613800000003": 1944, "+8613800000004": 1972}
SINCE = date(2020, 1, 1)
SECOND_FLAT = ("+8613800000003", "王秀英", "QHC-1-1-202", "OWNER")
PRIVACY = """为了给您下单、派工和联系您，我们处理您的姓名、手机号和房号；健康等敏感信息另行征得您的同意。
姓名和电话加密保存，工作人员平时只能看到遮盖后的内容；谁看过完整内容，您可以在“谁看过我的信息”里查到。
您可以随时查看、更正、导出或注销。演示文本，不具有法律效力。"""

HEALTH = """为了让医生上门，需要您说明行动情况和想看什么，也可以写一句给医生的话。这些是健康信息，只给上门的医护看，
物业和话务员看不到；给医生的话在办结 90 天后删除。不同意不影响其他服务，同意后随时可以撤回。演示文本，不具有法律效力。"""
SHARING = """上门的是卫生服务中心，不是物业。您同意后，我们把姓名、电话、住址、行动情况和想看什么交给为本小区服务的这家中心，
用于回电、约时间和上门。换一家中心会重新征得您的同意；撤回后不再提供，已经完成的上门记录由中心依法保存。演示文本，不具有法律效力。"""
SINCE_TEXTS = date(2026, 1, 5)
TEXTS = (
    ("PRIVACY", "隐私告知", PRIVACY),
    ("HEALTH_DATA", "处理健康信息的单独同意", HEALTH),
    ("SHARE_WITH_CLINIC", "向卫生服务中心提供信息的单独同意", SHARING),
)


def staff(password_hash: str) -> Iterator[Base]:
    for username, name, role, post, everywhere in STAFF:
        staff_id = demo_id("staff", username)
        yield Staff(
            id=staff_id,
            username=username,
            name=name,
            role=role,
            post=post,
            password_hash=password_hash,
            clinic_id=demo_id("clinic", "CHENGDONG") if role is Role.CLINIC else None,
            all_areas=everywhere,
            demo=True,
            active=True,
        )
        if not everywhere:
            for area in NAMED:
                yield StaffArea(staff_id=staff_id, area_id=demo_id("area", area))


async def link_clinic(session: AsyncSession) -> None:
    """The nurse of a demonstration that was loaded before clinics were kept learns where she works."""
    missing = update(Staff).where(Staff.id == demo_id("staff", "clinic"), Staff.clinic_id.is_(None), Staff.demo)
    await session.execute(missing.values(clinic_id=demo_id("clinic", "CHENGDONG")))


def residents() -> Iterator[Base]:
    for phone, name, room, role in RESIDENTS:
        person = Resident(id=demo_id("resident", phone), demo=True, landline_only=False)
        person.known_by(phone, name)
        person.birth_year = BIRTH_YEARS.get(phone)
        yield person
        if room is not None and role is not None:
            yield Residency(
                id=demo_id("residency", phone),
                resident_id=person.id,
                room_id=demo_id("room", room),
                role=role,
                status="VERIFIED",
                verified_by="ROSTER",
                start_on=SINCE,
            )


def roster() -> Iterator[Base]:
    """Where the demonstration's people live by deed or contract, and a second flat that waits to be bound."""
    homes = [(phone, name, room, role) for phone, name, room, role in RESIDENTS if room and role]
    for phone, name, room, role in (*homes, SECOND_FLAT):
        yield RosterEntry(
            id=demo_id("roster", f"{room}/{phone}"),
            room_id=demo_id("room", room),
            phone=phone,
            phone_index=blind(phone, ROSTER_PHONE),
            name=name,
            name_index=blind(name, ROSTER_NAME),
            role=role,
            start_on=SINCE,
        )


def texts() -> Iterator[Base]:
    for code, title, body in TEXTS:
        yield ConsentText(code=code, version="2026-01", title=title, body=body, effective_from=SINCE_TEXTS)


def integrators() -> Iterator[Base]:
    client_id = demo_id("api-client", "demo-integrator")
    yield ApiClient(
        id=client_id,
        client_id="demo-integrator",
        name="演示对接方",
        secret_digest=sha256(CLIENT_SECRET.encode()).digest(),
        demo=True,
        active=True,
    )
    for code in ("TYY", "QHC", "YRC"):
        yield ApiClientCompound(api_client_id=client_id, compound_id=demo_id("compound", code))
