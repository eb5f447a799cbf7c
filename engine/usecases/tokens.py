"""Access tokens: made and revoked by their person, found when a program shows one.

A token ends with its account: whoever is disabled takes every token along. Making and revoking are entries of the
history, and none of them holds the token.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.actor import Actor, Person
from engine.model.calendar import LOCAL
from engine.model.errors import NotFound, Refused
from engine.model.reasons import ReasonCode, reason
from engine.model.token import AccessToken, Scope
from engine.ports import UnitOfWork
from engine.rules.accounts import digest_of
from engine.rules.tokens import is_usable, needs_touch, objection, token_text
from engine.usecases.accounts import note
from engine.usecases.again import again


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOrder:
    """What somebody wants a token for, and for how many days."""

    name: str
    scopes: frozenset[Scope]
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Who is behind a token, with the posts held today."""

    token: AccessToken
    person: Person
    actor: Actor


@again
def make_token(uow: UnitOfWork, now: datetime, order: TokenOrder, actor: Actor) -> tuple[AccessToken, str]:
    """Make a token for the actor; returns it with the text that is shown this once.

    Raises Refused, NotFound (no account).
    """
    if problem := objection(order.scopes, order.days, actor):
        raise Refused("没有建立访问令牌", (reason(ReasonCode.TOKEN_UNFIT, problem=problem),))
    with uow:
        _require_account(uow, actor)
        text = token_text(uow.entropy.salt())
        token = AccessToken(
            id=uow.entropy.new_id(now),
            digest=digest_of(text),
            person=actor.person,
            name=order.name,
            scopes=order.scopes,
            made_at=now,
            expires_at=now + timedelta(days=order.days),
        )
        uow.tokens.add(token)
        note(uow, now, "make_token", actor.person, actor)
        uow.commit()
    return token, text


def list_tokens(uow: UnitOfWork, actor: Actor) -> list[AccessToken]:
    """The actor's own tokens, oldest first."""
    with uow:
        return uow.tokens.of_person(actor.person)


@again
def revoke_token(uow: UnitOfWork, now: datetime, token: str, actor: Actor) -> None:
    """End one of the actor's own tokens. Raises NotFound."""
    with uow:
        own = {each.id for each in uow.tokens.of_person(actor.person) if each.revoked_at is None}
        if token not in own:
            raise NotFound(f"没有访问令牌 {token}", hint="请核对编号；duban token list 列出您的访问令牌")
        uow.tokens.revoke(token, now)
        note(uow, now, "revoke_token", actor.person, actor)
        uow.commit()


def find_bearer(uow: UnitOfWork, now: datetime, text: str) -> Bearer | None:
    """Who is behind a token today; None where there is none, or it has ended, or its account has."""
    with uow:
        token = uow.tokens.find(digest_of(text))
        account = uow.accounts.get(token.person) if token else None
        if token is None or account is None or account.disabled_at is not None or not is_usable(token, now):
            return None
        person = uow.people.by_id([token.person])[token.person]
        actor = uow.people.actor(person.id, now.astimezone(LOCAL).date())
        return Bearer(token=token, person=person, actor=actor)


@again
def note_use(uow: UnitOfWork, now: datetime, token: AccessToken) -> None:
    """Store that a token was used, once an hour at most."""
    if not needs_touch(token, now):
        return
    with uow:
        uow.tokens.touch(token.id, now)
        uow.commit()


def _require_account(uow: UnitOfWork, actor: Actor) -> None:
    account = uow.accounts.get(actor.person)
    if account is None or account.disabled_at is not None:
        raise NotFound("您还没有可用的账户", hint="请系统管理员建立账户：duban account add 登录名")
