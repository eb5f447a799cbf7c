"""What the use cases need from the outside: storage, roster, entropy, calendar. Adapters fulfil these."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self

from engine.model.actor import Actor, Grant, Person, Role, Unit
from engine.model.calendar import Calendar, CalendarOverride
from engine.model.campaign import Campaign, Roster
from engine.model.deadline import Deadline, Firing
from engine.model.definition import Definition
from engine.model.entry import Entry, EntryDraft, LogHead
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode
from engine.model.inspection import Stretch
from engine.model.item import Item
from engine.model.transition import Evidence
from engine.model.views import DuePlace, Holding, ItemFilter, ItemRow, Member, ReportRow, StageCount, Tenure
from engine.ports.accounts import Accounts
from engine.ports.checkpoints import Checkpoints
from engine.ports.dump import Dump
from engine.ports.filters import Filters
from engine.ports.levels import Criticisms, Levels
from engine.ports.notices import Deliveries, Gates, Notices
from engine.ports.redaction import Redactions
from engine.ports.tokens import Tokens
from engine.ports.workers import Workers


class Entropy(Protocol):
    """Fresh ids and salts; seeded in a rehearsal, from the operating system otherwise."""

    def new_id(self, now: datetime) -> str:
        """32 hex digits that nobody has had before, ordered by `now`."""

    def salt(self) -> bytes:
        """32 bytes that nobody can guess."""


class Items(Protocol):
    """Items as they stand. Everything is taken and given in batches."""

    def get(self, ids: Sequence[ItemId]) -> dict[ItemId, Item]:
        """The items that exist among `ids`, locked against other writers in a write unit."""

    def by_numbers(self, numbers: Sequence[str]) -> dict[str, ItemId]:
        """The ids of the numbers that exist."""

    def allot(self, series: str, year: int, count: int) -> int:
        """The first of the next `count` places of a series; each place is given once."""

    def allot_numbers(self, prefix: str, year: int, count: int) -> list[str]:
        """The next `count` numbers of a series, e.g. ZG-2020-000417."""

    def add(self, items: Sequence[Item]) -> None:
        """Store newly opened items. Raises Conflict where (campaign, duty, unit, period) is taken."""

    def replace(self, items: Sequence[Item]) -> None:
        """Store moved items: each must stand at the version just below. Raises Conflict otherwise."""

    def rehead(self, items: Sequence[Item]) -> None:
        """Store `head` alone: an entry that changes nothing of the item, such as a firing, leaves its version."""

    def children(self, parent: ItemId) -> list[Item]:
        """Every item opened under `parent`, in the order of their numbers."""

    def count_open_children(self, parent: ItemId) -> int:
        """How many items under `parent` are not closed."""

    def of_campaign(self, campaign: str, kind: str) -> list[Item]:
        """All items of a kind in a campaign, in the order of their numbers."""

    def under(self, campaign: str, ref: DefinitionRef, after: str, limit: int) -> list[Item]:
        """At most `limit` items of a campaign under this version, by numbers behind `after`; locked in a write unit."""

    def scan(self) -> Iterator[Item]:
        """Every item, in the order of ids."""

    def units_with(
        self, campaign: str, kind: str, duty: str | None = None, period: str | None = None
    ) -> frozenset[UnitCode]:
        """The units that have at least one item of this kind (and, where given, of this row of the plan and period)."""

    def count_by_period(self, campaign: str, kind: str) -> dict[tuple[str, str], int]:
        """How many items of this kind stand for each (row of the plan, period)."""

    def of_plan(self, campaign: str, kind: str, duty: str, unit: UnitCode, period: str = "") -> Item | None:
        """The one item that stands for a row of the plan in a unit (and period), if it was opened."""


class History(Protocol):
    """The append-only log."""

    def append(self, drafts: Sequence[EntryDraft], now: datetime) -> list[Entry]:
        """Append in order under the lock of the head. An entry is never older than the one before it.

        Drafts of one batch that follow each other on the same item may leave `previous` to the writer by giving
        b"": it is then the leaf of the draft before.
        """

    def head(self) -> LogHead:
        """The head of the log."""

    def of_item(self, item: ItemId) -> list[Entry]:
        """The entries of one item, oldest first."""

    def by_actor(self, actor: PersonId, before: int | None, limit: int) -> list[Entry]:
        """The newest entries of a person on items, newest first, `before` an index where one is given."""

    def page(self, before: int, limit: int) -> list[Entry]:
        """The `limit` entries below an index, newest first."""

    def scan(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """Every entry from index `start` on, up to but without `end`, in order."""

    def by_items(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """The same entries as far as they are on items: item after item, each oldest first."""

    def search(self, wanted: Stretch) -> list[Entry]:
        """The newest entries of a stretch that are asked for."""

    def index_at(self, at: datetime) -> int:
        """The index of the first entry that is not older than `at`; the size of the log where there is none."""

    def newest(self, what: str) -> Entry | None:
        """The newest entry of that verb or event. Reads backwards, so ask only for what is there or rarely."""

    def hashes(self, level: int, first: int, count: int) -> list[bytes]:
        """Neighbouring hashes of perfect subtrees of 256 ** level entries each; on level 0 the leaves themselves."""


class Deadlines(Protocol):
    """Armed clocks and the firing of their rungs."""

    def open_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """The open deadlines of each item."""

    def latest_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """The newest revision of each clock of each item, open or not."""

    def end(self, deadlines: Sequence[Deadline]) -> None:
        """Store outcome and `ended_at` of deadlines that were open."""

    def arm(self, deadlines: Sequence[Deadline]) -> None:
        """Store new revisions."""

    def due(self, now: datetime, limit: int) -> list[ItemId]:
        """Items with an open deadline whose next rung has been reached, earliest first, each once.

        At most `limit` of these deadlines are looked at.
        """

    def next_at(self) -> datetime | None:
        """The earliest instant at which any rung comes due."""

    def claim(self, firings: Sequence[Firing]) -> list[Firing]:
        """Store firings; returns those that nobody had stored before. The insert is the claim."""

    def advance(self, deadlines: Sequence[Deadline]) -> None:
        """Store `next_rung` and `next_at`."""

    def of_item(self, item: ItemId) -> list[Deadline]:
        """Every revision of every clock of an item, in the order of arming."""

    def firings_of(self, item: ItemId) -> list[Firing]:
        """The rungs reached on an item, oldest first."""

    def revisions_of(self, items: Sequence[ItemId]) -> dict[ItemId, list[Deadline]]:
        """Every revision of every clock of each item, by clock and revision."""

    def fired_on(self, items: Sequence[ItemId]) -> dict[ItemId, list[Firing]]:
        """The rungs reached on each item, oldest first."""

    def running(self, after: ItemId, limit: int) -> list[ItemId]:
        """At most `limit` items that have an open deadline, in the order of their ids, behind `after`."""

    def scan(self) -> Iterator[Deadline]:
        """Every deadline."""

    def scan_firings(self) -> Iterator[Firing]:
        """Every firing."""


class People(Protocol):
    """The organisation: units, posts, persons, grants."""

    def actor(self, person: PersonId, on: date) -> Actor:
        """A person with the posts held on a day. Raises NotFound."""

    def roles_from(self, person: PersonId, on: date) -> frozenset[Role]:
        """Every role that a person holds on a day or later."""

    def by_login(self, logins: Sequence[str]) -> dict[str, Person]:
        """The persons that exist among `logins`."""

    def by_id(self, persons: Sequence[PersonId]) -> dict[PersonId, Person]:
        """The persons that exist among `persons`."""

    def lineage(self, unit: UnitCode) -> tuple[UnitCode, ...]:
        """The unit and every unit above it, from below. Empty where there is no such unit."""

    def subtree(self, unit: UnitCode) -> frozenset[UnitCode]:
        """The unit and every unit below it."""

    def holders(self, role: str, units: Sequence[UnitCode], on: date) -> dict[UnitCode, tuple[PersonId, ...]]:
        """Who holds a post with `role` that reaches each unit: nearest first, substitutes beside their principals."""

    def in_post(self, persons: Sequence[PersonId], on: date) -> frozenset[PersonId]:
        """Those of the persons that hold any post on a day."""

    def members(self, units: Sequence[UnitCode], on: date, limit: int) -> list[Member]:
        """Who holds a post in these units on a day, in the order of units and posts."""

    def units(self) -> list[Unit]:
        """Every unit in the order of the annex."""

    def add(self, roster: Roster) -> None:
        """Store units, posts, persons and grants; those already there stay as they are.

        Raises Conflict where a login belongs to somebody else.
        """

    def grant(self, grant: Grant) -> None:
        """Store one grant. Raises Conflict where the person holds the post from that day on already."""

    def tenures(self, person: PersonId, on: date) -> list[Tenure]:
        """The grants of a person that run on a day or later, earliest first."""

    def recall(self, grant: Grant, until_on: date) -> None:
        """Let a stored grant end on the day before `until_on`. Raises Conflict where it ends no later anyway."""


class Definitions(Protocol):
    """Published definitions."""

    def get(self, ref: DefinitionRef) -> Definition:
        """A published definition. Raises NotFound."""

    def find(self, ref: DefinitionRef) -> Definition | None:
        """A published definition, or None."""

    def publish(self, definition: Definition, now: datetime) -> None:
        """Store a definition under a version that is not taken."""

    def refs(self) -> list[DefinitionRef]:
        """Every published id and version."""


class Campaigns(Protocol):
    """Loaded campaigns."""

    def add(self, campaign: Campaign, loaded_at: datetime) -> None:
        """Store a campaign that is not there yet."""

    def get(self, campaign: str) -> Campaign:
        """A loaded campaign. Raises NotFound."""

    def pin(self, campaign: str, ref: DefinitionRef, now: datetime) -> None:
        """Let a campaign open new items of this kind under another version from now on."""

    def loaded_at(self, campaign: str) -> datetime:
        """When it was loaded. Raises NotFound."""

    def ids(self) -> list[str]:
        """Every loaded campaign."""


class Calendars(Protocol):
    """The calendar that is shipped, and what was loaded over it. The newest load replaces the ones before."""

    def shipped(self) -> Calendar:
        """The calendar without anything loaded."""

    def in_force(self) -> Calendar:
        """The shipped calendar under the newest that was loaded."""

    def newest(self) -> CalendarOverride | None:
        """What was loaded last, if anything was."""

    def find(self, name: str, version: int) -> CalendarOverride | None:
        """A loaded version, or None."""

    def add(self, override: CalendarOverride, now: datetime) -> None:
        """Store a version that is not there yet. Raises Conflict otherwise."""


class Replies(Protocol):
    """What was answered to an idempotency key."""

    def find(self, keys: Sequence[tuple[PersonId, str]]) -> dict[tuple[PersonId, str], tuple[str, str]]:
        """(hash of the request, answer as canonical JSON) for each key that was used."""

    def keep(self, rows: Sequence[tuple[PersonId, str, str, str]], now: datetime) -> None:
        """Store (person, key, hash of the request, answer)."""


class EvidenceFiles(Protocol):
    """The register of evidence; the bytes lie in a content-addressed store outside the database."""

    def add(self, item: ItemId, evidence: Sequence[Evidence], uploader: PersonId, now: datetime) -> None:
        """Register evidence of an item; the same bytes twice on one item are one piece."""

    def of_item(self, item: ItemId) -> list[Evidence]:
        """The evidence of an item, oldest first."""


class Views(Protocol):
    """Read queries for tables and pages; each is indexed and costs the same at any size."""

    def items(self, wanted: ItemFilter) -> list[ItemRow]:
        """A page of items in the order of their numbers."""

    def soonest(self, wanted: ItemFilter, behind: DuePlace | None) -> list[ItemRow]:
        """A page of items in the order in which they are due; those without a running clock are left out."""

    def edge(self, wanted: ItemFilter, count: int) -> str | None:
        """A number at least `count` places further in this list, whatever its title; None where the list is read out.

        It bounds what is read: a list that is put together from parts may hold several times as many up to there.
        """

    def due(self, wanted: ItemFilter, until: datetime) -> list[Deadline]:
        """The running deadlines due before `until` on these items, earliest first, at most `wanted.limit`."""

    def stage_counts(self, campaign: str) -> list[StageCount]:
        """Items by kind, unit and stage."""

    def state_counts(self) -> dict[tuple[str, str], int]:
        """Items of every campaign by kind and state."""

    def holdings(self, campaign: str, now: datetime) -> list[Holding]:
        """Who holds what, most first."""

    def open_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """The items in these units that are not closed, in the order of their numbers."""

    def urgent_items(self, campaign: str, units: frozenset[UnitCode], limit: int) -> list[ItemId]:
        """The items in these units behind the running limits that end first; an item with several comes often."""

    def reports(
        self, campaign: str, clock: str, units: frozenset[UnitCode], duty: str | None = None
    ) -> list[ReportRow]:
        """The reports of a campaign on periods, and how `clock` ran on each; costs the same beside any other data."""

    def integrity(self) -> list[str]:
        """What the database says of its own health; empty when it is sound."""


class UnitOfWork(Protocol):
    """One transaction: rolled back unless committed, over when it is committed or left. `entropy` is supplied with it.

    A unit that was begun for reading sees one state of things, and refuses to write (Broken).
    """

    items: Items
    history: History
    redactions: Redactions
    checkpoints: Checkpoints
    dump: Dump
    deadlines: Deadlines
    levels: Levels
    criticisms: Criticisms
    notices: Notices
    deliveries: Deliveries
    gates: Gates
    people: People
    accounts: Accounts
    tokens: Tokens
    filters: Filters
    definitions: Definitions
    campaigns: Campaigns
    calendars: Calendars
    replies: Replies
    evidence: EvidenceFiles
    views: Views
    workers: Workers
    entropy: Entropy
    channels: Sequence[str]
    """The external channels every notice also goes out through."""

    @property
    def calendar(self) -> Calendar:
        """The calendar in force in this transaction."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Roll back what was not committed."""

    def commit(self) -> None:
        """Make everything durable at once, or raise and leave nothing."""
