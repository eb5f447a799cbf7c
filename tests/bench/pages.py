"""`python -m tests.bench.pages [--rounds N]`: p95 of pages at 100,000 and at 1,000,000 items and entries.

Beside each stands the bare framework, which serves the very bytes of the page and does nothing for them. Every value
is a ratio of one run; the milliseconds behind it go to stderr.
"""

import argparse
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

from engine.model.account import Account, Session
from engine.rules.accounts import digest_of
from storage.dialects import sqlite_module
from tests.bench.crowd import crowd
from tests.bench.loading import p95
from tests.bench.site import installed
from tests.builders import NOON
from tests.integration.house import person_in

SIZES = (100_000, 1_000_000)
TOKENS = {"office": "e" * 64, "officer": "f" * 64}
PAGES = {
    "workbench": ("officer", "/"),
    "todo": ("officer", "/todo"),
    "ledger": ("office", "/items?kind=item"),
    "ledger-own": ("officer", "/items?kind=item"),
    "ledger-by-due": ("office", "/items?kind=item&sort=due"),
    "ledger-unit": ("office", "/items?kind=item&unit=unit_07&stage=reviewing"),
    "item": ("office", "/items/{number}"),
    "review": ("office", "/review"),
    "board": ("office", "/board"),
}
COPY_ENTRIES = """
WITH RECURSIVE crowd(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM crowd WHERE n + 1 < :size)
INSERT INTO entry
SELECT :behind + n, at, kind, what, flags, printf('%032x', 268435456 + n), item_version, actor, previous, commitment,
  leaf, payload, salt FROM crowd, entry AS model WHERE model.position = :model
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of two seconds behind each figure")
    parser.add_argument("--small", action="store_true", help="a hundredth of the items: does it run at all")
    asked = parser.parse_args()
    sizes = tuple(size // 100 for size in SIZES) if asked.small else SIZES
    with TemporaryDirectory(prefix="duban-pages-") as folder:
        for name, value in figures(Path(folder), sizes, asked.rounds):
            print(f"bench {name} {value:.2f}", flush=True)


def figures(folder: Path, sizes: tuple[int, int], rounds: int) -> Iterator[tuple[str, float]]:
    """For each page: its p95 at the larger size over the smaller, and over the bare framework at the larger."""
    with crowd(folder, sizes[0], 1) as small, crowd(folder, sizes[1], 1) as large:
        numbers = []
        for made in (small, large):
            made.stage.database.close()
            _prepare(made.path, made.size)
            numbers.append(f"ZG-2020-{1_000_000 + made.size // 2:07}")
        bytes_of = folder / "bare"
        bytes_of.mkdir()
        with _serving(small.path) as first, _serving(large.path) as second:
            _keep_bytes(second, numbers[1], bytes_of)
            with _serving(bytes_of) as bare:
                for name, (login, path) in PAGES.items():
                    ports = (first, path.format(number=numbers[0])), (second, path.format(number=numbers[1]))
                    measured = _measured([*ports, (bare, f"/{name}")], login, rounds)
                    told = " ".join(f"{each / 1000:.1f}" for each in measured)
                    print(f"{name}: {told} ms (small, large, bare)", file=sys.stderr, flush=True)
                    yield f"page-{name}-1e6-vs-1e5", measured[1] / measured[0]
                    yield f"page-{name}-1e6-vs-bare", measured[1] / measured[2]


def _measured(places: list[tuple[int, str]], login: str, rounds: int) -> list[float]:
    """The best p95 of each place: they take turns, and what else the machine does only ever adds."""
    best = [float("inf")] * len(places)
    for _ in range(rounds):
        for place, (port, path) in enumerate(places):
            best[place] = min(best[place], p95(port, path, f"duban={TOKENS[login]}", 2))
    return best


def _prepare(path: Path, size: int) -> None:
    """An entry for each item, and two people who are signed in."""
    with closing(sqlite_module().connect(str(path), isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        (behind,) = connection.execute("SELECT max(position) + 1 FROM entry").fetchone()
        given = {"size": size, "behind": behind, "model": behind - 1}
        connection.execute(COPY_ENTRIES, given)
        connection.execute("ANALYZE")
    app = installed(path)
    with app.writing() as uow:
        for login, token in TOKENS.items():
            person = person_in(login)
            uow.accounts.add(Account(person=person, password_hash="-", must_change=False, changed_at=NOON))
            uow.accounts.open_session(
                Session(
                    digest=digest_of(token), person=person, opened_at=NOON, seen_at=NOON, is_complete=True
                )
            )
        uow.commit()
    app.close()


def _keep_bytes(port: int, number: str, folder: Path) -> None:
    for name, (login, path) in PAGES.items():
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", path.format(number=number), headers={"Cookie": f"duban={TOKENS[login]}"})
        answer = connection.getresponse()
        assert answer.status == 200, (path, answer.status, answer.getheader("location"))
        (folder / name).write_bytes(answer.read())


@contextmanager
def _serving(place: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen([sys.executable, "-m", "tests.bench.site", f"{port}", f"{place}"])
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody listens on {port}")


if __name__ == "__main__":
    main()
