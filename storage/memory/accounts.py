"""Accounts, their sessions, known devices and brakes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.model.account import Account, AccountRow, Brake, Session
from engine.model.actor import Person
from engine.model.ids import PersonId
from storage.memory.rows import Device
from storage.memory.work import Work


class MemoryAccounts:
    """Fulfils `Accounts`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, person: PersonId) -> Account | None:
        """See `Accounts.get`."""
        return self._work.tables.accounts.get(person)

    def rows(self) -> list[AccountRow]:
        """See `Accounts.rows`."""
        known = [(self._work.tables.persons.get(one.person), one) for one in self._work.tables.accounts]
        rows = [self._row(person, account) for person, account in known if person is not None]
        return sorted(rows, key=lambda row: row.login)

    def add(self, account: Account) -> None:
        """See `Accounts.add`."""
        with self._work.writing() as tables:
            tables.accounts.add(account)

    def replace(self, account: Account) -> None:
        """See `Accounts.replace`."""
        with self._work.writing() as tables:
            if tables.accounts.get(account.person) is not None:
                tables.accounts.put(account)

    def session(self, digest: str) -> Session | None:
        """See `Accounts.session`."""
        return self._work.tables.sessions.get(digest)

    def open_session(self, session: Session) -> None:
        """See `Accounts.open_session`."""
        with self._work.writing() as tables:
            tables.sessions.add(session)

    def touch(self, session: Session) -> None:
        """See `Accounts.touch`."""
        with self._work.writing() as tables:
            if (known := tables.sessions.get(session.digest)) is not None:
                tables.sessions.put(replace(known, seen_at=session.seen_at))

    def end_session(self, digest: str) -> None:
        """See `Accounts.end_session`."""
        with self._work.writing() as tables:
            tables.sessions.drop(lambda one: one.digest == digest)

    def end_sessions(self, person: PersonId) -> None:
        """See `Accounts.end_sessions`."""
        with self._work.writing() as tables:
            tables.sessions.drop(lambda one: one.person == person)

    def end_sessions_before(self, opened_at: datetime) -> None:
        """See `Accounts.end_sessions_before`."""
        with self._work.writing() as tables:
            tables.sessions.drop(lambda one: one.opened_at < opened_at)

    def know_device(
        self,
        digest: str,
        person: PersonId,
        now: datetime,  # noqa: ARG002 - no port tells since when
    ) -> None:
        """See `Accounts.know_device`."""
        with self._work.writing() as tables:
            tables.devices.add_new(Device(digest, person))

    def knows_device(self, digest: str, person: PersonId) -> bool:
        """See `Accounts.knows_device`."""
        return self._work.tables.devices.get(Device(digest, person)) is not None

    def forget_devices(self, person: PersonId) -> None:
        """See `Accounts.forget_devices`."""
        with self._work.writing() as tables:
            tables.devices.drop(lambda one: one.person == person)

    def brakes(self, subjects: Sequence[str]) -> dict[str, Brake]:
        """See `Accounts.brakes`."""
        return {one.subject: one for one in self._work.tables.brakes if one.subject in subjects}

    def set_brake(self, brake: Brake) -> None:
        """See `Accounts.set_brake`."""
        with self._work.writing() as tables:
            tables.brakes.put(brake)

    def release(self, subjects: Sequence[str]) -> None:
        """See `Accounts.release`."""
        with self._work.writing() as tables:
            tables.brakes.drop(lambda one: one.subject in subjects)

    def _row(self, person: Person, account: Account) -> AccountRow:
        seen = [one.seen_at for one in self._work.tables.sessions if one.person == person.id]
        return AccountRow(
            person=person.id,
            login=person.login,
            name=person.name,
            must_change=account.must_change,
            is_enrolled=account.is_enrolled,
            disabled_at=account.disabled_at,
            changed_at=account.changed_at,
            seen_at=max(seen, default=None),
        )
