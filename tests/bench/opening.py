"""Opening items by batch: what a batch takes with a hundred thousand items there already, over the first ones."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from storage.dialects import open_database
from tests.bench.moves import Figure
from tests.bench.stage import CHUNK, Stage

SIZE = 100_000
WINDOW = 30
"""So many batches of a hundred stand behind each median."""


def figures(folder: Path) -> Iterator[Figure]:
    """The last batches before a hundred thousand items over the first ones."""
    stage = Stage(open_database(f"sqlite:///{folder / 'opening.db'}"))
    stage.fill(CHUNK)
    seconds = [_batch(stage) for _ in range(SIZE // CHUNK)]
    yield "open-batch-1e5-vs-1e3", median(seconds[-WINDOW:]) / median(seconds[:WINDOW])
    stage.database.close()


def _batch(stage: Stage) -> float:
    begun = perf_counter()
    stage.opened(CHUNK)
    return perf_counter() - begun
