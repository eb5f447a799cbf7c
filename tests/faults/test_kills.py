"""Clients killed at any moment (G-CRA-1): what they were told stands, what they were not told can be asked again."""

import os
import random
import signal

import pytest

from tests.faults.checks import entries, findings
from tests.faults.victims import ROUND, Client, Executioner

KILLS = 250
BATCH = 100
LONGEST = 0.05
"""Seconds; a handful of moves."""


@pytest.fixture
def clients(stage, tmp_path):
    made = [Client(tmp_path / name, items) for name, items in zip("abc", _threes(stage.items), strict=True)]
    for client in made:
        client.journal.touch()
    return made


def _threes(items):
    return [tuple(items[start : start + 3]) for start in range(0, len(items), 3)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork a warm process")
@pytest.mark.storm
def test_a_kill_loses_nothing_and_doubles_nothing(stage, clients, rounds):
    before, in_doubt, left = entries(stage), 0, rounds or KILLS
    seed = random.randrange(2**32)
    dice, (warm, *victims) = random.Random(seed), clients
    print(f"seed {seed}")
    url = stage.database.engine.url.render_as_string(hide_password=False)

    with Executioner(url, warm) as kill:
        while left > 0:
            stage.database.close()  # nobody else keeps the files open: the next client has to recover them
            for _ in range(min(left, BATCH) // len(victims)):
                ends = kill(victims, [dice.uniform(0, LONGEST) for _ in victims])
                assert set(ends) == {-signal.SIGKILL}
                in_doubt += sum(victim.is_in_doubt() for victim in victims)
            for victim in victims:
                victim.go_on(stage, 1)
            told = [answer for client in clients for answer in client.acknowledged(stage)]
            assert (findings(stage, told), entries(stage)) == ([], before + len(told))
            left -= BATCH

    print(f"{len(told)} answers, {in_doubt} kills came before an answer")
    assert in_doubt > 0
    assert warm.next() == len(ROUND)
