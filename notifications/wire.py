"""One POST to one receiver over HTTP: to the address that was checked, within ten seconds, and never anywhere else.

There is no redirect, no proxy, no cookie and no second request. Until the first byte of the request is on the wire
nothing has left; from then on a silence is a doubt.
"""

import ssl
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse

from engine.model.errors import InDoubt, Unavailable
from notifications.address import Address, Place, require_allowed
from notifications.line import LARGEST, LONGEST, Line
from notifications.plain import plain


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
        with Line(self.longest) as line, closing(_Http(line, self.address, self.trust)) as http:
            with _nothing_sent(self.address.place):
                http.connect()
            with _perhaps_sent(self.address.place):
                http.request("POST", f"{self.address.path}{path}", body, dict(headers))
                return _answer(http.getresponse())


class _Http(HTTPConnection):
    """HTTP over a line of ours, inside TLS where the address says so."""

    def __init__(self, line: Line, address: Address, trust: ssl.SSLContext | None) -> None:
        super().__init__(address.place.host.strip("[]"), address.place.port)
        self._line = line
        self._trust = (trust or ssl.create_default_context()) if address.scheme == "https" else None

    def connect(self) -> None:
        """Look the host up, connect to what was found, and make sure who is there."""
        self.sock = self._line.connect(self.host, self.port)
        if self._trust is not None:
            self.sock = self._trust.wrap_socket(self.sock, server_hostname=self.host)


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
