"""A mail bears exactly the headers meant, whatever people have written into titles and names."""

import re
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.errors import Invalid
from notifications import mail as mailing
from notifications.mail import Sender, compose, header_names, read_sender
from notifications.plain import header_text, plain
from notifications.render import Message, render
from tests.unit.notifications.hostile import ADDRESSES, TEXTS
from tests.unit.notifications.test_render import FACTS, WRITTEN, a_notice

KEY = "ab" * 32
SENDER = Sender("法制办", "duban@bureau.example")
ADDRESS = "officer@bureau.example"
EXPECTED = ["from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type"]
PLAIN = Message(subject="交办通知", text="正文\n", html="<p>正文</p>\n", written_at=WRITTEN)


def composed(message: Message) -> tuple[bytes, EmailMessage]:
    raw = compose(message, KEY, ADDRESS, SENDER)
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return raw, read


def header_of(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[0]


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(TEXTS)) >= 200
    assert len(set(ADDRESSES)) >= 40


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_subject_adds_no_header(text: str) -> None:
    raw, read = composed(replace(PLAIN, subject=text))

    assert header_names(raw) == EXPECTED
    assert read["Bcc"] is None
    assert read["To"] == ADDRESS
    assert read["Subject"] == (header_text(text, 160) or "督办通知")
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)
    assert raw.isascii()


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_hostile_fact_adds_no_header(text: str) -> None:
    hostile = dict.fromkeys(("title", "number", "reason", "unit", "rung"), text)
    raw, read = composed(render(a_notice("escalated", **{**FACTS, **hostile}), text))

    assert header_names(raw) == EXPECTED
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert "<script>" not in read.get_body(("html",)).get_content()  # type: ignore[union-attr]


@given(st.text(max_size=400))
def test_any_subject_arrives_as_it_was_shown(text: str) -> None:
    raw, read = composed(replace(PLAIN, subject=text))

    assert header_names(raw) == EXPECTED
    assert read["Subject"] == (header_text(text, 160) or "督办通知")
    assert max(map(len, header_of(raw).split(b"\r\n"))) <= 100


@given(st.text(max_size=2_000))
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    body = "".join(f"{plain(line, 1_000)}\n" for line in text.splitlines()) or "。"
    _, read = composed(replace(PLAIN, text=body))

    told = read.get_body(("plain",))
    assert told is not None
    assert told.get_content().replace("\r\n", "\n").rstrip() == body.rstrip()


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match="不是能用的邮件地址"):
        compose(PLAIN, KEY, address, SENDER)
    with pytest.raises(Invalid):
        compose(PLAIN, KEY, ADDRESS, Sender("", address))


@pytest.mark.parametrize(
    "address", ["a@b", "a.b-c_d+e%f@x-1.y.example", "a" * 64 + "@" + "b" * 63 + ".example"]
)
def test_what_is_an_address_is_taken(address: str) -> None:
    read = message_from_bytes(compose(PLAIN, KEY, address, SENDER), policy=policy.default)

    assert read["To"] == address


@pytest.mark.parametrize(
    "key", ["", "x" * 64, "AB" * 32, "ab" * 31, "ab" * 32 + "\n", "ab" * 31 + "\r\n", "../" * 20]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(Invalid):
        compose(PLAIN, key, ADDRESS, SENDER)


@pytest.mark.parametrize(
    "origin", ["c", "cc", "a.cn", "localhost", "ab.example", "b" * 63 + ".bureau.example"]
)
def test_the_id_of_a_mail_stands_on_one_line_however_long_the_origin(origin: str) -> None:
    raw = compose(PLAIN, KEY, ADDRESS, Sender("", f"a@{origin}"))

    assert f"\r\nMessage-ID: <{KEY}@{origin}>\r\n".encode() in raw


def test_a_mail_says_that_nobody_wrote_it_and_when() -> None:
    raw, read = composed(PLAIN)

    assert read["Auto-Submitted"] == "auto-generated"
    assert read["Date"] == "Tue, 30 Jun 2020 18:00:00 +0800"
    assert read["From"].addresses[0].display_name == "法制办"
    assert raw == composed(PLAIN)[0]


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("duban@bureau.example", Sender("", "duban@bureau.example")),
        ("法制办 <duban@bureau.example>", Sender("法制办", "duban@bureau.example")),
        ('"法制办" <duban@bureau.example>', Sender("法制办", "duban@bureau.example")),
    ],
)
def test_a_sender_is_read_as_settings_write_it(text: str, sender: Sender) -> None:
    assert read_sender(text) == sender
    assert header_names(compose(PLAIN, KEY, ADDRESS, sender)) == EXPECTED


@pytest.mark.parametrize("text", [text for text in TEXTS if not re.fullmatch(r"[^\W_]{0,15}", text.strip())])
def test_a_hostile_name_of_a_sender_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_sender(f"{text} <duban@bureau.example>")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda mail: mail.add_header("Bcc", "x@evil.example"),
        lambda mail: mail.replace_header("Subject", "另一回事"),
        lambda mail: mail.get_body(("plain",)).set_content("另一回事"),
        lambda mail: mail.get_body(("html",)).add_header("X-Evil", "1"),
        lambda mail: mail.add_attachment("附件"),
    ],
    ids=["header", "subject", "text", "part", "attachment"],
)
def test_a_mail_that_came_out_otherwise_is_held_back(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[EmailMessage], None]
) -> None:
    written = mailing._mail

    def spoilt(*parts: Any) -> EmailMessage:
        mail = written(*parts)
        spoil(mail)
        return mail

    monkeypatch.setattr(mailing, "_mail", spoilt)

    with pytest.raises(Invalid, match="与原意不符"):
        compose(PLAIN, KEY, ADDRESS, SENDER)


@pytest.mark.parametrize(
    ("header", "names"),
    [
        (b"A: 1\r\nB: 2\r\n 3\r\n\r\nC: 4", ["a", "b"]),
        (b"A: 1\nBcc: 2\r\n\r\n", ["a", "bcc"]),
        (b"A: 1\rBcc: 2\r\n\r\n", ["a", "bcc"]),
        (b"A: " + b"1" * 1_000 + b"\r\n\r\n", ["?"]),
        ("A: 整\r\n\r\n".encode(), ["?"]),
    ],
)
def test_headers_are_counted_as_the_most_lenient_server_would(header: bytes, names: list[str]) -> None:
    assert header_names(header) == names
