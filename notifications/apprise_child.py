"""Hands one message to one service through apprise, in a process that can reach the allowed places and nothing else.

Run as a script by `notifications.channels.apprise`: reads one request from its input, writes one answer, ends. It
imports nothing of duban. Whatever apprise and the libraries below it try, every look-up and every connection is asked
of the guard first: a redirection, a second answer of the name server or a proxy leads nowhere else.
"""

import json
import socket
import sys
from typing import Any, Final

TAKEN, REFUSED, BARRED, UNREADABLE, ABSENT = "taken", "refused", "barred", "unreadable", "absent"
LOOKING: Final = "socket.getaddrinfo"
CONNECTING: Final = "socket.connect"
BARS: Final = (
    "socket.sendto", "socket.sendmsg", "socket.gethostbyname", "socket.gethostbyaddr", "subprocess.", "os.system",
    "os.exec", "os.posix_spawn", "os.fork", "os.spawn", "syslog.", "ctypes.",
)  # fmt: skip
"""What is never done, by the beginning of its name."""


class Guard:
    """Asked before whatever leaves the process. `barred` is what it refused."""

    def __init__(self, places: list[tuple[str, int]]) -> None:
        self._places = places
        self._is_asking = False
        self.barred: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise PermissionError for anything but an allowed place."""
        if event == LOOKING and not self._is_asking:
            self._require((arguments[0], arguments[1]) in self._places, f"{arguments[0]}:{arguments[1]}")
        elif event == CONNECTING:
            spot = arguments[1][:2] if isinstance(arguments[1], tuple) else arguments[1]
            self._require(self._is_allowed(spot), f"{spot}")
        elif event.startswith(BARS):
            self._require(False, event)  # noqa: FBT003 - the answer itself

    def _is_allowed(self, spot: object) -> bool:
        self._is_asking = True
        try:
            spots = [
                found[4][:2]
                for host, port in self._places
                if isinstance(spot, tuple) and port == spot[1]
                for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            ]
        finally:
            self._is_asking = False
        return spot in spots

    def _require(self, is_allowed: bool, what: str) -> None:  # noqa: FBT001 - the answer itself
        if not is_allowed:
            self.barred.append(what)
            raise PermissionError(what)


def told(request: dict[str, Any]) -> str:
    """What became of the message."""
    try:
        import apprise  # noqa: PLC0415 - takes a second, and is not there in most offices
    except ImportError:
        return ABSENT
    guard = Guard([(host.strip("[]"), port) for host, port in request["places"]])
    sys.addaudithook(guard)
    service = apprise.Apprise.instantiate(request["url"], suppress_exceptions=True)
    if service is None:
        return UNREADABLE
    is_taken = service.notify(body=request["body"])
    if guard.barred:
        return BARRED
    return TAKEN if is_taken else REFUSED


def main() -> None:
    """Read one request, write one answer."""
    request = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps({"end": told(request)}).encode())


if __name__ == "__main__":
    main()
