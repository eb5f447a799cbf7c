"""Workers killed at each point of sweeping and delivering (G-CRA-2): no notice is lost, each double is known as one."""

import os
import random
import re
import signal
from collections import Counter
from datetime import timedelta

import pytest

from engine.model.notice import DeliveryStatus
from engine.usecases.items import move_items
from engine.usecases.sweep import sweep
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.faults.checks import findings
from tests.faults.doomed import CHANNEL, DELIVERING, SWEEPING, Doomed, office, send
from tests.faults.rungs import fired, wanted
from tests.faults.victims import Executioner
from tests.integration.test_post import mail_server

__all__ = ["mail_server"]
KILLS = 125
"""At each point, on each database."""
BATCH = 25
ITEMS = 26
"""Each tells its owner of the assignment, then owner and head of the date: more letters than a batch has kills."""
AT_ONCE = 4
FEW = 5
"""Kills of a sweep at each point in a batch: each takes a deadline."""
UNTIL_DUE = timedelta(days=5)
ID = re.compile(rb"^Message-ID: <(\w+)@", re.MULTILINE)


@pytest.fixture
def stage(url):
    made = Stage(open_database(url), channels=(CHANNEL,))
    made.fill(ITEMS)
    yield made
    made.database.close()


class Campaign:
    """Batches of work, in each of which workers are killed before others do what is left."""

    def __init__(self, stage, server, kill, dice):
        self._stage, self._server, self._kill, self._dice = stage, server, kill, dice
        self.killed = Counter()
        self.wanted = set(fired(stage))

    def batch(self, kills):
        """Assign everything anew and let it come due; workers die over both, others do what is left."""
        stage = self._stage
        move_items(stage.begin(), stage.now, stage.attempts(ITEMS))
        stage.now += UNTIL_DUE
        self.wanted |= wanted(stage, stage.now)
        self._die_at(SWEEPING, min(kills, FEW))
        list(sweep(stage.begin, stage.now))
        self._die_at(DELIVERING, kills)
        _let_leases_end(stage)
        while send(stage, stage.now, office(self._server.port), ITEMS):
            continue

    def _die_at(self, points, each):
        order = [point for point in points for _ in range(each)]
        self._dice.shuffle(order)
        victims = [Doomed(point, self._stage.now, self._server.port) for point in order]
        for start in range(0, len(victims), AT_ONCE):
            ends = self._kill(victims[start : start + AT_ONCE])
            assert set(ends) == {-signal.SIGKILL}, order[start : start + AT_ONCE]
        self.killed.update(order)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork a warm process")
@pytest.mark.storm
def test_a_killed_worker_loses_no_notice_and_a_double_carries_the_same_id(stage, mail_server, rounds):
    seed, left = random.randrange(2**32), rounds or KILLS
    print(f"seed {seed}")
    url = stage.database.engine.url.render_as_string(hide_password=False)

    with Executioner(url, Doomed("", stage.now, mail_server.port)) as kill:
        campaign = Campaign(stage, mail_server, kill, random.Random(seed))
        while left > 0:
            campaign.batch(min(left, BATCH))
            left -= BATCH

    mails = Counter(ID.search(raw)[1].decode() for raw in mail_server.handler.taken)
    told, doubles = _told(stage), mails.total() - len(mails)
    print(
        f"kills {dict(campaign.killed)}: {len(told)} notices, {len(told - set(mails))} lost, {doubles} doubles"
    )
    assert set(mails) == told
    assert 0 < doubles <= campaign.killed["after send"]
    assert set(fired(stage)) == campaign.wanted
    assert findings(stage) == []


def _let_leases_end(stage):
    """As if a minute had passed."""
    with stage.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE delivery SET not_before = 0 WHERE status = 'leased'")


def _told(stage):
    """The keys of all notices; none of them may wait or have been given up."""
    with stage.begin() as uow:
        assert set(uow.deliveries.count()) == {DeliveryStatus.SENT}
    with stage.database.engine.connect() as connection:
        return {key for (key,) in connection.exec_driver_sql("SELECT key FROM notice")}
