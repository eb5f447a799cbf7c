"""What an inspection asks of the history, and what it comes upon."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.entry import Entry, EntryFlag, EntryKind
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Entries of the log, newest first, below `before` and not below `first`; None does not narrow."""

    first: int
    before: int
    item: ItemId | None = None
    actor: PersonId | None = None
    what: str | None = None
    flags: EntryFlag = EntryFlag.NONE
    """Only entries that bear one of these marks, where any is given."""
    limit: int = 50

    def holds(self, entry: Entry) -> bool:
        """Whether an entry lies in the stretch."""
        return (
            self.first <= entry.index < self.before
            and self.item in (None, entry.item)
            and self.actor in (None, entry.actor)
            and self.what in (None, entry.what)
            and (not self.flags or bool(self.flags & entry.flags))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """What a list of entries is narrowed to; None does not narrow. Newest first, `before` an index."""

    number: str | None = None
    unit: UnitCode | None = None
    """Only items that are now in this unit or one below it."""
    actor: PersonId | None = None
    standing: str | None = None
    """Only acts as this role or party."""
    principal: PersonId | None = None
    """Only acts for this person."""
    kind: EntryKind | None = None
    what: str | None = None
    """The verb or event."""
    text: str = ""
    """What the entry holds somewhere, letter for letter."""
    since: datetime | None = None
    until: datetime | None = None
    """The first instant that is not asked for any more."""
    rules: DefinitionRef | None = None
    """Only acts under this version of a definition, and its publication."""
    flags: EntryFlag = EntryFlag.NONE
    before: int | None = None
    limit: int = 50


class ExportForm(StrEnum):
    """In which form the history leaves for other programs."""

    OCEL = "ocel"
    """OCEL 2.0 as JSON: events with the objects that they touch, for process mining."""
    XES = "xes"
    """XES (IEEE 1849): one trace for each item, for process mining."""
    CSV = "csv"
    """A table, UTF-8 with a byte order mark."""
    JSONL = "jsonl"
    """JSON Lines: an entry a line, with everything that it says."""
    XLSX = "xlsx"
    """A workbook."""


class Suspicion(StrEnum):
    """What paper rectification (纸面整改) looks like from its history. None of them proves anything."""

    BULK_CLOSING = "bulk_closing"
    """One person closed many items on one day."""
    MONTH_END = "month_end"
    """A unit closed most items of a month in its last days."""
    SAME_TEXT = "same_text"
    """Several items tell of their progress in the same words."""
    NEVER_RETURNS = "never_returns"
    """A reviewer has let everything pass."""
    FAST_APPROVAL = "fast_approval"
    """A reviewer let pass what could not be read in that time."""
    SELF_REVIEW = "self_review"
    """Somebody tried to review what they had worked on, and was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """From when on something is asked about."""

    bulk: int = 5
    """Items that one person closes on one day."""
    last_days: int = 3
    """How many days the end of a month has."""
    month_end: int = 3
    """Items closed in them, being more than half of the month's."""
    same_text: int = 3
    """Items with the same words."""
    shortest_text: int = 10
    """Characters that words must have to be compared."""
    reviews: int = 10
    """Reviews without a single return."""
    fast: int = 3
    """Reviews in less than the time for reading."""
    seconds_an_item: int = 60
    seconds_a_piece: int = 30
    """The time for reading: for the item, and for each piece of evidence on it."""


USUAL = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to ask about, never a verdict: how often it was seen, out of how many, and the entries behind it."""

    suspicion: Suspicion
    entries: tuple[int, ...]
    of: int
    """How many there were altogether of what is counted; for attempts, the same number."""
    person: PersonId | None = None
    unit: UnitCode | None = None
    about: str = ""
    """The day, the month, or the words."""

    @property
    def count(self) -> int:
        """How often it was seen."""
        return len(self.entries)

    @property
    def key(self) -> str:
        """Its place in a list: the same for the same history."""
        return "/".join([self.suspicion, self.person or self.unit or "", self.about])
