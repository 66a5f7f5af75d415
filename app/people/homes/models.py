"""What a binding can stand on: the roster of a compound, and invitations of owners."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Created, Identified, Versioned, one_of
from app.db.types import Sealed, blind
from app.people.models import OWNERS, ResidencyRole

ROSTER_PHONE, ROSTER_NAME = "roster_entry.phone", "roster_entry.name"
INVITATION_CODE = "residency_invitation.code"
INVITABLE = tuple(role for role in ResidencyRole if role not in OWNERS)


class RosterEntry(Identified, Versioned, Base):
    """What the service centre knows from contracts and deeds: this phone belongs to this room, from a day to a day."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        one_of("role", ResidencyRole),
        UniqueConstraint("room_id", "phone_index", "role"),
        CheckConstraint("end_on IS NULL OR end_on > start_on", name="period"),
    )

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    phone: Mapped[str] = mapped_column(Sealed(ROSTER_PHONE))
    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(Sealed(ROSTER_NAME))
    name_index: Mapped[bytes] = mapped_column(LargeBinary)
    role: Mapped[str]
    start_on: Mapped[date]
    end_on: Mapped[date | None]


class Invitation(Identified, Created, Base):
    """An owner lets somebody in: a code that is good once and for a week; only its digest is kept."""

    __tablename__ = "residency_invitation"
    __table_args__ = (one_of("role", INVITABLE),)

    room_id: Mapped[UUID] = mapped_column(ForeignKey("room.id"))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("resident.id"), index=True)
    role: Mapped[str]
    start_on: Mapped[date | None]
    end_on: Mapped[date | None]
    code_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))


def code_index(code: str) -> bytes:
    return blind(code, INVITATION_CODE)
