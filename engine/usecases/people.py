"""Who asks, and who is put in which post."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from engine.model.actor import Actor, Grant, Person, Role
from engine.model.calendar import LOCAL
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Conflict, NotFound, Refused
from engine.model.ids import PersonId
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.views import Tenure
from engine.ports import UnitOfWork
from engine.rules.accounts import THREE_OFFICES
from engine.rules.ledger import ZERO, Json, canonical
from engine.rules.standing import require
from engine.usecases.again import again

GRANTERS: Final = (Role.SECURITY_OFFICER,)
"""Who puts people in posts (三员: neither administrator nor auditor)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person and what they may be today."""

    person: Person
    actor: Actor


def identify(uow: UnitOfWork, now: datetime, login: str) -> Identity:
    """The person who signs in with `login`, with the posts held on the day of `now`. Raises NotFound."""
    with uow:
        person = uow.people.by_login([login]).get(login)
        if person is None:
            raise NotFound(f"没有登录名为“{login}”的人员", hint="请核对 --actor 和人员名册")
        return Identity(person, uow.people.actor(person.id, now.astimezone(LOCAL).date()))


def persons_of(uow: UnitOfWork, logins: Sequence[str]) -> dict[str, PersonId]:
    """The person behind each login. Raises NotFound for the first that nobody has."""
    with uow:
        known = uow.people.by_login(logins)
    for login in logins:
        if login not in known:
            raise _unknown(login)
    return {login: known[login].id for login in logins}


def _unknown(login: str) -> NotFound:
    return NotFound(f"没有登录名为“{login}”的人员" if login else "没有写登录名", hint="请核对登录名")


@again
def grant_post(uow: UnitOfWork, now: datetime, grant: Grant, actor: Actor) -> None:
    """Put a person in a post between two days, for themselves or for somebody else (dated substitution).

    Raises NotPermitted unless the actor is the security officer (三员: neither administrator nor auditor grants posts),
    Refused where one person would hold two of these three offices, to oneself, and for what is held on no day or for
    nobody else; NotFound without such a person or post, Conflict where the person has been put in this post from this
    day already.
    """
    tried = "不能授予岗位"
    require(actor, GRANTERS, tried)
    if reasons := tuple(_grant_reasons(grant, actor)):
        raise Refused(tried, reasons)
    with uow:
        people = [grant.person, *([grant.on_behalf_of] if grant.on_behalf_of else [])]
        if len(uow.people.by_id(people)) < len(set(people)):
            raise NotFound(f"{tried}：没有此人")
        try:
            uow.people.grant(grant)
        except Conflict as taken:
            told = f"{tried}：此人自 {grant.from_on} 起已有这一岗位"
            raise Conflict(told, hint="请换一个开始日期") from taken
        if all(one.grant != grant for one in uow.people.tenures(grant.person, grant.from_on)):
            raise NotFound(f"{tried}：没有岗位“{grant.post}”", hint="请核对岗位")
        if len(uow.people.roles_from(grant.person, grant.from_on) & THREE_OFFICES) > 1:
            raise Refused(tried, (reason(ReasonCode.THREE_OFFICES),))
        uow.history.append([_draft(uow, "grant_post", _told("grant", grant), grant, actor)], now)
        uow.commit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """A grant that is to end earlier: on the day before `until_on`, and why."""

    grant: Grant
    until_on: date
    reason: str


@again
def recall_post(uow: UnitOfWork, now: datetime, recall: Recall, actor: Actor) -> None:
    """Take a post back, from today on or from a later day; what was done in it stays as it is.

    Raises NotPermitted unless the actor is the security officer, Refused without a reason, for a day that is over, and
    for a post of the actor's own (somebody who grants posts must be left), Conflict where it ends no later anyway.
    """
    tried = "不能收回岗位"
    require(actor, GRANTERS, tried)
    if reasons := tuple(_recall_reasons(recall, actor, now.astimezone(LOCAL).date())):
        raise Refused(tried, reasons)
    with uow:
        uow.people.recall(recall.grant, recall.until_on)
        payload = _told("recall", replace(recall.grant, until_on=recall.until_on)) | {"reason": recall.reason}
        uow.history.append([_draft(uow, "recall_post", payload, recall.grant, actor)], now)
        uow.commit()


def tenures_of(uow: UnitOfWork, now: datetime, login: str, actor: Actor) -> tuple[Person, list[Tenure]]:
    """A person, and the grants of theirs that run today or later. Raises NotPermitted, NotFound."""
    require(actor, GRANTERS, "不能查看任职")
    with uow:
        person = uow.people.by_login([login]).get(login)
        if person is None:
            raise _unknown(login)
        return person, uow.people.tenures(person.id, now.astimezone(LOCAL).date())


def _grant_reasons(grant: Grant, actor: Actor) -> Iterator[Reason]:
    if grant.until_on and grant.until_on <= grant.from_on:
        yield reason(ReasonCode.FIELD_INVALID, field="止", problem="应晚于开始日期")
    if grant.on_behalf_of == grant.person:
        yield reason(ReasonCode.FIELD_INVALID, field="代谁", problem="不能代自己")
    if grant.person == actor.person:
        yield reason(ReasonCode.OWN_POST)


def _recall_reasons(recall: Recall, actor: Actor, today: date) -> Iterator[Reason]:
    if not recall.reason.strip():
        yield reason(ReasonCode.REASON_MISSING)
    if recall.until_on < today:
        yield reason(ReasonCode.DAY_OVER, day=recall.until_on.isoformat())
    if recall.grant.person == actor.person:
        yield reason(ReasonCode.OWN_POST)


def _told(kind: str, grant: Grant) -> dict[str, Json]:
    return {
        "type": kind,
        "person": grant.person,
        "post": grant.post,
        "from": grant.from_on.isoformat(),
        "until": grant.until_on.isoformat() if grant.until_on else None,
        "for": grant.on_behalf_of,
    }


def _draft(uow: UnitOfWork, what: str, payload: dict[str, Json], grant: Grant, actor: Actor) -> EntryDraft:
    return EntryDraft(
        kind=EntryKind.ACCOUNT,
        what=what,
        flags=EntryFlag.BY_DELEGATE if grant.on_behalf_of else EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=actor.person,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
