"""G-SEC-15: two hundred requests that ask for too much are turned away, soon, and cost the others nothing lasting."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.web.browser import SAME, Office
from tests.web.program import program
from web.gate import FORM_BYTES, FORM_FIELDS, QUERY_BYTES, UPLOAD_BYTES, proof_of
from web.server import _listening

resource = pytest.importorskip("resource", reason="memory as POSIX counts it")

SECONDS = 5.0
"""Far more than any of them takes; a request that reads everything it is sent takes longer."""
GROWTH = 200 * 1024 * 1024


@dataclass(frozen=True)
class Attack:
    """A request that asks for too much."""

    name: str
    method: str
    path: str
    sent: dict[str, Any] = field(default_factory=dict)


def _endless(size: int) -> Iterator[bytes]:
    """A body that never says how long it is."""
    for _ in range(size // 65_536 + 1):
        yield b"x" * 65_536


def attacks(number: str, csrf: str) -> Iterator[Attack]:
    """All of them, for pages and for programs."""
    yield from _queries(number)
    yield from _forms(number, csrf)
    yield from _uploads(number, csrf)
    yield from _documents(number)


def _queries(number: str) -> Iterator[Attack]:
    for path in (
        "/items",
        "/api/v1/items",
        "/login",
        "/static/duban.css",
        f"/items/{number}",
        "/todo",
        "/board",
        "/orders",
    ):
        for size in (QUERY_BYTES + 1, QUERY_BYTES * 4, QUERY_BYTES * 15):
            yield Attack(f"query of {size}", "GET", f"{path}?q={'x' * size}")
            yield Attack(f"parameters, {size}", "GET", path + "?" + "&".join(["a=1"] * (size // 4 + 1)))
    for length in (5_000, 20_000, 60_000):
        for path in ("/items/", "/api/v1/items/", "/static/", "/calendar/"):
            yield Attack(f"path of {length}", "GET", path + "x" * length)


def _forms(number: str, csrf: str) -> Iterator[Attack]:
    form = {"content-type": "application/x-www-form-urlencoded"}
    for path in ("/login", "/new/item", f"/items/{number}/do/submit", "/inbox", "/logout", "/password"):
        for size in (FORM_BYTES + 1, FORM_BYTES * 2, FORM_BYTES * 8):
            body = f"csrf={csrf}&title=".encode() + b"x" * size
            yield Attack(f"form of {size}", "POST", path, {"content": body, "headers": form})
            yield Attack(f"endless form, {size}", "POST", path, {"content": _endless(size), "headers": form})
        for count in (FORM_FIELDS + 1, FORM_FIELDS * 10, FORM_FIELDS * 100):
            body = f"csrf={csrf}&".encode() + b"&".join(b"f=1" for _ in range(count))
            yield Attack(f"{count} fields", "POST", path, {"content": body, "headers": form})
        for length in (-1, 2**31, 2**63, 10**30):
            headers = form | {"content-length": f"{length}"}
            yield Attack(f"announced {length}", "POST", path, {"content": b"csrf=x", "headers": headers})


def _uploads(number: str, csrf: str) -> Iterator[Attack]:
    page = f"/items/{number}/do/attach"
    program_path = f"/api/v1/items/{number}/moves/attach/with-evidence"
    for count in (21, 100, 1000):
        files = [
            ("csrf", (None, csrf)),
            *[("evidence", (f"{n}.png", b"x", "image/png")) for n in range(count)],
        ]
        yield Attack(f"{count} files", "POST", page, {"files": files})
        some = [("files", (f"{n}.png", b"x", "image/png")) for n in range(count)]
        yield Attack(f"{count} files by a program", "POST", program_path, {"files": some})
    for size in (UPLOAD_BYTES + 1, UPLOAD_BYTES * 3):
        kind = {"content-type": "multipart/form-data; boundary=b", "content-length": f"{size}"}
        for path in (page, program_path):
            yield Attack(f"announced upload of {size}", "POST", path, {"content": b"--b", "headers": kind})
    for boundary in ("", "b" * 5_000, "\x00", "ü"):
        kind = {"content-type": f"multipart/form-data; boundary={boundary}".encode()}
        for path in (page, program_path):
            yield Attack("boundary", "POST", path, {"content": b"--b\r\n" * 2000, "headers": kind})
    head = b'--b\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n' + csrf.encode() + b"\r\n"
    for count in (300, 3_000):
        parts = b"".join(
            b'--b\r\ncontent-disposition: form-data; name="x"\r\n\r\n1\r\n' for _ in range(count)
        )
        kind = {"content-type": "multipart/form-data; boundary=b"}
        for path in (page, program_path):
            sent = {"content": head + parts + b"--b--\r\n", "headers": kind}
            yield Attack(f"{count} parts", "POST", path, sent)


def _documents(number: str) -> Iterator[Attack]:
    kind = {"content-type": "application/json", "idempotency-key": "key-00000001"}
    for path in ("/api/v1/items", f"/api/v1/items/{number}/moves/submit"):
        for depth in (100, 1_000, 50_000):
            for bracket in (("[", "]"), ('{"a":', "}")):
                body = bracket[0] * depth + "1" + bracket[1] * depth
                yield Attack(f"depth {depth}", "POST", path, {"content": body, "headers": kind})
        for count in (101, 5_000):
            fields = ",".join(f'"f{n}":"1"' for n in range(count))
            body = f'{{"kind":"item","title":"x","unit":"unit_a","fields":{{{fields}}}}}'
            yield Attack(f"{count} keys", "POST", path, {"content": body, "headers": kind})
        for digits in (400, 5_000, 200_000):
            body = f'{{"expected_version":{"9" * digits}}}'
            yield Attack(f"{digits} digits", "POST", path, {"content": body, "headers": kind})
        for size in (FORM_BYTES + 1, FORM_BYTES * 4):
            body = b'{"title":"' + b"x" * size + b'"}'
            yield Attack(f"document of {size}", "POST", path, {"content": body, "headers": kind})
            yield Attack("endless", "POST", path, {"content": _endless(size), "headers": kind})
        for text in (b"\xff\xfe", b"\x1f\x8b" + b"\0" * 5000, b"NaN", b"", b"1e999999", b'"\\ud800"'):
            yield Attack("not a document", "POST", path, {"content": text, "headers": kind})


@pytest.fixture
def asking(office: Office):
    """The officer's browser and program, and an item of theirs."""
    browser, by_token = office.signed_in("officer"), program(office, "officer")
    return browser, by_token, by_token.opened()


def test_what_asks_for_too_much_is_turned_away(office: Office, asking):
    browser, by_token, number = asking
    csrf = proof_of(browser.client.cookies["duban"])
    before, count = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    for attack in attacks(number, csrf):
        sent = dict(attack.sent)
        own = by_token.headers if attack.path.startswith("/api/") else SAME
        sent["headers"] = {**own, **sent.get("headers", {})}
        began = time.monotonic()
        answer = browser.client.request(attack.method, attack.path, follow_redirects=False, **sent)
        assert 400 <= answer.status_code < 500, (
            attack.name,
            attack.path[:60],
            answer.status_code,
            answer.text[:300],
        )
        assert time.monotonic() - began < SECONDS, attack.name
        count += 1
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024

    print(f"{count} attacks, {grown / 2**20:.0f} MB more at the peak")
    assert count >= 200
    assert grown < GROWTH
    assert browser.get("/").status == 200


def test_what_is_sent_to_a_browser_waits_for_no_acknowledgement_of_what_was_sent_before():
    with _listening("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
