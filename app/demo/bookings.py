"""Bookable time of the demonstration: heating crews, venues for ceremonies, a doctors' team, and known holidays."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.bookings.models import Holiday, HolidayYear, Resource, ResourceUse, SlotTemplate
from app.core.ids import demo_id
from app.db.base import Base

PARTS = (("AM", "上午", time(8, 30), time(11, 30)), ("PM", "下午", time(14, 0), time(17, 30)))
CREWS = (("QHC", "A003", "杏北暖气施工队"), ("TYY", "A001", "中山暖气施工队"))
AREAS = {"TYY": "A001", "YRC": "A002", "QHC": "A003"}
VENUES = (("HALL", "居民活动室"), ("SQUARE", "小广场"), ("TENT", "北侧搭棚场地"))
CEREMONIES = (
    ("MORNING", "上午", time(6), time(12)),
    ("AFTERNOON", "下午", time(12), time(18)),
    ("EVENING", "晚上", time(18), time(21, 30)),
    ("NIGHT", "夜间", time(21, 30), time(6)),
)
WEDDING_PARTS = ["MORNING", "AFTERNOON", "EVENING"]
VISITS = {"AM": (time(8, 30), time(9, 15), time(10), time(10, 45)), "PM": (time(14, 30), time(15, 15), time(16))}
"""When a doctor sets out: 45 minutes each with the way there, at most four in a half-day, until 11:30 and 17:00."""
VISIT = timedelta(minutes=45)
HOLIDAYS: dict[int, tuple[tuple[str, str, str, bool], ...]] = {
    2025: (
        ("元旦", "2025-01-01", "2025-01-01", True),
        ("春节", "2025-01-28", "2025-02-04", True),
        ("春节调休上班", "2025-01-26", "2025-01-26", False),
        ("春节调休上班", "2025-02-08", "2025-02-08", False),
        ("清明节", "2025-04-04", "2025-04-06", True),
        ("劳动节", "2025-05-01", "2025-05-05", True),
        ("劳动节调休上班", "2025-04-27", "2025-04-27", False),
        ("端午节", "2025-05-31", "2025-06-02", True),
        ("国庆节、中秋节", "2025-10-01", "2025-10-08", True),
        ("国庆节调休上班", "2025-09-28", "2025-09-28", False),
        ("国庆节调休上班", "2025-10-11", "2025-10-11", False),
    ),
    2026: (
        ("元旦", "2026-01-01", "2026-01-03", True),
        ("元旦调休上班", "2026-01-04", "2026-01-04", False),
        ("春节", "2026-02-15", "2026-02-23", True),
        ("春节调休上班", "2026-02-14", "2026-02-14", False),
        ("春节调休上班", "2026-02-28", "2026-02-28", False),
        ("清明节", "2026-04-04", "2026-04-06", True),
        ("劳动节", "2026-05-01", "2026-05-05", True),
        ("劳动节调休上班", "2026-05-09", "2026-05-09", False),
        ("端午节", "2026-06-19", "2026-06-21", True),
        ("中秋节", "2026-09-25", "2026-09-27", True),
        ("国庆节", "2026-10-01", "2026-10-07", True),
        ("国庆节调休上班", "2026-09-20", "2026-09-20", False),
        ("国庆节调休上班", "2026-10-10", "2026-10-10", False),
    ),
}
"""As the State Council announced them; 2027 is left out on purpose: nobody knew it when this was written."""


def holidays() -> Iterator[Base]:
    for year, spans in HOLIDAYS.items():
        yield HolidayYear(year=year, version=1)
        for name, first, last, off in spans:
            start = date.fromisoformat(first)
            for n in range((date.fromisoformat(last) - start).days + 1):
                yield Holiday(day=start + timedelta(days=n), year=year, name=name, off=off)


def crews() -> Iterator[Base]:
    """The crews and their week; their slots are made like everybody's, from the template."""
    for compound, area, name in CREWS:
        crew = _resource(f"CREW_{compound}", "CREW", name, area_id=demo_id("area", area))
        yield crew
        yield _use(crew, compound, "heating-retrofit")
        for weekday in range(6):
            for code, label, start, end in PARTS:
                yield _part(crew, f"{compound}/{weekday}/{code}", weekday, code, label, start, end, capacity=2)


def venues() -> Iterator[Base]:
    """A hall, a square and a place for tents in each named compound, every day; the night is for funerals only."""
    for compound, area in AREAS.items():
        for venue, name in VENUES:
            resource = _resource(f"{venue}_{compound}", "VENUE", name, area_id=demo_id("area", area))
            yield resource
            for item, parts in (("wedding", WEDDING_PARTS), ("funeral", None)):
                yield _use(resource, compound, item, parts)
            for weekday in range(7):
                for part in CEREMONIES:
                    yield _part(resource, f"{resource.code}/{weekday}/{part[0]}", weekday, *part, on_holidays=True)


def doctors() -> Iterator[Base]:
    """The family doctors of the eastern clinic, on weekdays, not on holidays."""
    team = _resource("DOCTORS_CHENGDONG", "DOCTOR_TEAM", "城东家庭医生团队", clinic_id=demo_id("clinic", "CHENGDONG"))
    yield team
    yield _use(team, "QHC", "home-doctor")
    for weekday in range(5):
        for half, starts in VISITS.items():
            for number, start in enumerate(starts, 1):
                code, end = f"{half}_{number}", (datetime.combine(date.min, start) + VISIT).time()
                label = f"{'上午' if half == 'AM' else '下午'} {start:%H:%M}"
                yield _part(team, f"{team.code}/{weekday}/{code}", weekday, code, label, start, end)


def _resource(
    code: str, type_: str, name: str, *, area_id: UUID | None = None, clinic_id: UUID | None = None
) -> Resource:
    where = {"area_id": area_id, "clinic_id": clinic_id}
    return Resource(id=demo_id("resource", code), code=code, type=type_, name=name, active=True, **where)


def _use(resource: Resource, compound: str, item: str, parts: list[str] | None = None) -> ResourceUse:
    where = demo_id("compound", compound)
    return ResourceUse(resource_id=resource.id, compound_id=where, item_code=item, parts=parts)


def _part(
    resource: Resource,
    key: str,
    weekday: int,
    code: str,
    label: str,
    start: time,
    end: time,
    *,
    capacity: int = 1,
    on_holidays: bool = False,
) -> SlotTemplate:
    return SlotTemplate(
        id=demo_id("slot-template", key),
        resource_id=resource.id,
        weekday=weekday,
        code=code,
        label=label,
        start_time=start,
        end_time=end,
        capacity=capacity,
        on_holidays=on_holidays,
    )
