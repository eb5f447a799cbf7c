"""Writes what has been decided: entry, item, deadlines and notices, all in the unit of work at hand."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.ids import ItemId
from engine.model.item import Item
from engine.model.notice import Notice
from engine.model.transition import Evidence, Transition
from engine.ports import UnitOfWork
from engine.rules.clocks import ClockChanges, clock_changes
from engine.rules.copies import changed
from engine.rules.ledger import Json, canonical
from engine.rules.replay import changes_of, instant
from engine.rules.telling import Telling, facts_of, notice_for
from engine.usecases.telling import Directory

Limits = Mapping[ItemId, Sequence[Deadline]]
_FIRST = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Line:
    """A transition under its definition, and what it does to the clocks."""

    definition: Definition
    done: Transition
    clocks: ClockChanges


def record(uow: UnitOfWork, now: datetime, transitions: Sequence[Transition], latest: Limits) -> list[Item]:
    """Store transitions of distinct items; returns the items as they now stand. Does not commit.

    latest: the newest revision of each clock of the items that are moved, read since they are held.
    """
    return store_lines(uow, now, list(_lines(uow, transitions, latest)))


def store_lines(uow: UnitOfWork, now: datetime, lines: Sequence[Line]) -> list[Item]:
    """Store transitions of distinct items whose clocks are reckoned already; see `record`."""
    entries = uow.history.append([_draft(uow, line) for line in lines], now)
    items = [changed(line.done.after, head=entry.leaf) for line, entry in zip(lines, entries, strict=True)]
    _store_items(uow, lines, items)
    uow.deadlines.end([ended for line in lines for ended in line.clocks.ended])
    uow.deadlines.arm([armed for line in lines for armed in line.clocks.armed])
    uow.deadlines.advance([stepped for line in lines for stepped in line.clocks.stepped])
    for line in lines:
        if line.done.evidence:
            uow.evidence.add(line.done.after.id, line.done.evidence, line.done.actor.person, now)
    directory = Directory(uow, now)
    directory.seek([line.done.after for line in lines])
    uow.notices.write([notice for line in lines for notice in _notices(directory, line, now)], uow.channels)
    directory.alert()
    return items


def _lines(uow: UnitOfWork, transitions: Sequence[Transition], latest: Limits) -> Iterator[Line]:
    for done in transitions:
        definition = uow.definitions.get(done.after.definition)
        known = latest.get(done.after.id, [])
        if any(deadline.outcome is Outcome.SUSPENDED for deadline in known):
            known = uow.deadlines.of_item(done.after.id)  # earlier revisions tell what a clock has lost
        yield Line(definition, done, clock_changes(definition, done, known, uow.calendar))


def _store_items(uow: UnitOfWork, lines: Sequence[Line], items: Sequence[Item]) -> None:
    opened = [item for line, item in zip(lines, items, strict=True) if line.done.before is None]
    moved = [item for line, item in zip(lines, items, strict=True) if line.done.before is not None]
    if opened:
        uow.items.add(opened)
    if moved:
        uow.items.replace(moved)


def _draft(uow: UnitOfWork, line: Line) -> EntryDraft:
    done = line.done
    return EntryDraft(
        kind=EntryKind.TRANSITION,
        what=done.verb,
        flags=_flags(done),
        item=done.after.id,
        item_version=done.after.version,
        actor=done.actor.person,
        payload=canonical(_payload(line)),
        salt=uow.entropy.salt(),
        previous=done.before.head if done.before else _FIRST,
    )


def _flags(done: Transition) -> EntryFlag:
    flags = EntryFlag.NONE
    if done.claimed_on is not None and done.claimed_on < done.at.astimezone(LOCAL).date():
        flags |= EntryFlag.CLAIMED_EARLIER
    return flags | EntryFlag.BY_DELEGATE if done.on_behalf_of else flags


def _payload(line: Line) -> dict[str, Json]:
    done = line.done
    return {
        "type": "transition",
        "verb": done.verb,
        "actor": {"standing": done.standing, "for": done.on_behalf_of, "system": done.actor.system},
        "reason": done.reason,
        "claimed_on": done.claimed_on.isoformat() if done.claimed_on else None,
        "other": done.other,
        "sha256": line.definition.sha256,
        "changes": changes_of(done),
        "evidence": [_piece(piece) for piece in done.evidence],
        "ended": [[d.clock, d.revision, d.outcome and d.outcome.value] for d in line.clocks.ended],
        "armed": [armed_facts(deadline) for deadline in line.clocks.armed],
    }


def _piece(piece: Evidence) -> dict[str, Json]:
    made_on = piece.made_on.isoformat() if piece.made_on else None
    return {"sha256": piece.sha256, "name": piece.name, "size": piece.size, "made_on": made_on}


def armed_facts(deadline: Deadline) -> dict[str, Json]:
    """A new revision of a deadline as its entry tells it."""
    return {
        "clock": deadline.clock,
        "revision": deadline.revision,
        "due": instant(deadline.due_at),
        "original": instant(deadline.original_due_at),
        "proof": deadline.proof,
        "calendar": deadline.calendar,
        "from": instant(deadline.counts_from),
    }


def _notices(directory: Directory, line: Line, now: datetime) -> Iterator[Notice]:
    done = line.done
    for tell in _tells(line):
        facts = {**facts_of(line.definition, done.after), "reason": done.reason, "verb": done.verb}
        telling = Telling(kind=tell[0], cause=("move", done.after.version), facts=facts)
        for person in directory.recipients(done.after, tell[1]):
            yield notice_for(done.after, person, telling, now)


def _tells(line: Line) -> Iterator[tuple[str, tuple[str, ...]]]:
    if line.done.before is None:
        yield from ((tell.notice, tell.to) for tell in line.definition.opening_tells)
    for move in line.definition.moves_by_verb.get(line.done.verb, ()):
        if line.done.before is not None and line.done.before.state in move.from_states:
            yield from ((tell.notice, tell.to) for tell in move.tells)
