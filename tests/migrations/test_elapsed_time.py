"""A database from before elapsed time was kept is brought up to date with everything in it."""

from pathlib import Path

import pytest

from engine.usecases.doctor import examine_deeply
from engine.usecases.lamps import signals_of
from storage.schema import is_current, upgrade
from tests.builders import NOON
from tests.integration.house import House
from tests.migrations.older import put_back
from tests.unit.usecases.test_queries import assigned


@pytest.fixture
def old(tmp_path: Path) -> House:
    """A bureau at work, in a file as the version before has left it."""
    house = House(tmp_path)
    assigned(house)
    put_back(house.database, "0002")
    return house


def test_limits_that_run_are_kept_and_count_from_where_they_began(old: House) -> None:
    with old.database.engine.connect() as connection:
        before = connection.exec_driver_sql(
            "SELECT item, clock, due_at FROM deadline ORDER BY 1, 2"
        ).fetchall()
    assert not is_current(old.database)

    upgrade(old.database)

    assert is_current(old.database)
    with old.begin() as uow:
        deadlines, items = list(uow.deadlines.scan()), list(uow.items.scan())
        assert [(d.item, d.clock) for d in deadlines] == [(item, clock) for item, clock, _ in before]
        assert all(d.counts_from == d.started_at for d in deadlines)
        assert len(signals_of(uow, NOON, items)) == 1
    assert list(examine_deeply(old.begin())) == []
