"""Entries of rungs, levels and candidates that are sealed as they should be and yet say what was not so are named."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import system_actor
from engine.model.criticism import Mark, Verdict
from engine.model.deadline import Firing, Raise
from engine.model.entry import EntryKind
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.usecases.criticism import DecideCriticism, decide_criticism
from engine.usecases.doctor import examine_deeply
from engine.usecases.escalating import SUPERVISES
from engine.usecases.items import move_within, open_within
from engine.usecases.noting import Note, note
from engine.usecases.sweep import sweep
from tests.builders import NOON
from tests.integration.house import House, person_in
from tests.integration.test_ladders import DUE, do, rectifying, reported, returned
from tests.unit.usecases.test_doctor import tamper

LATER = DUE + timedelta(days=16)


@dataclass(frozen=True)
class Forger:
    """Writes into the store as if by right: sealed entries, rows, moves."""

    uow: UnitOfWork
    item: Item
    at: datetime = LATER

    def fire(self, *rungs: str, clock: str = "rectify", revision: int = 3, **more: Json) -> None:
        """A firing with its claim."""
        payload: dict[str, Json] = {
            "type": "firing", "clock": clock, "revision": revision, "rung": rungs[-1], "rungs": [*rungs],
            "due": "", "silent": [], "effects": [], **more,
        }  # fmt: skip
        silent = str(payload["silent"])
        self.enter(EntryKind.FIRING, rungs[-1], payload)
        self.uow.deadlines.claim(
            [
                Firing(
                    item=self.item.id, clock=clock, revision=revision, rung=rung,
                    spoken_by="" if rung in silent else rungs[-1], fired_at=self.at,
                )
                for rung in rungs
            ]
        )  # fmt: skip

    def level(self, name: str, returned_: int, **more: Json) -> None:
        """A level with its claim."""
        payload: dict[str, Json] = {
            "type": "level",
            "rung": name,
            "returned": returned_,
            "effects": [],
            **more,
        }
        self.enter(EntryKind.FIRING, name, payload)
        self.uow.levels.claim([Raise(item=self.item.id, level=name, raised_at=self.at)])

    def mark(self, cause: str) -> None:
        """A candidate with its row."""
        payload = {"type": "mark_criticism", "cause": cause, "label": "x"}
        self.enter(EntryKind.OPERATIONS, "mark_criticism", payload)
        self.uow.criticisms.mark([Mark(item=self.item.id, cause=cause, label="x", marked_at=self.at)])

    def judge(self, cause: str, person: str, reason: str = "理由") -> None:
        """A verdict with its row."""
        payload = {"type": "criticism_dropped", "causes": [cause], "reason": reason, "actor": {}}
        self.enter(EntryKind.OPERATIONS, "criticism_dropped", payload, person)
        marks = [mark for mark in self.uow.criticisms.of_item(self.item.id) if mark.cause == cause]
        self.uow.criticisms.decide(
            [replace(mark, verdict=Verdict.DROPPED, decided_at=self.at) for mark in marks]
        )

    def enter(self, kind: EntryKind, what: str, payload: dict[str, Json], person: str = "0" * 32) -> None:
        """An entry on the item."""
        said = Note(kind=kind, what=what, payload=payload, actor=person)  # type: ignore[arg-type]
        note(self.uow, self.at, self.item.id, said)

    def order(self) -> Item:
        """A supervision order in the name of the sweep."""
        new = self.uow.campaigns.get("sample").definitions["supervision_order"]
        fields = {"level": "blue", "demand": "x"}
        order = NewItem(
            definition=new, campaign="sample", unit=self.item.unit, title="x", fields=fields,
            parent=self.item.id, link=SUPERVISES,
        )  # fmt: skip
        return open_within(self.uow, self.at, [order], system_actor("sweep"))[0]

    def escalate(self) -> None:
        """An order that rises in the name of the sweep."""
        attempt = Attempt(item=self.order().id, verb="escalate", actor=system_actor("sweep"), key="forged")
        past_due = self.at + timedelta(days=5, hours=12)  # but not so late that it rises by its rung
        move_within(self.uow, past_due, [attempt])


COUNTS: Json = ["count_for_assessment"]
FORGED: dict[str, tuple[Callable[[Forger], object], set[str]]] = {
    "a rung of no ladder": (lambda f: f.fire("after_99"), {"I3"}),
    "a rung of a limit that has ended": (lambda f: f.fire("due", clock="sign_for", revision=1), {"I6"}),
    "a rung without the effects that it declares": (lambda f: f.fire("after_7"), {"I3"}),
    "a rung with effects that it does not declare": (lambda f: f.fire("after_1", effects=COUNTS), {"I3"}),
    "a rung that kept silent over work behind its time": (
        lambda f: f.fire("elapsed_75", silent=["elapsed_75"]),
        {"I6"},
    ),
    "a rung that spoke of work that kept pace": (lambda f: f.fire("elapsed_50"), {"I6"}),
    "a rung before its time": (lambda f: replace(f, at=NOON).fire("due"), {"I6"}),
    "a rung in the name of a person": (
        lambda f: f.enter(
            EntryKind.FIRING, "due",
            {"type": "firing", "clock": "rectify", "revision": 3, "rung": "due", "rungs": ["due"], "silent": []},
            person_in("officer"),
        ),
        {"I12"},
    ),
    "a rung whose highest did not speak": (lambda f: f.fire("after_1", "due", rung="after_1"), {"I4", "I6"}),
    "a level of no definition": (lambda f: f.level("returned_9", 9), {"I3", "I6"}),
    "a level before its return": (lambda f: f.level("returned_3", 3, effects=[]), {"I3", "I6"}),
    "a level a second time": (lambda f: f.level("returned_2", 2, effects=COUNTS), {"I6"}),
    "a candidate for no reason": (lambda f: f.mark("rectify/1/after_15"), {"I6"}),
    "a verdict on what was never marked": (lambda f: f.judge("rectify/9/x", person_in("director")), {"I6"}),
    "a verdict by somebody who may not": (lambda f: f.judge("rectify/1/due", person_in("officer")), {"I6", "I12"}),
    "a verdict without a reason": (lambda f: f.judge("rectify/1/due", person_in("director"), ""), {"I3"}),
    "an order that nothing called for": (Forger.order, {"I6"}),
    "an order that rises by itself": (Forger.escalate, {"I6"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bureau with an item that was returned twice, and of which 42 % are done."""
    folder = tmp_path_factory.mktemp("used")
    house = House(folder)
    item = returned(house, returned(house, rectifying(house)))
    reported(house, do(house, item, "take_up", "officer"), 42)
    house.database.close()
    return folder / "duban.db"


@pytest.fixture
def house(used: Path, tmp_path: Path) -> House:
    """The same bureau in a file of its own."""
    (tmp_path / "duban.db").write_bytes(used.read_bytes())
    house = House(tmp_path, None)
    house._entropy.count = 10_000
    return house


def the_item(house: House) -> Item:
    with house.begin() as uow:
        return next(item for item in uow.items.scan() if item.definition.id == "item")


def forged(house: House, forge: Callable[[Forger], object]) -> None:
    item = the_item(house)
    with house.begin() as uow:
        forge(Forger(uow, item))
        uow.commit()


def codes(house: House) -> set[str]:
    return {finding.code for finding in examine_deeply(house.begin())}


def test_what_was_done_as_it_should_be_is_sound(house: House) -> None:
    assert codes(house) == set()


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_is_named(house: House, what: str) -> None:
    forge, expected = FORGED[what]
    forged(house, forge)

    assert codes(house) >= expected


def test_each_forged_step_is_a_finding_of_its_own(house: House) -> None:
    forged(house, Forger.order)
    assert len(list(examine_deeply(house.begin()))) == 1
    forged(house, Forger.escalate)
    assert len(list(examine_deeply(house.begin()))) == 3


TAMPERED = {
    "a lost level": ("DELETE FROM level", {"I6"}),
    "an invented level": ("INSERT INTO level SELECT id, 'returned_3', 1 FROM item LIMIT 1", {"I6"}),
    "a silenced level": ("DELETE FROM notice WHERE kind = 'poor_quality'", {"I6"}),
    "a coalesced rung silenced": (
        "DELETE FROM notice WHERE kind = 'overdue' AND json_extract(facts, '$.rung') = '逾期1天'",
        {"I6"},
    ),
    "a silent rung made to speak": ("UPDATE firing SET spoken_by = rung WHERE spoken_by = ''", {"I6"}),
    "a lost candidate": ("DELETE FROM criticism", {"I2"}),
    "an invented candidate": (
        "INSERT INTO criticism SELECT item, 'x', 'x', 1, NULL, NULL FROM criticism",
        {"I2"},
    ),
    "a changed verdict": ("UPDATE criticism SET verdict = 'issued'", {"I2"}),
    "a verdict taken back": ("UPDATE criticism SET verdict = NULL, decided_at = NULL", {"I2"}),
}


@pytest.fixture(scope="module")
def decided(used: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same bureau a fortnight after the limit: a candidate was marked and dropped."""
    folder = tmp_path_factory.mktemp("decided")
    (folder / "duban.db").write_bytes(used.read_bytes())
    house = House(folder, None)
    house._entropy.count = 20_000
    list(sweep(house.begin, NOON + (DUE - NOON) * 0.6))
    list(sweep(house.begin, LATER))
    decide = DecideCriticism(
        number=the_item(house).number, verdict=Verdict.DROPPED, reason="理由", actor=house.actor("leader")
    )
    decide_criticism(house.begin(), LATER, decide)
    house.database.close()
    return folder / "duban.db"


@pytest.mark.parametrize("what", [None, *TAMPERED])
def test_what_was_tampered_with_is_named(decided: Path, tmp_path: Path, what: str | None) -> None:
    (tmp_path / "duban.db").write_bytes(decided.read_bytes())
    house = House(tmp_path, None)
    statement, expected = TAMPERED[what] if what else ("SELECT 1", set())
    tamper(house, lambda connection: connection.execute(statement))

    assert codes(house) == expected
