"""`python -m tests.bench [--rounds N]`: one line a figure, `bench NAME VALUE`; every value is a ratio of one run."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import history, lists, moves, opening, peers, sweeps, verifying, what_if


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="rounds behind each median")
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="duban-bench-") as folder:
        for name, value in _figures(Path(folder), asked.rounds):
            print(f"bench {name} {value:.2f}", flush=True)


def _figures(folder: Path, rounds: int) -> Iterator[tuple[str, float]]:
    yield from moves.figures(folder, rounds)
    yield from sweeps.figures(folder)
    yield from opening.figures(folder)
    yield from lists.figures(folder)
    yield from what_if.figures(folder)
    yield from peers.figures(folder)
    yield from history.figures(folder, rounds)
    yield from verifying.figures(folder)


if __name__ == "__main__":
    main()
