"""The installation as pages see it, and whoever is visiting. Every page but the doors asks for a `Guest`."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.model.account import SessionLimits
from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.ports.accounts import Hasher
from engine.rules.accounts import roles_of
from engine.usecases.signing_in import Visitor, find_visitor, keep_alive
from runtime.rehearsal.demo import Demo
from runtime.wiring import App
from web.gate import COOKIE, proof_of, session_token
from web.menu import Entry, menu_of
from web.render import Pages

DEVICE = "duban_device"
"""The cookie by which a browser is known again, so that guessing elsewhere does not slow its owner down."""
DEVICE_SECONDS = 400 * 24 * 3600
ELSEWHERE = {"/password", "/second-factor", "/logout"}
"""Where somebody may go before the password is changed or the second factor shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One installation behind pages. `is_https` marks the cookies; `limits` says how long a session lives.

    `demo` lets visitors move the clock of a rehearsal.
    """

    app: App
    hasher: Hasher
    pages: Pages
    limits: SessionLimits = field(default_factory=SessionLimits)
    is_https: bool = False
    demo: Demo | None = None


class SignInFirst(Exception):
    """Nobody is signed in, or not yet far enough: `to` is where to go."""

    def __init__(self, to: str = "/login") -> None:
        super().__init__(to)
        self.to = to


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request: the site, its instant, and the token its forms are bound to."""

    request: Request
    site: Site
    now: datetime
    token: str

    @property
    def csrf(self) -> str:
        """What every form of the answer carries."""
        return proof_of(self.token)

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(LOCAL).date()

    def shared(self) -> dict[str, Any]:
        """What every page is told besides its own context."""
        return {"visit": self, "guest": None, "csrf": self.csrf, "now": self.now}

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page for this visit, which keeps its token."""
        answer = self.site.pages.page(template, status=status, **(self.shared() | context))
        if session_token(self.request.headers) != self.token:
            give_cookie(answer, self.site, COOKIE, self.token)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest(Visit):
    """A visit of somebody who is signed in."""

    visitor: Visitor

    @property
    def asker(self) -> Actor:
        """Who asks, with the posts held today."""
        return self.visitor.actor

    @property
    def is_inside(self) -> bool:
        """False while the doors stand between the guest and every page."""
        return not (self.visitor.needs_second_factor or self.visitor.account.must_change)

    @property
    def menu(self) -> list[list[Entry]]:
        """The menu as the guest finds it."""
        return menu_of(roles_of(self.asker))

    def shared(self) -> dict[str, Any]:
        """See `Visit.shared`."""
        return Visit.shared(self) | {"guest": self}

    def flow(self, template: str, **context: Any) -> Response:
        """A page for this guest that grows while something is worked off."""
        return self.site.pages.flow(template, **(self.shared() | context))

    def form_key(self) -> str:
        """A fresh key for a form: however often it is sent, it has one effect."""
        return self.site.app.entropy.new_id(self.now)


def visit(request: Request) -> Visit:
    """Anybody's request."""
    site: Site = request.app.state.site
    token = session_token(request.headers) or site.app.entropy.salt().hex()
    return Visit(request=request, site=site, now=site.app.now(), token=token)


def guest(visit: Annotated[Visit, Depends(visit)]) -> Guest:
    """A request of somebody who is signed in. Raises SignInFirst."""
    app, path = visit.site.app, visit.request.url.path
    known = find_visitor(app.reading(), visit.now, visit.token, visit.site.limits)
    if known is None:
        raise SignInFirst
    if known.needs_second_factor and path not in ELSEWHERE:
        raise SignInFirst("/second-factor")
    if known.account.must_change and not known.needs_second_factor and path not in ELSEWHERE:
        raise SignInFirst("/password")
    keep_alive(app.writing(), visit.now, known.session, visit.site.limits)
    return Guest(request=visit.request, site=visit.site, now=visit.now, token=visit.token, visitor=known)


AnyVisit = Annotated[Visit, Depends(visit)]
AnyGuest = Annotated[Guest, Depends(guest)]


def give_cookie(answer: Response, site: Site, name: str, value: str, seconds: int | None = None) -> None:
    """A cookie that scripts cannot read and other sites do not send."""
    answer.set_cookie(
        name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=site.is_https
    )


def go(to: str) -> RedirectResponse:
    """On to another page, by GET."""
    return RedirectResponse(to, status_code=303)


def local_path(wanted: str) -> str:
    """A path on this very site; the first page where something else was asked for."""
    is_local = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    return quote(wanted, safe="/?=&%:,-._~+") if is_local else "/"
