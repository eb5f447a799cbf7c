"""Every table as plain values. The twin of `storage.tables`: the same rules, in Python."""

from collections.abc import Hashable
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime

from engine.model.account import Account, Brake, Session
from engine.model.actor import Grant, Person, Post, Unit
from engine.model.channel import Gate
from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.criticism import Mark
from engine.model.deadline import Deadline, Firing, Raise
from engine.model.definition import Stage
from engine.model.entry import Entry, LogHead
from engine.model.filters import SavedFilter
from engine.model.heartbeat import Heartbeat
from engine.model.ids import DefinitionRef, ItemId, PersonId, PostCode, UnitCode
from engine.model.item import Item
from engine.model.notice import Delivery, DeliveryStatus, Notice
from engine.model.token import AccessToken
from engine.rules.tree import HASH_BYTES
from storage.memory.rows import (
    DeadlineKey,
    Device,
    LoadedCalendar,
    LoadedCampaign,
    Piece,
    Pin,
    PublishedDefinition,
    Reading,
    Reply,
    deadline_key,
    delivery_key,
)
from storage.memory.table import Table

EMPTY = LogHead(size=0, at=datetime(1970, 1, 1, tzinfo=UTC), frontier=())


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


def _marks() -> Table[tuple[ItemId, str], Mark]:
    return Table(
        lambda one: (one.item, one.cause),
        sound=lambda one: (one.verdict is None) == (one.decided_at is None),
    )


def _checkpoints() -> Table[int, Checkpoint]:
    return Table(
        lambda one: one.position,
        lambda one: one.cause,
        sound=lambda one: 0 <= one.head.size <= one.position and len(one.head.root) == HASH_BYTES,
    )


def _keys() -> Table[int, LogKey]:
    return Table(lambda one: one.position, lambda one: one.vkey)


def _notices() -> Table[str, Notice]:
    return Table(lambda one: one.key, sound=lambda one: len(one.key) == 64)


def _deliveries() -> Table[tuple[str, str], Delivery]:
    return Table(
        delivery_key, sound=lambda one: (one.status is DeliveryStatus.SENT) == (one.sent_at is not None)
    )


def _definitions() -> Table[DefinitionRef, PublishedDefinition]:
    return Table(lambda one: one.definition.ref, sound=lambda one: one.definition.ref.version >= 1)


def _pins() -> Table[tuple[str, str], Pin]:
    return Table(lambda one: (one.campaign, one.ref.id), sound=lambda one: one.ref.version >= 1)


def _tokens() -> Table[str, AccessToken]:
    return Table(
        lambda one: one.id,
        lambda one: one.digest,
        sound=lambda one: len(one.digest) == 64 and one.made_at < one.expires_at,
    )


def _filters() -> Table[str, SavedFilter]:
    return Table(lambda one: one.id, lambda one: (one.person, one.name), sound=lambda one: one.name != "")


def _gates() -> Table[str, Gate]:
    return Table(lambda one: one.channel, sound=lambda one: one.failures >= 0)


def _accounts() -> Table[PersonId, Account]:
    return Table(lambda one: one.person, sound=lambda one: one.step == 0 or one.secret is not None)


def _sessions() -> Table[str, Session]:
    return Table(lambda one: one.digest, sound=lambda one: len(one.digest) == 64)


def _persons() -> Table[PersonId, Person]:
    return Table(lambda one: one.id, lambda one: one.login, sound=lambda one: len(one.id) == 32)


def grant_key(one: Grant) -> Hashable:
    """What makes a grant one and the same, however long it runs."""
    return one.person, one.post, one.from_on, one.on_behalf_of


def _grants() -> Table[Hashable, Grant]:
    return Table(grant_key)


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
    checkpoints: Table[int, Checkpoint] = field(default_factory=_checkpoints)
    keys: Table[int, LogKey] = field(default_factory=_keys)
    levels: Table[tuple[ItemId, str], Raise] = field(
        default_factory=lambda: Table(lambda one: (one.item, one.level))
    )
    marks: Table[tuple[ItemId, str], Mark] = field(default_factory=_marks)
    notices: Table[str, Notice] = field(default_factory=_notices)
    deliveries: Table[tuple[str, str], Delivery] = field(default_factory=_deliveries)
    readings: Table[str, Reading] = field(default_factory=lambda: Table(lambda one: one.notice))
    gates: Table[str, Gate] = field(default_factory=_gates)
    units: Table[UnitCode, Unit] = field(default_factory=lambda: Table(lambda one: one.code))
    posts: Table[PostCode, Post] = field(default_factory=lambda: Table(lambda one: one.code))
    persons: Table[PersonId, Person] = field(default_factory=_persons)
    grants: Table[Hashable, Grant] = field(default_factory=_grants)
    accounts: Table[PersonId, Account] = field(default_factory=_accounts)
    sessions: Table[str, Session] = field(default_factory=_sessions)
    devices: Table[Device, Device] = field(default_factory=lambda: Table(lambda one: one))
    tokens: Table[str, AccessToken] = field(default_factory=_tokens)
    filters: Table[str, SavedFilter] = field(default_factory=_filters)
    brakes: Table[str, Brake] = field(default_factory=lambda: Table(lambda one: one.subject))
    definitions: Table[DefinitionRef, PublishedDefinition] = field(default_factory=_definitions)
    campaigns: Table[str, LoadedCampaign] = field(default_factory=lambda: Table(lambda one: one.campaign.id))
    pins: Table[tuple[str, str], Pin] = field(default_factory=_pins)
    calendars: Table[tuple[str, int], LoadedCalendar] = field(
        default_factory=lambda: Table(lambda one: (one.override.id, one.override.version))
    )
    replies: Table[tuple[PersonId, str], Reply] = field(
        default_factory=lambda: Table(lambda one: (one.person, one.key), sound=lambda one: one.key != "")
    )
    evidence: Table[tuple[ItemId, str], Piece] = field(default_factory=_evidence)
    heartbeats: Table[str, Heartbeat] = field(default_factory=lambda: Table(lambda one: one.worker))

    def draft(self) -> "Tables":
        """A copy to write in. The values are frozen and shared."""
        return Tables(**{one.name: copy(getattr(self, one.name)) for one in fields(self)})

    def lost(self) -> list[object]:
        """The values written in this draft that name something that is not there."""
        return [
            *self.deadlines.lost(self.items, lambda one: one.item),
            *self.firings.lost(self.deadlines, deadline_key),
            *self.levels.lost(self.items, lambda one: one.item),
            *self.marks.lost(self.items, lambda one: one.item),
            *self.notices.lost(self.items, lambda one: one.item),
            *self.deliveries.lost(self.notices, lambda one: one.notice.key),
            *self.readings.lost(self.notices, lambda one: one.notice),
            *self.units.lost(self.units, lambda one: one.parent),
            *self.evidence.lost(self.items, lambda one: one.item),
        ]
