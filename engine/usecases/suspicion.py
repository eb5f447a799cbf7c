"""What to ask about (纸面整改 detector): a look through the entries of a time, scoped to what the asker may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.entry import EntryKind
from engine.model.ids import ItemId
from engine.model.inspection import USUAL, Measure, Question
from engine.ports import UnitOfWork
from engine.rules.past import payload_of
from engine.rules.suspicion import SELF_REVIEW, Attempted, Watch, act_of
from engine.usecases.inspecting import Inspector, Sight
from engine.usecases.inspection import definition_of
from engine.usecases.pasts import Pasts
from engine.usecases.queries import names_of

WATCHED = ("definition", "unit", "state", "stage", "entered_at", "evidence_count")
"""What is kept of each item on the way through the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which time is looked at, from when on something counts, and behind which question the page begins."""

    since: datetime | None = None
    until: datetime | None = None
    measure: Measure = USUAL
    after: str | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Findings:
    """A page of questions, out of so many; `numbers` names the item of each entry behind them."""

    questions: tuple[Question, ...]
    altogether: int
    numbers: Mapping[int, str]
    names: Mapping[str, str]


def list_questions(by: Inspector, asked: Asked) -> Findings:
    """What the history of a time gives reason to ask about."""
    about = {"since": _told(asked.since), "until": _told(asked.until), "after": asked.after}
    with by.look("findings", about) as uow:
        sight, watch = Sight(uow, by.asker), Watch(asked.measure)
        start = uow.history.index_at(asked.since) if asked.since else 0
        end = uow.history.index_at(asked.until) if asked.until else uow.history.head().size
        items = _watched(uow, sight, watch, (start, end))
        found = watch.questions()
        keys = [question.key for question in found]
        first = keys.index(asked.after) + 1 if asked.after in keys else 0
        page = found[first : first + asked.limit]
        behind = {index for question in page for index in question.entries}
        seen = {index: sight.item(items[index]) for index in behind if index in items}
        numbers = {index: item.number for index, item in seen.items() if item}
        names = names_of(uow, {question.person for question in page if question.person})
        return Findings(tuple(page), len(found), numbers, names)


def _watched(uow: UnitOfWork, sight: Sight, watch: Watch, span: tuple[int, int]) -> dict[int, ItemId]:
    """Show the watch every act of a span; returns the item of each."""
    pasts, items = Pasts(uow, WATCHED), dict[int, ItemId]()
    for entry in uow.history.scan(*span):
        if entry.what == SELF_REVIEW and entry.item is None:
            item = ItemId(f"{payload_of(entry).get('item')}")
            if sight.item(item):
                watch.attempted(Attempted(entry.index, entry.actor))
                items[entry.index] = item
        elif entry.kind is EntryKind.TRANSITION and entry.item and sight.item(entry.item):
            step = pasts.step(entry, payload_of(entry))
            definition = definition_of(uow, step.before if step.before.document else step.after)
            if definition is not None:
                watch.see(act_of(step, definition))
                items[entry.index] = entry.item
    return items


def _told(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
