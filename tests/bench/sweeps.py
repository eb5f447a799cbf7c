"""A sweep of a thousand due limits among many, against the bare driver writing the same rows, and a job store."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from threading import Semaphore
from time import perf_counter
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from engine.usecases.sweep import CHUNK, sweep
from storage.rows import micros
from tests.bench.crowd import DUE, Crowd, crowd
from tests.bench.moves import bare, write
from tests.bench.rows import Write, appended, insertion, read, update

SIZES = (1_000, 10_000, 100_000, 1_000_000)
JOBS = 10_000
ROUNDS = 5
Figure = tuple[str, float]


def figures(folder: Path) -> Iterator[Figure]:
    """Seconds of the sweep over those of the driver at each size, and those of the job store over the sweep's."""
    for size in SIZES:
        ours, ratio = _against_floor(folder, size)
        yield f"sweep-1e{len(str(size)) - 1}-vs-floor", ratio
        if size == JOBS:
            yield "sweep-vs-apscheduler", _job_store(folder / "jobs.db") / ours


def _against_floor(folder: Path, size: int) -> tuple[float, float]:
    """Median seconds of a sweep, and how many times those of the driver that is."""
    own, floor = [], []
    with crowd(folder, size, ROUNDS) as made, closing(bare(made.twin())) as driver:
        for number in range(ROUNDS):
            mine, writes = _swept(made, number)
            own.append(mine)
            floor.append(_timed(driver, writes, micros(made.due_in(number))))
    return median(own[1:]), median(own[1:]) / median(floor[1:])


def _swept(made: Crowd, number: int) -> tuple[float, list[list[Write]]]:
    with closing(made.stage.database.engine.raw_connection()) as connection:
        head = read(connection.cursor(), "SELECT size, frontier FROM log_head")[0]
    begun = perf_counter()
    fired = sum(1 for _ in sweep(made.stage.begin, made.due_in(number)))
    seconds = perf_counter() - begun
    assert fired >= DUE
    with closing(made.stage.database.engine.raw_connection()) as connection:
        return seconds, _writes(connection.cursor(), head["size"], bytes(head["frontier"]))


def _writes(cursor: Any, size: int, frontier: bytes) -> list[list[Write]]:
    """For each fired limit since the log had `size` entries, its statements."""
    entries = read(cursor, f"SELECT * FROM entry WHERE position >= {size} ORDER BY position")
    at = entries[0]["at"]
    firings = _grouped(read(cursor, f"SELECT * FROM firing WHERE fired_at = {at}"))
    notices = _grouped(read(cursor, f"SELECT * FROM notice WHERE written_at = {at}"))
    places = ", ".join(f"'{item}'" for item in firings)
    limits = _grouped(read(cursor, f"SELECT * FROM deadline WHERE item IN ({places}) AND outcome IS NULL"))
    return [
        [
            *[insertion("firing", row, ":{}") for row in firings[entry["item"]]],
            *log,
            update("item", {"id": entry["item"], "head": entry["leaf"]}, ("id",), ":{}"),
            *[update("deadline", _moved(row), _KEY, ":{}") for row in limits[entry["item"]]],
            *[insertion("notice", row, ":{}") for row in notices[entry["item"]]],
        ]
        for entry, log in zip(entries, appended(entries, frontier, ":{}"), strict=True)
    ]


_KEY = ("item", "clock", "revision")


def _moved(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in (*_KEY, "next_rung", "next_at")}


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["item"], []).append(row)
    return found


def _timed(driver: Any, writes: Sequence[Sequence[Write]], now: int) -> float:
    """Seconds in which the driver finds what is due, as many at a time as a sweep does, and writes the same rows."""
    begun = perf_counter()
    for start in range(0, len(writes), CHUNK):
        driver.execute(_DUE, (now, CHUNK)).fetchall()
        write(driver, writes[start : start + CHUNK], CHUNK)
    return perf_counter() - begun


_DUE = """
SELECT item, clock, revision, next_rung FROM deadline
WHERE outcome IS NULL AND next_at <= ? ORDER BY next_at LIMIT ?
"""


_fired = Semaphore(0)


def _fire() -> None:
    _fired.release()


def _job_store(path: Path) -> float:
    """Seconds in which APScheduler fires a thousand due jobs out of ten thousand in a job store of its own."""
    store = SQLAlchemyJobStore(f"sqlite:///{path}")
    scheduler = BackgroundScheduler(
        jobstores={"default": store}, timezone="UTC", job_defaults={"misfire_grace_time": None}
    )
    scheduler.start(paused=True)
    now = datetime.now(UTC)
    for number in range(JOBS):
        at = now if number % (JOBS // DUE) == 0 else now + timedelta(days=1, seconds=number)
        scheduler.add_job(_fire, "date", run_date=at)
    begun = perf_counter()
    scheduler.resume()
    for _ in range(DUE):
        _fired.acquire()
    seconds = perf_counter() - begun
    scheduler.shutdown()
    return seconds
