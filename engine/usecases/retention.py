"""How long what a campaign has entered is kept: archiving it, holding it, and what may go when its time is up.

Nothing goes by itself. What is due is listed; a security officer erases it, item by item, each time by an entry.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.calendar import LOCAL
from engine.model.entry import Entry, EntryKind
from engine.model.errors import Conflict, Invalid, Problem, Refused
from engine.model.inspection import Stretch
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.beside import beside_items

ARCHIVE: Final = "campaign_archived"
HOLD: Final = "campaign_held"
RELEASE: Final = "campaign_released"
ARCHIVERS: Final = (Role.ADMINISTRATOR, Role.OFFICE_DIRECTOR)
HOLDERS: Final = (Role.LEADING_GROUP, Role.SUPERVISOR, Role.OFFICE_DIRECTOR)
RELEASERS: Final = (Role.LEADING_GROUP,)
"""Who may lift a hold: the last tier alone, never whoever erases."""
SHORTEST: Final = timedelta(days=183)
"""《网络安全法》 asks that logs are kept for six months at least; a bureau may well ask for more."""
_MANY: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long a campaign is kept. `held` says why it must not go, whatever the day; empty where nothing holds it."""

    campaign: str
    title: str
    archived_at: datetime | None = None
    until: date | None = None
    held: str = ""

    def is_due(self, day: date) -> bool:
        """Whether its time is up."""
        return self.until is not None and self.until <= day and not self.held


@again
def enter_archive(uow: UnitOfWork, now: datetime, actor: Actor, campaign: str, until: date) -> Entry:
    """Enter that a closed campaign is archived, and until when it is kept.

    Raises NotPermitted, NotFound, Conflict where something of it is open, Invalid where the period is too short.
    """
    require(actor, ARCHIVERS, "不能归档")
    with uow:
        found = uow.campaigns.get(campaign)
        units = frozenset(unit.code for unit in uow.people.units())
        if left := len(uow.views.open_items(campaign, units, _MANY)):
            raise Conflict(f"“{found.title}”还有 {left} 件未办结，不能归档", hint="请先办结或撤销")
        earliest = now.astimezone(LOCAL).date() + SHORTEST
        if until < earliest:
            told = f"保存到 {until} 太短，记录至少保存六个月"
            raise Invalid("归档", (Problem(where="--keep-until", text=told, hint=f"不早于 {earliest}"),))
        return _enter(uow, now, actor, ARCHIVE, {"campaign": campaign, "until": until.isoformat()})


@again
def enter_hold(uow: UnitOfWork, now: datetime, actor: Actor, campaign: str, why: str) -> Entry:
    """Keep a campaign whatever its period says, until somebody releases it. Raises NotPermitted, Refused, NotFound."""
    require(actor, HOLDERS, "不能封存")
    _require_words("不能封存", why)
    with uow:
        uow.campaigns.get(campaign)
        return _enter(uow, now, actor, HOLD, {"campaign": campaign, "reason": why})


@again
def enter_release(uow: UnitOfWork, now: datetime, actor: Actor, campaign: str, why: str) -> Entry:
    """Let the period of a campaign count again. Raises NotPermitted, Refused, NotFound, Conflict without a hold."""
    require(actor, RELEASERS, "不能解除封存")
    _require_words("不能解除封存", why)
    with uow:
        uow.campaigns.get(campaign)
        if campaign not in holds(uow):
            raise Conflict("没有封存，不需要解除", hint="duban campaign retention 列出封存的")
        return _enter(uow, now, actor, RELEASE, {"campaign": campaign, "reason": why})


def retention(uow: UnitOfWork) -> list[Kept]:
    """Every campaign with its period and what holds it."""
    with uow:
        held, archived = (
            holds(uow),
            {f"{told['campaign']}": (entry, told) for entry, told in _said(uow, ARCHIVE)},
        )
        return [_kept(uow, each, archived.get(each), held.get(each, "")) for each in uow.campaigns.ids()]


def due_items(uow: UnitOfWork, now: datetime, campaign: str) -> list[str]:
    """The numbers of the items of a campaign whose time is up. Raises NotFound, Conflict where it is not."""
    kept = next((each for each in retention(uow) if each.campaign == campaign), None)
    with uow:
        found = uow.campaigns.get(campaign)
        if kept is None or not kept.is_due(now.astimezone(LOCAL).date()):
            raise Conflict(
                f"“{found.title}”{_why_kept(kept)}，不能清除", hint="duban campaign retention 列出期限"
            )
        kinds = sorted(found.definitions)
        return [item.number for kind in kinds for item in uow.items.of_campaign(campaign, kind)]


def _why_kept(kept: Kept | None) -> str:
    if kept is None or kept.until is None:
        return "还没有归档"
    return f"已封存（{kept.held}）" if kept.held else f"须保存到 {kept.until}"


def holds(uow: UnitOfWork) -> dict[str, str]:
    """The campaigns that must not lose anything, each with the reason; in a unit of work that is open already."""
    told = sorted([*_said(uow, HOLD), *_said(uow, RELEASE)], key=lambda pair: pair[0].index)
    newest = {f"{facts['campaign']}": (entry, facts) for entry, facts in told}
    return {
        campaign: f"{facts['reason']}" for campaign, (entry, facts) in newest.items() if entry.what == HOLD
    }


def _kept(uow: UnitOfWork, campaign: str, archived: tuple[Entry, dict[str, Json]] | None, held: str) -> Kept:
    title = uow.campaigns.get(campaign).title
    if archived is None:
        return Kept(campaign=campaign, title=title, held=held)
    entry, told = archived
    until = date.fromisoformat(f"{told['until']}")
    return Kept(campaign=campaign, title=title, archived_at=entry.at, until=until, held=held)


def _said(uow: UnitOfWork, what: str) -> Iterator[tuple[Entry, dict[str, Json]]]:
    """The entries of one kind, oldest first, and what they say."""
    size = uow.history.head().size
    for entry in reversed(uow.history.search(Stretch(first=0, before=size, what=what, limit=_MANY))):
        if entry.item is None and entry.told:
            yield entry, json.loads(entry.told)


def _enter(uow: UnitOfWork, now: datetime, actor: Actor, what: str, facts: dict[str, Json]) -> Entry:
    (entry,) = uow.history.append([beside_items(uow, EntryKind.OPERATIONS, what, actor, facts)], now)
    uow.commit()
    return entry


def _require_words(tried: str, why: str) -> None:
    if not why.strip():
        raise Refused(tried, (reason(ReasonCode.REASON_MISSING),))
