"""Fifty people click at once while a worker sweeps: nobody meets an error, and nothing that was acknowledged is lost.

Small in the suite; `make storm N=40 ARGS="-k clicking"` lets fifty people click forty times each, on both databases.
"""

import json
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import sleep
from typing import Any

import pytest
import uvicorn

from engine.model.account import Account, Session, SessionLimits
from engine.model.actor import Grant, Person, Post, Role
from engine.model.campaign import Roster
from engine.model.entry import EntryKind
from engine.rules.accounts import digest_of
from engine.usecases.sweep import sweep
from runtime.settings import Settings
from runtime.wiring import App, build
from tests.bench.stage import Stage
from tests.builders import BUREAU, UNIT
from tests.faults.checks import findings
from tests.faults.clicking import Clicker, Journal
from tests.web.browser import CHEAP
from web.app import create_app

FULL, SMALL = 50, 10
POSTS = ((Role.OFFICER, UNIT), (Role.UNIT_HEAD, UNIT), (Role.OFFICER, UNIT), (Role.OFFICE, BUREAU))
"""Of four who come in, two do the work, one leads the unit, one sits in the office."""
FOR_EVER = SessionLimits(idle=timedelta(days=400), absolute=timedelta(days=400))
STEP = timedelta(hours=5)


@dataclass
class Hands:
    """A clock that the worker moves on."""

    now: datetime


@contextmanager
def served(app: App) -> Iterator[str]:
    """The pages of an installation on a real socket."""
    made = create_app(app, CHEAP, limits=FOR_EVER)
    server = uvicorn.Server(uvicorn.Config(made, log_level="warning"))
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def settle(app: App, count: int, now: datetime) -> list[tuple[str, str, Role]]:
    """Give so many people posts, accounts and open sessions; returns the id, token and role of each."""
    people = []
    with app.writing() as uow:
        for number in range(count):
            role, unit = POSTS[number % len(POSTS)]
            person, token = f"{2000 + number:032x}", f"{number:064x}"
            post = Post(code=f"crowd{number}", unit=unit, scope=unit, title="样例", roles=frozenset({role}))
            known = Person(id=person, login=f"crowd{number}", name=f"示例{number}", is_sample=True)
            held = Grant(person=person, post=post.code, from_on=date(2020, 1, 1), until_on=None)
            uow.people.add(Roster(units=(), posts=(post,), persons=(known,), grants=(held,)))
            uow.accounts.add(Account(person=person, password_hash="-", must_change=False, changed_at=now))
            uow.accounts.open_session(
                Session(digest=digest_of(token), person=person, opened_at=now, seen_at=now, is_complete=True)
            )
            people.append((person, token, role))
        uow.commit()
    return people


def keep_sweeping(app: App, hands: Hands, over: threading.Event, failures: list[str]) -> None:
    """The worker: time goes on, and whatever came due fires."""
    while not over.is_set():
        hands.now += STEP
        list(sweep(app.writing, hands.now, tell=lambda item, error: failures.append(f"{item}: {error!r}")))
        sleep(0.05)


def payloads(stage: Stage, behind: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The item and the content of each move that people made behind a place in the log."""
    with stage.begin() as uow:
        for entry in uow.history.scan(behind):
            payload = json.loads(entry.payload or b"{}")
            if entry.kind is EntryKind.TRANSITION and not (payload.get("actor") or {}).get("system"):
                yield entry.item or "", payload


@dataclass
class Rush:
    """Everybody at once, the worker among them."""

    app: App
    hands: Hands
    numbers: dict[str, str]
    people: list[tuple[str, str, Role]]
    journal: Journal = field(default_factory=Journal)
    failures: list[str] = field(default_factory=list)

    def go(self, clicks: int, seed: int) -> None:
        """Let everybody click so many times while the worker sweeps."""
        over = threading.Event()
        worker = threading.Thread(
            target=keep_sweeping, args=(self.app, self.hands, over, self.failures), name="worker"
        )
        with served(self.app) as address:
            given = [(address, clicks, seed, number) for number in range(len(self.people))]
            crowd = [threading.Thread(target=self._sit, args=each) for each in given]
            for each in (worker, *crowd):
                each.start()
            for each in crowd:
                each.join()
            over.set()
            worker.join()

    def _sit(self, address: str, clicks: int, seed: int, number: int) -> None:
        person, token, _ = self.people[number]
        officers = [each for each, _, role in self.people if role is Role.OFFICER]
        dice = random.Random(seed * 1000 + number)
        with Clicker(address, token, person, self.journal) as clicker:
            for _ in range(clicks):
                clicker.click(dice, sorted(self.numbers.values()), officers)


@pytest.mark.storm
@pytest.mark.timeout(1800)
def test_people_click_at_once_while_the_worker_sweeps(
    url: str, stage: Stage, tmp_path: Path, rounds: int | None
):
    hands, seed = Hands(stage.now), 50
    places = {"file": None, "evidence": tmp_path / "evidence", "outbox": tmp_path / "outbox"}
    app = build(Settings(database=url, **places), clock=lambda: hands.now)
    with app.reading() as uow:
        behind = uow.history.head().size
        numbers = {item.id: item.number for item in uow.items.get(stage.items).values()}
    rush = Rush(app, hands, numbers, settle(app, FULL if rounds else SMALL, stage.now))

    rush.go(rounds or 2, seed)

    app.close()
    journal, made = rush.journal, list(payloads(stage, behind))
    assert (journal.wrong, rush.failures) == ([], [])
    assert len(made) == len(journal.moves)
    told = [(numbers[item], json.dumps(payload, ensure_ascii=False)) for item, payload in made]
    for number, words in journal.moves.values():
        assert any(number == other and words in text for other, text in told), (number, words)
    assert findings(stage) == []
    print(
        f"seed {seed}: {len(rush.people)} people, {journal.requests} requests, {len(journal.moves)} moves, "
        f"{journal.conflicts} conflicts, {journal.refused} refused"
    )
