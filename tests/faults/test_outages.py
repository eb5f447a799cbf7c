"""Nobody sweeps for a second to thirty days, again and again (G-TIME-1): each rung is accounted for once."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest

from engine.usecases.items import move_items
from engine.usecases.sweep import sweep
from runtime.rehearsal.outcome import outcome_of
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.faults.checks import findings
from tests.faults.rungs import fired, next_at

OUTAGES = 500
ITEMS = 4
LONGEST = 30 * 86_400
LONGEST_UP = 2 * 86_400
SECOND = timedelta(seconds=1)


@pytest.fixture
def twins(tmp_path):
    """Two equal bureaus: one whose worker fails, one whose worker never does."""
    made = [Stage(open_database(f"sqlite:///{tmp_path / name}.db")) for name in ("failing", "steady")]
    for stage in made:
        stage.fill(ITEMS)
    yield made
    for stage in made:
        stage.database.close()


@pytest.mark.storm
@pytest.mark.timeout(600)
def test_outages_lose_no_rung_and_double_none(twins, rounds):
    seed, (failing, steady) = random.randrange(2**32), twins
    dice = random.Random(seed)

    for _ in range(rounds or OUTAGES):
        until = failing.now + SECOND * LONGEST ** dice.random()
        at = failing.now + (until - failing.now) * dice.random()
        keep_up(steady, at)
        for stage in twins:
            assign_one_anew(stage, at)
        keep_up(steady, until)
        failing.now = until
        list(sweep(failing.begin, until))
        up = until + SECOND * LONGEST_UP * dice.random()
        for stage in twins:
            keep_up(stage, up)

    kinds = ("item", "supervision_order")
    one, other = (outcome_of(stage.begin(), "sample", kinds) for stage in twins)
    print(f"seed {seed}: {len(one.rungs)} rungs with outages, {len(other.rungs)} without")
    assert len(one.states) == 2 * ITEMS  # each has its order, which has risen to red
    assert one == other
    assert voices(failing) == {1}
    assert heard(failing) == heard(steady)
    assert findings(failing) == []


def keep_up(stage, until):
    """Sweep at each instant at which something comes due."""
    while (due := next_at(stage)) is not None and due <= until:
        list(sweep(stage.begin, due))
    stage.now = until


def assign_one_anew(stage, at):
    """One item after the other gets its time to sign anew, also while nobody sweeps."""
    stage.now = at
    move_items(stage.begin(), at, stage.attempts(1))


def voices(stage):
    """How many rungs spoke for the others when some of one limit were reached at once."""
    spoke = defaultdict(set)
    for one in fired(stage).values():
        if one.spoken_by:
            spoke[one.item, one.clock, one.revision, one.fired_at].add(one.spoken_by)
    return {len(each) for each in spoke.values()}


def heard(stage):
    """Who was told of which limit of which item."""
    with stage.begin() as uow:
        told = [one for one in uow.notices.scan() if one.clock]
    return {(one.facts["number"], one.clock, one.revision, one.recipient) for one in told}
