"""Access tokens."""

from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from engine.model.ids import PersonId
from engine.model.token import AccessToken, Scope
from storage.prepared import Prepared, Row, Session
from storage.rows import instant, instant_or_none, micros, micros_or_none
from storage.token_tables import token

THE_TOKEN = token.c.id == bindparam("of_token")
ADD = Prepared(insert(token))
FIND = Prepared(select(token).where(token.c.digest == bindparam("of_digest")))
OF_PERSON = Prepared(
    select(token).where(token.c.person == bindparam("of_person")).order_by(token.c.made_at, token.c.id)
)
REVOKE = Prepared(update(token).where(THE_TOKEN).values(revoked_at=bindparam("at")))
TOUCH = Prepared(update(token).where(THE_TOKEN).values(used_at=bindparam("at")))


class SqlTokens:
    """Fulfils `Tokens`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, token: AccessToken) -> None:
        """See `Tokens.add`."""
        self._session.run(ADD, **_row(token))

    def find(self, digest: str) -> AccessToken | None:
        """See `Tokens.find`."""
        row = self._session.one(FIND, of_digest=digest)
        return None if row is None else _token(row)

    def of_person(self, person: PersonId) -> list[AccessToken]:
        """See `Tokens.of_person`."""
        return [_token(row) for row in self._session.rows(OF_PERSON, of_person=person)]

    def revoke(self, token: str, now: datetime) -> None:
        """See `Tokens.revoke`."""
        self._session.run(REVOKE, of_token=token, at=micros(now))

    def touch(self, token: str, now: datetime) -> None:
        """See `Tokens.touch`."""
        self._session.run(TOUCH, of_token=token, at=micros(now))


def _row(token: AccessToken) -> Row:
    return {
        "id": token.id,
        "digest": token.digest,
        "person": token.person,
        "name": token.name,
        "scopes": " ".join(sorted(token.scopes)),
        "made_at": micros(token.made_at),
        "expires_at": micros(token.expires_at),
        "revoked_at": micros_or_none(token.revoked_at),
        "used_at": micros_or_none(token.used_at),
    }


def _token(row: Row) -> AccessToken:
    return AccessToken(
        id=row["id"],
        digest=row["digest"],
        person=PersonId(row["person"]),
        name=row["name"],
        scopes=frozenset(map(Scope, row["scopes"].split())),
        made_at=instant(row["made_at"]),
        expires_at=instant(row["expires_at"]),
        revoked_at=instant_or_none(row["revoked_at"]),
        used_at=instant_or_none(row["used_at"]),
    )
