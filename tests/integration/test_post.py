"""Notices leave through real files, a real mail server and a console, as the settings say."""

import smtplib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from engine.model.errors import InDoubt, Invalid, Unavailable
from notifications.channels.console import ConsoleChannel
from notifications.channels.file import FileChannel
from notifications.channels.smtp import SmtpChannel
from notifications.outgoing import NotTaken, Outgoing
from notifications.render import render
from tests.unit.notifications.test_render import FACTS, a_notice

KEY = "ab" * 32
OUTGOING = Outgoing(
    key=KEY,
    kind="escalated",
    message=render(a_notice("escalated", **FACTS), "示例一队"),
    login="officer",
    name="示例民警",
)


def anything(answers: dict[str, str]) -> Any:
    """A handler of the mail server that answers each command as told, and keeps what it took."""

    class Handler:
        def __init__(self) -> None:
            self.taken: list[bytes] = []

        async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _: Any) -> str:  # noqa: N802
            envelope.rcpt_tos.append(address)
            return answers.get("RCPT", "250 OK")

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            if answers.get("DATA", "").startswith("drop"):
                server.transport.abort()
                return "250 never heard"
            if "DATA" not in answers:
                self.taken.append(envelope.original_content)
            return answers.get("DATA", "250 OK")

    return Handler()


class Mailbox(Controller):
    """A mail server on loopback."""

    def factory(self) -> SMTP:
        return SMTP(self.handler, hostname="mail.example")

    def _trigger_server(self) -> None:
        """The first conversation is with the port that the system gave, not with the one asked for."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def mail_server(request: pytest.FixtureRequest) -> Iterator[Mailbox]:
    server = Mailbox(anything(getattr(request, "param", {})), hostname="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


def channel_to(server: Mailbox, **more: Any) -> SmtpChannel:
    return SmtpChannel(
        host="127.0.0.1",
        port=server.port,
        sender="法制办 <duban@bureau.example>",
        domain="bureau.example",
        security="none",
        **more,
    )


def test_a_mail_arrives_with_both_bodies_and_the_id_of_its_notice(mail_server: Mailbox) -> None:
    channel_to(mail_server).send(OUTGOING)

    (raw,) = mail_server.handler.taken
    read = message_from_bytes(raw, policy=policy.default)
    assert read["To"] == "officer@bureau.example"
    assert read["Message-ID"] == f"<{KEY}@bureau.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("mail_server", "error"),
    [
        ({"RCPT": "550 no such user"}, Invalid),
        ({"RCPT": "450 try later"}, NotTaken),
        ({"RCPT": "421 closing"}, Unavailable),
        ({"DATA": "554 spam"}, Invalid),
        ({"DATA": "452 full"}, NotTaken),
        ({"DATA": "drop"}, InDoubt),
    ],
    indirect=["mail_server"],
)
def test_each_answer_of_the_server_means_what_the_standard_says(
    mail_server: Mailbox, error: type[Exception]
) -> None:
    with pytest.raises(error):
        channel_to(mail_server).send(OUTGOING)


def test_a_server_that_is_not_there_is_out_of_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    channel = SmtpChannel(
        host="127.0.0.1", port=port, sender="a@b.example", domain="b.example", security="none"
    )

    with pytest.raises(Unavailable, match="用不了"):
        channel.send(OUTGOING)


def test_a_server_that_cannot_keep_a_secret_gets_no_mail(mail_server: Mailbox) -> None:
    with pytest.raises(Unavailable, match="STARTTLS"):
        replace(channel_to(mail_server), security="starttls").send(OUTGOING)
    assert mail_server.handler.taken == []


def test_no_conversation_leaves_a_guard_behind(mail_server: Mailbox) -> None:
    before = threading.active_count()

    for _ in range(5):
        channel_to(mail_server).send(OUTGOING)

    time.sleep(0.1)
    assert threading.active_count() <= before


def test_a_password_is_in_no_word_of_an_error(mail_server: Mailbox) -> None:
    with pytest.raises(Unavailable) as caught:
        channel_to(mail_server, user="duban", password="hush-hush").send(OUTGOING)
    assert "hush" not in f"{caught.value!r} {caught.value}"
    assert isinstance(caught.value.__cause__, smtplib.SMTPException)


def test_a_file_says_who_when_and_what(tmp_path: Path) -> None:
    FileChannel(tmp_path).send(OUTGOING)

    (path,) = tmp_path.rglob("*.txt")
    assert path.parent.name == "2020-06-30"
    assert path.name == f"1800-officer-提级督促-{KEY[:16]}.txt"
    text = path.read_text(encoding="utf-8")
    assert text.startswith("主题：")
    assert "收件人：示例民警（officer）" in text
    assert f"编号：{KEY}" in text
    assert text.endswith(OUTGOING.message.text)


def test_the_same_notice_twice_is_one_file(tmp_path: Path) -> None:
    for _ in range(2):
        FileChannel(tmp_path).send(OUTGOING)

    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    "login", ["../../etc/passwd", "a/b", "a\\b", "con", "x" * 500, "\x00", "..", "名", ""]
)
def test_no_login_leads_out_of_the_folder(tmp_path: Path, login: str) -> None:
    folder = tmp_path / "drop"

    FileChannel(folder).send(replace(OUTGOING, login=login))

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent.parent for path in files] == [folder]


def test_a_folder_that_cannot_be_written_is_out_of_reach(tmp_path: Path) -> None:
    (tmp_path / "drop").write_text("不是目录", encoding="utf-8")

    with pytest.raises(Unavailable, match="通知写不进"):
        FileChannel(tmp_path / "drop").send(OUTGOING)


def test_the_console_shows_one_line_a_notice() -> None:
    stream = StringIO()

    ConsoleChannel(stream).send(replace(OUTGOING, name="示例\n民警\x1b[31m"))

    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_a_closed_console_is_out_of_reach() -> None:
    stream = StringIO()
    stream.close()

    with pytest.raises(Unavailable):
        ConsoleChannel(stream).send(OUTGOING)
