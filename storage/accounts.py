"""Accounts, their sessions, known devices and brakes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Table, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.model.account import Account, AccountRow, Brake, Session
from engine.model.ids import PersonId
from storage import prepared
from storage.prepared import IsAmong, Prepared, Row, listed
from storage.rows import instant, instant_or_none, micros, micros_or_none
from storage.tables import account, brake, device, person, session

THE_PERSON = bindparam("of_person", type_=Text())
GET = Prepared(select(account).where(account.c.person == THE_PERSON))
LOCK = Prepared(select(account).where(account.c.person == THE_PERSON).with_for_update())
ADD = Prepared(insert(account))
REPLACE = Prepared(
    update(account)
    .where(account.c.person == THE_PERSON)
    .values({column.name: bindparam(column.name) for column in account.c if column.name != "person"})
)
SEEN = (
    select(func.max(session.c.seen_at)).where(session.c.person == account.c.person).scalar_subquery()
).label("last_seen")
ROWS = Prepared(
    select(account, person.c.login, person.c.name, SEEN)
    .join(person, person.c.id == account.c.person)
    .order_by(person.c.login)
)
THE_SESSION = session.c.digest == bindparam("of_digest")
SESSION = Prepared(select(session).where(THE_SESSION))
OPEN = Prepared(insert(session))
TOUCH = Prepared(update(session).where(THE_SESSION).values(seen_at=bindparam("at")))
END = Prepared(delete(session).where(THE_SESSION))
END_OF = Prepared(delete(session).where(session.c.person == THE_PERSON))
END_BEFORE = Prepared(delete(session).where(session.c.opened_at < bindparam("before")))
KNOW = Prepared.adding(device)
KNOWN = Prepared(
    select(device.c.known_at).where(device.c.digest == bindparam("of_digest"), device.c.person == THE_PERSON)
)
FORGET = Prepared(delete(device).where(device.c.person == THE_PERSON))
BRAKES = Prepared(select(brake).where(IsAmong(brake.c.subject, "subjects")))
RELEASE = Prepared(delete(brake).where(IsAmong(brake.c.subject, "subjects")))


def _putting(table: Table) -> Prepared:
    """An insert that replaces the row whose key is taken."""
    keys, kept = [c.name for c in table.primary_key], [c.name for c in table.c if not c.primary_key]
    on_sqlite, on_postgresql = sqlite.insert(table), postgresql.insert(table)
    return Prepared(
        on_sqlite.on_conflict_do_update(keys, set_={name: on_sqlite.excluded[name] for name in kept}),
        on_postgresql.on_conflict_do_update(
            index_elements=keys, set_={name: on_postgresql.excluded[name] for name in kept}
        ),
    )


BRAKE = _putting(brake)


class Sealing(Protocol):
    """Keeps the secrets of second factors out of the database itself."""

    def seal(self, person: str, secret: bytes) -> bytes:
        """What is stored of a secret."""

    def open(self, person: str, stored: bytes) -> bytes:
        """The secret behind what is stored; what was stored unsealed is given back as it is."""


class SqlAccounts:
    """Fulfils `Accounts`. Secrets go through `sealing`, where there is one."""

    def __init__(self, session: prepared.Session, sealing: Sealing | None = None) -> None:
        self._session = session
        self._sealing = sealing

    def get(self, person: PersonId) -> Account | None:
        """See `Accounts.get`."""
        row = self._session.one(LOCK if self._session.write else GET, of_person=person)
        return None if row is None else self._opened(_account(row))

    def rows(self) -> list[AccountRow]:
        """See `Accounts.rows`."""
        return [_account_row(row) for row in self._session.rows(ROWS)]

    def add(self, account: Account) -> None:
        """See `Accounts.add`."""
        self._session.run(ADD, person=account.person, **_row(self._sealed(account)))

    def replace(self, account: Account) -> None:
        """See `Accounts.replace`."""
        self._session.run(REPLACE, of_person=account.person, **_row(self._sealed(account)))

    def _sealed(self, account: Account) -> Account:
        if self._sealing is None or account.secret is None:
            return account
        return replace(account, secret=self._sealing.seal(account.person, account.secret))

    def _opened(self, account: Account) -> Account:
        if self._sealing is None or account.secret is None:
            return account
        return replace(account, secret=self._sealing.open(account.person, account.secret))

    def session(self, digest: str) -> Session | None:
        """See `Accounts.session`."""
        row = self._session.one(SESSION, of_digest=digest)
        return None if row is None else _known_session(row)

    def open_session(self, session: Session) -> None:
        """See `Accounts.open_session`."""
        self._session.run(
            OPEN,
            digest=session.digest,
            person=session.person,
            opened_at=micros(session.opened_at),
            seen_at=micros(session.seen_at),
            is_complete=int(session.is_complete),
        )

    def touch(self, session: Session) -> None:
        """See `Accounts.touch`."""
        self._session.run(TOUCH, of_digest=session.digest, at=micros(session.seen_at))

    def end_session(self, digest: str) -> None:
        """See `Accounts.end_session`."""
        self._session.run(END, of_digest=digest)

    def end_sessions(self, person: PersonId) -> None:
        """See `Accounts.end_sessions`."""
        self._session.run(END_OF, of_person=person)

    def end_sessions_before(self, opened_at: datetime) -> None:
        """See `Accounts.end_sessions_before`."""
        self._session.run(END_BEFORE, before=micros(opened_at))

    def know_device(self, digest: str, person: PersonId, now: datetime) -> None:
        """See `Accounts.know_device`."""
        self._session.run(KNOW, digest=digest, person=person, known_at=micros(now))

    def knows_device(self, digest: str, person: PersonId) -> bool:
        """See `Accounts.knows_device`."""
        return self._session.one(KNOWN, of_digest=digest, of_person=person) is not None

    def forget_devices(self, person: PersonId) -> None:
        """See `Accounts.forget_devices`."""
        self._session.run(FORGET, of_person=person)

    def brakes(self, subjects: Sequence[str]) -> dict[str, Brake]:
        """See `Accounts.brakes`."""
        return {row["subject"]: _brake(row) for row in self._session.rows(BRAKES, subjects=listed(subjects))}

    def set_brake(self, brake: Brake) -> None:
        """See `Accounts.set_brake`."""
        self._session.run(
            BRAKE,
            subject=brake.subject,
            failures=brake.failures,
            failed_at=micros(brake.failed_at),
            blocked_until=micros(brake.blocked_until),
        )

    def release(self, subjects: Sequence[str]) -> None:
        """See `Accounts.release`."""
        self._session.run(RELEASE, subjects=listed(subjects))


def _row(account: Account) -> Row:
    return {
        "password_hash": account.password_hash,
        "must_change": int(account.must_change),
        "changed_at": micros(account.changed_at),
        "disabled_at": micros_or_none(account.disabled_at),
        "secret": account.secret,
        "step": account.step,
    }


def _account(row: Row) -> Account:
    return Account(
        person=row["person"],
        password_hash=row["password_hash"],
        must_change=bool(row["must_change"]),
        changed_at=instant(row["changed_at"]),
        disabled_at=instant_or_none(row["disabled_at"]),
        secret=_bytes(row["secret"]),
        step=row["step"],
    )


def _account_row(row: Row) -> AccountRow:
    return AccountRow(
        person=row["person"],
        login=row["login"],
        name=row["name"],
        must_change=bool(row["must_change"]),
        is_enrolled=row["step"] > 0,
        disabled_at=instant_or_none(row["disabled_at"]),
        changed_at=instant(row["changed_at"]),
        seen_at=instant_or_none(row["last_seen"]),
    )


def _known_session(row: Row) -> Session:
    return Session(
        digest=row["digest"],
        person=row["person"],
        opened_at=instant(row["opened_at"]),
        seen_at=instant(row["seen_at"]),
        is_complete=bool(row["is_complete"]),
    )


def _brake(row: Row) -> Brake:
    return Brake(
        subject=row["subject"],
        failures=row["failures"],
        failed_at=instant(row["failed_at"]),
        blocked_until=instant(row["blocked_until"]),
    )


def _bytes(stored: Any) -> bytes | None:
    return None if stored is None else bytes(stored)
