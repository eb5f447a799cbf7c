"""Clocks: armed, met, suspended, extended and re-armed, with the original date kept; rungs never before arming."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from engine.model.calendar import Calendar
from engine.model.clock import Anchor, ClockDef, DueRule, Ladder, Lamp, Measure, Pending, Roll, Rung
from engine.model.deadline import Deadline, Outcome
from engine.model.item import ExtensionRequest, Item
from engine.model.transition import Transition
from engine.rules.clocks import clock_changes
from engine.rules.escalation import first_step, reached, rung_at
from tests.builders import NOON, a_definition, an_actor, an_item

CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))


def a_rung(name: str, offset: int) -> Rung:
    return Rung(
        id=name,
        label=name,
        offset=offset,
        measure=Measure.NATURAL_DAY,
        tell=("owner",),
        notice="due",
        lamp=Lamp.BLUE,
    )


LADDER = Ladder(
    id="standard", rungs=(a_rung("week", -7), a_rung("day", -1), a_rung("late", 1), a_rung("later", 5))
)
CLOCK = ClockDef(
    id="work",
    label="整改时限",
    runs_in=frozenset({"working"}),
    pauses_in=frozenset({"suspended"}),
    restarts_on=frozenset({"return"}),
    due=DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK, cutoff_minutes=18 * 60),
    ladder="standard",
)
SAMPLE = replace(a_definition(), clocks=(CLOCK,), ladders=(LADDER,))
DUE = datetime(2020, 6, 30, 10, tzinfo=UTC)


def a_step(before: Item | None, after: Item, at: datetime = NOON, verb: str = "go") -> Transition:
    return Transition(verb=verb, before=before, after=after, actor=an_actor(1), at=at, standing="owner")


def armed() -> Deadline:
    entering = a_step(an_item(state="draft"), an_item())
    return clock_changes(SAMPLE, entering, [], CALENDAR).armed[0]


def test_entering_a_running_state_arms_the_clock_with_its_first_rung() -> None:
    deadline = armed()

    assert (deadline.due_at, deadline.original_due_at, deadline.revision) == (DUE, DUE, 1)
    assert (deadline.next_rung, deadline.next_at) == ("week", DUE - timedelta(days=7))
    assert "2020-06-30" in deadline.proof


def test_nothing_is_armed_while_the_date_is_not_written() -> None:
    entering = a_step(an_item(state="draft"), an_item(fields={}))

    assert clock_changes(SAMPLE, entering, [], CALENDAR).armed == ()


def test_staying_changes_nothing() -> None:
    changes = clock_changes(SAMPLE, a_step(an_item(), an_item()), [armed()], CALENDAR)

    assert (changes.ended, changes.armed) == ((), ())


def test_leaving_meets_the_deadline() -> None:
    changes = clock_changes(SAMPLE, a_step(an_item(), an_item(state="reviewing")), [armed()], CALENDAR)

    assert [d.outcome for d in changes.ended] == [Outcome.MET]
    assert changes.ended[0].next_at is None
    assert changes.armed == ()


def test_an_extension_rearms_and_keeps_the_original_date() -> None:
    later = an_item(fields={"due_on": "2020-08-03"})

    changes = clock_changes(SAMPLE, a_step(an_item(), later), [armed()], CALENDAR)

    assert [d.outcome for d in changes.ended] == [Outcome.REARMED]
    assert (changes.armed[0].revision, changes.armed[0].original_due_at) == (2, DUE)
    assert changes.armed[0].due_at == datetime(2020, 8, 3, 10, tzinfo=UTC)


def test_an_extension_leaves_the_elapsed_time_as_it_was() -> None:
    granted = a_step(an_item(), an_item(fields={"due_on": "2020-08-03"}), NOON + timedelta(days=9))

    assert clock_changes(SAMPLE, granted, [armed()], CALENDAR).armed[0].counts_from == NOON


def test_a_clock_that_is_met_and_entered_again_starts_a_new_revision() -> None:
    met = clock_changes(SAMPLE, a_step(an_item(), an_item(state="reviewing")), [armed()], CALENDAR).ended[0]

    back = NOON + timedelta(days=3)
    again = clock_changes(SAMPLE, a_step(an_item(state="reviewing"), an_item(), back), [met], CALENDAR).armed[
        0
    ]

    assert (again.revision, again.original_due_at) == (2, DUE)
    assert again.counts_from == back


def test_missed_rungs_are_coalesced_and_the_highest_speaks() -> None:
    late = reached(LADDER, armed(), DUE + timedelta(days=2), CALENDAR)

    assert late is not None
    assert [rung.id for rung in late.rungs] == ["week", "day", "late"]
    assert (late.speaker.id, late.next_rung, late.next_at) == ("late", "later", DUE + timedelta(days=5))


def test_nothing_is_reached_before_its_instant() -> None:
    deadline = armed()

    assert reached(LADDER, deadline, DUE - timedelta(days=7, microseconds=1), CALENDAR) is None
    assert reached(LADDER, deadline, DUE - timedelta(days=7), CALENDAR) is not None


def test_a_deadline_recorded_late_does_not_escalate_for_time_before_it_was_recorded() -> None:
    loaded = DUE + timedelta(days=30)
    deadline = replace(armed(), armed_at=loaded)

    assert first_step(LADDER, deadline, CALENDAR) == ("late", loaded + timedelta(days=1))
    assert rung_at(LADDER.rungs[3], deadline, CALENDAR) == loaded + timedelta(days=5)


def test_a_return_starts_the_clock_again_where_the_definition_says_so() -> None:
    ten_days = DueRule(anchor=Anchor.ENTRY, length=10, measure=Measure.NATURAL_DAY)
    sample = replace(SAMPLE, clocks=(replace(CLOCK, due=ten_days),))
    first = clock_changes(sample, a_step(None, an_item()), [], CALENDAR).armed

    stays = clock_changes(sample, a_step(an_item(), an_item(), NOON + timedelta(days=3)), first, CALENDAR)
    back = a_step(an_item(), an_item(), NOON + timedelta(days=3), "return")
    again = clock_changes(sample, back, first, CALENDAR)

    assert (stays.ended, stays.armed) == ((), ())
    assert [deadline.outcome for deadline in again.ended] == [Outcome.REARMED]
    assert again.armed[0].due_at - first[0].due_at == timedelta(days=3)


def test_a_clock_of_an_application_runs_only_until_it_is_decided() -> None:
    deciding = replace(CLOCK, pending=Pending.EXTENSION, due=DueRule(anchor=Anchor.ENTRY, length=2))
    sample = replace(SAMPLE, clocks=(deciding,))
    asked = an_item(extension=ExtensionRequest("work", date(2020, 8, 3), an_actor(2).person))

    before = clock_changes(sample, a_step(None, an_item()), [], CALENDAR)
    armed = clock_changes(sample, a_step(an_item(), asked), [], CALENDAR).armed
    decided = clock_changes(sample, a_step(asked, an_item()), armed, CALENDAR)

    assert before.armed == ()
    assert [deadline.revision for deadline in armed] == [1]
    assert [deadline.outcome for deadline in decided.ended] == [Outcome.MET]
