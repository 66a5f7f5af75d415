"""Texts that people agree to, and the consents: each given in a version, kept when it is withdrawn or renewed."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actors import Channel
from app.db.base import Base, Created, Identified, one_of


class ConsentText(Created, Base):
    """One version of a text that people agree to; the newest that is in force is the current one."""

    __tablename__ = "consent_text"

    code: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    effective_from: Mapped[date]


class ConsentCode(StrEnum):
    """Consents of their own (PIPL, art. 23 and 29); that to the privacy notice stands with the resident."""

    HEALTH_DATA = "HEALTH_DATA"
    SHARE_WITH_CLINIC = "SHARE_WITH_CLINIC"


TO_SOMEBODY = frozenset({ConsentCode.SHARE_WITH_CLINIC})
"""Consents that name who receives the data."""


class ConsentEvidence(StrEnum):
    IN_APP = "IN_APP"
    SPOKEN_ON_CALL = "SPOKEN_ON_CALL"
    PAPER = "PAPER"


CURRENT = "withdrawn_at IS NULL AND replaced_at IS NULL"


class Consent(Identified, Base):
    """That a subject agreed to one version of a text; at most one is current for each code and recipient.

    `given_by_id` is the guardian when somebody gave it for a ward, `recorded_by` the member of staff who wrote it down.
    `text_hash` is the SHA-256 of the text that was agreed to, in hexadecimal.
    """

    __tablename__ = "consent"
    __table_args__ = (
        one_of("code", ConsentCode),
        one_of("channel", Channel),
        one_of("evidence", ConsentEvidence),
        one_of("withdrawn_channel", Channel),
        CheckConstraint("(recipient IS NOT NULL) = (code = 'SHARE_WITH_CLINIC')", name="recipient"),
        Index("ix_consent_subject_id_id", "subject_id", "id"),
        Index(
            "uq_consent_current",
            "subject_id",
            "code",
            unique=True,
            postgresql_where=text(f"{CURRENT} AND recipient IS NULL"),
        ),
        Index(
            "uq_consent_current_recipient",
            "subject_id",
            "code",
            "recipient",
            unique=True,
            postgresql_where=text(CURRENT),
        ),
    )

    subject_id: Mapped[UUID] = mapped_column(ForeignKey("resident.id"))
    code: Mapped[str]
    version: Mapped[str]
    text_hash: Mapped[str]
    recipient: Mapped[str | None]
    channel: Mapped[str]
    evidence: Mapped[str]
    call_id: Mapped[UUID | None]
    given_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("resident.id"))
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_channel: Mapped[str | None]
    replaced_at: Mapped[datetime | None]
