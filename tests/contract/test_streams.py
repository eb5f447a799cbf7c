"""Rows that come as they are read: not all at once, whatever the database, and over when the transaction is."""

import pytest

from engine.model.errors import Unavailable
from storage.prepared import FETCHED_AT_ONCE
from tests.contract.conftest import NOW
from tests.contract.values import a_draft

ONE = "1" * 32
MANY = 2 * FETCHED_AT_ONCE + 1


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def begin(request):
    return request.getfixturevalue(request.param).begin


@pytest.fixture
def filled(begin):
    with begin() as uow:
        uow.history.append([a_draft(ONE)] + [a_draft(ONE, 2, b"")] * (MANY - 1), NOW)
        uow.commit()
    return begin


def open_cursors(uow):
    return [name for (name,) in uow._session.plain("SELECT name FROM pg_cursors")]


def test_everything_comes_in_order(filled):
    with filled(write=False) as uow:
        assert [entry.index for entry in uow.history.by_items()] == list(range(MANY))
        assert [entry.index for entry in uow.history.scan()] == list(range(MANY))
        assert sum(1 for _ in uow.dump.rows("entry")) == MANY


@pytest.mark.postgres
@pytest.mark.parametrize("read", ["by_items", "scan"])
def test_a_server_hands_out_some_rows_at_a_time(postgresql, read):
    """The plain cursor of the driver would take everything at the first row."""
    with postgresql.begin() as uow:
        uow.history.append([a_draft(ONE)] + [a_draft(ONE, 2, b"")] * (MANY - 1), NOW)
        uow.commit()
    with postgresql.begin(write=False) as uow:
        entries = getattr(uow.history, read)()
        next(entries)
        (name,) = open_cursors(uow)
        (left,) = uow._session.plain(f"FETCH FORWARD 1 FROM {name}")
        assert left[0] == FETCHED_AT_ONCE  # the position of the first row that was not fetched yet
        assert len(list(entries)) == MANY - 2
        assert open_cursors(uow) == []


def test_streams_are_read_beside_each_other_and_beside_questions(filled):
    with filled(write=False) as uow:
        first, second = uow.history.by_items(), uow.dump.rows("entry")
        for _ in range(3):
            assert next(first).index == next(second)["position"]
            assert uow.history.head().size == MANY


def test_a_stream_that_nobody_reads_on_ends_with_its_transaction(filled):
    with filled(write=False) as uow:
        entries = uow.history.by_items()
        next(entries)
    with pytest.raises(Unavailable):
        list(entries)
    with filled() as uow:
        (entry,) = uow.history.append([a_draft(None)], NOW)
        uow.commit()
    assert entry.index == MANY
