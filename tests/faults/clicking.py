"""People who click on pages over a real socket: what they look at, what they send, often twice, what they were told."""

import random
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tests.web.browser import Form, Page

LOOKS = (
    "/",
    "/todo",
    "/items?kind=item",
    "/items?sort=due",
    "/review",
    "/board",
    "/inbox",
    "/done",
    "/orders",
)
MOVES = re.compile(r'href="(/items/[^"/]+/do/(\w+))"')
KNOWN = {"sign_for", "assign", "progress", "suspend", "resume"}
SHARE_OF_LOOKS = 0.45
SHARE_OF_DOUBLES = 0.4


@dataclass
class Journal:
    """What everybody was told: moves that were acknowledged with what was written, and whatever should not be."""

    moves: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(person, key) → (number, the words of the report)."""
    conflicts: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    requests: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Clicker:
    """One person's browser without scripts, and the dice that move its hand."""

    def __init__(self, address: str, token: str, who: str, journal: Journal) -> None:
        self._client = httpx2.Client(base_url=address, cookies={"duban": token}, timeout=120)
        self._same = {"origin": address, "sec-fetch-site": "same-origin"}
        self.who = who
        self.journal = journal

    def __enter__(self) -> "Clicker":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def click(self, dice: random.Random, numbers: list[str], officers: list[str]) -> None:
        """Look at something, or make a move that is open on some item."""
        if dice.random() < SHARE_OF_LOOKS:
            self._get(dice.choice(LOOKS))
            return
        page = self._get(f"/items/{dice.choice(numbers)}")
        open_moves = (
            [(path, verb) for path, verb in MOVES.findall(page.text) if verb in KNOWN] if page else []
        )
        if open_moves:
            self._move(dice, *dice.choice(sorted(set(open_moves))), officers)

    def _move(self, dice: random.Random, path: str, verb: str, officers: list[str]) -> None:
        page = self._get(path)
        form = next((each for each in page.forms() if each.action == path), None) if page else None
        if form is None:
            return
        words = f"第 {dice.getrandbits(60)} 号"
        typed = {"reason": words}
        if verb == "progress":
            typed = {"field.progress": words, "field.progress_percent": "10"}
        if verb == "assign":
            typed |= {"assignee": dice.choice(officers)}
        if dice.random() < SHARE_OF_DOUBLES:
            twin = threading.Thread(target=self._send, args=(form, typed, words))
            twin.start()
            self._send(form, typed, words)
            twin.join()
        else:
            self._send(form, typed, words)

    def _send(self, form: Form, typed: dict[str, str], words: str) -> None:
        try:
            answer = self._client.post(
                form.action, data={**form.fields, **typed}, headers=self._same, follow_redirects=False
            )
        except Exception as error:  # noqa: BLE001 - whatever reaches the person is the finding
            self._wrong(f"{form.action}: {error!r}")
            return
        number = form.action.split("/")[2]
        with self.journal.lock:
            self.journal.requests += 1
            if answer.status_code == 303 and "?done=" in answer.headers["location"]:
                self.journal.moves[self.who, form.fields["key"]] = (number, words)
            elif answer.status_code == 409:
                self.journal.conflicts += 1
            elif answer.status_code in (404, 422):
                self.journal.refused += 1
            else:
                self.journal.wrong.append(f"{form.action}: {answer.status_code} {answer.text[:300]}")

    def _get(self, path: str) -> Page | None:
        try:
            answer: Any = self._client.get(path, follow_redirects=False)
        except Exception as error:  # noqa: BLE001 - whatever reaches the person is the finding
            self._wrong(f"{path}: {error!r}")
            return None
        with self.journal.lock:
            self.journal.requests += 1
        page = Page(answer.status_code, answer.text, answer.headers, path)
        if page.status == 404 and "/do/" in path:
            return None  # somebody else has moved the item since the link was drawn
        if page.status != 200:
            self._wrong(f"{path}: {page.status} {page.words[:300]}")
            return None
        return page

    def _wrong(self, what: str) -> None:
        with self.journal.lock:
            self.journal.wrong.append(what)
