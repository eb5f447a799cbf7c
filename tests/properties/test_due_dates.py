"""Whatever a rule of time says: later events are never due earlier, and the proof ends in the instant it proves."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import LOCAL
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.date_words import day_rule
from engine.rules.periods import ARITHMETICS, HOURS, due_at, earliest, shift
from runtime.calendars import china_calendar

CHINA = china_calendar()
INSTANTS = st.datetimes(
    datetime(2005, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
CUTOFFS = st.integers(0, 24 * 60)
WORDS = st.sampled_from(
    "每月底 每月15日前 每周五前 12月5日前 4月底前 年底前 2月29日前 每月上旬 4月至11月".split()
)
BY_DAYS = st.builds(
    lambda pair, length, cutoff: DueRule(
        anchor=Anchor.ENTRY, length=length, measure=pair[0], roll=pair[1], cutoff_minutes=cutoff
    ),
    st.sampled_from(sorted(ARITHMETICS)),
    st.integers(0, 400),
    CUTOFFS,
)
BY_HOURS = st.builds(
    lambda measure, length: DueRule(anchor=Anchor.OPENING, length=length, measure=measure),
    st.sampled_from(sorted(HOURS)),
    st.integers(0, 100),
)
BY_WORDS = st.builds(
    lambda words, roll, length, cutoff: DueRule(
        anchor=Anchor.DAY, on=day_rule(words), roll=roll, length=length, cutoff_minutes=cutoff
    ),
    WORDS,
    st.sampled_from(Roll),
    st.integers(-10, 10),
    CUTOFFS,
)
RULES = BY_DAYS | BY_HOURS | BY_WORDS
LAST = re.compile(r"(\d{4}-\d{2}-\d{2}) (\d{2}):(\d{2})( 待核)?$")


@given(RULES, INSTANTS, st.timedeltas(timedelta(), timedelta(days=40)))
def test_what_begins_later_is_never_due_earlier(rule: DueRule, at: datetime, later: timedelta) -> None:
    assert due_at(rule, at, None, CHINA).at <= due_at(rule, at + later, None, CHINA).at


@given(RULES, INSTANTS)
def test_a_proof_ends_in_the_instant_that_it_proves(rule: DueRule, at: datetime) -> None:
    due = due_at(rule, at, None, CHINA)
    found = LAST.search(due.proof)

    assert found
    day, hours, minutes, provisional = found.groups()
    proved = datetime.fromisoformat(day).replace(tzinfo=LOCAL) + timedelta(
        hours=int(hours), minutes=int(minutes)
    )
    assert timedelta() <= due.at - proved < timedelta(minutes=1)
    assert (provisional is not None) is due.is_provisional


@given(RULES, st.dates(date(2004, 6, 1), date(2025, 6, 1)))
def test_within_the_notices_nothing_is_provisional(rule: DueRule, day: date) -> None:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL)
    due = due_at(rule, at, None, CHINA)

    if due.at < datetime(CHINA.covered_until.year, 12, 1, tzinfo=UTC):
        assert not due.is_provisional


@given(st.lists(RULES, min_size=1, max_size=4), INSTANTS)
def test_the_earliest_of_several_is_one_of_them_and_names_them_all(
    rules: list[DueRule], at: datetime
) -> None:
    dues = [due_at(rule, at, None, CHINA) for rule in rules]
    first = earliest(dues)

    assert first.at == min(due.at for due in dues)
    assert all(due.proof in first.proof for due in dues)


@given(INSTANTS, st.integers(-60, 60), st.sampled_from(Measure))
def test_the_rungs_of_a_ladder_stand_in_the_order_of_their_offsets(
    at: datetime, offset: int, measure: Measure
) -> None:
    assert shift(at, offset, measure, CHINA) <= shift(at, offset + 1, measure, CHINA)
    assert shift(at, 0, measure, CHINA) == at
