"""Builds the web application around an installation. Nothing here is global: two of them can live in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.model.account import SessionLimits
from engine.model.errors import Error
from engine.ports.accounts import Hasher
from runtime.rehearsal.demo import Demo
from runtime.wiring import App
from web import assets, feed, watch
from web.api.app import PREFIX, create_api
from web.api.problems import problem
from web.forms import form_of, kept_text
from web.gate import ForgeryGuard, SecurityHeaders, SizeLimits
from web.pages import (
    anchors,
    audit,
    boards,
    bulletin,
    calendars,
    clock,
    conformance,
    definitions,
    desk,
    doors,
    duties,
    exports,
    filters,
    items,
    ledger,
    moves,
    pasts,
    posts,
    redaction,
    review,
    system,
    tokens,
)
from web.problems import Told, told_logged, told_status
from web.render import Pages
from web.site import SignInFirst, Site, Visit, go, guest, visit
from web.threads import bound_threads

ROUTERS = (
    assets.router,
    doors.router,
    desk.router,
    review.router,
    ledger.router,
    exports.router,
    filters.router,
    items.router,
    moves.router,
    boards.router,
    bulletin.router,
    duties.router,
    definitions.router,
    audit.router,
    anchors.router,
    pasts.router,
    conformance.router,
    redaction.router,
    posts.router,
    system.router,
    calendars.router,
    tokens.router,
    feed.router,
    watch.router,
)


def create_app(
    app: App,
    hasher: Hasher,
    *,
    limits: SessionLimits | None = None,
    is_https: bool = False,
    demo: Demo | None = None,
) -> FastAPI:
    """The application over an installation; with `demo` its clock can be moved."""
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan)
    pages = Pages({})
    site = Site(
        app=app,
        hasher=hasher,
        pages=pages,
        limits=limits or SessionLimits(),
        is_https=is_https,
        demo=demo,
    )
    made.state.site = site
    for router in ROUTERS if demo is None else (*ROUTERS, clock.router):
        made.include_router(router)
    made.mount(PREFIX, create_api(site))
    _handle_errors(made)

    def answer(status: int, text: str) -> ASGIApp:
        return _turned_away(pages, told_status(status, text))

    made.add_middleware(ForgeryGuard, answer=answer, spared=f"{PREFIX}/")
    made.add_middleware(SizeLimits, answer=answer)
    made.add_middleware(SecurityHeaders)
    return made


@asynccontextmanager
async def _lifespan(made: FastAPI) -> AsyncIterator[None]:
    bound_threads(is_sqlite=made.state.site.app.database.is_sqlite)
    yield


def _handle_errors(made: FastAPI) -> None:
    made.add_exception_handler(Error, _failed)
    made.add_exception_handler(HTTPException, _http_error)
    made.add_exception_handler(RequestValidationError, _unreadable)
    made.add_exception_handler(SignInFirst, _sign_in_first)
    made.add_exception_handler(Exception, _failed)


def _failed(request: Request, error: Exception) -> Response:
    return _problem(request, told_logged(request, error))


def _http_error(request: Request, error: Exception) -> Response:
    return _problem(request, told_status(error.status_code if isinstance(error, HTTPException) else 500))


def _unreadable(request: Request, _error: Exception) -> Response:
    return _problem(request, told_status(400, "提交的内容读不出来"))


def _problem(request: Request, said: Told) -> Response:
    """The page of an error, in the frame of the others where somebody is signed in."""
    if _is_for_programs(request.url.path):
        return problem(said, "http")
    return _asker_of(request, said).page("problem.html.j2", status=said.status, problem=said)


def _asker_of(request: Request, said: Told) -> Visit:
    """Who asked; after a defect nothing more is read."""
    if said.status < 500:
        with suppress(SignInFirst):
            return guest(visit(request))
    return visit(request)


def _turned_away(pages: Pages, said: Told) -> ASGIApp:
    """The same before it is known who asks."""

    async def say(scope: Scope, receive: Receive, send: Send) -> None:
        context = {"problem": said, "visit": None, "guest": None, "csrf": "", "now": None}
        if _is_for_programs(scope["path"]):
            await problem(said, "http")(scope, receive, send)
        else:
            await pages.page("problem.html.j2", status=said.status, **context)(scope, receive, send)

    return say


def _is_for_programs(path: str) -> bool:
    return path.startswith(f"{PREFIX}/")


async def _sign_in_first(request: Request, error: Exception) -> Response:
    to = error.to if isinstance(error, SignInFirst) else "/login"
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return go(to if path == "/" or to == "/password" else f"{to}?to={quote(path)}")
    if to != "/login":
        return go(to)
    kept = ""
    async for form in form_of(request):
        kept = kept_text(form)
    context = {"to": request.url.path, "kept": kept, "login": "", "problem": None}
    return visit(request).page("doors/login.html.j2", status=401, **context)
