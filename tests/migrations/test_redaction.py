"""A filled history keeps every entry under the new lock, also what was erased before there was one (0014)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.schema import upgrade
from tests.migrations.older import upgraded_to
from tests.migrations.test_filled import database

__all__ = ["database"]
INSERT = text(
    "INSERT INTO entry (position, at, kind, what, flags, item_version, actor, previous, commitment, leaf, payload,"
    " salt) VALUES (:n, :n, 1, 'open', 0, 1, :actor, :zero, :zero, :zero, :payload, :salt)"
)


def test_entries_stay_as_they_were_and_erasing_needs_an_entry(database):
    upgraded_to(database, "0013")
    shared = {"actor": "0" * 32, "zero": bytes(32)}
    with database.engine.connect() as connection:
        for n, payload in enumerate((b"{}", None)):
            connection.execute(INSERT, shared | {"n": n, "payload": payload, "salt": payload and bytes(32)})
        before = connection.execute(text("SELECT * FROM entry ORDER BY position")).all()
        connection.commit()

    upgrade(database)

    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM entry ORDER BY position")).all() == before
        assert connection.execute(text("SELECT * FROM redaction")).all() == []
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text("UPDATE entry SET payload = NULL, salt = NULL WHERE position = 0"))
