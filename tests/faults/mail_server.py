"""A mail server on loopback that breaks as told: at any step of a conversation, in any of the ways in which one can."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

PACE: Final = 0.02
"""Seconds for which a slow server waits before the next byte: a second in the small."""
STEPS: Final = ("greeting", "EHLO", "STARTTLS", "MAIL", "RCPT", "DATA", "text")


class Act(Enum):
    """What a server may do instead of giving an answer. TAKE_AND_DROP keeps the mail and hangs up before it says so."""

    HANG = auto()
    DRIP = auto()
    DROP = auto()
    TAKE_AND_DROP = auto()
    GARBAGE = auto()
    FLOOD = auto()
    SHAKE = auto()
    """Take the connection for one of TLS, and never come to an end with the handshake."""


@dataclass
class Talk:
    """One conversation: its number, and for whom it is, as far as that was said."""

    number: int
    recipient: str = ""


Answer = bytes | Act | None
"""A reply instead of the good one, an act, or None for the good one."""
Judge = Callable[[Talk, str], Answer]
"""What to do in a conversation at a step."""
GOOD: Final = {
    "greeting": b"220 mail.example\r\n",
    "EHLO": b"250-mail.example\r\n250-STARTTLS\r\n250 SIZE 1000000\r\n",
    "STARTTLS": b"220 go ahead\r\n",
    "DATA": b"354 go ahead\r\n",
}


def obliging(talk: Talk, step: str) -> Answer:
    """Nothing is wrong."""
    return None


@dataclass
class MailServer:
    """What the server was asked and has taken. `held` is set when it begins to hang, `stop` ends whatever it does."""

    judge: Judge = obliging
    port: int = 0
    talks: list[Talk] = field(default_factory=list)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    stop: threading.Event = field(default_factory=threading.Event)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def serve(self, connection: socket.socket) -> None:
        """One conversation, to its end or ours."""
        talk = Talk(next(self.numbers))
        self.talks.append(talk)
        with connection, connection.makefile("rb") as lines, suppress(OSError, _Over):
            self._step(connection, talk, "greeting")
            for line in lines:
                word = line[:4].upper().decode("ascii", "replace").strip()
                step = {"STAR": "STARTTLS", "HELO": "EHLO"}.get(word, word)
                if step == "RCPT":
                    talk.recipient = line.partition(b"<")[2].partition(b"@")[0].decode("ascii", "replace")
                if self._step(connection, talk, step) and step == "DATA":
                    self._take(connection, talk, _text(lines))

    def _step(self, connection: socket.socket, talk: Talk, step: str) -> bool:
        """Answer, or do what was told; returns whether the answer was the good one."""
        answer = self.judge(talk, step)
        if isinstance(answer, Act):
            if answer is Act.SHAKE and step == "STARTTLS":
                connection.sendall(GOOD[step])
            self._act(connection, answer)
        connection.sendall(answer or GOOD.get(step, b"250 OK\r\n"))
        return answer is None

    def _take(self, connection: socket.socket, talk: Talk, raw: bytes) -> None:
        answer = self.judge(talk, "text")
        if answer in (None, Act.TAKE_AND_DROP):
            self.taken.append((talk.recipient, raw))
        if isinstance(answer, Act):
            self._act(connection, answer)
        connection.sendall(answer or b"250 OK\r\n")

    def _act(self, connection: socket.socket, act: Act) -> None:
        if act is Act.HANG:
            self.held.set()
            self.stop.wait(60)
        if act in (Act.DRIP, Act.SHAKE):
            connection.sendall(b"\x16\x03\x03\x40\x00" if act is Act.SHAKE else b"250-")
            while not self.stop.wait(PACE):
                connection.sendall(b"x")
        if act is Act.GARBAGE:
            connection.sendall(b"\xff\x00 no such thing\r\n" * 3)
        while act is Act.FLOOD and not self.stop.is_set():
            connection.sendall(b"250-and then some\r\n" * 100)
        raise _Over


class _Over(Exception):
    """The conversation ends here."""


def _text(lines: Iterator[bytes]) -> bytes:
    """The mail, up to the dot, as it was meant. Raises _Over where the other side hangs up before."""
    text = []
    for line in lines:
        if line == b".\r\n":
            return b"".join(text)
        text.append(line.removeprefix(b"."))
    raise _Over


@contextmanager
def mail_serving(judge: Judge = obliging) -> Iterator[MailServer]:
    """A server that does what `judge` says until it is over; may be told otherwise meanwhile."""
    server, threads = MailServer(judge), []

    def accept(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threads.append(threading.Thread(target=server.serve, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        server.port = listening.getsockname()[1]
        thread = threading.Thread(target=accept, args=(listening,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.stop.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for each in threads:
                each.join(5)
