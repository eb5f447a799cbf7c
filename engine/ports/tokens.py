"""Where access tokens are kept."""

from datetime import datetime
from typing import Protocol

from engine.model.ids import PersonId
from engine.model.token import AccessToken


class Tokens(Protocol):
    """Access tokens, by the digest of what their holders know."""

    def add(self, token: AccessToken) -> None:
        """Store a token."""

    def find(self, digest: str) -> AccessToken | None:
        """The token with this digest, whether it may still be used or not."""

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """Every token of a person, oldest first."""

    def revoke(self, token: str, now: datetime) -> None:
        """End the token with this id."""

    def touch(self, token: str, now: datetime) -> None:
        """Store when the token with this id was last used."""
