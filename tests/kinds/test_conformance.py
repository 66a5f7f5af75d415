"""What holds for every kind of service; a new one is covered without a change here."""

from collections import deque
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from app.core.actors import SYSTEM, Actor, Channel, Role
from app.core.errors import Forbidden, InvalidTransition, Problem
from app.core.flow import Party
from app.core.ids import demo_id
from app.demo.menu import ITEMS
from app.kinds import forms
from app.kinds.registry import BODIES, KINDS, AnyStep
from app.orders import queries, read, steps
from app.orders.facts import DETAILS, facts_of
from app.web.work import Work
from tests.orders.bodies import ok

EACH_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
STEP: TypeAdapter[Any] = TypeAdapter(AnyStep)


@EACH_KIND
def test_every_state_is_reachable_and_has_words(kind):
    assert kind.flow.reachable() == kind.flow.labels.keys() == kind.waits.keys()
    for label in kind.flow.labels.values():
        assert label.zh
        assert label.en


@EACH_KIND
def test_every_path_ends(kind):
    able = set(kind.flow.final)
    while True:
        more = {s for step in kind.flow.steps if step.to & able for s in step.sources} - able
        if not more:
            break
        able |= more
    assert able == kind.flow.labels.keys()
    assert kind.flow.final


@EACH_KIND
def test_the_resident_can_leave_at_the_start(kind):
    first = [s for s in kind.flow.choices(kind.flow.initial, frozenset({Party.RESIDENT})) if s.to]

    assert any(step.to & kind.flow.final for step in first)


@EACH_KIND
def test_every_step_of_a_person_has_a_body_and_every_body_a_step(kind):
    people = {step.action for step in kind.flow.steps if step.by != frozenset({Party.SYSTEM})}

    assert people == kind.bodies.keys()
    for action, body in kind.bodies.items():
        assert body.model_fields["action"].annotation.__args__ == (action,)
        assert BODIES[action] is body


@EACH_KIND
def test_the_form_is_in_the_dialect_and_walks_in_order(kind):
    for item in (item for item in ITEMS if item["kind"] == kind.code):
        form = kind.form(item.get("form"))
        forms.check_form(form)
        orders = [field["x-order"] for field in form["properties"].values()]
        assert orders == sorted(set(orders))


@EACH_KIND
def test_the_rules_have_defaults_and_refuse_the_unknown(kind):
    assert kind.rules().model_dump(mode="json") == kind.rules.model_validate({}).model_dump(mode="json")
    with pytest.raises(ValueError, match="extra"):
        kind.rules.model_validate({"no-such-rule": 1})


def where(seen, now) -> tuple[Any, ...]:
    """What tells two moments of an order's life apart: its axes, and the quote on the table."""
    quote = facts_of(seen, now).quote
    return seen.order.status, seen.order.settlement, quote.total_fen if quote else None


@dataclass(frozen=True)
class Way:
    """How a state was reached: who took which example."""

    taken: tuple[tuple[str, str], ...] = ()


class Explorer:
    """Walks an order of one kind through every state that the contract's named examples lead to."""

    def __init__(self, app, document, person, kind) -> None:
        self.app, self.kind, self.person = app, kind, person
        operations = document["paths"]
        examples = operations["/v1/orders/{order_id}/steps"]["post"]["requestBody"]["content"]["application/json"]
        self.examples = {n: e["value"] for n, e in examples["examples"].items() if e["value"]["action"] in kind.bodies}
        places = operations["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["examples"]
        self.places = [
            e["value"] for n, e in places.items() if e["value"]["details"]["kind"] == kind.code and "by-" not in n
        ]

        self.actors = self._actors()

    def _actors(self) -> dict[str, Actor]:
        me = Actor(Role.RESIDENT, demo_id("resident", "+8613800000003"))
        staff = {
            role.lower(): Actor(role, demo_id("staff", name), name, None, channel=Channel.COUNTER)
            for name, role in (
                ("manager", Role.MANAGER),
                ("clerk", Role.CLERK),
                ("committee", Role.COMMITTEE),
                ("crew", Role.WORKER),
                ("clinic", Role.CLINIC),
            )
        }
        agent = Actor(Role.AGENT, demo_id("staff", "agent"), "agent", None, call_id=UUID(int=1), channel=Channel.PHONE)
        return {"resident": me, "agent": agent, **staff}

    async def placed(self, body) -> str:
        """A fresh order; the slot of the example is given back afterwards, so that the next one finds it free."""
        async with self.app.state.sessions.write() as session, session.begin():
            await session.execute(text("UPDATE reservation SET state = 'RELEASED', expires_at = NULL"))
            await session.execute(text("UPDATE slot SET booked = 0"))
            await session.execute(text("UPDATE service_order SET closed_at = now() WHERE closed_at IS NULL"))
        return (await ok(await self.person.post("/v1/orders", json=body), 201))["id"]

    async def work(self, session, actor) -> Work:
        now = (await session.execute(text("SELECT now()"))).scalar_one()
        return Work(session, actor, now, self.app.state.settings)

    async def step(self, order_id: str, who: str, name: str, *, keep: bool) -> tuple[Any, Problem | None]:
        """Where the order stands after a step, or the refusal; rolled back unless it is kept."""
        async with self.app.state.sessions.write() as session:
            if who == "clock":
                due = text("UPDATE order_clock SET due_at = now() - interval '1 minute' WHERE action = :a")
                await session.execute(due, {"a": name})
                session.expire_all()
                work = await self.work(session, SYSTEM)
                done = await steps.run_clock(work, UUID(order_id), name)
                refusal = None if done else InvalidTransition()
            else:
                work = await self.work(session, self.actors[who])
                refusal = None
                try:
                    await steps.take_step(work, order_id, STEP.validate_python(self.examples[name]))
                except Problem as problem:
                    refusal = problem
            place = None
            if refusal is None and not keep:
                again = await queries.one(session, SYSTEM, order_id)
                place = where(again, work.now)
            await (session.commit() if keep and refusal is None else session.rollback())
        return place, refusal

    async def look(self, order_id: str) -> tuple[tuple[Any, ...], dict[str, set[str]], list[str]]:
        """Where the order stands, what each caller is shown, and the clocks that run.

        What is not shown to somebody is refused to him, by the checks that a step goes through.
        """
        async with self.app.state.sessions.write() as session:
            work = await self.work(session, SYSTEM)
            whole = await queries.one(session, SYSTEM, order_id)
            order = whole.order
            place = where(whole, work.now)
            shown: dict[str, set[str]] = {}
            for who, actor in self.actors.items():
                session.expunge_all()
                mine = await queries.one(session, actor, order_id)
                shown[who] = {a.action for a in read.order_read(mine, [], actor, work.now).actions} if mine else set()
                accepted = {action for action in BODIES if mine and not self.turned_away(mine, actor, action, work.now)}
                assert shown[who] == accepted, (who, order.status)
            clocks = [clock.action for clock in order.clocks]
            return place, shown, clocks

    def turned_away(self, seen, actor, action, now) -> bool:
        try:
            steps.permitted(self.kind, seen, actor, action, facts_of(seen, now))
        except (Forbidden, InvalidTransition):
            return True
        return False


async def replay(explorer: Explorer, body: dict[str, Any], way: Way) -> str:
    order_id = await explorer.placed(body)
    for who, name in way.taken:
        _, refusal = await explorer.step(order_id, who, name, keep=True)
        assert refusal is None, (way, who, name, refusal and refusal.say())
    return order_id


async def look_around(explorer: Explorer, order_id: str, shown: Any, clocks: list[str]) -> dict[tuple[str, str], Any]:
    """Take every example of what is shown, as everybody, and undo it; says where each leads."""
    leads: dict[tuple[str, str], Any] = {}
    for who, actions in shown.items():
        for name in (name for name, body in explorer.examples.items() if body["action"] in actions):
            status, refusal = await explorer.step(order_id, who, name, keep=False)
            assert not isinstance(refusal, (Forbidden, InvalidTransition)), (who, name)
            if status is not None:
                leads[(who, name)] = status
    for name in clocks:
        status, _ = await explorer.step(order_id, "clock", name, keep=False)
        if status is not None:
            leads[("clock", name)] = status
    return leads


@EACH_KIND
@pytest.mark.timeout(240)
async def test_what_is_shown_is_what_is_accepted_in_every_state_that_the_examples_reach(app, resident, kind):
    document = (await resident.get("/openapi.json")).json()
    explorer = Explorer(app, document, resident, kind)
    assert explorer.places, "no named example places an order of this kind"
    reached: set[str] = set()
    used: set[str] = set()
    for body in explorer.places:
        todo, seen = deque([Way()]), set()
        while todo:
            way = todo.popleft()
            order_id = await replay(explorer, body, way)
            place, shown, clocks = await explorer.look(order_id)
            seen.add(place)
            leads = await look_around(explorer, order_id, shown, clocks)
            used |= {name for _, name in leads}
            for step, there in sorted(leads.items()):
                if there not in seen:
                    seen.add(there)
                    todo.append(Way((*way.taken, step)))
        reached |= {place[0] for place in seen}

    assert reached == kind.flow.labels.keys()
    assert {explorer.examples[name]["action"] for name in used & explorer.examples.keys()} == kind.bodies.keys()


@EACH_KIND
async def test_the_examples_of_orders_fit_their_details(app, resident, kind):
    document = (await resident.get("/openapi.json")).json()
    for body in Explorer(app, document, resident, kind).places:
        assert DETAILS.validate_python(body["details"]).kind == kind.code
        preview = await ok(await resident.post("/v1/orders/preview", json=body))
        assert preview["slots_ok"]
