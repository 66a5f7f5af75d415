"""Bookable time of the demonstration: a heating crew in each compound that offers the service, and known holidays."""

from collections.abc import Iterator
from datetime import date, time, timedelta

from app.bookings.models import Holiday, HolidayYear, Resource, ResourceUse, SlotTemplate
from app.core.ids import demo_id
from app.db.base import Base

PARTS = (("AM", "上午", time(8, 30), time(11, 30)), ("PM", "下午", time(14, 0), time(17, 30)))
CREWS = (("QHC", "A003", "杏北暖气施工队"), ("TYY", "A001", "中山暖气施工队"))
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
        crew = demo_id("resource", f"CREW_{compound}")
        yield Resource(
            id=crew, code=f"CREW_{compound}", area_id=demo_id("area", area), type="CREW", name=name, active=True
        )
        yield ResourceUse(resource_id=crew, compound_id=demo_id("compound", compound), item_code="heating-retrofit")
        for weekday in range(6):
            for code, label, start, end in PARTS:
                yield SlotTemplate(
                    id=demo_id("slot-template", f"{compound}/{weekday}/{code}"),
                    resource_id=crew,
                    weekday=weekday,
                    code=code,
                    label=label,
                    start_time=start,
                    end_time=end,
                    capacity=2,
                    on_holidays=False,
                )
