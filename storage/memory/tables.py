"""Every table as plain values. The twin of `storage.tables`: the same rules, in Python."""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from engine.model.actor import Grant, Person, Post, Unit
from engine.model.calendar import CalendarOverride
from engine.model.campaign import Campaign
from engine.model.deadline import Deadline, Firing
from engine.model.definition import Definition, Stage
from engine.model.entry import Entry, LogHead
from engine.model.ids import DefinitionRef, ItemId, PersonId, PostCode, UnitCode
from engine.model.item import Item
from engine.model.notice import Delivery, DeliveryStatus, Notice
from engine.model.transition import Evidence
from storage.memory.table import Table

EMPTY = LogHead(size=0, at=datetime(1970, 1, 1, tzinfo=UTC), frontier=())


@dataclass(frozen=True, slots=True)
class LoadedCampaign:
    """A campaign and when it was loaded."""

    campaign: Campaign
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to a key of a person."""

    person: PersonId
    key: str
    request_hash: str
    answer: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence of an item, and when it came."""

    item: ItemId
    evidence: Evidence
    at: datetime


DeadlineKey = tuple[ItemId, str, int]


def deadline_key(one: Deadline | Firing) -> DeadlineKey:
    """Which revision of which clock of which item."""
    return one.item, one.clock, one.revision


def delivery_key(one: Delivery) -> tuple[str, str]:
    """Which notice through which channel."""
    return one.notice.key, one.channel


def _place(item: Item) -> Hashable | None:
    """The row of the plan that an item stands for, which has one item in a unit and period."""
    place = item.campaign, item.definition.id, item.duty, item.unit, item.period or ""
    return None if item.duty is None else place


def _is_whole(one: Deadline) -> bool:
    ended, has_next = one.outcome is not None, one.next_rung is not None
    return ended == (one.ended_at is not None) and has_next == (one.next_at is not None)


def _items() -> Table[ItemId, Item]:
    return Table(
        lambda item: item.id,
        lambda item: item.number,
        _place,
        sound=lambda item: (
            len(item.id) == 32
            and item.version >= 1
            and (item.stage is Stage.CLOSED) == (item.closed_at is not None)
        ),
    )


def _deadlines() -> Table[DeadlineKey, Deadline]:
    return Table(
        deadline_key, lambda one: (one.item, one.clock) if one.outcome is None else None, sound=_is_whole
    )


def _firings() -> Table[tuple[DeadlineKey, str], Firing]:
    return Table(lambda one: (deadline_key(one), one.rung))


def _notices() -> Table[str, Notice]:
    return Table(lambda one: one.key, sound=lambda one: len(one.key) == 64)


def _deliveries() -> Table[tuple[str, str], Delivery]:
    return Table(
        delivery_key, sound=lambda one: (one.status is DeliveryStatus.SENT) == (one.sent_at is not None)
    )


def _persons() -> Table[PersonId, Person]:
    return Table(lambda one: one.id, lambda one: one.login, sound=lambda one: len(one.id) == 32)


def _grants() -> Table[Hashable, Grant]:
    return Table(lambda one: (one.person, one.post, one.from_on, one.on_behalf_of))


def _evidence() -> Table[tuple[ItemId, str], Piece]:
    return Table(
        lambda one: (one.item, one.evidence.sha256),
        sound=lambda one: len(one.evidence.sha256) == 64 and one.evidence.size >= 0,
    )


@dataclass(slots=True, kw_only=True)
class Tables:
    """Every table, and the head of the log. What is committed is never changed again: a writer works on a draft."""

    items: Table[ItemId, Item] = field(default_factory=_items)
    numbers: dict[tuple[str, int], int] = field(default_factory=dict)
    entries: Table[int, Entry] = field(default_factory=lambda: Table(lambda one: one.index))
    head: LogHead = EMPTY
    deadlines: Table[DeadlineKey, Deadline] = field(default_factory=_deadlines)
    firings: Table[tuple[DeadlineKey, str], Firing] = field(default_factory=_firings)
    notices: Table[str, Notice] = field(default_factory=_notices)
    deliveries: Table[tuple[str, str], Delivery] = field(default_factory=_deliveries)
    units: Table[UnitCode, Unit] = field(default_factory=lambda: Table(lambda one: one.code))
    posts: Table[PostCode, Post] = field(default_factory=lambda: Table(lambda one: one.code))
    persons: Table[PersonId, Person] = field(default_factory=_persons)
    grants: Table[Hashable, Grant] = field(default_factory=_grants)
    definitions: Table[DefinitionRef, Definition] = field(
        default_factory=lambda: Table(lambda one: one.ref, sound=lambda one: one.ref.version >= 1)
    )
    campaigns: Table[str, LoadedCampaign] = field(default_factory=lambda: Table(lambda one: one.campaign.id))
    calendars: Table[tuple[str, int], CalendarOverride] = field(
        default_factory=lambda: Table(lambda one: (one.id, one.version))
    )
    replies: Table[tuple[PersonId, str], Reply] = field(
        default_factory=lambda: Table(lambda one: (one.person, one.key), sound=lambda one: one.key != "")
    )
    evidence: Table[tuple[ItemId, str], Piece] = field(default_factory=_evidence)

    def draft(self) -> "Tables":
        """A copy to write in. The values are frozen and shared."""
        return Tables(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def lost(self) -> list[object]:
        """The values written in this draft that name something that is not there."""
        return [
            *self.deadlines.lost(self.items, lambda one: one.item),
            *self.firings.lost(self.deadlines, deadline_key),
            *self.notices.lost(self.items, lambda one: one.item),
            *self.deliveries.lost(self.notices, lambda one: one.notice.key),
            *self.units.lost(self.units, lambda one: one.parent),
            *self.evidence.lost(self.items, lambda one: one.item),
        ]
