"""A database that was filled before its history had stored hashes can prove everything afterwards (0006)."""

import sqlite3
from hashlib import sha256

import pytest

from engine.model.entry import TreeHead
from engine.rules.proofs import consistency_proof, inclusion_proof
from engine.rules.tree import append_leaf, is_extended, is_included, root_of
from storage import schema
from storage.dialects import open_database
from storage.schema import upgrade
from storage.unit_of_work import SqlUnitOfWork
from tests.migrations.older import upgraded_to

COUNT = 66_000
INSERT = """
INSERT INTO entry (position, at, kind, what, flags, item_version, actor, previous, commitment, leaf, payload, salt)
VALUES (?, ?, 3, 'remark', 0, 0, ?, ?, ?, ?, ?, ?)
"""


@pytest.fixture
def filled(tmp_path):
    path = tmp_path / "old.db"
    opened = open_database(f"sqlite:///{path}")
    upgraded_to(opened, "0005")
    opened.close()
    leaves = [sha256(f"{number}".encode()).digest() for number in range(COUNT)]
    frontier = ()
    for size, leaf in enumerate(leaves):
        frontier = append_leaf(frontier, size, leaf)
    with sqlite3.connect(path) as connection:
        rows = (
            (n, n, "0" * 32, bytes(32), bytes(32), leaf, b"{}", bytes(32)) for n, leaf in enumerate(leaves)
        )
        connection.executemany(INSERT, rows)
        connection.execute("UPDATE log_head SET size = ?, frontier = ?", (COUNT, b"".join(frontier)))
    connection.close()
    yield opened, leaves, TreeHead(COUNT, root_of(frontier))
    opened.close()


def test_the_hashes_of_an_existing_log_are_filled_in(filled):
    opened, leaves, head = filled

    upgrade(opened)

    assert schema.is_current(opened)
    with SqlUnitOfWork(opened, None, None, None, write=False) as uow:
        assert TreeHead(uow.history.head().size, root_of(uow.history.head().frontier)) == head
        for index in (0, 255, 256, 65_535, 65_536, COUNT - 1):
            assert is_included(leaves[index], index, inclusion_proof(index, COUNT, uow.history.hashes), head)
        old = TreeHead(1, leaves[0])
        assert is_extended(old, head, consistency_proof(1, COUNT, uow.history.hashes))
