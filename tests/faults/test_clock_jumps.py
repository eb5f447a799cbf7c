"""A clock that jumps (G-TIME-4): nothing fires before its instant or twice, the jump is entered, going back pauses.

The clock of the database and the one that never jumps are both virtual here; everything else is the real worker.
"""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import literal_column, select

from engine.model.actor import Role
from engine.usecases.clock_watch import ACCEPTED, JUMPED, SLACK, AcceptClock, accept_clock
from engine.usecases.health import check_health
from engine.usecases.items import move_items
from runtime.settings import Settings
from runtime.watch import Watch
from runtime.wiring import App
from runtime.work import Work
from storage import gates
from storage.dialects import open_database
from storage.prepared import Prepared
from storage.rows import micros
from tests.bench.stage import Stage
from tests.builders import an_actor
from tests.faults.checks import findings
from tests.faults.rungs import fired, wanted

JUMPS = 100
START = datetime(2031, 1, 6, 1, tzinfo=UTC)
EARLIEST = datetime(2020, 5, 6, 4, tzinfo=UTC)
"""The bureau has nobody in post before it."""
LONGEST = 10 * 365 * 86_400
SECOND = timedelta(seconds=1)
ADMINISTRATOR = an_actor(8, Role.ADMINISTRATOR)


class Clocks:
    """What the database shows, and the seconds that really went by."""

    def __init__(self, monkeypatch):
        self._monkeypatch = monkeypatch
        self.steady = 0.0
        self.show(START)

    def show(self, at):
        """Let the database show this instant."""
        self.now = at
        shown = select(literal_column(f"{micros(at)}").label("at"))
        self._monkeypatch.setattr(gates, "CLOCK", Prepared(shown))

    def go_on(self, seconds):
        """Let so much time go by on both."""
        self.steady += seconds
        self.show(self.now + seconds * SECOND)


@pytest.fixture
def clocks(monkeypatch):
    return Clocks(monkeypatch)


@pytest.fixture
def house(tmp_path: Path, clocks):
    """A filled installation, its worker, and what `rungs` needs to look into it."""
    stage = Stage(open_database(f"sqlite:///{tmp_path / 'duban.db'}"))
    stage.fill(3)
    settings = Settings(database="", file=None, evidence=tmp_path, outbox=tmp_path)
    app = App(settings=settings, database=stage.database, now=lambda: clocks.now, entropy=stage.entropy)
    work = Work(app, every=timedelta(seconds=60))
    work._watch = Watch(lambda: clocks.steady)
    yield SimpleNamespace(stage=stage, begin=app.writing, work=work)
    stage.database.close()


@pytest.mark.storm
def test_a_jump_fires_nothing_early_or_twice_and_is_entered(house, clocks, rounds):
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice, swept, jumped, entered = random.Random(seed), START, Counter(), (START, timedelta())
    house.work.sweep()

    for _ in range(rounds or JUMPS):
        assign_anew(house, clocks)
        seen = set(fired(house))  # a move fires what came due before it, also while the sweep pauses
        clocks.go_on(dice.uniform(1, 60))
        jump = jump_of(dice, clocks.now)
        clocks.show(clocks.now + jump)
        kind = "again" if is_told(entered, clocks.now, jump) else sort_of(jump)
        entered = (clocks.now, jump) if kind in ("forward", "back") else entered
        jumped[kind] += 1
        due, paused = wanted(house, clocks.now), swept - clocks.now > SLACK
        house.work.sweep()
        assert fired_since(house, seen) == set() if paused else is_caught_up(house, clocks, seen, due)
        assert ("clock" in red(house, clocks)) == paused
        if paused and dice.random() < 0.5:
            accept_clock(house.begin(), AcceptClock(reason="已校准", actor=ADMINISTRATOR))
            house.work.sweep()
            assert is_caught_up(house, clocks, seen, due)
            paused = False
        swept = swept if paused else clocks.now

    with house.begin() as uow:
        entries = [*uow.history.scan()]
    told = Counter(entry.what for entry in entries)
    print(f"{dict(jumped)}, {told[JUMPED]} entered, {told[ACCEPTED]} accepted, {len(seen)} rungs fired")
    assert told[JUMPED] == jumped["forward"] + jumped["back"]
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert findings(house) == []


def fired_since(house, seen):
    return set(fired(house)) - seen


def is_caught_up(house, clocks, seen, due):
    """Fired is what was due and nothing else, and nothing is due still.

    What lay behind a rung that raised an order is not fired any more: the order has begun another limit by then.
    """
    new = fired_since(house, seen)
    return new <= due and bool(new) == bool(due) and not wanted(house, clocks.now)


def sort_of(jump):
    return "forward" if jump > SLACK else "back" if jump < -SLACK else "little"


def is_told(entered, now, jump):
    """As large a jump as the last one, and so soon after it that it counts as another worker's look at the same."""
    at, size = entered
    return abs(jump) > SLACK and abs(now - at) <= 2 * SLACK and abs(jump - size) <= SLACK


def jump_of(dice, now):
    """One second to ten years, forward or back, no further than people are in post."""
    size = timedelta(seconds=LONGEST ** dice.random())
    return size if dice.random() < 0.5 or now - size < EARLIEST else -size


def assign_anew(house, clocks):
    """Begin the time to sign for every item anew."""
    house.stage.now = clocks.now
    move_items(house.begin(), clocks.now, house.stage.attempts(len(house.stage.items)))


def red(house, clocks):
    health = check_health(house.begin(), clocks.now)
    return {alarm.code for alarm in health.alarms if alarm.is_red}
