"""Who can be called in the demonstration: duty rosters by day and night, lines behind them, and two clinics."""

from collections.abc import Iterator
from datetime import time

from app.areas.duty.models import EVERY_DAY, DutyEntry, DutyRoster
from app.areas.models import Clinic, ClinicCompound
from app.core.ids import demo_id
from app.db.base import Base

CLINICS = (
    ("CHENGXI", "城西街道社区卫生服务中心", "0359-0000-401", ("TYY", "YRC")),
    ("CHENGDONG", "城东街道社区卫生服务中心", "0359-0000-402", ("QHC",)),
)
DAY, NIGHT = (time(8), time(20)), (time(20), time(8))
POSTS = (
    ("值班电工", "1", "electrician", None),
    ("物业经理", "2", "manager", DAY),
    ("夜班值守", "3", None, NIGHT),
)
"""Post, last digit of its phone, who stands there, and when: the electrician is called first by day and by night."""
COMPOUNDS = (("TYY", "51"), ("YRC", "52"), ("QHC", "53"))
LINES = (
    ("COMMUNITY", "城西街道/中山社区", "中山社区值班室", "0359-0000-601"),
    ("COMMUNITY", "城西街道/西厢社区", "西厢社区值班室", "0359-0000-602"),
    ("COMMUNITY", "城东街道/杏北社区", "杏北社区值班室", "0359-0000-603"),
    ("STREET", "城西街道", "城西街道办事处值班室", "0359-0000-701"),
    ("STREET", "城东街道", "城东街道办事处值班室", "0359-0000-702"),
    ("STREET", "城北街道", "城北街道办事处值班室", "0359-0000-703"),
)


def clinics() -> Iterator[Base]:
    """Before the staff, who may belong to one."""
    for code, name, phone, compounds in CLINICS:
        clinic_id = demo_id("clinic", code)
        yield Clinic(id=clinic_id, code=code, name=name, phone=phone, version=1)
        for compound in compounds:
            yield ClinicCompound(compound_id=demo_id("compound", compound), clinic_id=clinic_id)


def rosters() -> Iterator[Base]:
    """After the staff, who stand on them."""
    for compound, digits in COMPOUNDS:
        roster = _roster("COMPOUND", compound)
        yield roster
        for ordinal, (post, digit, username, hours) in enumerate(POSTS, 1):
            yield _entry(roster, ordinal, post, f"0359-0000-{digits}{digit}", username, hours)
    for level, subject, post, phone in LINES:
        roster = _roster(level, subject)
        yield roster
        yield _entry(roster, 1, post, phone, None, None)


def _roster(level: str, subject: str) -> DutyRoster:
    return DutyRoster(id=demo_id("duty-roster", f"{level}/{subject}"), level=level, subject=subject, version=1)


def _entry(
    roster: DutyRoster, ordinal: int, post: str, phone: str, username: str | None, hours: tuple[time, time] | None
) -> DutyEntry:
    since, until = hours or (None, None)
    return DutyEntry(
        id=demo_id("duty-entry", f"{roster.level}/{roster.subject}/{ordinal}"),
        roster_id=roster.id,
        ordinal=ordinal,
        post=post,
        phone=phone,
        staff_id=demo_id("staff", username) if username else None,
        weekdays=list(EVERY_DAY),
        from_time=since,
        until_time=until,
    )
