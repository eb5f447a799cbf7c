"""Accounts: how a person proves who they are. What they may do follows from their posts, never from the account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The means by which a person signs in. `secret` belongs to the second factor; `step` is the last one used.

    A secret counts from its first use on (`step` above 0); until then it may be shown to its owner.
    """

    person: PersonId
    password_hash: str
    must_change: bool
    changed_at: datetime
    disabled_at: datetime | None = None
    secret: bytes | None = None
    step: int = 0

    @property
    def is_enrolled(self) -> bool:
        """True when a second factor was set up and has been used."""
        return self.secret is not None and self.step > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account as an administrator lists it."""

    person: PersonId
    login: str
    name: str
    must_change: bool
    is_enrolled: bool
    disabled_at: datetime | None
    changed_at: datetime
    seen_at: datetime | None
    """When a session of theirs was last used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser. `digest` is the SHA-256 of its token: the token itself is known to the browser alone.

    `is_complete` is False between the password and the second factor.
    """

    digest: str
    person: PersonId
    opened_at: datetime
    seen_at: datetime
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """How often somebody failed to sign in lately, and until when they have to wait.

    `subject` is an account (from unknown devices), an address, a known device, or a second factor.
    """

    subject: str
    failures: int
    failed_at: datetime
    blocked_until: datetime


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lives: without being used, and at all."""

    idle: timedelta = timedelta(hours=1)
    absolute: timedelta = timedelta(hours=12)
