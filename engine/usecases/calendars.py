"""Loading a calendar, and reckoning again what runs, a page of items in each transaction.

A stored deadline never changes by itself. Each that falls otherwise under the calendar in force is closed and takes a
new revision, with an entry that holds the old and the new date. Whoever was interrupted may simply begin again.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.calendar import Calendar, CalendarOverride
from engine.model.deadline import Deadline, Outcome
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Conflict
from engine.model.ids import ItemId
from engine.ports import UnitOfWork
from engine.rules.calendars import overridden, years_left_out
from engine.rules.ledger import ZERO, canonical
from engine.rules.projection import REPROJECT, reprojected
from engine.rules.replay import instant
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.recording import armed_facts
from engine.usecases.telling import Directory, Rescheduling, rescheduled

PAGE = 200
_FIRST = ItemId("")

Begin = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True)
class LoadCalendar:
    """A calendar to be in force from now on, and who says so."""

    override: CalendarOverride
    actor: Actor


@dataclass(frozen=True, slots=True)
class Reckoned:
    """How far a reckoning has come: items looked at, limits changed."""

    items: int
    limits: int


def calendar_in_force(uow: UnitOfWork) -> tuple[Calendar, CalendarOverride | None]:
    """The calendar in force, and what was loaded last, if anything was."""
    with uow:
        return uow.calendar, uow.calendars.newest()


def calendar_with(uow: UnitOfWork, override: CalendarOverride) -> Calendar:
    """The calendar that would be in force if this were loaded. Raises Conflict where it cannot be."""
    with uow:
        _check(uow, override)
        return overridden(uow.calendars.shipped(), override)


@again
def load_calendar(uow: UnitOfWork, now: datetime, command: LoadCalendar) -> Calendar:
    """Put a calendar in force; deadlines stay as they are until `reproject`. What is loaded already stays.

    Raises Conflict (another content under this version, an older version, a year left out), NotPermitted.
    """
    override = command.override
    with uow:
        require(command.actor, (Role.ADMINISTRATOR,), f"不能载入日历 {override.name}")
        if _check(uow, override):
            uow.calendars.add(override, now)
            uow.history.append([_published(uow, command)], now)
            uow.commit()
        return overridden(uow.calendars.shipped(), override)


def reproject(begin: Begin, now: datetime, actor: Actor) -> Iterator[Rescheduling]:
    """Reckon every running deadline again under the calendar in force; yields each change once it is durable.

    Raises NotPermitted.
    """
    for changes, _ in _pages(begin, now, actor):
        yield from changes


def reckon_again(begin: Begin, now: datetime, actor: Actor) -> Iterator[Reckoned]:
    """The same; yields after each page how far it has come. Raises NotPermitted."""
    items = limits = 0
    for changes, page in _pages(begin, now, actor):
        items, limits = items + len(page), limits + len(changes)
        yield Reckoned(items, limits)


def _pages(begin: Begin, now: datetime, actor: Actor) -> Iterator[tuple[list[Rescheduling], list[ItemId]]]:
    require(actor, (Role.ADMINISTRATOR,), "不能重算时限")
    after: ItemId | None = _FIRST
    while after is not None:
        changes, page = _page(begin(), now, actor, after)
        yield changes, page
        after = page[-1] if page else None


@again
def _page(
    uow: UnitOfWork, now: datetime, actor: Actor, after: ItemId
) -> tuple[list[Rescheduling], list[ItemId]]:
    """Reckon the items behind `after` again; returns what changed, and the items looked at."""
    with uow:
        page = uow.deadlines.running(after, PAGE)
        changes = list(_changes(uow, now, page, uow.calendar))
        if changes:
            _store(uow, now, actor, changes)
            uow.commit()
    return changes, page


def _check(uow: UnitOfWork, override: CalendarOverride) -> bool:
    """Whether the calendar is still to be stored."""
    newest, known = uow.calendars.newest(), uow.calendars.find(override.id, override.version)
    tried = f"不能载入日历 {override.name}"
    if known is not None and known.sha256 != override.sha256:
        raise Conflict(f"{tried}：此版本已载入过不同的内容", hint="请提高 version 后再载入")
    if newest is not None and newest.id == override.id and newest.version > override.version:
        raise Conflict(f"{tried}：已有更新的 {newest.name}", hint="请提高 version 后再载入")
    if years := years_left_out(uow.calendars.shipped(), override):
        told = "、".join(map(str, years))
        raise Conflict(
            f"{tried}：covers 之内的 {told} 年没有一天放假安排", hint="补上这些年份，或改小 covers"
        )
    return known is None


def _published(uow: UnitOfWork, command: LoadCalendar) -> EntryDraft:
    override = command.override
    facts = {"type": "calendar", "name": override.name, "sha256": override.sha256, "source": override.source}
    return EntryDraft(
        kind=EntryKind.DEFINITION,
        what="publish_calendar",
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=command.actor.person,
        payload=canonical({**facts, "system": command.actor.system}),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )


def _changes(
    uow: UnitOfWork, now: datetime, page: Sequence[ItemId], calendar: Calendar
) -> Iterator[Rescheduling]:
    items, revisions = uow.items.get(page), uow.deadlines.revisions_of(page)
    for item in (items[each] for each in page):
        definition = uow.definitions.get(item.definition)
        for before, after in reprojected(definition, item, revisions[item.id], calendar, now):
            yield Rescheduling(definition, item, before, after, REPROJECT)


def _store(uow: UnitOfWork, now: datetime, actor: Actor, changes: Sequence[Rescheduling]) -> None:
    chained: set[ItemId] = set()
    drafts: list[EntryDraft] = []
    for change in changes:
        drafts.append(_draft(uow, actor, change, b"" if change.item.id in chained else change.item.head))
        chained.add(change.item.id)
    entries = uow.history.append(drafts, now)
    heads = {change.item.id: entry.leaf for change, entry in zip(changes, entries, strict=True)}
    items = {change.item.id: change.item for change in changes}
    uow.items.rehead([replace(item, head=heads[item.id]) for item in items.values()])
    uow.deadlines.end([_closed(change.before, now) for change in changes])
    uow.deadlines.arm([change.after for change in changes])
    directory = Directory(uow, now)
    directory.seek(list(items.values()))
    uow.notices.write(
        [each for change in changes for each in rescheduled(directory, change, now)], uow.channels
    )
    directory.alert()


def _closed(running: Deadline, now: datetime) -> Deadline:
    return replace(running, outcome=Outcome.REARMED, ended_at=now, next_rung=None, next_at=None)


def _draft(uow: UnitOfWork, actor: Actor, change: Rescheduling, previous: bytes) -> EntryDraft:
    before, after = change.before, change.after
    return EntryDraft(
        kind=EntryKind.OPERATIONS,
        what=REPROJECT,
        flags=EntryFlag.NONE,
        item=change.item.id,
        item_version=change.item.version,
        actor=actor.person,
        payload=canonical(
            {
                "type": REPROJECT,
                "clock": before.clock,
                "due": [instant(before.due_at), instant(after.due_at)],
                "calendar": [before.calendar, after.calendar],
                "reason": change.sentence,
                "ended": [[before.clock, before.revision, Outcome.REARMED.value]],
                "armed": [armed_facts(after)],
            }
        ),
        salt=uow.entropy.salt(),
        previous=previous,
    )
