"""What stands in the tables beside the values of the engine. The twin of `storage.rows`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from engine.model.calendar import CalendarOverride
from engine.model.campaign import Campaign
from engine.model.deadline import Deadline, Firing, Raise
from engine.model.definition import Definition
from engine.model.ids import DefinitionRef, ItemId, PersonId
from engine.model.notice import Delivery
from engine.model.transition import Evidence


@dataclass(frozen=True, slots=True)
class PublishedDefinition:
    """A definition and when it was published."""

    definition: Definition
    at: datetime


@dataclass(frozen=True, slots=True)
class LoadedCalendar:
    """A calendar and when it was loaded."""

    override: CalendarOverride
    at: datetime


@dataclass(frozen=True, slots=True)
class LoadedCampaign:
    """A campaign and when it was loaded."""

    campaign: Campaign
    at: datetime


@dataclass(frozen=True, slots=True)
class Pin:
    """The version that a campaign opens new items of a kind under, and since when."""

    campaign: str
    ref: DefinitionRef
    at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered to a key of a person."""

    person: PersonId
    key: str
    request_hash: str
    answer: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A notice and when its recipient read it."""

    notice: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Device:
    """Where a person has signed in from."""

    digest: str
    person: PersonId


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of evidence of an item, and when it came."""

    item: ItemId
    evidence: Evidence
    uploader: PersonId
    at: datetime


Part = TypeVar("Part", Deadline, Firing, Raise)
DeadlineKey = tuple[ItemId, str, int]


def deadline_key(one: Deadline | Firing) -> DeadlineKey:
    """Which revision of which clock of which item."""
    return one.item, one.clock, one.revision


def delivery_key(one: Delivery) -> tuple[str, str]:
    """Which notice through which channel."""
    return one.notice.key, one.channel


def by_item(items: Sequence[ItemId], parts: Iterable[Part]) -> dict[ItemId, list[Part]]:
    """What belongs to each of these items, in the order given."""
    found: dict[ItemId, list[Part]] = {item: [] for item in items}
    for one in parts:
        if one.item in found:
            found[one.item].append(one)
    return found
