"""What the tree costs where the history has a million entries: at each append, and for a proof."""

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from engine.model.entry import Entry
from engine.rules.proofs import completed, consistency_proof, inclusion_proof
from engine.rules.tree import edge_with, joined
from storage.dialects import open_database
from storage.history import ADD, LOCK, MOVE_HEAD, SqlHistory
from storage.rows import micros, row_of_entry
from storage.unit_of_work import SqlUnitOfWork
from tests.bench.moves import BATCH, Figure, singly
from tests.bench.stage import Stage

MILLION = 1_000_000
PROOFS = 200
PROOF_LIMIT = 0.050
ENTRY = """
INSERT INTO entry (position, at, kind, what, flags, item_version, actor, previous, commitment, leaf, payload, salt)
VALUES (?, ?, 3, 'remark', 0, 0, ?, ?, ?, ?, ?, ?)
"""
PAYLOAD = b'{"type":"remark","text":"' + b"x" * 600 + b'"}'


def figures(folder: Path, rounds: int) -> Iterator[Figure]:
    """The share of a move that hashing and the tree take, and the slowest of many proofs over its limit."""
    stage = Stage(open_database(f"sqlite:///{folder / 'million.db'}"))
    stage.fill(10 * BATCH)
    with closing(stage.database.engine.raw_connection()) as connection:
        grow(connection.driver_connection, MILLION)
    yield "append-1e6-overhead", _overhead(stage, rounds)
    yield "proof-1e6-of-50ms", _slowest_proof(stage) / PROOF_LIMIT
    stage.database.close()


def grow(connection: Any, size: int) -> None:
    """Append remarks to the log until it has `size` entries."""
    count, at, edge = connection.execute("SELECT size, at, frontier FROM log_head").fetchone()
    frontier = tuple(edge[start : start + 32] for start in range(0, len(edge), 32))
    hashes: list[tuple[int, int, bytes]] = []

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal frontier
        for index in range(count, size):
            leaf = sha256(f"{index}".encode()).digest()
            made = joined(frontier, index, leaf)
            frontier = edge_with(frontier, made)
            hashes.extend(completed(made, index))
            yield index, at, "0" * 32, bytes(32), leaf, leaf, PAYLOAD, leaf

    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(ENTRY, rows())
    connection.executemany("INSERT INTO tree_hash VALUES (?, ?, ?)", hashes)
    connection.execute("UPDATE log_head SET size = ?, frontier = ?", (size, b"".join(frontier)))
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


class _Plain(SqlHistory):
    """Numbers and stores entries as the log does, and hashes nothing."""

    def append(self, drafts: Any, now: datetime) -> list[Entry]:
        head = self._head(LOCK)
        entries = [
            Entry(
                index=index,
                at=max(now, head.at),
                kind=draft.kind,
                what=draft.what,
                flags=draft.flags,
                item=draft.item,
                item_version=draft.item_version,
                actor=draft.actor,
                previous=bytes(32),
                commitment=bytes(32),
                leaf=bytes(32),
                payload=draft.payload,
                salt=draft.salt,
            )
            for index, draft in enumerate(drafts, head.size)
        ]
        self._session.many(ADD, [row_of_entry(new) for new in entries])
        size = head.size + len(entries)
        edge = bytes(32 * size.bit_count())
        self._session.run(MOVE_HEAD, size=size, at=micros(entries[-1].at), frontier=edge)
        return entries


class _PlainUnit(SqlUnitOfWork):
    def _open(self, session: Any) -> None:
        super()._open(session)
        self.history = _Plain(session)


def _overhead(stage: Stage, rounds: int) -> float:
    """Of the time of a move, what it takes longer than one whose entry is stored without a single hash."""
    shares = []
    for _ in range(2 * rounds + 1):
        hashed, plain = _timed(stage, SqlUnitOfWork), _timed(stage, _PlainUnit)
        shares.append((hashed - plain) / hashed)
    return median(shares[1:])


def _timed(stage: Stage, unit: type[SqlUnitOfWork]) -> float:
    stage.unit = unit
    run = singly(stage)
    start = perf_counter()
    run()
    took = perf_counter() - start
    stage.unit = SqlUnitOfWork
    return took


def _slowest_proof(stage: Stage) -> float:
    dice, slowest = random.Random(2020), 0.0
    for _ in range(PROOFS):
        index = dice.randrange(MILLION)
        with stage.begin() as uow:
            start = perf_counter()
            inclusion_proof(index, MILLION, uow.history.hashes)
            middle = perf_counter()
            consistency_proof(index + 1, MILLION, uow.history.hashes)
            slowest = max(slowest, middle - start, perf_counter() - middle)
    return slowest
