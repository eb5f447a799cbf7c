"""The log as auditors read it: newest first, narrowed, before and after beside each other; and an item as it once was.

What they read is entered as well (reliability: an auditor's reads are entries too).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.entry import Entry, EntryKind
from engine.model.ids import PersonId
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.past import Change, changes_in, payload_of
from engine.usecases.again import again
from engine.usecases.beside import beside_items
from engine.usecases.checkpoints import require
from engine.usecases.queries import HistoryLine, item_history

READERS = (Role.AUDITOR, Role.SECURITY_OFFICER, Role.SUPERVISOR)
"""Who reads the whole log."""
READ = "read_log"
LOOKED_AT = 4_000
"""So many entries are looked at for one page; the next page goes on from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """What the log is narrowed to. `before` is the index that the page begins below."""

    kind: EntryKind | None = None
    actor: PersonId | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry: who, on which item, what changed from what to what. `payload` is empty where it was erased."""

    entry: Entry
    who: str
    number: str
    payload: Mapping[str, Json]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Each name with what stood before and what stands after."""
        return changes_in(self.payload)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines, newest first, and the index that the next page begins below; None where the log begins."""

    lines: tuple[LogLine, ...]
    further: int | None


def read_log(uow: UnitOfWork, asker: Actor, wanted: LogFilter) -> LogPage:
    """A page of the log. Raises NotPermitted."""
    require(asker, READERS, "不能查阅全部历史")
    with uow:
        first = uow.history.head().size if wanted.before is None else wanted.before
        entries, further = _found(uow, wanted, first)
        names = uow.people.by_id(list({entry.actor for entry in entries}))
        items = uow.items.get(list({entry.item for entry in entries if entry.item}))
        lines = [
            LogLine(
                entry=entry,
                who=names[entry.actor].name if entry.actor in names else "系统",
                number=items[entry.item].number if entry.item in items else "",
                payload=payload_of(entry),
            )
            for entry in entries
        ]
        return LogPage(tuple(lines), further)


@again
def enter_reading(uow: UnitOfWork, now: datetime, asker: Actor, what: Mapping[str, Json]) -> None:
    """Enter that somebody read the log, and what was asked for. Raises NotPermitted."""
    require(asker, READERS, "不能查阅全部历史")
    with uow:
        uow.history.append([beside_items(uow, EntryKind.OPERATIONS, READ, asker, dict(what))], now)
        uow.commit()


@dataclass(frozen=True, slots=True)
class Past:
    """An item as it stood behind one of its entries: what the entries up to it add up to."""

    lines: tuple[HistoryLine, ...]
    at: int
    """How many entries count, from 1 on."""
    fields: Mapping[str, Json]
    previous: Mapping[str, Json]
    """The same one entry earlier."""


def item_in_the_past(uow: UnitOfWork, asker: Actor, number: str, at: int | None = None) -> Past:
    """An item behind its entry number `at`; behind the last where none is named. Raises NotFound."""
    lines = item_history(uow, asker, number)
    count = len(lines) if at is None else min(max(at, 1), len(lines))
    return Past(tuple(lines), count, _folded(lines[:count]), _folded(lines[: count - 1]))


def _folded(lines: list[HistoryLine]) -> dict[str, Json]:
    return {change.name: change.after for line in lines for change in changes_in(line.payload)}


def _found(uow: UnitOfWork, wanted: LogFilter, first: int) -> tuple[list[Entry], int | None]:
    found: list[Entry] = []
    left, before = LOOKED_AT, first
    while left > 0 and before > 0:
        page = uow.history.page(before, min(left, 500))
        for entry in page:
            before, left = entry.index, left - 1
            if wanted.since and entry.at < wanted.since:
                return found, None
            if _fits(entry, wanted):
                found.append(entry)
            if len(found) == wanted.limit:
                return found, before or None
    return found, before or None


def _fits(entry: Entry, wanted: LogFilter) -> bool:
    return all(_tests(entry, wanted))


def _tests(entry: Entry, wanted: LogFilter) -> Iterator[bool]:
    yield wanted.kind in (None, entry.kind)
    yield wanted.actor in (None, entry.actor)
    yield wanted.until is None or entry.at < wanted.until
    yield not wanted.text or wanted.text in entry.what or wanted.text.encode() in (entry.payload or b"")
