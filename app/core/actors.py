"""Who is asking: roles, and the one actor of a request."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Role(StrEnum):
    """The roles of the contract; a visitor has not signed in, the system is the worker."""

    VISITOR = "VISITOR"
    RESIDENT = "RESIDENT"
    AGENT = "AGENT"
    WORKER = "WORKER"
    CLINIC = "CLINIC"
    MANAGER = "MANAGER"
    COMMITTEE = "COMMITTEE"
    REGULATOR = "REGULATOR"
    CLERK = "CLERK"
    ADMIN = "ADMIN"
    INTEGRATOR = "INTEGRATOR"
    SYSTEM = "SYSTEM"


STAFF = frozenset(
    {
        Role.AGENT,
        Role.WORKER,
        Role.CLINIC,
        Role.MANAGER,
        Role.COMMITTEE,
        Role.REGULATOR,
        Role.CLERK,
        Role.ADMIN,
    }
)


class Channel(StrEnum):
    """How the wish reached us; people without a login come through a call record."""

    MINI_PROGRAM = "MINI_PROGRAM"
    PHONE = "PHONE"
    COUNTER = "COUNTER"
    CHAT_GROUP = "CHAT_GROUP"
    HOTLINE_12345 = "HOTLINE_12345"
    VISIT = "VISIT"
    SYSTEM = "SYSTEM"


@dataclass(frozen=True, slots=True)
class Actor:
    """The caller of this request.

    `id` is the resident's, staff member's or API client's id, or None for a visitor. `area_ids` is None for someone
    who serves all areas. `call_id` is the open call record that an agent named in `Call-Id`, `for_id` the resident to
    whom it has been linked.
    """

    role: Role
    id: UUID | None = None
    name: str = ""
    area_ids: frozenset[UUID] | None = frozenset()
    session_id: UUID | None = None
    call_id: UUID | None = None
    for_id: UUID | None = None
    channel: Channel = Channel.MINI_PROGRAM

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF

    @property
    def key(self) -> str:
        """What an idempotency key belongs to."""
        return f"{self.role}:{self.id}"

    def serves(self, area_id: UUID) -> bool:
        return self.area_ids is None or area_id in self.area_ids


VISITOR = Actor(Role.VISITOR)
SYSTEM = Actor(Role.SYSTEM, name="system", area_ids=None, channel=Channel.SYSTEM)
