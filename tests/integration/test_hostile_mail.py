"""What people write reaches a real mail server as text only: no header more, no reader more (G-SEC-11)."""

from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from typing import Final

import pytest

from engine.model.errors import Invalid
from notifications.channels.smtp import SmtpChannel
from notifications.mail import header_names
from notifications.outgoing import Outgoing
from notifications.render import render
from tests.faults.doomed import TRUST
from tests.faults.mail_server import MailServer, mail_serving
from tests.integration.test_post import OUTGOING
from tests.unit.notifications.hostile import ADDRESSES, TEXTS
from tests.unit.notifications.test_mail import ADDRESS, EXPECTED
from tests.unit.notifications.test_render import FACTS, a_notice

LOGINS: Final = (*ADDRESSES, *TEXTS[:60])


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_serving() as one:
        yield one


def channel(server: MailServer) -> SmtpChannel:
    return SmtpChannel(
        host="127.0.0.1",
        port=server.port,
        sender="法制办 <duban@bureau.example>",
        domain=ADDRESS.partition("@")[2],
        security="none",
        trust=TRUST,
    )


def hostile() -> Iterator[Outgoing]:
    """Every text as a title, a unit and people of a notice put into words, and as a subject by itself."""
    for text in TEXTS:
        facts = {**FACTS, **dict.fromkeys(("title", "number", "by", "reason"), text)}
        yield replace(OUTGOING, message=render(a_notice("returned", **facts), text), name=text)
        yield replace(OUTGOING, message=replace(OUTGOING.message, subject=text))


def test_no_text_of_four_hundred_adds_a_header_or_a_reader(server: MailServer) -> None:
    sent = list(hostile())
    for outgoing in sent:
        channel(server).send(outgoing)

    read = [message_from_bytes(raw, policy=policy.default) for _, raw in server.taken]
    assert len(server.taken) == len(server.talks) == len(sent) >= 400
    assert {recipient for recipient, _ in server.taken} == {"officer"}
    assert [names for _, raw in server.taken if (names := header_names(raw)) != EXPECTED] == []
    assert [
        mail["To"] for mail in read if (mail["To"], mail["Bcc"], mail["Cc"]) != (ADDRESS, None, None)
    ] == []
    print(f"{len(sent)} mails, {len(EXPECTED)} headers each")


def test_no_login_becomes_another_address(server: MailServer) -> None:
    refused = 0
    for login in LOGINS:
        try:
            channel(server).send(replace(OUTGOING, login=login))
        except Invalid:
            refused += 1

    assert refused + len(server.taken) == len(LOGINS)
    assert all(recipient.isascii() and recipient in LOGINS for recipient, _ in server.taken)
    assert [names for _, raw in server.taken if (names := header_names(raw)) != EXPECTED] == []
