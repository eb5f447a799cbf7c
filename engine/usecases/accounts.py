"""Accounts: made, reset and closed by the system administrator; the password changed by its owner.

Each of these is an entry of the history, and none of the entries holds a secret.
"""

from dataclasses import replace
from datetime import datetime

from engine.model.account import Account, AccountRow
from engine.model.actor import Actor, Person, Role
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Conflict, NotFound, NotPermitted, Refused
from engine.model.ids import PersonId
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.ports.accounts import Hasher
from engine.rules.accounts import roles_of
from engine.rules.ledger import ZERO, Json, canonical
from engine.rules.passwords import objection
from engine.usecases.again import again


def list_accounts(uow: UnitOfWork, asker: Actor) -> list[AccountRow]:
    """Every account. Raises NotPermitted unless the asker looks after the system or its safety, or audits it."""
    allowed = {Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR}
    if asker.system is None and allowed.isdisjoint(roles_of(asker)):
        raise NotPermitted("不能查看账户", (reason(ReasonCode.NOT_STANDING, who="administrator"),))
    with uow:
        return uow.accounts.rows()


@again
def add_account(uow: UnitOfWork, now: datetime, hasher: Hasher, login: str, actor: Actor) -> str:
    """Give a person of the roster an account; returns the password that has to be changed at the first sign-in.

    Raises NotFound, Conflict (has one already), NotPermitted.
    """
    _require_administrator(actor, f"不能给 {login} 建立账户")
    with uow:
        person, password = _person(uow, login), _password(uow)
        if uow.accounts.get(person.id) is not None:
            raise Conflict(f"{login} 已有账户", hint="忘记密码的，请重置密码")
        uow.accounts.add(
            Account(person=person.id, password_hash=hasher.hash(password), must_change=True, changed_at=now)
        )
        note(uow, now, "add_account", person.id, actor)
        uow.commit()
    return password


@again
def reset_password(uow: UnitOfWork, now: datetime, hasher: Hasher, login: str, actor: Actor) -> str:
    """A new password for an account, to be changed at the next sign-in; sessions, devices and second factor end.

    Raises NotFound, NotPermitted.
    """
    _require_administrator(actor, f"不能重置 {login} 的密码")
    with uow:
        known, password = _account(uow, login), _password(uow)
        fresh = replace(
            known,
            password_hash=hasher.hash(password),
            must_change=True,
            changed_at=now,
            secret=None,
            step=0,
        )
        _store(uow, fresh)
        uow.accounts.forget_devices(known.person)
        uow.accounts.release([f"account:{known.person}", f"code:{known.person}"])
        note(uow, now, "reset_password", known.person, actor)
        uow.commit()
    return password


@again
def disable_account(uow: UnitOfWork, now: datetime, login: str, actor: Actor) -> None:
    """Close an account: its sessions end at once. Raises NotFound, NotPermitted, Conflict (is closed)."""
    _require_administrator(actor, f"不能停用 {login} 的账户")
    with uow:
        known = _account(uow, login)
        if known.disabled_at is not None:
            raise Conflict(f"{login} 的账户已经停用")
        _store(uow, replace(known, disabled_at=now))
        note(uow, now, "disable_account", known.person, actor)
        uow.commit()


@again
def enable_account(uow: UnitOfWork, now: datetime, login: str, actor: Actor) -> None:
    """Open a closed account again. Raises NotFound, NotPermitted, Conflict (is open)."""
    _require_administrator(actor, f"不能启用 {login} 的账户")
    with uow:
        known = _account(uow, login)
        if known.disabled_at is None:
            raise Conflict(f"{login} 的账户没有停用")
        _store(uow, replace(known, disabled_at=None))
        note(uow, now, "enable_account", known.person, actor)
        uow.commit()


def require_good_password(password: str, person: Person) -> None:
    """Raises Refused where a password is too easily guessed."""
    if problem := objection(password, person.login):
        raise Refused("不能改用这个密码", (reason(ReasonCode.PASSWORD_WEAK, problem=problem),))


def note(uow: UnitOfWork, now: datetime, what: str, person: PersonId, actor: Actor) -> None:
    """Enter in the history what was done to or with an account, in the unit of work at hand."""
    payload: dict[str, Json] = {"type": "account", "person": person, "system": actor.system}
    draft = EntryDraft(
        kind=EntryKind.ACCOUNT,
        what=what,
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=actor.person,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
    uow.history.append([draft], now)


def _require_administrator(actor: Actor, tried: str) -> None:
    """Whoever has the server's console may do what an administrator may: the first account is made there."""
    if actor.system is None and Role.ADMINISTRATOR not in roles_of(actor):
        raise NotPermitted(tried, (reason(ReasonCode.NOT_STANDING, who="administrator"),))


def _person(uow: UnitOfWork, login: str) -> Person:
    person = uow.people.by_login([login]).get(login)
    if person is None:
        raise NotFound(f"名册上没有登录名为“{login}”的人员", hint="请核对登录名；人员随方案载入")
    return person


def _account(uow: UnitOfWork, login: str) -> Account:
    known = uow.accounts.get(_person(uow, login).id)
    if known is None:
        raise NotFound(f"{login} 还没有账户", hint="请先建立账户")
    return known


def _store(uow: UnitOfWork, account: Account) -> None:
    """A changed account; whoever is signed in with it has to sign in anew."""
    uow.accounts.replace(account)
    uow.accounts.end_sessions(account.person)


def _password(uow: UnitOfWork) -> str:
    """Twenty hex digits in groups: 80 bits, easily read out."""
    digits = uow.entropy.salt().hex()[:20]
    return "-".join(digits[start : start + 5] for start in range(0, 20, 5))
