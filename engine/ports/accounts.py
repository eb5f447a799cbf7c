"""What signing in needs: a hasher of passwords, and where accounts and sessions are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from engine.model.account import Account, AccountRow, Brake, Session
from engine.model.ids import PersonId


class Hasher(Protocol):
    """Hashes passwords, slowly and with salt."""

    def hash(self, password: str) -> str:
        """The hash of a password, with its parameters."""

    def verify(self, hashed: str | None, password: str) -> bool:
        """True when the password is the one that was hashed; as slow where there is no hash at all."""

    def is_outdated(self, hashed: str) -> bool:
        """True when a hash was made with other parameters than are asked for today."""


class Accounts(Protocol):
    """Accounts, their sessions, known devices and brakes."""

    def get(self, person: PersonId) -> Account | None:
        """The account of a person, locked against other writers in a write unit."""

    def rows(self) -> list[AccountRow]:
        """Every account, in the order of logins."""

    def add(self, account: Account) -> None:
        """Store an account. Raises Conflict where the person has one."""

    def replace(self, account: Account) -> None:
        """Store an account anew."""

    def session(self, digest: str) -> Session | None:
        """A session, whether it may still be used or not."""

    def open_session(self, session: Session) -> None:
        """Store a session."""

    def touch(self, session: Session) -> None:
        """Store when a session was last used."""

    def end_session(self, digest: str) -> None:
        """Forget a session."""

    def end_sessions(self, person: PersonId) -> None:
        """Forget every session of a person."""

    def end_sessions_before(self, opened_at: datetime) -> None:
        """Forget the sessions that were opened before an instant."""

    def know_device(self, digest: str, person: PersonId, now: datetime) -> None:
        """Store that a person has signed in from a device."""

    def knows_device(self, digest: str, person: PersonId) -> bool:
        """True when the person has signed in from this device."""

    def forget_devices(self, person: PersonId) -> None:
        """Forget every device of a person."""

    def brakes(self, subjects: Sequence[str]) -> dict[str, Brake]:
        """The brakes on these subjects."""

    def set_brake(self, brake: Brake) -> None:
        """Store a brake over the one before."""

    def release(self, subjects: Sequence[str]) -> None:
        """Forget the brakes on these subjects."""
