"""What crosses the wire about consents."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.actors import Channel
from app.core.clock import local
from app.core.fields import Flag, Instant
from app.core.text import UpperCode
from app.people.consents.models import Consent, ConsentCode, ConsentEvidence
from app.people.schemas import TextVersion

Input = ConfigDict(extra="forbid")


class RecordConsent(BaseModel):
    """What the subject said to the version in force; `recipient` is the code of the clinic that gets the data."""

    model_config = Input

    code: ConsentCode
    version: TextVersion
    recipient: UpperCode | None = None
    given: Flag


class SayConsent(RecordConsent):
    """`subject_id`: the ward for whom a registered guardian speaks; the caller himself when it is left out."""

    subject_id: UUID | None = None


class ConsentRead(BaseModel):
    """One consent. `current`: it stands, and it was given to the version that is in force."""

    id: UUID
    code: ConsentCode
    version: TextVersion
    text_hash: Annotated[str, Field(max_length=64, description="同意的文本的 SHA-256")]
    recipient: UpperCode | None
    recipient_name: Annotated[str, Field(max_length=100)] | None
    channel: Channel
    evidence: ConsentEvidence
    by_guardian: bool
    given_at: Instant
    withdrawn_at: Instant | None
    withdrawn_channel: Channel | None
    current: bool

    @classmethod
    def of(cls, row: Consent, recipient_name: str | None, *, in_force: bool) -> "ConsentRead":
        stands = row.withdrawn_at is None and row.replaced_at is None
        return cls.model_validate(
            {
                "id": row.id,
                "code": row.code,
                "version": row.version,
                "text_hash": row.text_hash,
                "recipient": row.recipient,
                "recipient_name": recipient_name,
                "channel": row.channel,
                "evidence": row.evidence,
                "by_guardian": row.given_by_id not in {None, row.subject_id},
                "given_at": local(row.given_at),
                "withdrawn_at": local(row.withdrawn_at) if row.withdrawn_at else None,
                "withdrawn_channel": row.withdrawn_channel,
                "current": stands and in_force,
            }
        )
