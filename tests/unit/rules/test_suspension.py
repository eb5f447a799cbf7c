"""A clock that stood still gets back what it lost, counted as it counts, and its date still rolls."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import LOCAL, Calendar, CalendarOverride, SpecialDays
from engine.model.clock import Anchor, ClockDef, DueRule, Ladder, Lamp, Measure, Roll, Rung
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition
from engine.model.item import Item
from engine.model.transition import Transition
from engine.rules.calendars import overridden
from engine.rules.clocks import clock_changes
from engine.rules.periods import Stop, due_at, time_lost
from engine.rules.projection import reprojected, stops_of
from runtime.calendars import china_calendar
from tests.builders import NOON, a_definition, an_actor, an_item

CHINA = china_calendar()
DAY = timedelta(days=1)
EVENING = 18 * 60


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def rule(measure: Measure, length: int, roll: Roll = Roll.NONE) -> DueRule:
    return DueRule(anchor=Anchor.ENTRY, length=length, measure=measure, roll=roll)


def by_walking_days(start: datetime, length: int, stops: list[Stop], *, only_working: bool) -> date:
    """Independent of the product: pass the days one by one; a day behind the first of a stop is not counted."""
    day, left = start.astimezone(LOCAL).date(), length
    while left:
        day += DAY
        lies_still = any(
            stop.began_at.astimezone(LOCAL).date() < day <= stop.ended_at.astimezone(LOCAL).date()
            for stop in stops
        )
        left -= not lies_still and (not only_working or CHINA.works_on(day))
    return day


def in_order(minutes: list[int]) -> list[Stop]:
    """Stops one after the other, from an even number of minutes since the event."""
    begin = local("2020-04-20T09:00")
    instants = [begin + timedelta(minutes=each) for each in sorted(minutes)]
    return [Stop(*pair) for pair in zip(instants[::2], instants[1::2], strict=True)]


# Within the first days of a period of fifty: a stop behind its end would give back time that nobody had.
STOPS = st.lists(st.integers(0, 20 * 1440), min_size=2, max_size=6).filter(lambda them: len(them) % 2 == 0)


@given(STOPS.map(in_order))
def test_natural_days_that_were_lost_are_given_back_and_the_last_one_rolls(stops: list[Stop]) -> None:
    start = local("2020-04-20T09:00")
    day = by_walking_days(start, 50, stops, only_working=False)
    forward, back = day, day
    while not CHINA.works_on(forward):
        forward += DAY
    while not CHINA.works_on(back):
        back -= DAY

    for roll, due in ((Roll.NONE, day), (Roll.FORWARD, forward), (Roll.BACK, back)):
        at = due_at(rule(Measure.NATURAL_DAY, 50, roll), start, None, CHINA, stops).at
        assert at == datetime.combine(due + DAY, datetime.min.time(), LOCAL)


@given(STOPS.map(in_order))
def test_working_days_that_were_lost_are_given_back(stops: list[Stop]) -> None:
    start = local("2020-04-20T09:00")
    day = by_walking_days(start, 50, stops, only_working=True)

    at = due_at(rule(Measure.WORKING_DAY, 50), start, None, CHINA, stops).at
    assert at == datetime.combine(day + DAY, datetime.min.time(), LOCAL)


@given(STOPS.map(in_order))
def test_hours_are_given_back_to_the_microsecond(stops: list[Stop]) -> None:
    start = local("2020-04-20T09:00")
    due = due_at(rule(Measure.HOUR, 500), start, None, CHINA).at

    lost = sum((stop.ended_at - stop.began_at for stop in stops), timedelta())
    assert due_at(rule(Measure.HOUR, 500), start, None, CHINA, stops).at == due + lost


@pytest.mark.parametrize(
    ("began", "ended", "due"),
    [
        ("2020-04-27T09:30", "2020-04-27T11:30", "2020-04-28T11:30"),  # two hours of a morning
        ("2020-04-27T11:00", "2020-04-27T15:30", "2020-04-28T11:30"),  # an hour before noon and one after
        ("2020-04-27T12:10", "2020-04-27T14:20", "2020-04-28T09:30"),  # while nobody works: nothing
        ("2020-04-27T18:00", "2020-04-28T08:30", "2020-04-28T09:30"),  # a night
        ("2020-04-27T17:00", "2020-05-06T09:30", "2020-05-06T11:30"),  # over the holiday: 1 h + 21 h + 1 h
    ],
)
def test_office_hours_that_were_lost_are_given_back(began: str, ended: str, due: str) -> None:
    start = local("2020-04-27T08:30")  # eight hours: due on the day after at 09:30
    stop = Stop(local(began), local(ended))

    assert due_at(rule(Measure.WORKING_HOUR, 8), start, None, CHINA, [stop]).at == local(due)


@pytest.mark.parametrize(
    ("measure", "told"),
    [
        (Measure.NATURAL_DAY, "9 日"),
        (Measure.WORKING_DAY, "4 工作日"),
        (Measure.HOUR, "208 小时 30 分"),
        (Measure.WORKING_HOUR, "23 小时"),
    ],
)
def test_what_was_lost_is_told_in_the_measure_of_the_clock(measure: Measure, told: str) -> None:
    stop = Stop(local("2020-04-27T17:00"), local("2020-05-06T09:30"))

    assert time_lost(stop, measure, CHINA) == told


def test_the_proof_names_the_stop_and_the_roll_behind_it() -> None:
    written = DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK, cutoff_minutes=EVENING)
    stops = [Stop(local("2020-05-08T10:00"), local("2020-05-18T13:00"))]
    due = due_at(written, NOON, date(2020, 6, 18), CHINA, stops)

    assert due.proof == ("6月18日前 → 2020-06-18 周四 → 中止 10 日 → 2020-06-28 周日 → 2020-06-28 18:00")
    later = due_at(written, NOON, date(2020, 6, 17), CHINA, stops)
    assert later.proof.endswith("中止 10 日 → 2020-06-27 周六 → 内部报送：提前 → 2020-06-24 18:00")


def test_a_stop_of_hours_tells_how_many() -> None:
    stops = [Stop(local("2020-04-20T10:00"), local("2020-04-21T12:30"))]

    assert due_at(rule(Measure.HOUR, 24), local("2020-04-20T09:10"), None, CHINA, stops).proof == (
        "24小时内 → 自 2020-04-20 09:10 起，当时不计 → 中止 26 小时 30 分 → 2020-04-22 12:30"
    )


# ------------------------------------------------------------------------------- the clock of an item


RUNGS = [
    Rung(id=name, label=name, offset=offset, measure=Measure.NATURAL_DAY, tell=(), notice="n", lamp=Lamp.BLUE)
    for name, offset in (("week", -7), ("due", 0), ("late", 1))
]


def sample(due: DueRule, *others: DueRule) -> Definition:
    clock = ClockDef(
        id="work",
        label="时限",
        runs_in=frozenset({"working"}),
        pauses_in=frozenset({"suspended"}),
        restarts_on=frozenset(),
        due=due,
        ladder="standard",
        not_later_than=others,
    )
    return replace(a_definition(), clocks=(clock,), ladders=(Ladder(id="standard", rungs=tuple(RUNGS)),))


def played(definition: Definition, *steps: tuple[str, str], calendar: Calendar = CHINA) -> list[Deadline]:
    """Every revision of the clock after the item entered these states at these local instants, one after the other."""
    revisions: list[Deadline] = []
    before: Item | None = None
    for state, at in steps:
        after = an_item(state=state)
        done = Transition(
            verb="go", before=before, after=after, actor=an_actor(1), at=local(at), standing="owner"
        )
        changes = clock_changes(definition, done, revisions, calendar)
        ended = {each.revision: each for each in changes.ended}
        revisions = [*(ended.get(each.revision, each) for each in revisions), *changes.armed]
        before = after
    return revisions


TEN_WORKING = DueRule(
    anchor=Anchor.ENTRY, length=10, measure=Measure.WORKING_DAY, cutoff_minutes=EVENING, words="10个工作日内"
)


def test_several_suspensions_add_up_and_the_first_date_stays() -> None:
    revisions = played(
        sample(TEN_WORKING),
        ("working", "2020-05-06T12:00"),
        ("suspended", "2020-05-08T12:00"),
        ("working", "2020-05-12T08:00"),
        ("suspended", "2020-05-13T12:00"),
        ("working", "2020-05-13T17:00"),
        ("suspended", "2020-05-14T09:00"),
        ("working", "2020-05-18T09:00"),
    )

    assert [each.outcome for each in revisions] == [Outcome.SUSPENDED] * 3 + [None]
    assert revisions[0].due_at == local("2020-05-19T18:00")
    # 9 (worked), 11 and 12 May; then nothing; then 15 and 18 May
    assert revisions[-1].due_at == local("2020-05-26T18:00")
    assert "中止 5 工作日 → 2020-05-26" in revisions[-1].proof
    assert {each.original_due_at for each in revisions} == {revisions[0].due_at}
    assert [each.next_rung for each in revisions] == [None, None, None, "week"]
    assert len([*stops_of(revisions)]) == 3


def test_a_stop_does_not_shift_the_rungs_but_reckons_them_from_the_new_date() -> None:
    revisions = played(
        sample(TEN_WORKING), ("working", "2020-05-06T12:00"), ("suspended", "2020-05-06T13:00"),
        ("working", "2020-06-08T13:00"),
    )  # fmt: skip

    assert revisions[-1].due_at == local("2020-06-22T18:00")
    assert revisions[-1].next_at == local("2020-06-15T18:00")


def test_each_rule_of_a_clock_gets_back_what_it_lost_in_its_own_measure() -> None:
    revisions = played(
        sample(TEN_WORKING, DueRule(anchor=Anchor.ENTRY, length=15, roll=Roll.FORWARD, words="15日内")),
        ("working", "2020-04-20T09:00"),
        ("suspended", "2020-04-30T17:00"),
        ("working", "2020-05-06T09:00"),
    )

    # 10 working days: 5 May rests, so 2020-05-06 → one lost → 05-07; 15 days: 05-05 → six lost → 05-11
    assert revisions[0].due_at == local("2020-05-06T18:00")
    assert revisions[-1].due_at == local("2020-05-07T18:00")
    assert "另一时限较迟：15日内" in revisions[-1].proof
    assert "中止 6 日 → 2020-05-11 周一" in revisions[-1].proof


def test_a_suspended_clock_that_is_left_for_good_is_not_resumed() -> None:
    revisions = played(
        sample(TEN_WORKING), ("working", "2020-05-06T12:00"), ("suspended", "2020-05-07T12:00"),
        ("closed", "2020-05-08T12:00"),
    )  # fmt: skip

    assert [each.outcome for each in revisions] == [Outcome.SUSPENDED]


def test_another_calendar_reckons_a_resumed_clock_with_all_its_stops() -> None:
    definition = sample(TEN_WORKING)
    revisions = played(
        definition, ("working", "2020-05-06T12:00"), ("suspended", "2020-05-08T12:00"),
        ("working", "2020-05-12T08:00"),
    )  # fmt: skip
    closed = SpecialDays(first=date(2020, 5, 11), last=date(2020, 5, 11), works=False, label="停电")
    county = CalendarOverride(id="county", version=1, label="", source="", days=(closed,))

    moved = reprojected(
        definition, an_item(), revisions, overridden(CHINA, county), local("2020-05-12T09:00")
    )

    # one working day fewer was lost (11 May rests now), and none of those that count has gone
    assert [(one.due_at, other.due_at) for one, other in moved] == []
    assert "中止 3 工作日" in revisions[-1].proof


@given(st.lists(st.integers(0, 60 * 24 * 60), min_size=2, max_size=8, unique=True))
def test_a_clock_is_never_due_earlier_for_having_stood_still(minutes: list[int]) -> None:
    begin = local("2020-05-06T12:00")
    states = ["suspended", "working"] * (len(minutes) // 2)
    instants = [begin + timedelta(minutes=1 + each) for each in sorted(minutes)]
    steps = [*zip(states, (f"{at:%Y-%m-%dT%H:%M}" for at in instants), strict=False)]
    revisions = played(sample(TEN_WORKING), ("working", "2020-05-06T12:00"), *steps)

    assert all(one.due_at <= other.due_at for one, other in pairwise(revisions))
