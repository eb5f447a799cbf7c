"""Fires what is due on items that are held already. Storing a firing is the claim; the sweep and the moves share it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from operator import itemgetter

from engine.model.actor import system_actor
from engine.model.calendar import Calendar
from engine.model.clock import Ladder, Pace, Rung
from engine.model.deadline import Deadline, Firing
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.ids import NOBODY, ItemId, PersonId
from engine.model.item import Item
from engine.model.notice import Notice
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.rules.effects import leads_on
from engine.rules.escalation import Reached, first_move_at, heard, reached, rung_at, words_for
from engine.rules.lamps import lag_told
from engine.rules.ledger import Json, canonical
from engine.rules.pace import lag_of
from engine.rules.replay import instant
from engine.rules.telling import Telling, facts_of, facts_of_limit, notice_for
from engine.usecases.escalating import Hands, Occasion, carry_out
from engine.usecases.telling import Directory

PUT_OFF = timedelta(hours=1)
_ACTOR = system_actor("sweep")


@dataclass(frozen=True, slots=True)
class Escalation:
    """One deadline whose rungs were reached: the item, what was reached, and whom it told."""

    item: Item
    deadline: Deadline
    reached: Reached
    recipients: int


@dataclass(frozen=True, slots=True)
class _Held:
    """A deadline that is due on an item, with what its definition says of its clock."""

    item: Item
    definition: Definition
    deadline: Deadline
    pace: Pace | None
    ladder: Ladder


@dataclass(frozen=True, slots=True)
class _Case:
    item: Item
    definition: Definition
    deadline: Deadline
    reached: Reached


@dataclass(frozen=True, slots=True)
class _Voiced:
    """A case with what is said of it, and the rungs whose words somebody gets."""

    case: _Case
    voices: tuple[str, ...]
    notices: tuple[Notice, ...]


def due_on(uow: UnitOfWork, now: datetime, items: Sequence[ItemId]) -> list[Deadline]:
    """What is due on these items, earliest first; read after they were locked, so that it still stands."""
    return due_among(uow.deadlines.open_of(items), now)


def due_among(limits: Mapping[ItemId, Sequence[Deadline]], now: datetime) -> list[Deadline]:
    """What is due of these limits, earliest first."""
    running = (limit for limit in chain.from_iterable(limits.values()) if limit.outcome is None)
    due = [(d.next_at, d.item, d.clock, d) for d in running if d.next_at is not None and d.next_at <= now]
    return [deadline for *_, deadline in sorted(due, key=itemgetter(0, 1, 2))]


def fire(
    uow: UnitOfWork, now: datetime, due: Sequence[Deadline], items: Mapping[ItemId, Item], hands: Hands
) -> list[Escalation]:
    """Fire the rungs of deadlines that are due on items that are held; returns what had something to say.

    What comes behind a rung that moves its item is due still, if the move leaves it: whoever fires looks again.
    """
    held = [_held(uow, deadline, items[deadline.item]) for deadline in due]
    until = _until(held, now, uow.calendar)
    cases = list(_cases(held, until, uow.calendar))
    _rest(uow, now, [deadline for deadline in due if until[deadline.item] == now], cases)
    return _fire(uow, now, cases, hands) if cases else []


def _held(uow: UnitOfWork, deadline: Deadline, item: Item) -> _Held:
    definition = uow.definitions.get(item.definition)
    clock = definition.clocks_by_id[deadline.clock]
    return _Held(item, definition, deadline, clock.pace, definition.ladders_by_id[clock.ladder])


def _until(held: Sequence[_Held], now: datetime, calendar: Calendar) -> dict[ItemId, datetime]:
    """How far to fire on each item: to the first rung that moves it, which may end what lies behind."""
    until = dict.fromkeys((each.item.id for each in held), now)
    for each in held:
        is_open = partial(leads_on, each.definition, each.item)
        if at := first_move_at(each.ladder, each.deadline, now, calendar, is_open):
            until[each.item.id] = min(until[each.item.id], at)
    return until


def _cases(held: Sequence[_Held], until: Mapping[ItemId, datetime], calendar: Calendar) -> Iterator[_Case]:
    for each in held:
        if step := reached(each.ladder, each.deadline, until[each.item.id], calendar):
            said = heard(step, each.pace, each.item.fields)
            yield _Case(each.item, each.definition, each.deadline, said)


def _rest(uow: UnitOfWork, now: datetime, due: Sequence[Deadline], cases: Sequence[_Case]) -> None:
    """Put off what is due by its row but not by its rule (a calendar has changed since): it must not spin."""
    fired = {_place(case.deadline) for case in cases}
    if idle := [changed(one, next_at=now + PUT_OFF) for one in due if _place(one) not in fired]:
        uow.deadlines.advance(idle)


def _place(of: Deadline | Firing) -> tuple[ItemId, str, int]:
    return of.item, of.clock, of.revision


def _fire(uow: UnitOfWork, now: datetime, cases: Sequence[_Case], hands: Hands) -> list[Escalation]:
    claimed = uow.deadlines.claim([firing for case in cases for firing in _firings(case, now)])
    ours = {_place(firing) for firing in claimed}
    won = [case for case in cases if _place(case.deadline) in ours]
    uow.deadlines.advance(
        [changed(c.deadline, next_rung=c.reached.next_rung, next_at=c.reached.next_at) for c in cases]
    )
    directory = Directory(uow, now)
    directory.seek([case.item for case in won])
    voiced = [_voiced(directory, case, now, uow.calendar) for case in won]
    items = _record(uow, now, voiced)
    uow.notices.write([notice for each in voiced for notice in each.notices], uow.channels)
    directory.alert()
    spoken = [each for each in voiced if each.case.reached.spoken]
    for each in spoken:
        _effects(uow, now, each.case, hands)
    return [
        Escalation(items[one.case.item.id], one.case.deadline, one.case.reached, len(one.notices))
        for one in spoken
    ]


def _firings(case: _Case, now: datetime) -> list[Firing]:
    deadline, speaker = case.deadline, case.reached.speaker.id
    return [
        Firing(
            item=deadline.item,
            clock=deadline.clock,
            revision=deadline.revision,
            rung=rung.id,
            spoken_by="" if rung.id in case.reached.silent else speaker,
            fired_at=now,
        )
        for rung in case.reached.rungs
    ]


def _record(uow: UnitOfWork, now: datetime, voiced: Sequence[_Voiced]) -> dict[ItemId, Item]:
    chained: set[ItemId] = set()
    drafts: list[EntryDraft] = []
    for each in voiced:
        item = each.case.item
        drafts.append(_draft(uow, each, b"" if item.id in chained else item.head))
        chained.add(item.id)
    entries = uow.history.append(drafts, now)
    items = {
        each.case.item.id: changed(each.case.item, head=entry.leaf)
        for each, entry in zip(voiced, entries, strict=True)
    }
    uow.items.rehead(list(items.values()))
    return items


def _draft(uow: UnitOfWork, voiced: _Voiced, previous: bytes) -> EntryDraft:
    case = voiced.case
    deadline, step = case.deadline, case.reached
    payload: dict[str, Json] = {
        "type": "firing",
        "clock": deadline.clock,
        "revision": deadline.revision,
        "rung": step.speaker.id,
        "rungs": [rung.id for rung in step.rungs],
        "due": instant(deadline.due_at),
        "silent": sorted(step.silent),
        "voices": [*voiced.voices],
        "effects": [effect.name for rung in step.spoken for effect in rung.effects],
    }
    return EntryDraft(
        kind=EntryKind.FIRING,
        what=step.speaker.id,
        flags=EntryFlag.NONE,
        item=case.item.id,
        item_version=case.item.version,
        actor=NOBODY,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=previous,
    )


def _voiced(directory: Directory, case: _Case, now: datetime, calendar: Calendar) -> _Voiced:
    """What each person hears, who is meant by any of the rungs: once, from the highest that means them."""
    told: dict[PersonId, Rung] = {}
    for rung in reversed(case.reached.spoken):
        for person in directory.recipients(case.item, rung.tell):
            told.setdefault(person, words_for(rung, case.reached))
    voices = [rung for rung in case.reached.spoken if rung in told.values()]
    tellings = {rung.id: _telling(case, rung, now, calendar) for rung in voices}
    notices = (notice_for(case.item, person, tellings[rung.id], now) for person, rung in told.items())
    return _Voiced(case, tuple(tellings), tuple(notices))


def _telling(case: _Case, rung: Rung, now: datetime, calendar: Calendar) -> Telling:
    deadline, spoken = case.deadline, case.reached.spoken
    facts: dict[str, str | int | None] = {
        **facts_of(case.definition, case.item),
        **facts_of_limit(case.definition, deadline),
        "rung": rung.label,
        "lamp": case.reached.speaker.lamp.value,
        "proof": deadline.proof,
        "days_left": (deadline.due_at - now).days,
        "skipped": "、".join(step.label for step in spoken[: spoken.index(rung)]),
        **_pace(case, now, calendar),
    }
    if rung is not case.reached.speaker:
        facts["reached"] = case.reached.speaker.label
    return Telling(
        kind=rung.notice,
        cause=("rung", deadline.clock, deadline.revision, rung.id),
        limit=(deadline.clock, deadline.revision),
        facts=facts,
    )


def _pace(case: _Case, now: datetime, calendar: Calendar) -> dict[str, str]:
    """How far behind the work is, where the limit expects progress."""
    pace = case.definition.clocks_by_id[case.deadline.clock].pace
    return {"pace": lag_told(lag_of(pace, case.item, case.deadline, now, calendar))} if pace else {}


def _effects(uow: UnitOfWork, now: datetime, case: _Case, hands: Hands) -> None:
    place = f"{case.deadline.clock}/{case.deadline.revision}"
    for rung in case.reached.spoken:
        occasion = Occasion(
            item=case.item,
            due=rung_at(rung, case.deadline, uow.calendar),
            place=place,
            cause=f"{place}/{rung.id}",
            label=case.reached.speaker.label,
            effects=rung.effects,
            actor=_ACTOR,
        )
        carry_out(uow, now, occasion, hands)
