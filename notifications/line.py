"""One connection for a few seconds: whatever is spoken over it, through whichever layers, is cut off in time.

The name is looked up once, and the connection goes to what was found then.
"""

import socket
import time
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread, Timer
from types import TracebackType
from typing import Any, Final, Self

LONGEST: Final = 10.0
"""Seconds from the look-up of the name to the last byte of the answer."""
LARGEST: Final = 65_536
"""Bytes that are read of what the other side says."""


class Line:
    """A connection that lasts `longest` seconds at most, also with somebody who says a byte a second.

    The guard holds a second handle on the connection, because the first one is given up where TLS begins.
    """

    def __init__(self, longest: float) -> None:
        self._ends_at = time.monotonic() + longest
        self._spare: socket.socket | None = None
        self._guard = Timer(longest, self._cut)
        self._guard.daemon = True

    def __enter__(self) -> Self:
        self._guard.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guard.cancel()
        if self._spare is not None:
            self._spare.close()

    def connect(self, host: str, port: int) -> socket.socket:
        """A connection to an address that the host has now. Raises OSError."""
        wrong = OSError("没有地址")
        for family, spot in _looked_up(host, port, self._left()):
            made = socket.socket(family, socket.SOCK_STREAM)
            try:
                made.settimeout(self._left())
                made.connect(spot)
                self._spare = made.dup()
                made.settimeout(self._left())
            except OSError as error:
                made.close()
                wrong = error
            else:
                return made
        raise wrong

    def _left(self) -> float:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("时间已到")
        return left

    def _cut(self) -> None:
        if self._spare is not None:
            with suppress(OSError):
                self._spare.shutdown(socket.SHUT_RDWR)


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
