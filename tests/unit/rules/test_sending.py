"""How many messages a channel takes, what a try leaves behind, and how long is waited: pure rules over instants."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import LOCAL, Calendar
from engine.model.channel import Digest, Gate, Manner
from engine.model.errors import Busy, InDoubt, Unavailable
from engine.rules.sending import (
    EVER,
    FIRST_SHUT,
    FIRST_WAIT,
    LEASE,
    LONGEST_SHUT,
    LONGEST_WAIT,
    NEVER,
    WINDOW,
    opens_next,
    passed,
    recovered,
    room,
    shut,
    wait_after,
    words_of,
    written_before,
)
from runtime.calendars import china_calendar

NOW = datetime(2020, 6, 1, 1, tzinfo=UTC)
OPEN = Gate(channel="wecom")
MINUTE = timedelta(minutes=1)


@given(
    st.integers(1, 30),
    st.lists(st.tuples(st.integers(0, 30_000), st.integers(1, 5), st.integers(0, 10_000)), max_size=200),
)
def test_no_minute_at_the_other_end_sees_more_than_the_limit(
    per_minute: int, steps: list[tuple[int, int, int]]
) -> None:
    """Each step: how many ms pass, how many messages are wanted, and how many ms each takes to arrive."""
    gate, now, manner = OPEN, NOW, Manner(at_once=5, per_minute=per_minute)
    arrived: list[datetime] = []
    for pause, wanted, delay in steps:
        now += timedelta(milliseconds=pause)
        count = min(wanted, room(gate, manner, now))
        gate = passed(gate, manner, count, now)
        arrived += [now + timedelta(milliseconds=delay)] * count

    arrived.sort()
    assert all(
        later - earlier >= MINUTE for earlier, later in zip(arrived, arrived[per_minute:], strict=False)
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_a_channel_stays_shut_for_a_limit_that_doubles(dice: list[float]) -> None:
    gate = OPEN
    for number, jitter in enumerate(dice):
        gate = shut(gate, Unavailable("连不上"), NOW, jitter)
        assert gate.shut_until is not None
        assert gate.shut_until - NOW <= min(FIRST_SHUT * 2**number, LONGEST_SHUT)
    assert gate.failures == len(dice)
    assert recovered(gate).failures == 0


def test_a_shut_channel_takes_nothing_and_then_one() -> None:
    manner = Manner(at_once=200)
    gate = shut(OPEN, Unavailable("连不上"), NOW, 1.0)

    assert room(gate, manner, NOW) == 0
    assert room(gate, manner, NOW + FIRST_SHUT) == 1
    probed = passed(gate, manner, 1, NOW + FIRST_SHUT)
    assert room(probed, manner, NOW + FIRST_SHUT + LEASE - timedelta(seconds=1)) == 0
    assert room(recovered(probed), manner, NOW) == 200


def test_whoever_asks_for_time_gets_it_at_least() -> None:
    ten = Busy("慢一点", wait=timedelta(minutes=10))

    assert shut(OPEN, ten, NOW, 0.0).shut_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(("failures", "wait"), [(0, timedelta()), (1, FIRST_SHUT), (2, FIRST_SHUT * 2)])
def test_the_first_doubt_costs_no_time(failures: int, wait: timedelta) -> None:
    gate = Gate(channel="wecom", failures=failures)

    assert shut(gate, InDoubt("没有答复"), NOW, 1.0).shut_until == NOW + wait


def test_a_clock_that_jumped_far_ahead_and_back_does_not_block_for_long() -> None:
    manner = Manner(at_once=5, per_minute=2)
    ahead = passed(OPEN, manner, 2, NOW + timedelta(days=3650))

    assert room(ahead, manner, NOW) == 2
    assert room(passed(OPEN, manner, 2, NOW + WINDOW / 2), manner, NOW) == 0


CHINA = china_calendar()
OFFICE = Manner(hours=(8 * 60 + 30, 18 * 60))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2020-05-06 08:29:59", False),
        ("2020-05-06 08:30:00", True),
        ("2020-05-06 17:59:59", True),
        ("2020-05-06 18:00:00", False),
        ("2020-05-05 10:00:00", False),  # 劳动节
        ("2020-05-09 10:00:00", True),  # a Saturday that works in its place
        ("2020-09-27 10:00:00", True),  # a Sunday that works
        ("2020-10-01 10:00:00", False),
        ("2020-10-10 10:00:00", True),
        ("2020-06-13 10:00:00", False),  # any Saturday
        ("2020-01-31 10:00:00", False),  # rests by the notice of 27 January 2020
    ],
)
def test_messages_leave_in_office_hours_of_days_that_work(now: str, is_open: bool) -> None:
    before = written_before(OFFICE, at(now), CHINA)

    assert before == (EVER if is_open else NEVER)
    assert written_before(Manner(), at(now), CHINA) == EVER


def test_a_daily_digest_leaves_with_what_was_written_before_the_hours_began() -> None:
    daily = replace(OFFICE, digest=Digest.DAILY)

    assert written_before(daily, at("2020-05-06 08:00"), CHINA) == NEVER
    assert written_before(daily, at("2020-05-06 17:00"), CHINA) == at("2020-05-06 08:30")
    assert written_before(replace(daily, hours=None), at("2020-05-05 17:00"), CHINA) == at("2020-05-05 00:00")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2020-04-30 17:59", "2020-05-06 08:30"),
        ("2020-05-06 08:00", "2020-05-06 08:30"),
        ("2020-05-08 19:00", "2020-05-09 08:30"),
        ("2020-09-30 18:00", "2020-10-09 08:30"),
    ],
)
def test_the_next_opening_passes_over_days_of_rest(now: str, opens: str) -> None:
    assert opens_next(OFFICE, at(now), CHINA) == at(opens)
    assert opens_next(Manner(), at(now), CHINA) is None


@given(st.integers(0, 60 * 24 * 366))
def test_the_next_opening_is_the_first_minute_at_which_something_may_leave(minute: int) -> None:
    now = at("2020-01-01 00:00") + timedelta(minutes=minute)
    opens = opens_next(OFFICE, now, CHINA)

    assert opens is not None
    assert written_before(OFFICE, opens, CHINA) == EVER
    assert written_before(OFFICE, opens - timedelta(minutes=1), CHINA) == NEVER


def test_the_times_are_those_that_the_documents_name() -> None:
    assert (timedelta(minutes=1), timedelta(seconds=70)) == (LEASE, WINDOW)
    assert (timedelta(minutes=10), timedelta(hours=6)) == (FIRST_WAIT, LONGEST_WAIT)
    assert (timedelta(seconds=30), timedelta(minutes=15)) == (FIRST_SHUT, LONGEST_SHUT)
    assert (NEVER.utcoffset(), EVER.utcoffset()) == (timedelta(), timedelta())
    assert (NEVER.year, EVER.year) == (1, 9999)


@pytest.mark.parametrize(("tries", "minutes"), [(1, 10), (2, 20), (3, 40), (6, 320), (7, 360), (10_000, 360)])
def test_a_try_is_waited_for_twice_as_long_as_the_one_before(tries: int, minutes: int) -> None:
    assert wait_after(tries, 1.0) == timedelta(minutes=minutes)
    assert wait_after(tries, 0.25) == timedelta(minutes=minutes) / 4
    assert wait_after(tries, 0.0) == timedelta()


@pytest.mark.parametrize(("failures", "wait"), [(0, 30), (1, 60), (4, 480), (5, 900), (10_000, 900)])
def test_a_channel_that_fails_again_is_left_alone_twice_as_long(failures: int, wait: int) -> None:
    gate = replace(OPEN, failures=failures, recent=(NOW,))

    assert shut(gate, Unavailable("连不上"), NOW, 0.5) == replace(
        gate,
        failures=failures + 1,
        shut_until=NOW + timedelta(seconds=wait) / 2,
        last_error="Unavailable: 连不上",
        failed_at=NOW,
    )


def test_whoever_asks_for_less_time_than_is_due_does_not_shorten_it() -> None:
    short = Busy("慢一点", wait=timedelta(seconds=1))

    assert shut(OPEN, short, NOW, 1.0).shut_until == NOW + FIRST_SHUT


def test_a_gate_that_recovered_keeps_its_last_error_and_is_open() -> None:
    gate = shut(OPEN, Unavailable("连不上"), NOW, 1.0)

    assert recovered(gate) == replace(gate, failures=0, shut_until=None)


def test_what_was_taken_is_kept_as_far_back_as_the_limit_counts() -> None:
    limited, old = Manner(at_once=5, per_minute=4), NOW - WINDOW
    gate = replace(OPEN, recent=(old, old + timedelta(seconds=1)), shut_until=NOW)

    assert room(gate, limited, NOW) == 3
    assert passed(gate, limited, 2, NOW) == replace(OPEN, recent=(old + timedelta(seconds=1), NOW, NOW))
    assert passed(gate, Manner(), 2, NOW) == OPEN
    assert passed(replace(gate, failures=1), Manner(), 1, NOW) == replace(
        OPEN, failures=1, shut_until=NOW + LEASE
    )


def test_a_failed_channel_is_probed_by_one_within_its_limit() -> None:
    failed = replace(OPEN, failures=1, recent=(NOW, NOW))

    assert room(failed, Manner(at_once=5, per_minute=9), NOW) == 1
    assert room(failed, Manner(at_once=5, per_minute=2), NOW) == 0
    assert room(OPEN, Manner(at_once=5, per_minute=2), NOW) == 2
    assert room(replace(OPEN, shut_until=NOW), Manner(at_once=5), NOW) == 5


def test_an_error_is_told_on_one_short_line_that_no_terminal_obeys() -> None:
    assert words_of(ValueError("一\n二\t三\x1b[31m")) == "ValueError: 一 二 三�[31m"
    assert words_of(ValueError("x" * 600)) == "ValueError: " + "x" * 488


def test_a_day_without_hours_is_a_whole_day_of_the_place() -> None:
    daily = Manner(digest=Digest.DAILY)

    assert written_before(daily, at("2020-05-05 23:59:59"), CHINA) == at("2020-05-05 00:00")
    assert written_before(daily, at("2020-05-06 00:00"), CHINA) == at("2020-05-06 00:00")
    assert opens_next(OFFICE, at("2020-05-06 08:30"), CHINA) == at("2020-05-07 08:30")
    night = Manner(hours=(0, 60))
    assert opens_next(night, datetime(2020, 5, 6, 15, 59, tzinfo=UTC), CHINA) == at("2020-05-07 00:00")
    assert opens_next(night, datetime(2020, 5, 6, 16, tzinfo=UTC), CHINA) == at("2020-05-08 00:00")


@pytest.mark.parametrize(("rest", "found"), [(399, True), (400, False)])
def test_an_opening_is_looked_for_in_400_days(rest: int, found: bool) -> None:
    today = at("2020-05-06 08:00")
    days = {today.date() + timedelta(days=ahead): ahead >= rest for ahead in range(500)}
    calendar = Calendar(id="rest", exceptions=days, covered_until=today.date())

    opens = today + timedelta(days=rest, minutes=30)
    assert opens_next(OFFICE, today, calendar) == (opens if found else None)
