"""Health is red when nobody sweeps or something due lies there, and says what to do."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Role
from engine.model.errors import Conflict, NotPermitted, Refused
from engine.model.heartbeat import Heartbeat
from engine.usecases.clock_watch import SLACK, AcceptClock, Jump, accept_clock, note_jump
from engine.usecases.health import PATIENCE, SKEW, Health, check_health
from engine.usecases.heartbeats import FORGOTTEN_AFTER, beat, leave
from tests.builders import NOON, an_actor
from tests.integration.test_delivery import Outbox
from tests.integration.test_sweep import rectifying

SECOND = timedelta(seconds=1)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def swept(outbox: Outbox, worker: str = "a", *, ago: timedelta = timedelta()) -> None:
    """Leave the sign of life of a worker."""

    def told(at: datetime) -> Heartbeat:
        return Heartbeat(worker=worker, at=at - ago, place="机房/1", started_at=at, fired=0)

    beat(outbox.house.begin(), told)


def settle_all(outbox: Outbox) -> None:
    """Put every rung off, so that only what a test is about is late."""
    with outbox.house.begin() as uow:
        far = datetime(2100, 1, 1, tzinfo=UTC)
        uow.items._session._connection.execute(  # there is no use case that stops every clock
            "UPDATE deadline SET next_at = ? WHERE next_at IS NOT NULL", [int(far.timestamp() * 1e6)]
        )
        uow.commit()


def health(outbox: Outbox, skew: timedelta = timedelta()) -> Health:
    return check_health(outbox.house.begin(), datetime.now(UTC) + skew)


def codes(found: Health) -> set[str]:
    return {alarm.code for alarm in found.alarms}


def test_it_is_green_while_somebody_sweeps(outbox: Outbox) -> None:
    settle_all(outbox)
    swept(outbox, "a", ago=PATIENCE * 10)
    swept(outbox, "b", ago=PATIENCE - 5 * SECOND)

    found = health(outbox)

    assert (found.is_green, codes(found)) == (True, set())
    assert [worker.worker for worker in found.workers] == ["b", "a"]


@pytest.mark.parametrize("ahead", [timedelta(days=400), timedelta(days=-2000)])
def test_what_has_its_own_time_is_judged_by_that_and_its_workers_by_theirs(
    outbox: Outbox, ahead: timedelta
) -> None:
    settle_all(outbox)
    swept(outbox, "a", ago=PATIENCE / 2)
    own = datetime.now(UTC) + ahead

    found = check_health(outbox.house.begin(), own, at=own)

    assert (found.skew_seconds, codes(found)) == (0, set())
    assert found.sweep_age_seconds == pytest.approx(PATIENCE.total_seconds() / 2, abs=30)


def test_it_is_red_when_nobody_ever_swept_or_the_last_sweep_is_long_ago(outbox: Outbox) -> None:
    settle_all(outbox)
    never = health(outbox)
    swept(outbox, ago=PATIENCE + SECOND)
    long_ago = health(outbox)

    assert (never.is_green, codes(never)) == (False, {"sweep"})
    assert (long_ago.is_green, codes(long_ago)) == (False, {"sweep"})


def test_it_is_red_when_a_rung_lies_there_although_somebody_sweeps(outbox: Outbox) -> None:
    settle_all(outbox)
    rectifying(outbox.house)
    swept(outbox)

    found = health(outbox)

    assert (found.is_green, codes(found), found.late) == (False, {"late"}, 1)
    assert found.late_since is not None
    assert found.late_since.year == 2020


def test_slow_and_dead_letters_and_skew_are_told_and_leave_it_green(outbox: Outbox) -> None:
    settle_all(outbox)
    swept(outbox)
    outbox.tell("甲", "乙")
    outbox._run("UPDATE delivery SET status = 'dead' WHERE rowid = 1")

    found = health(outbox, skew=-(SKEW + SECOND))

    assert (found.is_green, codes(found)) == (True, {"post", "dead", "skew"})
    assert (found.waiting, found.dead) == (1, 1)


def test_who_leaves_is_gone_and_who_was_killed_is_forgotten_after_a_day(outbox: Outbox) -> None:
    swept(outbox, "killed", ago=FORGOTTEN_AFTER - SECOND)
    swept(outbox, "long dead", ago=FORGOTTEN_AFTER + SECOND)
    swept(outbox, "ended")
    leave(outbox.house.begin(), "ended")

    assert [worker.worker for worker in health(outbox).workers] == ["killed"]


def accepting(role: Role, reason: str = "已校准") -> AcceptClock:
    return AcceptClock(reason=reason, actor=an_actor(8, role))


def test_a_clock_that_was_put_back_is_red_until_an_administrator_accepts_it(outbox: Outbox) -> None:
    settle_all(outbox)
    swept(outbox, "before", ago=-(SLACK + 5 * SECOND))
    outbox.tell("甲")
    outbox._run("UPDATE delivery SET not_before = 4000000000000000")
    begin = outbox.house.begin
    red = codes(health(outbox))

    with pytest.raises(NotPermitted, match="不能认可时钟"):
        accept_clock(begin(), accepting(Role.OFFICE))
    with pytest.raises(Refused, match="没有写明理由"):
        accept_clock(begin(), accepting(Role.ADMINISTRATOR, " "))
    accept_clock(begin(), accepting(Role.ADMINISTRATOR))
    with pytest.raises(Conflict, match="没有被调回"):
        accept_clock(begin(), accepting(Role.ADMINISTRATOR))

    assert red == {"clock"}
    assert codes(health(outbox)) == {"sweep"}
    assert outbox.rows()[0]["not_before"] <= datetime.now(UTC).timestamp() * 1e6


def test_one_jump_seen_by_two_workers_is_one_entry(outbox: Outbox) -> None:
    jump = Jump(NOON, NOON + timedelta(hours=2))
    soon = Jump(NOON + 50 * SECOND, jump.at + 51 * SECOND)
    back = Jump(soon.at + SECOND, NOON + 52 * SECOND)

    assert [note_jump(outbox.house.begin(), one) for one in (jump, soon, back)] == [True, False, True]
