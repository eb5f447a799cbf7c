"""What every request passes before any page: limits of size, proof that our own page sent it, headers on the answer.

These are ASGI middlewares rather than dependencies of routes: a route that somebody adds cannot forget them.
"""

import hmac
import re
from collections.abc import Callable, Iterable
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "duban"
"""The token of the session, or before signing in of nothing: forms are bound to it either way."""
FIELD: Final = "csrf"
HEADER: Final = "x-csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_BYTES: Final = 256 * 1024
FORM_FIELDS: Final = 200
UPLOAD_BYTES: Final = 64 * 1024 * 1024
QUERY_BYTES: Final = 4096
_FIRST_PART: Final = 1024
"""A form with files names its proof in its first field, so that nothing else has to be read to find it."""
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
"""On every answer, unless the page has set its own."""

Answer = Callable[[int, str], ASGIApp]
"""Makes the page that says why a request was turned away: its status, and one sentence."""


def proof_of(token: str) -> str:
    """What a form must carry to show that it came from a page of this very session."""
    return hmac.new(token.encode(), b"duban form", sha256).hexdigest()


class SecurityHeaders:
    """Puts the headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class _TooLarge(Exception):
    """A body ran over its limit while it was read."""


class SizeLimits:
    """Turns away what is too large, by its announced length or as soon as more has come."""

    def __init__(self, app: ASGIApp, *, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = UPLOAD_BYTES if _is_multipart(headers) else FORM_BYTES
        announced = headers.get("content-length", "0")
        if len(scope["query_string"]) > QUERY_BYTES:
            await self._answer(414, "网址太长")(scope, receive, send)
        elif not announced.isdecimal() or int(announced) > limit:
            await self._too_large(scope, receive, send, limit)
        else:
            await self._counted(scope, receive, send, limit)

    async def _counted(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        left, has_begun = limit, False

        async def receive_counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLarge
            return message

        async def send_noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive_counted, send_noted)
        except _TooLarge:
            if not has_begun:
                await self._too_large(scope, receive, send, limit)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        said = f"一次最多上传 {limit // 1024 // 1024} MB" if limit >= 1024**2 else "提交的内容太多"
        await self._answer(413, said)(scope, receive, send)


class ForgeryGuard:
    """Lets a request that may change something pass only with the proof of its session, from this very site.

    It fails closed: another method, another type of content, a missing or doubled cookie, an unknown origin, a
    proof that is not where it must be. A token in a header (sent by htmx) counts like the field of a form.
    Addresses that begin with `spared` are for programs: no cookie counts there, so nothing can be forged.
    """

    def __init__(self, app: ASGIApp, *, answer: Answer, spared: str, origins: Iterable[str] = ()) -> None:
        self._spared = spared
        self._app = app
        self._answer = answer
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] != "http" or scope["method"] in SAFE or scope["path"].startswith(self._spared):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        token = session_token(headers)
        if token is None or not self._is_own_site(headers):
            await self._turn_away(scope, receive, send)
            return
        given, replay = await _given_proof(headers, receive)
        if not hmac.compare_digest(given.encode(), proof_of(token).encode()):
            await self._turn_away(scope, replay, send)
            return
        await self._app(scope, replay, send)

    def _is_own_site(self, headers: Headers) -> bool:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        if origin is None:
            return "sec-fetch-site" in headers or _host_of(headers.get("referer", "")) == headers.get("host")
        return origin in self._origins or _host_of(origin) == headers.get("host")

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(403, "这次提交不是从本系统的页面发出的，或页面已经过期")(scope, receive, send)


def session_token(headers: Headers) -> str | None:
    """The token in the cookie; None where there is none, or more than one."""
    found = [part for line in headers.getlist("cookie") for part in line.split(";")]
    own = [part for part in found if part.partition("=")[0].strip() == COOKIE]
    if len(own) != 1:
        return None
    try:
        morsel = SimpleCookie(own[0]).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel and re.fullmatch(r"[0-9a-f]{64}", morsel.value) else None


def _is_multipart(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("multipart/form-data")


def _host_of(address: str) -> str:
    return urlsplit(address).netloc


async def _given_proof(headers: Headers, receive: Receive) -> tuple[str, Receive]:
    """The proof that a request carries, or "", and the request to be read from its beginning."""
    if given := headers.get(HEADER):
        return given, receive
    kind = headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        messages = await _read(receive, FORM_BYTES)
        return _field(b"".join(message.get("body", b"") for message in messages)), _replayed(
            messages, receive
        )
    if _is_multipart(headers):
        messages = await _read(receive, _FIRST_PART)
        start = b"".join(message.get("body", b"") for message in messages)[:_FIRST_PART]
        return _first_part(start), _replayed(messages, receive)
    return "", receive


async def _read(receive: Receive, enough: int) -> list[Message]:
    messages: list[Message] = []
    size, more = 0, True
    while more and size < enough:
        message = await receive()
        messages.append(message)
        size += len(message.get("body", b""))
        more = bool(message.get("more_body"))
    return messages


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def receive_again() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return receive_again


def _field(body: bytes) -> str:
    try:
        values = parse_qs(body.decode("utf-8", "replace"), max_num_fields=FORM_FIELDS).get(FIELD, [])
    except ValueError:
        return ""
    return values[0] if len(values) == 1 else ""


def _first_part(start: bytes) -> str:
    found = re.match(
        rb'--[^\r\n]{1,200}\r\n(?i:content-disposition): form-data; name="csrf"\r\n\r\n([0-9a-f]{64})\r\n',
        start,
    )
    return found[1].decode() if found else ""
