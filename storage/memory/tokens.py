"""Access tokens."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine.model.ids import PersonId
from engine.model.token import AccessToken
from storage.memory.work import Work


class MemoryTokens:
    """Fulfils `Tokens`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, token: AccessToken) -> None:
        """See `Tokens.add`."""
        with self._work.writing() as tables:
            tables.tokens.add(token)

    def find(self, digest: str) -> AccessToken | None:
        """See `Tokens.find`."""
        return next((one for one in self._work.tables.tokens if one.digest == digest), None)

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """See `Tokens.of_person`."""
        found = [one for one in self._work.tables.tokens if one.person == person]
        return sorted(found, key=lambda one: (one.made_at, one.id))

    def revoke(self, token: str, now: datetime) -> None:
        """See `Tokens.revoke`."""
        self._change(token, lambda one: replace(one, revoked_at=now))

    def touch(self, token: str, now: datetime) -> None:
        """See `Tokens.touch`."""
        self._change(token, lambda one: replace(one, used_at=now))

    def _change(self, token: str, changed: Callable[[AccessToken], AccessToken]) -> None:
        with self._work.writing() as tables:
            if (known := tables.tokens.get(token)) is not None:
                tables.tokens.put(changed(known))
