"""Which statements a move and a firing take: exactly these, so that none creeps in unseen."""

import re
from datetime import timedelta
from itertools import groupby

import pytest

from engine.usecases.items import move_item, move_items
from engine.usecases.sweep import sweep
from storage.dialects import open_database
from tests.bench.stage import Stage

STATEMENT = re.compile(r"([A-Z]+)(?: INTO|.*?\bFROM)?\s*(\w+)?", re.DOTALL)
READ = ["SELECT item", "SELECT reply", "SELECT deadline", "SELECT unit_closure", "SELECT person"]
ENTERED = ["SELECT log_head", "INSERT entry", "UPDATE log_head", "UPDATE item"]
MOVED = ["UPDATE deadline", "INSERT deadline", "SELECT holding", "INSERT notice", "INSERT reply"]
A_MOVE = ["BEGIN IMMEDIATE", *READ, "SELECT calendar", *ENTERED, *MOVED, "COMMIT"]
MANY_MOVES = [*A_MOVE[:-3], "SELECT notice", *A_MOVE[-3:]]
FOUND = ["SELECT deadline", "SELECT item", "SELECT deadline", "SELECT calendar"]
CLAIMED = ["SELECT firing", "INSERT firing", "UPDATE deadline"]
TOLD = ["SELECT notice", "INSERT notice"]
A_FIRING = ["BEGIN IMMEDIATE", *FOUND, *CLAIMED, "SELECT holding", *ENTERED, *TOLD, "COMMIT"]
NOTHING_LEFT = ["BEGIN IMMEDIATE", "SELECT deadline", "ROLLBACK"]


@pytest.fixture
def stage(tmp_path):
    made = Stage(open_database(f"sqlite:///{tmp_path / 'duban.db'}"))
    made.fill(9)
    yield made
    made.database.close()


def taken_by(stage, act):
    """What the one connection of the stage runs during an act, by verb and first table; of many rows one after
    the other it counts as one. A trigger repeats the statement that fired it word for word."""
    seen = []
    connection = stage.database.engine.raw_connection()
    connection.driver_connection.set_trace_callback(seen.append)
    connection.close()
    act()
    connection = stage.database.engine.raw_connection()
    connection.driver_connection.set_trace_callback(None)
    connection.close()
    return [" ".join(filter(None, STATEMENT.match(text).groups())) for text, _ in groupby(seen)]


def in_steps(taken):
    return [name for name, _ in groupby(taken)]


def test_a_move_takes_exactly_these_statements(stage):
    (attempt,) = stage.attempts(1)

    taken = taken_by(stage, lambda: move_item(stage.begin(), stage.now, attempt))

    assert taken == A_MOVE
    assert len(taken) == 17


def test_many_moves_in_one_transaction_read_no_more_than_one(stage):
    attempts = stage.attempts(4)

    taken = taken_by(stage, lambda: move_items(stage.begin(), stage.now, attempts))

    assert in_steps(taken) == MANY_MOVES
    assert taken.count("UPDATE item") == 4


def test_a_sweep_takes_these_statements_however_much_is_due(stage):
    fired = []

    taken = taken_by(stage, lambda: fired.extend(sweep(stage.begin, stage.now + timedelta(days=3))))

    assert in_steps(taken) == [*A_FIRING, *NOTHING_LEFT]
    assert len(fired) == taken.count("INSERT firing") == 9
