"""Changes the code in one place at a time and asks the tests whether they notice: `make mutants` (N=… drawn)."""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutants.making import Change, changes_of
from tests.mutants.scope import EQUIVALENT, MODULES, Tests
from tests.mutants.trial import PRELOADED, PROCESSES, outcome

ENOUGH = 85.0
"""Per cent of the mutants of each group."""
PATIENCE = 10
"""How many times as long as without a mutant the tests may take; what takes longer is noticed."""
LEAST_SECONDS = 10.0


def main() -> None:
    """Try the mutants asked for, print each survivor and a score, and fail below `ENOUGH`."""
    asked = _arguments()
    print(f"seed {asked.seed}", flush=True)
    PROCESSES.set_forkserver_preload([*PRELOADED])
    chosen = _drawn(_chosen(asked.modules), asked)
    limits = {
        path: _seconds(path, tests) for path, tests in _tests().items() if path in {c.path for c in chosen}
    }
    with ThreadPoolExecutor(asked.jobs) as pool:
        came = list(pool.map(lambda change: _tried(change, limits[change.path]), chosen))
    sys.exit(_judged(list(zip(chosen, came, strict=True))))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="a group or a part of a path; all if none"
    )
    parser.add_argument("--number", type=int, help="so many mutants, drawn by the seed; all if not given")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def _tests() -> dict[str, Tests]:
    return {path: tests for group in MODULES.values() for path, tests in group.items()}


def _chosen(words: list[str]) -> list[str]:
    paths = [(group, path) for group, paths in MODULES.items() for path in paths]
    found = [path for group, path in paths if not words or group in words or any(w in path for w in words)]
    return found or sys.exit(f"no module {' '.join(words)}")


def _drawn(paths: Iterable[str], asked: argparse.Namespace) -> list[Change]:
    """Mixed by the seed, so that a run that was stopped has seen something of everything."""
    made = [change for path in paths for change in changes_of(path)]
    return random.Random(asked.seed).sample(made, min(asked.number or len(made), len(made)))


def _seconds(path: str, tests: Tests) -> float:
    began = time.monotonic()
    if outcome(path, Path(path).read_text(encoding="utf-8"), tests, 600) != "survived":
        sys.exit(f"{path}: its tests fail without a mutant: {' '.join(tests)}")
    return max(LEAST_SECONDS, PATIENCE * (time.monotonic() - began))


def _tried(change: Change, seconds: float) -> str:
    mutant = change.mutant()
    came = outcome(mutant.path, mutant.code, _tests()[mutant.path], seconds)
    if mutant.name in EQUIVALENT:
        came = "equivalent" if came == "survived" else "not equivalent"
    if came in ("survived", "not equivalent"):
        what = mutant.name.removeprefix(mutant.path).removeprefix(":").strip()
        print(f"{came} {mutant.path}:{mutant.line} {what}", flush=True)
    return came


def _judged(trials: list[tuple[Change, str]]) -> int:
    """Print a line for each file and group; 1 where something is wrong, else 0."""
    scores = [
        _line(group, Counter(came for change, came in trials if change.path in paths))
        for group, paths in MODULES.items()
        if _lines(paths, lambda path: Counter(came for change, came in trials if change.path == path))
    ]
    total = Counter(came for _, came in trials)
    _line("total", total)
    return int(min(scores) < ENOUGH or total["not equivalent"] > 0)


def _lines(paths: Iterable[str], count: Callable[[str], Counter[str]]) -> int:
    counts = {path: counted for path in paths if (counted := count(path))}
    for path, counted in counts.items():
        _line(path, counted)
    return len(counts)


def _line(what: str, came: Counter[str]) -> float:
    """The score: of those that are not equivalent the part that was noticed, in per cent."""
    noticed = came["killed"] + came["timeout"] + came["not equivalent"]
    score = 100 * noticed / (noticed + came["survived"] or 1)
    print(
        f"{what:30} {score:5.1f} %  {came.total():4} mutants, {noticed} killed ({came['timeout']} by time), "
        f"{came['survived']} survived, {came['equivalent']} equivalent"
    )
    return score


if __name__ == "__main__":
    main()
