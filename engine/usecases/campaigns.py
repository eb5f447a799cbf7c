"""Loading a campaign: its definitions, its people, and one item for each row of the plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from engine.model.actor import Actor, Role, system_actor
from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign, PhaseLevel, PlannedPhase, PlannedTask
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Conflict, NotPermitted
from engine.model.ids import UnitCode
from engine.model.item import FieldValue, Item, NewItem
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.ledger import Json, canonical
from engine.usecases.again import again
from engine.usecases.duties import reports_ahead
from engine.usecases.items import open_within

LOADER = system_actor("loader")


@dataclass(frozen=True, slots=True)
class LoadCampaign:
    """A campaign with the definitions that it pins. `actor` may be missing only for the very first campaign."""

    campaign: Campaign
    definitions: Sequence[Definition]
    actor: Actor | None = None


@again
def load_campaign(uow: UnitOfWork, now: datetime, command: LoadCampaign) -> list[Item]:
    """Load a campaign and open its phases, tasks and the reports whose period has come; returns the opened items.

    Rows whose time has passed are opened as of their day (补录): nothing escalates for time before the load.
    Raises Conflict (already loaded, or a version taken by other content), NotPermitted.
    """
    campaign = command.campaign
    with uow:
        _check(uow, command)
        published = [d for d in command.definitions if _is_new(uow, d)]
        for definition in published:
            uow.definitions.publish(definition, now)
        uow.people.add(campaign.roster)
        uow.campaigns.add(campaign, now)
        _note(uow, now, command, published)
        items = open_within(uow, now, list(_rows(campaign, now)), LOADER)
        items += open_within(uow, now, list(_measures(campaign, items)), LOADER)
        items += open_within(uow, now, list(reports_ahead(uow, campaign, _day(now))), LOADER)
        uow.commit()
    return items


def _check(uow: UnitOfWork, command: LoadCampaign) -> None:
    loaded, tried = uow.campaigns.ids(), f"不能载入“{command.campaign.title}”"
    if command.campaign.id in loaded:
        raise Conflict(f"{tried}：已经载入过", hint="同一方案只载入一次")
    if loaded and not _is_administrator(command.actor):
        raise NotPermitted(tried, (reason(ReasonCode.NOT_STANDING, who="系统管理员"),))


def _is_administrator(actor: Actor | None) -> bool:
    return actor is not None and any(Role.ADMINISTRATOR in held.roles for held in actor.posts)


def _is_new(uow: UnitOfWork, definition: Definition) -> bool:
    known = uow.definitions.find(definition.ref)
    if known is not None and known.sha256 != definition.sha256:
        raise Conflict(f"流程 {definition.ref} 已发布过不同的内容", hint="请提高版本号后再发布")
    return known is None


def _note(uow: UnitOfWork, now: datetime, command: LoadCampaign, published: Sequence[Definition]) -> None:
    facts = [("definition", str(d.ref), d.sha256) for d in published]
    facts.append(("campaign", command.campaign.id, command.campaign.sha256))
    actor = command.actor or LOADER
    uow.history.append([_draft(uow, actor, fact) for fact in facts], now)


def _draft(uow: UnitOfWork, actor: Actor, fact: tuple[str, str, str]) -> EntryDraft:
    kind, name, sha256 = fact
    payload: dict[str, Json] = {"type": kind, "name": name, "sha256": sha256, "system": actor.system}
    return EntryDraft(
        kind=EntryKind.DEFINITION,
        what=f"publish_{kind}",
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=actor.person,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=bytes(32),
    )


def _rows(campaign: Campaign, now: datetime) -> Iterator[NewItem]:
    units = [unit.code for unit in campaign.roster.units if unit.handles_cases]
    for phase in campaign.phases:
        places = units if phase.level is PhaseLevel.UNIT else [campaign.bureau]
        yield from (_phase(campaign, phase, unit, now) for unit in places)
    for task in campaign.tasks:
        yield _task(campaign, task)


def _phase(campaign: Campaign, phase: PlannedPhase, unit: UnitCode, now: datetime) -> NewItem:
    given: dict[str, FieldValue | None] = {
        "quote": phase.quote,
        "starts_on": phase.starts_on.isoformat(),
        "ends_on": phase.ends_on.isoformat(),
        "follows": phase.follows,
        "gate": phase.gate,
    }
    is_past = phase.starts_on < _day(now)
    return NewItem(
        definition=campaign.definitions["phase"],
        campaign=campaign.id,
        unit=unit,
        title=phase.label,
        duty=phase.code,
        fields={name: value for name, value in given.items() if value is not None},
        as_of=phase.starts_on if is_past else None,
    )


def _day(now: datetime) -> date:
    return now.astimezone(LOCAL).date()


def _task(campaign: Campaign, task: PlannedTask) -> NewItem:
    due_on = max((measure.due_on for measure in task.measures), default=campaign.hard_stop_on)
    return NewItem(
        definition=campaign.definitions["task"],
        campaign=campaign.id,
        unit=task.lead,
        title=task.label,
        duty=task.code,
        assisting=task.assisting,
        fields={"quote": task.quote, "due_on": due_on.isoformat()},
    )


def _measures(campaign: Campaign, items: Sequence[Item]) -> Iterator[NewItem]:
    parents = {(item.definition.id, item.duty): item for item in items}
    for task in campaign.tasks:
        parent = parents["task", task.code]
        for measure in task.measures:
            yield NewItem(
                definition=campaign.definitions["task"],
                campaign=campaign.id,
                unit=task.lead,
                title=measure.label,
                duty=measure.code,
                parent=parent.id,
                link="part",
                fields={"quote": measure.quote, "due_on": measure.due_on.isoformat()},
            )
