"""No connection ever leads outside the list of allowed hosts, whatever an address says (G-SEC-10)."""

import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engine.model.errors import Invalid, Unavailable
from notifications.address import Address, Place, read_address, read_place
from notifications.channels.webhook import WebhookChannel
from notifications.channels.wecom import WecomChannel
from notifications.wire import Wire
from tests.integration.receivers import Receiver, receiving
from tests.integration.test_post import OUTGOING
from tests.integration.test_robots import NOW
from tests.unit.notifications.hostile_urls import ALLOWED, HOST, URLS

PLACE = read_place(ALLOWED)


class Guard:
    """Sees every look-up and every connection of this thread and those it starts, below every library."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, Any]] = []
        self.is_on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.is_on and event in (
            "socket.connect",
            "socket.sendto",
            "socket.getaddrinfo",
            "socket.gethostbyname",
        ):
            self.seen.append((event, arguments[1] if event == "socket.connect" else arguments[0]))


GUARD = Guard()
sys.addaudithook(GUARD)


@pytest.fixture
def guard() -> Iterator[Guard]:
    GUARD.seen.clear()
    GUARD.is_on = True
    yield GUARD
    GUARD.is_on = False


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def test_there_are_enough_of_them() -> None:
    assert len(set(URLS)) >= 250


def test_no_hostile_address_leads_anywhere(guard: Guard) -> None:
    refused = sum(_is_refused(url) for url in URLS)

    print(f"{len(URLS)} addresses, {refused} refused, {len(guard.seen)} look-ups and connections")
    assert (refused, guard.seen) == (len(URLS), [])


def _is_refused(url: str) -> bool:
    try:
        wire = Wire(address=read_address(url), allowed=frozenset({PLACE}))
        WebhookChannel(wire=wire, clock=lambda: NOW).send(OUTGOING)
    except Invalid:
        return True
    return False


@pytest.mark.parametrize("url", [f"https://{ALLOWED}", f"https://{ALLOWED}/a/b-c_d.e~f/"])
def test_what_is_meant_is_read(url: str) -> None:
    assert read_address(url).place == PLACE


def test_no_redirection_is_followed(guard: Guard, receiver: Receiver) -> None:
    """Wherever it leads, and whatever kind it is; the answer only says that the address is wrong."""
    spot = ("127.0.0.1", receiver.port)
    for number, url in enumerate(URLS):
        location = "".join(c for c in url if c.isprintable()).encode().decode("latin-1")
        receiver.status, receiver.headers = (301, 302, 303, 307, 308)[number % 5], {"Location": location}
        with pytest.raises(Unavailable):
            WebhookChannel(wire=receiver.wire(), clock=lambda: NOW).send(OUTGOING)

    assert {what for event, what in guard.seen if event == "socket.connect"} == {spot}
    assert len(receiver.received) == len(URLS)


def test_a_name_is_looked_up_once_and_the_connection_goes_there(
    monkeypatch: pytest.MonkeyPatch, guard: Guard, receiver: Receiver
) -> None:
    """A name that leads elsewhere at the second look (rebinding) finds nobody who looks twice."""
    looked: list[str] = []

    def rebinding(host: str, port: int, **_: Any) -> list[Any]:
        looked.append(host)
        there = "127.0.0.1" if len(looked) == 1 else "203.0.113.9"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (there, port))]

    monkeypatch.setattr("socket.getaddrinfo", rebinding)
    place = Place(host=HOST, port=receiver.port)
    wire = Wire(address=Address(scheme="http", place=place), allowed=frozenset({place}))
    WecomChannel(wire=wire, key="k").send(OUTGOING)

    assert looked == [HOST]
    assert [what for event, what in guard.seen if event == "socket.connect"] == [("127.0.0.1", receiver.port)]
    assert receiver.received[0].headers["Host"] == f"{HOST}:{receiver.port}"


def test_no_proxy_of_the_environment_is_asked(
    monkeypatch: pytest.MonkeyPatch, guard: Guard, receiver: Receiver
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://203.0.113.9:3128")

    WecomChannel(wire=receiver.wire(), key="k").send(OUTGOING)

    assert {what for event, what in guard.seen if event == "socket.connect"} == {("127.0.0.1", receiver.port)}


def test_the_guard_sees_what_any_library_does(guard: Guard, receiver: Receiver) -> None:
    thread = threading.Thread(target=lambda: socket.create_connection(("127.0.0.1", receiver.port)).close())
    thread.start()
    thread.join()

    assert ("socket.connect", ("127.0.0.1", receiver.port)) in guard.seen


@pytest.mark.parametrize("entry", "a a: :80 a:0 a:65536 A:80 *:80 a:80/x https://a:80 1.2:80 a.:80".split())
def test_an_entry_of_the_list_names_one_host_and_one_port(entry: str) -> None:
    with pytest.raises(Invalid):
        read_place(entry)
