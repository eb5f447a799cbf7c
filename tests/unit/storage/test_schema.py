"""The schema the migrations build is the schema the code speaks of."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DatabaseError

from storage.dialects import has_reset_bug, open_database
from storage.log_tables import entry, log_head
from storage.schema import is_current, upgrade
from storage.tables import metadata


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'duban.db'}")
    yield opened
    opened.close()


def test_migrations_build_the_tables(database):
    upgrade(database)

    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.execute(select(log_head.c.size)).scalar_one() == 0


def test_a_new_database_is_not_current_until_upgraded(database):
    assert not is_current(database)

    upgrade(database)
    upgrade(database)

    assert is_current(database)


@pytest.mark.parametrize("change", [{"what": "other"}, {"payload": b"x"}, {"leaf": b"2" * 32}])
def test_entries_are_not_changed(database, change):
    with _with_entry(database) as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(update(entry).values(**change))


def test_entries_are_not_deleted(database):
    with _with_entry(database) as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(entry.delete())


def test_payload_and_salt_are_not_erased_without_an_entry_that_tells_of_it(database):
    with _with_entry(database) as connection, pytest.raises(DatabaseError, match="append-only"):
        connection.execute(update(entry).values(payload=None, salt=None))


@pytest.mark.parametrize(
    ("version", "is_broken"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), True),
        ((3, 44, 5), True),
        ((3, 44, 6), False),
        ((3, 50, 6), True),
        ((3, 50, 7), False),
        ((3, 51, 2), True),
        ((3, 51, 3), False),
        ((3, 53, 0), False),
    ],
)
def test_the_wal_gate(version, is_broken):
    assert has_reset_bug(version) is is_broken


def _with_entry(database):
    upgrade(database)
    connection = database.engine.connect()
    connection.execute(
        insert(entry).values(
            position=0,
            at=1,
            kind=1,
            what="open",
            flags=0,
            item_version=1,
            actor="0" * 32,
            previous=bytes(32),
            commitment=b"1" * 32,
            leaf=b"1" * 32,
            payload=b"{}",
            salt=bytes(32),
        )
    )
    return connection


@pytest.mark.parametrize(("is_broken", "journal"), [(True, "delete"), (False, "wal")])
def test_a_faulty_library_gets_no_wal(tmp_path, monkeypatch, is_broken, journal):
    monkeypatch.setattr("storage.dialects.has_reset_bug", lambda version: is_broken)
    opened = open_database(f"sqlite:///{tmp_path / 'duban.db'}")

    with opened.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == journal
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1
    assert bool(opened.journal_note) is is_broken
    opened.close()
