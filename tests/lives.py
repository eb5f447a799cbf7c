"""Lives of items of every shipped kind, which together make every move; whoever acts is a post of the small bureau."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from engine.model.item import FieldValue, Item, NewItem
from engine.model.transition import Attempt, Evidence
from engine.usecases.items import open_items
from tests.bench.stage import LISTING
from tests.builders import NOON, UNIT
from tests.integration.house import House, definitions, person_in

Step = tuple[str, str, Mapping[str, Any]]
OWNER = {"assignee": person_in("officer")}
DEPUTY = {"assignee": person_in("legal"), "until_on": date(2020, 5, 20)}
PROOF = Evidence(sha256="ef" * 32, name="记录.jpg", size=5)
DONE = {"result": "已整改到位"}
LATER = {"due_on": date(2020, 5, 20)}

LIFE: tuple[Step, ...] = (
    ("submit", "officer", {}),
    ("withdraw", "officer", {}),
    ("submit", "officer", {}),
    ("return", "office", {}),
    ("submit", "officer", {}),
    ("list", "office", {"fields": LISTING}),
    ("assign", "head", OWNER),
    ("sign_for", "officer", {}),
    ("progress", "officer", {"fields": {"progress": "已培训"}}),
    ("attach", "officer", {"evidence": (PROOF,)}),
    ("delegate", "officer", {"assignee": person_in("legal"), "until_on": date(2020, 5, 20)}),
    ("suspend", "office", {}),
    ("resume", "office", {}),
    ("apply_extension", "head", {"due_on": date(2020, 7, 31)}),
    ("refuse_extension", "director", {}),
    ("apply_extension", "head", {"due_on": date(2020, 7, 31)}),
    ("grant_extension", "director", {}),
    ("self_check", "head", {"evidence": (replace(PROOF, sha256="cd" * 32),), "fields": DONE}),
    ("assign_reviewer", "office", {"assignee": person_in("leader")}),
    ("submit_review", "head", {}),
    ("return", "leader", {"target": "returned"}),
    ("take_up", "officer", {}),
    ("self_check", "head", {"fields": DONE}),
    ("submit_review", "head", {}),
    ("approve", "leader", {}),
    ("assess", "office", {}),
    ("close_out", "leader", {}),
    ("sustain", "office", {}),
    ("relapse", "office", {}),
)
ENDS: tuple[tuple[Step, ...], ...] = (
    (("submit", "officer", {}), ("split", "office", {"parts": ("前半", "后半")})),
    (("submit", "officer", {}), ("reject", "office", {})),
    (("submit", "officer", {}), ("list", "office", {"fields": LISTING}), ("transfer", "director", {})),
    (("void", "director", {}),),
)
"""Other ways for an item to end; merging needs a second item and is told apart."""

KEPT: tuple[Step, ...] = (
    ("submit", "officer", {}),
    ("list", "office", {"fields": LISTING}),
    ("hand_over", "office", {"unit": UNIT}),
    ("assign", "head", OWNER),
    ("apply_extension", "head", {"due_on": date(2020, 7, 31)}),
    ("refer_extension", "director", {}),
    ("grant_extension", "leader", {}),
    ("sign_for", "officer", {}),
    ("self_check", "head", {"evidence": (PROOF,), "fields": DONE}),
    ("submit_review", "head", {}),
    ("approve", "office", {}),
    ("assess", "office", {}),
    ("close_out", "director", {}),
    ("archive", "office", {}),
)
TASK: tuple[Step, ...] = (
    ("assign", "head", OWNER),
    ("sign_for", "officer", {}),
    ("progress", "officer", {"fields": {"progress": "已培训"}}),
    ("attach", "officer", {"evidence": (PROOF,)}),
    ("delegate", "officer", DEPUTY),
    ("submit", "officer", {"fields": DONE}),
    ("countersign", "head", {}),
    ("assign_reviewer", "office", {"assignee": person_in("leader")}),
    ("return", "leader", {}),
    ("submit", "officer", {"fields": DONE}),
    ("countersign", "head", {}),
    ("approve", "leader", {}),
    ("close_out", "director", {}),
)
PHASE: tuple[Step, ...] = (
    ("start", "head", {}),
    ("finish", "head", {"fields": {"summary": "已完成"}}),
    ("return", "director", {}),
    ("finish", "head", {}),
    ("accept", "director", {}),
)
REPORT: tuple[Step, ...] = (
    ("submit", "head", {"fields": {"content": "情况"}}),
    ("return", "office", {}),
    ("submit", "head", {"fields": {"content": "情况，已补充"}}),
    ("receive", "office", {}),
)
SPECIAL: tuple[Step, ...] = (
    ("supplement", "officer", {"fields": {"content": "续报"}}),
    ("receive", "office", {}),
    ("instruct", "leader", {"fields": {"instruction": "速办"}}),
    ("answer", "head", {"fields": {"answer": "已办"}}),
    ("return", "office", {}),
    ("answer", "head", {"fields": {"answer": "已办妥"}}),
    ("close_out", "office", {}),
)
ORDER: tuple[Step, ...] = (
    ("sign_for", "head", {}),
    ("apply_extension", "head", LATER),
    ("refuse_extension", "director", {}),
    ("apply_extension", "head", LATER),
    ("grant_extension", "director", {}),
    ("reply", "head", {"fields": {"answer": "已办"}}),
    ("return", "office", {}),
    ("reply", "head", {"fields": {"answer": "已办好"}}),
    ("return", "office", {}),  # the second time: the order rises by itself
    ("redden", "leader", {}),
    ("sign_for", "head", {}),
    ("reply", "head", {"fields": {"answer": "已办妥"}}),
    ("close_out", "office", {}),
)
TARDY: tuple[Step, ...] = (
    ("sign_for", "head", {"days": 9}),
    ("withdraw", "office", {}),
)
"""Nobody answered in time: the order rises by itself before it is signed for."""
MERGED: tuple[Step, ...] = (("submit", "officer", {}), ("merge", "office", {"other": None}))


@dataclass(frozen=True)
class Life:
    """An item, who opens it, and what becomes of it."""

    kind: str
    opener: str
    fields: Mapping[str, FieldValue]
    steps: tuple[Step, ...]

    def opened(self, house: House) -> Item:
        """A new item to live this life."""
        new = NewItem(
            definition=definitions()[self.kind].ref,
            campaign="sample",
            unit=UNIT,
            title=self.kind,
            fields=self.fields,
            assisting=(UNIT,) if self.kind == "task" else (),
        )
        return open_items(house.begin(), NOON, [new], house.actor(self.opener))[0]


FOUND = {"problem": "记录不全"}
ORDERED = {"level": "blue", "demand": "限期整改"}
LIVES = (
    *(Life("item", "officer", FOUND, steps) for steps in (LIFE, *ENDS, KEPT, MERGED)),
    Life("task", "office", {"due_on": "2020-06-30"}, TASK),
    Life("task", "office", {"due_on": "2020-06-30"}, (("void", "director", {}),)),
    Life("phase", "office", {"ends_on": "2020-06-30"}, PHASE),
    Life("report", "office", {"due_on": "2020-06-30"}, REPORT),
    Life(
        "report", "office", {"due_on": "2020-06-30"}, (("submit_nil", "head", {}), ("receive", "office", {}))
    ),
    Life("special_report", "officer", {"content": "情况"}, SPECIAL),
    Life("supervision_order", "office", ORDERED, ORDER),
    Life("supervision_order", "office", ORDERED, TARDY),
)


def moves_of(life: Life) -> Iterator[tuple[datetime, Step]]:
    """The steps of a life with their instants, a minute apart."""
    for minute, (verb, post, asked) in enumerate(life.steps, start=1):
        wanted = {"reason": "情况有变", **asked}
        now = NOON + timedelta(days=wanted.pop("days", 0), minutes=minute)
        yield now, (verb, post, wanted)


def attempt_of(house: House, item: Item, number: int, step: Step) -> Attempt:
    """A step as it is asked of the use case."""
    verb, post, wanted = step
    if "other" in wanted:
        wanted = {**wanted, "other": LIVES[0].opened(house).id}
    return Attempt(item=item.id, verb=verb, actor=house.actor(post), key=f"{item.number}/{number}", **wanted)


def undone(made: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The verbs of shipped definitions, each with its kind, that are not among those made."""
    declared = {(kind, move.verb) for kind, one in definitions().items() for move in one.moves}
    return declared - made
