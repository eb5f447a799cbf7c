"""Receivers on loopback: HTTP servers that keep what they get and answer, or misbehave, as told."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from notifications.address import Address, Place
from notifications.wire import Wire


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Answers every request with `status`, `body` and `headers`."""

    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    port: int = 0

    def wire(self, **more: Any) -> Wire:
        """A line to this receiver, which is allowed."""
        place = Place(host="127.0.0.1", port=self.port)
        given = {"address": Address(scheme="http", place=place), "allowed": frozenset({place})}
        return Wire(**(given | more))

    def say(self, **told: Any) -> None:
        """Answer with this JSON from now on."""
        self.body = json.dumps(told, ensure_ascii=False).encode()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """A client that hangs up is no news."""


@contextmanager
def receiving(trust: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """An HTTP server, over TLS where a context is given."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append(Received(self.path, dict(self.headers), body))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", f"{len(receiver.body)}")
            self.end_headers()
            self.wfile.write(receiver.body)

        do_GET = do_POST  # noqa: N815 - a redirection that was followed would come in here

        def log_message(self, *_: Any) -> None:
            pass

    server = _Quiet(("127.0.0.1", 0), Handler)
    if trust is not None:
        server.socket = trust.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


Behave = Callable[[socket.socket, threading.Event], None]


@contextmanager
def misbehaving(behave: Behave) -> Iterator[Receiver]:
    """A server that takes connections and does `behave` with each until it is over."""
    stop, receiver = threading.Event(), Receiver()

    def serve(listening: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                threading.Thread(target=_handled, args=(behave, connection, stop), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver.port = listening.getsockname()[1]
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            stop.set()
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)


def _handled(behave: Behave, connection: socket.socket, stop: threading.Event) -> None:
    with connection, suppress(OSError):
        behave(connection, stop)


def read_request(connection: socket.socket) -> None:
    """Read until the end of the header, and a little of the body."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        more = connection.recv(4096)
        if not more:
            return
        seen += more


def dribble(connection: socket.socket, stop: threading.Event) -> None:
    """Say a byte of a good answer now and then."""
    read_request(connection)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000:
        if stop.wait(0.05):
            return
        connection.sendall(bytes([byte]))


def say_continue(connection: socket.socket, stop: threading.Event) -> None:
    """Ask to go on, without end."""
    read_request(connection)
    while not stop.wait(0.01):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def hang(connection: socket.socket, stop: threading.Event) -> None:
    """Take the request and say nothing."""
    read_request(connection)
    stop.wait(60)


def drop(connection: socket.socket, _: threading.Event) -> None:
    """Take the request and hang up."""
    read_request(connection)


def reset(connection: socket.socket, _: threading.Event) -> None:
    """Take the request and hang up rudely."""
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def babble(connection: socket.socket, _: threading.Event) -> None:
    """Answer with something that is no HTTP."""
    read_request(connection)
    connection.sendall(b"\x00\xff garbage \r\n" * 10)


def flood(connection: socket.socket, stop: threading.Event) -> None:
    """Send headers without end."""
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stop.is_set():
        connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")
