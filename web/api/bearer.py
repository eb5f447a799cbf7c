"""Who is behind a request of a program: the bearer of a token, no further than the token's scopes.

Cookies mean nothing here, so that no page of another site can have a browser ask in somebody's name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine.model.actor import Actor
from engine.model.token import Scope
from engine.usecases.tokens import Bearer, find_bearer, note_use
from runtime.wiring import App
from web.site import Site

SCHEME = HTTPBearer(auto_error=False, description="duban token make 给出的访问令牌")


class TokenMissing(Exception):
    """No token was shown, or one that is good for nothing (any more)."""


class ScopeMissing(Exception):
    """The token is not good for this."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope)
        self.scope = scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A request of a program: the installation, its instant, and for whom it asks."""

    app: App
    now: datetime
    bearer: Bearer

    @property
    def actor(self) -> Actor:
        """For whom the program asks."""
        return self.bearer.actor


def bearer_of(app: App, now: datetime, text: str, scope: Scope) -> Bearer:
    """The bearer of a token that is good for `scope`. Raises TokenMissing, ScopeMissing."""
    found = find_bearer(app.reading(), now, text)
    if found is None:
        raise TokenMissing
    if scope not in found.token.scopes:
        raise ScopeMissing(scope)
    note_use(app.writing(), now, found.token)
    return found


def _needing(scope: Scope) -> Callable[..., Caller]:
    def caller(
        request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Security(SCHEME)]
    ) -> Caller:
        site: Site = request.app.state.site
        now = site.app.now()
        if shown is None:
            raise TokenMissing
        return Caller(app=site.app, now=now, bearer=bearer_of(site.app, now, shown.credentials, scope))

    return caller


Reader = Annotated[Caller, Depends(_needing(Scope.READ))]
Writer = Annotated[Caller, Depends(_needing(Scope.WRITE))]
