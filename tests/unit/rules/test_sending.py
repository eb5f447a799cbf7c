"""How many messages a channel takes, what a try leaves behind, and how long is waited: pure rules over instants."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.channel import Gate, Manner
from engine.model.errors import Busy, InDoubt, Unavailable
from engine.rules.sending import (
    FIRST_SHUT,
    LEASE,
    LONGEST_SHUT,
    WINDOW,
    passed,
    recovered,
    room,
    shut,
)

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
