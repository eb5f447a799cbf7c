"""A crowd: a stage with any number of open items, made by copying one inside the database."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from storage.dialects import open_database, sqlite_module
from storage.rows import micros
from tests.bench.stage import Stage
from tests.builders import BUREAU, NOON, UNIT

DUE = 1_000
"""How many deadlines come due in each round."""
UNITS = 20
FAR = NOON + timedelta(days=900)
FIRST = NOON + timedelta(days=60)
"""The instant of the first round; the rounds lie an hour apart, so that no rung of one comes due in another."""
STEP = timedelta(hours=1)
_COUNT = "WITH RECURSIVE crowd(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM crowd WHERE n + 1 < :size)"


@dataclass(frozen=True, slots=True)
class Crowd:
    """A stage whose database holds `size` items more, each with one running deadline; `path` is its file."""

    stage: Stage
    path: Path
    size: int

    def due_in(self, round_: int) -> datetime:
        """The instant at which a round comes due: a thousand deadlines, scattered over the table."""
        return FIRST + round_ * STEP

    def twin(self) -> Path:
        """A second file with the same content, for the bare driver."""
        self.stage.database.close()
        other = self.path.with_suffix(".twin")
        shutil.copy(self.path, other)
        return other


@contextmanager
def crowd(folder: Path, size: int, rounds: int) -> Iterator[Crowd]:
    """A crowd of `size` open items, and a thousand among them for each of `rounds` rounds that come due in it."""
    size += DUE * rounds
    path = folder / f"crowd-{size}.db"
    stage = Stage(open_database(f"sqlite:///{path}"))
    stage.fill(1)
    stage.database.close()
    with closing(sqlite_module().connect(str(path), isolation_level=None)) as connection:
        _copy(connection, stage.items[0], size, rounds)
    yield Crowd(stage, path, size)
    stage.database.close()
    for left in folder.glob(f"{path.stem}.*"):
        left.unlink()


def _copy(connection: Any, model: str, size: int, rounds: int) -> None:
    """Copy the model and its limit `size` times. Nothing of it needs to last, so nothing is synced until the end."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    for number in range(1, UNITS):
        row = (f"unit_{number:02}", f"示例{number:02}队", BUREAU, number + 2)
        connection.execute("INSERT INTO unit VALUES (?, ?, ?, ?, 1)", row)
        connection.execute("INSERT INTO unit_closure VALUES (?, ?, 0)", (row[0], row[0]))
        connection.execute("INSERT INTO unit_closure VALUES (?, ?, 1)", (BUREAU, row[0]))
    connection.execute(_insert(connection, "item", _ITEM, "id = :model"), {"size": size, "model": model})
    given = {
        "size": size,
        "model": model,
        "every": max(1, size // (DUE * rounds)),
        "rounds": rounds,
        "most": DUE * rounds,
        "first": micros(FIRST),
        "step": STEP // timedelta(microseconds=1),
        "far": micros(FAR),
    }
    limits = "item = :model AND clock = 'rectify' AND outcome IS NULL"
    connection.execute(_insert(connection, "deadline", _DEADLINE, limits), given)
    ended = "outcome = 'met', ended_at = armed_at, next_rung = NULL, next_at = NULL"
    connection.execute(f"UPDATE deadline SET {ended} WHERE item = :model", {"model": model})
    place = "campaign, definition_id, unit, coalesce(owner, ''), stage"
    connection.execute("DELETE FROM tally")
    connection.execute(f"INSERT INTO tally SELECT {place}, count(*) FROM item GROUP BY {place}")
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


_ID = "printf('%032x', 268435456 + n)"
_PICKED = "n % :every = 0 AND n / :every < :most"
_AT = f"CASE WHEN {_PICKED} THEN :first + :step * (n / :every % :rounds) ELSE :far + n * 1000000 END"
_ITEM = {
    "id": _ID,
    "number": "printf('ZG-2020-%07d', 1000000 + n)",
    "unit": f"CASE n % {UNITS} WHEN 0 THEN '{UNIT}' ELSE printf('unit_%02d', n % {UNITS}) END",
    "state": "CASE WHEN n % 1000 = 7 THEN 'assigned' WHEN n % 100 = 7 THEN 'in_review' ELSE 'rectifying' END",
    "stage": "CASE WHEN n % 1000 <> 7 AND n % 100 = 7 THEN 'reviewing' ELSE 'rectifying' END",
    "title": "printf('检查中发现的第%d个问题', n)",
}
_DEADLINE = {
    "item": _ID,
    "due_at": _AT,
    "original_due_at": _AT,
    "next_rung": f"CASE WHEN {_PICKED} THEN 'due' ELSE 'before_7' END",
    "next_at": _AT,
}


def _insert(connection: Any, table: str, changed: dict[str, str], where: str) -> str:
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(changed.get(name, f"model.{name}") for name in names)
    return f"{_COUNT} INSERT INTO {table} SELECT {values} FROM crowd, {table} AS model WHERE {where}"
