"""The doors: signing in, the second factor, one's own password, signing out."""

from base64 import b32encode
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter
from fastapi import Form as Field
from starlette.responses import Response

from engine.model.errors import Refused
from engine.rules.accounts import code_at
from engine.usecases.signing_in import (
    Opened,
    SignIn,
    Visitor,
    change_password,
    confirm,
    enrol,
    sign_in,
    sign_out,
)
from web.forms import kept_pairs
from web.gate import COOKIE
from web.problems import told
from web.site import (
    DEVICE,
    DEVICE_SECONDS,
    AnyGuest,
    AnyVisit,
    Guest,
    Visit,
    give_cookie,
    go,
    local_path,
)
from web.threads import apart

router = APIRouter()
Text = Annotated[str, Field(max_length=4000)]
Kept = Annotated[str, Field(max_length=200_000)]
ISSUER: Final = "督办"


@router.get("/login")
def door(visit: AnyVisit, to: str = "/") -> Response:
    """The page to sign in on."""
    return visit.page("doors/login.html.j2", to=local_path(to), kept="", login="", problem=None)


@router.post("/login")
@apart
def enter(
    visit: AnyVisit, login: Text = "", password: Text = "", to: Text = "/", kept: Kept = ""
) -> Response:
    """Sign in, with the token of the session anew."""
    site = visit.site
    asked = SignIn(
        login=login.strip(),
        password=password,
        address=_address(visit),
        device=visit.request.cookies.get(DEVICE),
    )
    try:
        opened = sign_in(site.app.writing, visit.now, site.hasher, asked)
    except Refused as refused:
        context = {"to": local_path(to), "kept": kept, "login": login, "problem": told(refused)}
        return visit.page("doors/login.html.j2", status=422, **context)
    return _entered(visit, opened, local_path(to), kept)


def _address(visit: Visit) -> str:
    client = visit.request.client
    return client.host if client else "unknown"


def _entered(visit: Visit, opened: Opened, to: str, kept: str) -> Response:
    further = _onward if opened.is_complete else _second
    answer = further(visit, opened.token, to, kept)
    give_cookie(answer, visit.site, COOKIE, opened.token)
    give_cookie(answer, visit.site, DEVICE, opened.device, DEVICE_SECONDS)
    return answer


def _onward(visit: Visit, token: str, to: str, kept: str) -> Response:
    """To the page that was asked for; what was typed there before is offered again."""
    pairs = kept_pairs(kept)
    if not pairs:
        return go(to)
    renewed = Visit(request=visit.request, site=visit.site, now=visit.now, token=token)
    return renewed.page("doors/resume.html.j2", to=to, pairs=pairs)


def _second(visit: Visit, token: str, to: str, kept: str) -> Response:
    if not kept:
        return go(f"/second-factor?to={quote(to)}")
    renewed = Visit(request=visit.request, site=visit.site, now=visit.now, token=token)
    return renewed.page("doors/onward.html.j2", to=to, kept=kept)


@router.get("/second-factor")
def second_door(guest: AnyGuest, to: str = "/") -> Response:
    """The page that asks for the six digits, and shows the secret to whoever has none yet."""
    if not guest.visitor.needs_second_factor:
        return go(local_path(to))
    return _second_page(guest, local_path(to), "")


@router.post("/second-factor")
@apart
def second_enter(guest: AnyGuest, code: Text = "", to: Text = "/", kept: Kept = "") -> Response:
    """Complete the session; without a code, show the page that asks for it."""
    if not guest.visitor.needs_second_factor:
        return _onward(guest, guest.token, local_path(to), kept)
    if not code:
        return _second_page(guest, local_path(to), kept)
    device = guest.request.cookies.get(DEVICE) or guest.site.app.entropy.salt().hex()
    digits = "".join(code.split())
    try:
        token = confirm(guest.site.app.writing(), guest.now, guest.visitor, digits, device)
    except Refused as refused:
        return _second_page(guest, local_path(to), kept, refused)
    answer = _onward(guest, token, local_path(to), kept)
    give_cookie(answer, guest.site, COOKIE, token)
    give_cookie(answer, guest.site, DEVICE, device, DEVICE_SECONDS)
    return answer


def _second_page(guest: Guest, to: str, kept: str, refused: Refused | None = None) -> Response:
    secret = None if guest.visitor.account.is_enrolled else enrol(guest.site.app.writing(), guest.visitor)
    known = secret or guest.visitor.account.secret
    context = {
        "to": to,
        "kept": kept,
        "secret": secret and _in_groups(secret),
        "address": secret and _address_of(guest.visitor, secret),
        "problem": told(refused) if refused else None,
        "shown_code": code_at(known, guest.now) if guest.site.demo and known else "",
    }
    return guest.page("doors/second.html.j2", status=422 if refused else 200, **context)


def _in_groups(secret: bytes) -> str:
    letters = b32encode(secret).decode()
    return " ".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _address_of(visitor: Visitor, secret: bytes) -> str:
    label = quote(f"{ISSUER}:{visitor.person.login}")
    return f"otpauth://totp/{label}?secret={b32encode(secret).decode()}&issuer={quote(ISSUER)}"


@router.get("/password")
def password_page(guest: AnyGuest) -> Response:
    """The page on which one's own password is changed."""
    return guest.page("doors/password.html.j2", problem=None)


@router.post("/password")
@apart
def password_change(guest: AnyGuest, old: Text = "", new: Text = "", again: Text = "") -> Response:
    """Change one's own password; every other session ends."""
    site = guest.site
    if guest.visitor.needs_second_factor:
        return go("/second-factor")
    if new != again:
        return guest.page("doors/password.html.j2", status=422, problem="两次填写的新密码不一样")
    try:
        token = change_password(site.app.writing, guest.now, site.hasher, guest.visitor, (old, new))
    except Refused as refused:
        return guest.page("doors/password.html.j2", status=422, problem=told(refused))
    answer = go("/?done=password")
    give_cookie(answer, site, COOKIE, token)
    return answer


@router.post("/logout")
def leave(guest: AnyGuest) -> Response:
    """Sign out."""
    sign_out(guest.site.app.writing(), guest.now, guest.visitor)
    answer = go("/login")
    answer.delete_cookie(COOKIE, path="/")
    return answer
