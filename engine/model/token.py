"""Access tokens: by which a program acts for a person, no further than the token's scopes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.ids import PersonId


class Scope(StrEnum):
    """What a token is good for. A token never reaches further than its person does."""

    READ = "read"
    """Whatever its person may read."""
    WRITE = "write"
    """Opening and moving items as its person."""
    CALENDAR = "calendar"
    """The feed of its person's own limits; the token stands in an address, so it is good for nothing else."""
    METRICS = "metrics"
    """Counts of the whole installation, for whatever watches over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What is kept of a token. `digest` is its SHA-256: the token itself is known to its holder alone."""

    id: str
    digest: str
    person: PersonId
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    used_at: datetime | None = None
    """When it was last used, no finer than an hour."""
