"""Calls: opened, linked to a resident, closed; and the proof that an agent acts under one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.core import ids
from app.core.actors import Actor, Channel, Role
from app.core.errors import Invalid, NotFound, Problem
from app.core.text import Text
from app.db.counters import next_number
from app.db.types import blind
from app.outreach import queries
from app.outreach.models import AGENT, CALL_FLOW, Call, CallStatus
from app.outreach.schemas import CloseCall, LinkCall, OpenCall
from app.people import queries as people
from app.people.models import PHONE, Residency, Resident
from app.people.queries import Criteria
from app.web.work import Work


class CallNotFound(NotFound):
    code = "call-not-found"
    title = Text("没有这条来电记录", "No such call")


class CallNotOpen(Problem):
    status, code = 409, "call-not-open"
    title = Text("这条来电记录没有打开", "The call is not open")
    detail = Text(
        "Call-Id 不是您正在处理的来电，请重新登记。", "Call-Id is not a call that you have open. Open one first."
    )


class ResidentUnknown(Invalid):
    code = "resident-unknown"
    title = Text("没有找到这位市民", "No such resident")


async def with_call(session: AsyncSession, actor: Actor, ref: str | None) -> Actor:
    """An agent who names a call acts under it, by its channel; for everybody else the header means nothing."""
    if ref is None or actor.role is not Role.AGENT:
        return actor
    found = await queries.open_call(session, actor, ref)
    if found is None:
        raise CallNotOpen
    return replace(actor, call_id=found.id, channel=Channel(found.channel), for_id=found.resident_id)


async def open_call(work: Work, body: OpenCall) -> tuple[Call, Sequence[Resident], Sequence[Residency]]:
    """A new call record, with the residents whom the caller's phone belongs to."""
    found: Sequence[Resident] = []
    homes: Sequence[Residency] = []
    if body.caller_phone is not None:
        criteria = Criteria(phone_index=blind(body.caller_phone, PHONE))
        found = await people.search(work.session, work.actor, criteria, work.today, limit=20)
        homes = await people.residencies(work.session, [p.id for p in found], work.today) if found else []
    assert work.actor.id is not None
    call = Call(
        id=ids.new_id(),
        number=await next_number(work.session, ids.CALL, work.today),
        staff_id=work.actor.id,
        channel=body.channel,
        direction=body.direction,
        caller_phone=body.caller_phone,
        identity_check=sorted(set(body.identity_check)),
        status=CallStatus.OPEN,
        version=1,
        created_at=work.now,
        updated_at=work.now,
    )
    work.session.add(call)
    await work.session.flush()
    return call, found, homes


async def take_step(work: Work, ref: str, body: Any) -> Call:
    """Link the call to a resident, or close it with its outcome."""
    call = await queries.locked(work.session, work.actor, ref)
    if call is None:
        raise CallNotFound
    work.expect(call.version)
    step = CALL_FLOW.choose(body.action, call.status, AGENT)
    if isinstance(body, LinkCall):
        if await people.resident(work.session, body.resident_id) is None:
            raise ResidentUnknown(pointer="/resident_id")
        call.resident_id = body.resident_id
    if isinstance(body, CloseCall):
        call.outcome, call.note, call.closed_at = body.outcome, body.note, work.now
    call.status = step.target or call.status
    call.version += 1
    await work.session.flush()
    return call
