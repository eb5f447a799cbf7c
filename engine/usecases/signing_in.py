"""Signing in: password, second factor, the session that follows, and its end.

An attempt is counted before its password is looked at, so that a thousand at once are worth no more than one after
the other. Brakes on a known device are its own: whoever guesses at an account cannot keep its owner out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.account import Account, Session, SessionLimits
from engine.model.actor import Actor, Person
from engine.model.calendar import LOCAL
from engine.model.errors import NotFound, Refused
from engine.model.ids import PersonId
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.ports.accounts import Hasher
from engine.rules.accounts import (
    accepted_step,
    after_failure,
    digest_of,
    is_alive,
    needs_second_factor,
    touched,
    wait_of,
)
from engine.usecases.accounts import note, require_good_password
from engine.usecases.again import again

Begin = Callable[[], UnitOfWork]
_REFUSED = "没有登录"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What a browser brings: `device` is the token it was given at an earlier sign-in, if any."""

    login: str
    password: str
    address: str
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that was opened, with the tokens that only the browser keeps."""

    token: str
    device: str
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is behind a session, with the posts held today."""

    session: Session
    account: Account
    person: Person
    actor: Actor

    @property
    def needs_second_factor(self) -> bool:
        """True while the second factor is still to be shown."""
        return not self.session.is_complete


def sign_in(begin: Begin, now: datetime, hasher: Hasher, asked: SignIn) -> Opened:
    """Open a session for whoever knows the password. Raises Refused, in the same words whatever was wrong."""
    account = _counted(begin(), now, asked)
    hashed = account.password_hash if account else None
    is_right = hasher.verify(hashed, asked.password)
    if account is None or not is_right or account.disabled_at is not None:
        raise Refused(_REFUSED, (reason(ReasonCode.SIGN_IN_WRONG),))
    if hasher.is_outdated(account.password_hash):
        account = replace(account, password_hash=hasher.hash(asked.password))
    return _opened(begin(), now, account, asked)


@again
def _counted(uow: UnitOfWork, now: datetime, asked: SignIn) -> Account | None:
    """Count the attempt; returns the account, if there is one. Raises Refused where somebody has to wait."""
    with uow:
        person = uow.people.by_login([asked.login]).get(asked.login)
        _count(uow, now, _subjects(uow, person, asked))
        account = uow.accounts.get(person.id) if person else None
        uow.commit()
    return account


def _subjects(uow: UnitOfWork, person: Person | None, asked: SignIn) -> list[str]:
    if person and asked.device and uow.accounts.knows_device(digest_of(asked.device), person.id):
        return [f"device:{digest_of(asked.device)}"]
    return [f"account:{person.id if person else digest_of(asked.login)}", f"address:{asked.address}"]


def _count(uow: UnitOfWork, now: datetime, subjects: Sequence[str]) -> None:
    known = uow.accounts.brakes(subjects)
    wait = wait_of(list(known.values()), now)
    if wait.total_seconds() > 0:
        seconds = int(wait.total_seconds()) + 1
        raise Refused(_REFUSED, (reason(ReasonCode.SIGN_IN_BRAKED, seconds=seconds),))
    for subject in subjects:
        uow.accounts.set_brake(after_failure(known.get(subject), subject, now))


@again
def _opened(uow: UnitOfWork, now: datetime, account: Account, asked: SignIn) -> Opened:
    with uow:
        person = uow.people.by_id([account.person])[account.person]
        actor = uow.people.actor(person.id, now.astimezone(LOCAL).date())
        uow.accounts.release(_subjects(uow, person, asked))
        uow.accounts.replace(account)
        device = asked.device or uow.entropy.salt().hex()
        is_complete = not needs_second_factor(actor)
        if is_complete:
            uow.accounts.know_device(digest_of(device), person.id, now)
            note(uow, now, "sign_in", person.id, actor)
        token = _open_session(uow, now, person.id, is_complete=is_complete)
        uow.commit()
    return Opened(token=token, device=device, is_complete=is_complete)


def _open_session(uow: UnitOfWork, now: datetime, person: PersonId, *, is_complete: bool) -> str:
    token = uow.entropy.salt().hex()
    uow.accounts.open_session(
        Session(digest=digest_of(token), person=person, opened_at=now, seen_at=now, is_complete=is_complete)
    )
    return token


@again
def enrol(uow: UnitOfWork, visitor: Visitor) -> bytes:
    """The secret of a second factor that is being set up; made where there is none.

    Raises NotFound once it has been used.
    """
    with uow:
        account = _account(uow, visitor.person.id)
        if account.is_enrolled:
            raise NotFound("第二因素已经设好", hint="换手机的，请系统管理员重置")
        if account.secret is None:
            account = replace(account, secret=uow.entropy.salt()[:20])
            uow.accounts.replace(account)
            uow.commit()
    return account.secret or b""


@again
def confirm(uow: UnitOfWork, now: datetime, visitor: Visitor, code: str, device: str) -> str:
    """Complete a session by the six digits of the second factor; returns its new token. Raises Refused."""
    subject = f"code:{visitor.person.id}"
    with uow:
        account = _account(uow, visitor.person.id)
        _count(uow, now, [subject])
        step = accepted_step(account.secret or b"", account.step, code, now) if account.secret else None
        if step is None:
            uow.commit()  # the attempt stays counted
            raise Refused("没有通过", (reason(ReasonCode.CODE_WRONG),))
        uow.accounts.replace(replace(account, step=step))
        uow.accounts.release([subject])
        uow.accounts.end_session(visitor.session.digest)
        uow.accounts.know_device(digest_of(device), account.person, now)
        token = _open_session(uow, now, account.person, is_complete=True)
        note(uow, now, "sign_in", account.person, visitor.actor)
        uow.commit()
    return token


def find_visitor(uow: UnitOfWork, now: datetime, token: str, limits: SessionLimits) -> Visitor | None:
    """Who is behind a token today; None where there is no such session or it has ended."""
    with uow:
        session = uow.accounts.session(digest_of(token))
        if session is None or not is_alive(session, limits, now):
            return None
        account = uow.accounts.get(session.person)
        if account is None or account.disabled_at is not None:
            return None
        person = uow.people.by_id([session.person])[session.person]
        actor = uow.people.actor(person.id, now.astimezone(LOCAL).date())
        return Visitor(session=session, account=account, person=person, actor=actor)


@again
def keep_alive(uow: UnitOfWork, now: datetime, session: Session, limits: SessionLimits) -> None:
    """Store that a session was used, once a minute at most, and forget those that are over."""
    fresh = touched(session, now)
    if fresh is None:
        return
    with uow:
        uow.accounts.touch(fresh)
        uow.accounts.end_sessions_before(now - limits.absolute)
        uow.commit()


@again
def sign_out(uow: UnitOfWork, now: datetime, visitor: Visitor) -> None:
    """End a session."""
    with uow:
        uow.accounts.end_session(visitor.session.digest)
        note(uow, now, "sign_out", visitor.person.id, visitor.actor)
        uow.commit()


def change_password(
    begin: Begin, now: datetime, hasher: Hasher, visitor: Visitor, words: tuple[str, str]
) -> str:
    """Change one's own password, from the old to the new of `words`; returns the token of the one session left.

    Raises Refused.
    """
    old, new = words
    _check_old(begin(), now, visitor)
    if not hasher.verify(visitor.account.password_hash, old):
        raise Refused("密码没有改", (reason(ReasonCode.SIGN_IN_WRONG),))
    require_good_password(new, visitor.person)
    if old == new:
        raise Refused("密码没有改", (reason(ReasonCode.PASSWORD_SAME),))
    return _changed(begin(), now, visitor, hasher.hash(new))


@again
def _check_old(uow: UnitOfWork, now: datetime, visitor: Visitor) -> None:
    """Count the attempt: a session left open is no place to guess its owner's password from."""
    with uow:
        _count(uow, now, [f"code:{visitor.person.id}"])
        uow.commit()


@again
def _changed(uow: UnitOfWork, now: datetime, visitor: Visitor, hashed: str) -> str:
    with uow:
        account = _account(uow, visitor.person.id)
        uow.accounts.replace(replace(account, password_hash=hashed, must_change=False, changed_at=now))
        uow.accounts.end_sessions(account.person)
        uow.accounts.release([f"code:{account.person}"])
        token = _open_session(uow, now, account.person, is_complete=True)
        note(uow, now, "change_password", account.person, visitor.actor)
        uow.commit()
    return token


def _account(uow: UnitOfWork, person: PersonId) -> Account:
    account = uow.accounts.get(person)
    if account is None:
        raise NotFound("账户已不存在")
    return account
