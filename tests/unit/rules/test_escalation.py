"""Rungs by elapsed share among rungs by days: in the order of their instants, silent where the work keeps pace."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.clock import Curve, Ladder, Lamp, Measure, Pace, Rung
from engine.model.deadline import Deadline
from engine.rules.escalation import Reached, first_step, heard, reached, rung_at, words_for
from tests.unit.rules.test_pace import CALENDAR, DAY, MONDAY, a_deadline

PACE = Pace(field="percent", curve=Curve.LINEAR)


def a_rung(name: str, **when: object) -> Rung:
    plain = Rung(
        id=name, label=name, measure=Measure.NATURAL_DAY, tell=("owner",), notice="behind", lamp=Lamp.YELLOW
    )
    return replace(plain, **when)  # type: ignore[arg-type]


LADDER = Ladder(
    id="standard",
    rungs=(
        a_rung("half", elapsed=50, behind=10),
        a_rung("most", elapsed=75, behind=31),
        a_rung("week", offset=-7),
        a_rung("day", offset=-1),
        a_rung("due", offset=0),
        a_rung("late", offset=3),
    ),
)


def at(deadline: Deadline, days: float) -> Reached | None:
    first, _ = first_step(LADDER, deadline, CALENDAR)
    return reached(LADDER, replace(deadline, next_rung=first), MONDAY + days * DAY, CALENDAR)


@pytest.mark.parametrize(
    ("days", "order"),
    [
        (40, ["half", "most", "week", "day", "due", "late"]),
        (12, ["week", "half", "most", "day", "due", "late"]),
        (20, ["half", "week", "most", "day", "due", "late"]),
    ],
)
def test_where_shares_and_days_lie_among_each_other_depends_on_the_length(
    days: int, order: list[str]
) -> None:
    found = at(a_deadline(days), days + 5)

    assert found is not None
    assert [rung.id for rung in found.rungs] == order
    assert found.next_rung is None


def test_the_next_rung_is_the_next_in_time() -> None:
    deadline = a_deadline(12)

    assert first_step(LADDER, deadline, CALENDAR) == ("week", MONDAY + 5 * DAY)
    week = at(deadline, 5)
    assert week is not None
    assert (week.next_rung, week.next_at) == ("half", MONDAY + 6 * DAY)
    half = reached(LADDER, replace(deadline, next_rung="half"), MONDAY + 6 * DAY, CALENDAR)
    assert half is not None
    assert ([rung.id for rung in half.rungs], half.next_rung) == (["half"], "most")


def test_past_the_due_instant_rungs_follow_as_they_are_declared() -> None:
    last = reached(LADDER, a_deadline(12, next_rung="late"), MONDAY + 15 * DAY, CALENDAR)

    assert last is not None
    assert [rung.id for rung in last.rungs] == ["late"]


def test_a_share_that_passed_before_the_limit_was_moved_is_not_caught_up_on() -> None:
    moved = a_deadline(40, armed_at=MONDAY + 25 * DAY)

    assert first_step(LADDER, moved, CALENDAR) == ("most", MONDAY + 30 * DAY)


@pytest.mark.parametrize(
    ("fields", "silent"),
    [
        ({}, set()),
        ({"percent": 40}, set()),
        ({"percent": 41}, {"half"}),
        ({"percent": 44}, {"half"}),
        ({"percent": 45}, {"half", "most"}),
    ],
)
def test_a_rung_is_silent_where_the_work_is_not_as_far_behind(
    fields: dict[str, str | int], silent: set[str]
) -> None:
    both = Reached(rungs=LADDER.rungs[:2], next_rung=None, next_at=None)

    step = heard(both, PACE, fields)

    assert step.silent == silent
    assert [rung.id for rung in step.spoken] == [rung.id for rung in both.rungs if rung.id not in silent]


def test_without_a_condition_or_a_pace_a_rung_always_speaks() -> None:
    plain = Reached(rungs=(a_rung("half", elapsed=50),), next_rung=None, next_at=None)

    assert heard(plain, PACE, {"percent": 100}).silent == frozenset()
    assert heard(plain, None, {}).silent == frozenset()
    assert (
        heard(Reached(rungs=LADDER.rungs[2:4], next_rung=None, next_at=None), PACE, {}).silent == frozenset()
    )


def test_the_highest_that_is_not_silent_speaks_for_all() -> None:
    rungs = LADDER.rungs[:3]

    assert Reached(rungs=rungs, next_rung=None, next_at=None).speaker.id == "week"
    assert (
        Reached(rungs=rungs[:2], next_rung=None, next_at=None, silent=frozenset({"most"})).speaker.id
        == "half"
    )
    none = Reached(rungs=rungs[:2], next_rung=None, next_at=None, silent=frozenset({"half", "most"}))
    assert (none.speaker.id, none.spoken) == ("most", ())


def test_the_instant_of_a_share_counts_office_hours_where_it_says_so() -> None:
    rung = a_rung("half", elapsed=50, measure=Measure.WORKING_DAY)
    week = a_deadline(5, due_at=MONDAY + timedelta(days=4, hours=9, minutes=30))

    assert rung_at(rung, week, CALENDAR) == MONDAY + timedelta(days=2, hours=3, minutes=30)


def test_what_stands_before_the_limit_is_not_said_after_it() -> None:
    early, over = at(a_deadline(40), 39.5), at(a_deadline(40), 45)
    assert early is not None
    assert over is not None

    assert [words_for(rung, early).id for rung in early.spoken] == ["half", "most", "week", "day"]
    assert [words_for(rung, over).id for rung in over.spoken] == [*["late"] * 4, "due", "late"]
