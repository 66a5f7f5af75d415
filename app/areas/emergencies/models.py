"""Emergency words: editions of one list for the town; the newest edition counts, the older ones stay."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Created, one_of


class EmergencyCategory(StrEnum):
    MEDICAL = "MEDICAL"
    FIRE = "FIRE"
    GAS = "GAS"
    ELECTRIC = "ELECTRIC"
    RESCUE = "RESCUE"
    SELF_HARM = "SELF_HARM"


class EmergencyEdition(Created, Base):
    """One published list; its number is the version that `If-Match` speaks of. `created_by` is null for the first."""

    __tablename__ = "emergency_edition"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))


class EmergencyWord(Base):
    """One danger: the `patterns` that name it, the phrases `unless` that only look like them, whom to call, what to say."""

    __tablename__ = "emergency_word"
    __table_args__ = (one_of("category", EmergencyCategory),)

    edition: Mapped[int] = mapped_column(ForeignKey("emergency_edition.number"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    ordinal: Mapped[int]
    category: Mapped[str]
    patterns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    unless: Mapped[list[str]] = mapped_column(ARRAY(Text))
    call: Mapped[list[str]] = mapped_column(ARRAY(Text))
    text: Mapped[str]
    text_en: Mapped[str]
