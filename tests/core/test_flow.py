"""A status changes only along the table, and refusals come in one order: not yours, then not now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Forbidden, InvalidTransition
from app.core.flow import CLERK, CREW, MANAGER, OWNER, SYSTEM, Flow, Party, Step
from app.core.text import Text

WORDS = {name: Text(name, name) for name in ("NEW", "READY", "DONE", "GONE")}
ACCEPT = Step("accept", {"NEW"}, "READY", by=MANAGER, label=Text("接单", "Accept"))
FINISH = Step("finish", {"READY"}, "DONE", by=CREW, label=Text("完工", "Finish"))
NOTE = Step("note", {"NEW", "READY"}, None, by=CLERK, label=Text("备注", "Note"))
LEAVE = Step("cancel", {"NEW"}, "GONE", by=OWNER, label=Text("取消", "Cancel"))
STOP = Step("cancel", {"READY"}, {"GONE", "DONE"}, by=MANAGER, label=Text("取消", "Cancel"))
LAPSE = Step("lapse", {"NEW"}, "GONE", by=SYSTEM, label=Text("过期", "Lapse"))
STEPS = (ACCEPT, FINISH, NOTE, LEAVE, STOP, LAPSE)
FLOW = Flow("NEW", WORDS, *STEPS)

STATES = st.sampled_from(sorted(WORDS))
PARTIES = st.frozensets(st.sampled_from(list(Party)))
ACTIONS = st.sampled_from(sorted({step.action for step in STEPS}))


def parties(*names: Party) -> frozenset[Party]:
    return frozenset(names)


def taken(action: str, status: str, mine: frozenset[Party]) -> Step:
    """As services ask: whose it is whatever the moment, and only then whether it can be done now."""
    FLOW.permit(action, mine)
    return FLOW.choose(action, status, mine)


@given(ACTIONS, STATES, PARTIES)
def test_what_is_listed_can_be_done_and_nothing_else(action, status, mine):
    listed = {step.action for step in FLOW.choices(status, mine)}

    try:
        step = taken(action, status, mine)
    except (Forbidden, InvalidTransition):
        assert action not in listed
    else:
        assert action in listed
        assert status in step.sources
        assert step.by & mine


@given(ACTIONS, STATES)
def test_a_stranger_is_told_that_it_is_not_his_before_he_learns_the_moment(action, status):
    with pytest.raises(Forbidden):
        taken(action, status, parties(Party.COMMITTEE))


def test_one_whose_step_it_is_learns_that_the_moment_has_passed():
    with pytest.raises(InvalidTransition) as refusal:
        taken("accept", "DONE", MANAGER)

    assert refusal.value.say() == "当前状态为“DONE”，不能进行“接单”。"
    assert (refusal.value.status, refusal.value.code) == (409, "invalid-transition")


def test_a_step_that_is_somebody_elses_now_is_forbidden_now():
    assert taken("cancel", "NEW", OWNER) is LEAVE
    with pytest.raises(Forbidden):
        taken("cancel", "READY", OWNER)
    assert taken("cancel", "READY", MANAGER) is STOP
    with pytest.raises(InvalidTransition):
        taken("cancel", "DONE", OWNER)


def test_an_action_that_the_table_does_not_know_cannot_be_done_now():
    FLOW.permit("fly", MANAGER)
    with pytest.raises(InvalidTransition):
        FLOW.choose("fly", "NEW", MANAGER)


def test_choices_come_in_the_order_of_the_table():
    assert FLOW.choices("NEW", parties(Party.MANAGER, Party.OWNER)) == [ACCEPT, NOTE, LEAVE]
    assert FLOW.choices("READY", MANAGER) == [FINISH, NOTE, STOP]
    assert FLOW.choices("DONE", MANAGER) == []
    assert FLOW.choices("NEW", parties()) == []


def test_a_step_says_its_one_target_or_none():
    assert (ACCEPT.target, NOTE.target, STOP.target) == ("READY", None, None)


def test_final_are_the_states_that_nothing_leaves():
    assert FLOW.final == {"DONE", "GONE"}
    assert FLOW.reachable() == set(WORDS)
    assert Flow("NEW", WORDS, ACCEPT).reachable() == {"NEW", "READY"}


def test_the_words_of_what_is_unknown_are_its_name():
    assert str(FLOW.label("NOWHERE")) == "NOWHERE"
    assert (str(FLOW.action_label("accept")), str(FLOW.action_label("fly"))) == ("接单", "fly")


def test_a_state_without_a_label_is_refused_when_the_table_is_made():
    astray = Step("stray", {"NEW"}, "LOST", by=MANAGER, label=Text("走失", "Stray"))

    with pytest.raises(ValueError, match=r"stray: states without a label: \['LOST'\]"):
        Flow("NEW", WORDS, astray)


def test_an_action_is_a_persons_or_the_clocks_and_never_both():
    by_hand = Step("lapse", {"READY"}, "GONE", by=MANAGER, label=Text("过期", "Lapse"))

    with pytest.raises(ValueError, match="lapse: the same action is both a person's and the clock's"):
        Flow("NEW", WORDS, LAPSE, by_hand)
