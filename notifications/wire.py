"""One POST to one receiver over HTTP: to the address that was checked, within ten seconds, and never anywhere else.

The name is looked up once, and the connection goes to what was found then. There is no redirect, no proxy, no cookie
and no second request. A guard of its own cuts the line when the time is up, also under a server that says a byte a
second. Until the first byte of the request is on the wire nothing has left; from then on a silence is a doubt.
"""

import socket
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from typing import Any, Final

from engine.model.errors import InDoubt, Unavailable
from notifications.address import Address, Place, require_allowed
from notifications.plain import plain

LONGEST: Final = 10.0
"""Seconds from the look-up of the name to the last byte of the answer."""
LARGEST: Final = 65_536
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said. `wait` is how many seconds it asks to be left alone, if it does."""

    status: int
    body: bytes
    wait: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A line to one receiver. `allowed` are the hosts that the administrator has named; nothing else is reached."""

    address: Address
    allowed: Collection[Place]
    trust: ssl.SSLContext | None = field(default=None, repr=False)
    longest: float = LONGEST

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Hand over `body` at `path` below the address; returns the answer, whatever it says.

        Raises Unavailable where nothing has left, InDoubt where it may have arrived.
        """
        require_allowed(self.address, self.allowed)
        line = _Line(self.address, self.trust, self.longest)
        with _cut_off(line, self.longest):
            with _nothing_sent(self.address.place):
                line.connect()
            with _perhaps_sent(self.address.place):
                line.request("POST", f"{self.address.path}{path}", body, dict(headers))
                return _answer(line.getresponse())


class _Line(HTTPConnection):
    """A connection to the address that its host had when it was looked up."""

    sock: socket.socket | None

    def __init__(self, address: Address, trust: ssl.SSLContext | None, longest: float) -> None:
        super().__init__(address.place.host.strip("[]"), address.place.port, timeout=longest)
        self._trust = (trust or ssl.create_default_context()) if address.scheme == "https" else None
        self.ends_at = time.monotonic() + longest

    def connect(self) -> None:
        """Look the host up, connect to what was found, and make sure who is there."""
        self.sock = connected(self.host, self.port, self._left())
        self.sock.settimeout(self._left())
        if self._trust is not None:
            secure = self._trust.wrap_socket(
                self.sock, server_hostname=self.host, do_handshake_on_connect=False
            )
            self.sock = secure
            secure.do_handshake()

    def cut(self) -> None:
        """End the conversation under the feet of whoever reads."""
        if self.sock is not None:
            with suppress(OSError):  # past the layer of TLS, which would first say good-bye
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _left(self) -> float:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("时间已到")
        return left


def connected(host: str, port: int, longest: float) -> socket.socket:
    """A connection to an address that the host has now, after `longest` seconds at most. Raises OSError."""
    ends_at, wrong = time.monotonic() + longest, OSError("没有地址")
    for family, spot in _looked_up(host, port, longest):
        line = socket.socket(family, socket.SOCK_STREAM)
        try:
            line.settimeout(max(ends_at - time.monotonic(), 0.001))
            line.connect(spot)
        except OSError as error:
            line.close()
            wrong = error
        else:
            return line
    raise wrong


def _looked_up(host: str, port: int, longest: float) -> list[tuple[socket.AddressFamily, Any]]:
    """The look-up of the system knows no time limit, so it is not waited for longer."""
    answers: SimpleQueue[Any] = SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=look_up, daemon=True).start()
    try:
        found = answers.get(timeout=longest)
    except Empty:
        raise TimeoutError("域名查询超时") from None
    if isinstance(found, Exception):
        raise OSError(f"{found}") from found
    return [(family, spot) for family, _, _, _, spot in found]


@contextmanager
def _cut_off(line: _Line, longest: float) -> Iterator[None]:
    guard = Timer(longest, line.cut)
    guard.daemon = True
    guard.start()
    try:
        yield
    finally:
        guard.cancel()
        line.close()


@contextmanager
def _nothing_sent(place: Place) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"{place} 连不上：{_said(error)}") from error


@contextmanager
def _perhaps_sent(place: Place) -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:
        raise InDoubt(f"{place} 没有答复完：{_said(error)}") from error


def _answer(response: HTTPResponse) -> Answer:
    wait = response.getheader("Retry-After", "")
    body = response.read(LARGEST)
    return Answer(response.status, body, int(wait) if wait.isdecimal() and len(wait) < 6 else None)


def _said(error: Exception) -> str:
    return plain(f"{error}", 200) or type(error).__name__
