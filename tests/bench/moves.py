"""A durable move with everything on, against the bare driver writing the same rows."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from engine.usecases.items import move_item, move_items
from storage.dialects import sqlite_module
from tests.bench.rows import Write, before, written
from tests.bench.stage import Stage, postgres_pair, sqlite_pair
from tests.contract.postgres import binaries, server

BATCH = 100
ITEMS = 10 * BATCH
SQLITE, POSTGRES = ":{}", "%({})s"
Figure = tuple[str, float]
Floor = Callable[[Sequence[Sequence[Write]]], None]


def figures(folder: Path, rounds: int) -> Iterator[Figure]:
    """Moves a second of the use cases over those of the driver, one by one and in batches."""
    with sqlite_pair(folder, ITEMS) as (stage, twin), closing(bare(twin)) as driver:
        yield (
            "move-single-vs-floor",
            _ratio(stage, rounds, singly, SQLITE, lambda moves: write(driver, moves, 1)),
        )
        yield (
            "move-batch100-vs-floor",
            _ratio(stage, rounds, together, SQLITE, lambda moves: write(driver, moves, BATCH)),
        )
    yield from _postgres_figures(rounds)


def _postgres_figures(rounds: int) -> Iterator[Figure]:
    """One client, one statement a round trip on both sides, on a server that syncs every commit."""
    folder = binaries()
    if folder is None:
        return
    with server(folder, fsync="on") as url, postgres_pair(url, ITEMS) as (stage, driver):
        yield (
            "pg-move-vs-pg-floor",
            _ratio(stage, rounds, singly, POSTGRES, lambda moves: write(driver, moves, 1)),
        )


def bare(path: Path) -> Any:
    """A connection of the bare driver to a file, as durable as ours."""
    connection = sqlite_module().connect(str(path), isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")  # the journal is the file's own: a copy keeps it
    return connection


def singly(stage: Stage) -> Callable[[], None]:
    """One transaction for each move."""
    attempts, now = stage.attempts(BATCH), stage.now

    def run() -> None:
        for attempt in attempts:
            move_item(stage.begin(), now, attempt)

    return run


def together(stage: Stage) -> Callable[[], None]:
    """One transaction for all moves."""
    attempts, now = stage.attempts(BATCH), stage.now

    def run() -> None:
        move_items(stage.begin(), now, attempts)

    return run


def write(connection: Any, moves: Sequence[Sequence[Write]], size: int) -> None:
    """Row by row on one cursor, a transaction for every `size` moves."""
    cursor = connection.cursor()
    for start in range(0, len(moves), size):
        cursor.execute("BEGIN" if hasattr(connection, "pgconn") else "BEGIN IMMEDIATE")
        for move in moves[start : start + size]:
            for text, row in move:
                cursor.execute(text, row)
        cursor.execute("COMMIT")


def _ratio(
    stage: Stage, rounds: int, ours: Callable[[Stage], Callable[[], None]], style: str, floor: Floor
) -> float:
    own, bare = [], []
    for _ in range(rounds + 1):
        mine, theirs = one_round(stage, ours(stage), floor, style)
        own.append(mine)
        bare.append(theirs)
    return median(bare[1:]) / median(own[1:])


def one_round(stage: Stage, ours: Callable[[], None], floor: Floor, style: str) -> tuple[float, float]:
    """Seconds of the use cases, and seconds of the driver for the rows they wrote."""
    with closing(stage.database.engine.raw_connection()) as connection:
        start = before(connection.cursor())
        connection.commit()
    mine = _timed(ours)
    with closing(stage.database.engine.raw_connection()) as connection:
        moves = written(connection.cursor(), start, style)
        connection.commit()
    return mine, _timed(lambda: floor(moves))


def _timed(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start
