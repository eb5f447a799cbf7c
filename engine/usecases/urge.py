"""催办: a person reminds those on whose desk an item lies. It is kept as an entry, and not repeated within a day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from engine.model.actor import Actor, Party, Role
from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import NotFound, NotPermitted, Refused
from engine.model.ids import ItemId, PersonId
from engine.model.item import Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.ledger import canonical
from engine.rules.standing import Standing, standing_of
from engine.rules.telling import Telling, facts_of, facts_of_limit, notice_for
from engine.usecases.again import again
from engine.usecases.telling import Directory

URGE = "urge"
NOTICE = "urged"
INTERVAL = timedelta(hours=24)
"""Between two reminders about one item, whoever sends them."""
WHO = (
    Role.OFFICE,
    Role.OFFICE_DIRECTOR,
    Role.LEADING_GROUP,
    Role.SUPERVISOR,
    Role.UNIT_HEAD,
    Party.OPENER,
    Party.OWNER,
    Party.DELEGATE,
    Party.REVIEWER,
)
"""Who answers for the work, and whoever waits for the next step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Urge:
    """Remind whoever has to act on an item, in the asker's own words if there are any."""

    item: ItemId
    actor: Actor
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Urged:
    """An item with those who were reminded."""

    item: Item
    told: tuple[PersonId, ...]


@again
def urge(uow: UnitOfWork, now: datetime, command: Urge) -> Urged:
    """Remind those who have to act, in their inbox and outside.

    Raises NotFound; NotPermitted where the asker has nothing to do with the item; Refused where nobody has to act, only
    the asker has, or somebody was reminded within a day.
    """
    with uow:
        item = uow.items.get([command.item]).get(command.item)
        if item is None:
            raise NotFound("没有这件事项")
        definition, actor = uow.definitions.get(item.definition), command.actor
        tried = f"不能催办 {item.number}"
        standing = standing_of(actor, WHO, uow.people.lineage(item.unit), item, now.astimezone(LOCAL).date())
        if standing is None:
            raise NotPermitted(tried, (reason(ReasonCode.NOT_STANDING, who="、".join(WHO)),))
        directory = Directory(uow, now)
        directory.seek([item])
        acting = directory.recipients(item, definition.states_by_id[item.state].acts)
        told = tuple(person for person in acting if person != actor.person)
        if against := tuple(_against(uow, item, now, is_anybody=bool(told))):
            raise Refused(tried, against)
        urged = _record(uow, now, command, _Urging(item, definition, standing, told))
        directory.alert()
        uow.commit()
    return urged


@dataclass(frozen=True, slots=True)
class _Urging:
    item: Item
    definition: Definition
    standing: Standing
    told: tuple[PersonId, ...]


def _against(uow: UnitOfWork, item: Item, now: datetime, *, is_anybody: bool) -> Iterator[Reason]:
    if not is_anybody:
        yield reason(ReasonCode.NOBODY_TO_URGE)
    earlier = [entry.at for entry in uow.history.of_item(item.id) if entry.what == URGE]
    if earlier and now < earlier[-1] + INTERVAL:
        last, again_at = earlier[-1].astimezone(LOCAL), (earlier[-1] + INTERVAL).astimezone(LOCAL)
        yield reason(ReasonCode.URGED_LATELY, at=f"{last:%m-%d %H:%M}", again=f"{again_at:%m-%d %H:%M}")


def _record(uow: UnitOfWork, now: datetime, command: Urge, of: _Urging) -> Urged:
    (entry,) = uow.history.append([_draft(uow, command, of)], now)
    item = replace(of.item, head=entry.leaf)
    uow.items.rehead([item])
    telling = Telling(kind=NOTICE, cause=(URGE, entry.index), facts=_facts(uow, now, command, of))
    notices = [notice_for(item, person, telling, now) for person in of.told]
    uow.notices.write(notices, uow.channels)
    return Urged(item, of.told)


def _draft(uow: UnitOfWork, command: Urge, of: _Urging) -> EntryDraft:
    payload = canonical(
        {
            "type": URGE,
            "actor": {"standing": of.standing.name, "for": of.standing.on_behalf_of},
            "reason": command.words,
            "told": [*of.told],
        }
    )
    return EntryDraft(
        kind=EntryKind.COMMENT,
        what=URGE,
        flags=EntryFlag.BY_DELEGATE if of.standing.on_behalf_of else EntryFlag.NONE,
        item=of.item.id,
        item_version=of.item.version,
        actor=command.actor.person,
        payload=payload,
        salt=uow.entropy.salt(),
        previous=of.item.head,
    )


def _facts(uow: UnitOfWork, now: datetime, command: Urge, of: _Urging) -> dict[str, str | int | None]:
    facts = {**facts_of(of.definition, of.item), "by": command.actor.name, "reason": command.words}
    running: list[Deadline] = uow.deadlines.open_of([of.item.id]).get(of.item.id, [])
    if not running:
        return facts
    next_due = min(running, key=lambda deadline: deadline.due_at)
    return {
        **facts,
        **facts_of_limit(of.definition, next_due),
        "days_left": (next_due.due_at - now).days,
    }
