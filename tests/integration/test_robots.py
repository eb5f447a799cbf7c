"""Chat robots and webhooks through real HTTP on loopback: what they get, what their answers mean, and for how long."""

import hashlib
import hmac
import json
import shutil
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.model.errors import Busy, InDoubt, Invalid, Unavailable
from notifications.address import Address, Place
from notifications.channels.dingtalk import DingtalkChannel
from notifications.channels.feishu import FeishuChannel
from notifications.channels.webhook import WebhookChannel
from notifications.channels.wecom import WecomChannel
from notifications.outgoing import Channel, NotTaken, Outgoing
from notifications.render import Message
from notifications.robot import MORE
from notifications.wire import Wire
from tests.integration import receivers
from tests.integration.receivers import Receiver, misbehaving, receiving
from tests.integration.test_post import OUTGOING

NOW = datetime(2020, 6, 30, 10, 0, 0, 123_000, tzinfo=UTC)


def saying(subject: str = "到期提醒", text: str = "请办理。\n", **more: Any) -> Outgoing:
    message = Message(subject=subject, text=text, html="", written_at=NOW)
    return replace(OUTGOING, message=message, **more)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def wecom(wire: Wire, **more: Any) -> Channel:
    return WecomChannel(wire=wire, key="the-key", **more)


def dingtalk(wire: Wire, **more: Any) -> Channel:
    return DingtalkChannel(wire=wire, clock=lambda: NOW, token="the-token", **more)


def feishu(wire: Wire, **more: Any) -> Channel:
    return FeishuChannel(wire=wire, clock=lambda: NOW, token="the-token", **more)


def webhook(wire: Wire, **more: Any) -> Channel:
    return WebhookChannel(wire=wire, clock=lambda: NOW, **more)


EVERY = [wecom, dingtalk, feishu, webhook]


def test_wecom_gets_a_text_for_one_reader(receiver: Receiver) -> None:
    wecom(receiver.wire(), mention=True).send(saying(login="zhangsan", name="示例民警"))

    (got,) = receiver.received
    assert got.path == "/cgi-bin/webhook/send?key=the-key"
    assert got.headers["Content-Type"] == "application/json; charset=utf-8"
    assert got.json == {
        "msgtype": "text",
        "text": {"content": "致示例民警：到期提醒\n\n请办理。", "mentioned_list": ["zhangsan"]},
    }


def test_wecom_gets_markdown_where_the_settings_say_so(receiver: Receiver) -> None:
    wecom(receiver.wire(), form="markdown").send(saying(name="甲", subject="**粗** [链接](http://x)"))

    content = receiver.received[0].json["markdown"]["content"]
    assert content == "**致甲：＊＊粗＊＊ ［链接］（http://x）**\n\n请办理。"


@pytest.mark.parametrize("form", ["text", "markdown"])
@pytest.mark.parametrize("letter", ["整", "a", "😀", "é"])
def test_a_long_text_is_cut_in_bytes_between_characters(receiver: Receiver, letter: str, form: str) -> None:
    for extra in range(4):
        receiver.received.clear()
        wecom(receiver.wire(), form=form).send(saying(text="b" * extra + letter * 9_000))

        content = next(iter(receiver.received[0].json[form].values()))
        limit = 2_048 if form == "text" else 4_096
        assert limit - 6 < len(content.encode()) <= limit
        assert content.endswith(MORE)
        assert "�" not in content


@pytest.mark.parametrize("robot", [dingtalk, feishu])
@pytest.mark.parametrize("letter", ["整", "a", "😀", "é", '"', "\\", "\x01"])
def test_a_request_is_never_longer_than_the_robot_takes(receiver: Receiver, letter: str, robot: Any) -> None:
    receiver.say(errcode=0, code=0)
    for extra in range(4):
        receiver.received.clear()
        robot(receiver.wire(), secret="hush").send(saying(text="b" * extra + letter * 30_000))

        (got,) = receiver.received
        (content,) = {**got.json.get("text", {}), **got.json.get("content", {})}.values()
        assert len(got.body) <= 20_000
        assert len(got.body) > 15_000
        assert content.endswith(MORE)
        assert "�" not in content


def test_dingtalk_is_signed_with_the_instant_and_the_secret(receiver: Receiver) -> None:
    dingtalk(receiver.wire(), secret="SEC-hush").send(saying())

    query = parse_qs(urlsplit(receiver.received[0].path).query)
    at = "1593511200123"
    expected = hmac.new(b"SEC-hush", f"{at}\nSEC-hush".encode(), hashlib.sha256).digest()
    assert query == {
        "access_token": ["the-token"],
        "timestamp": [at],
        "sign": [b64encode(expected).decode()],
    }


def test_dingtalk_gets_its_keyword_once(receiver: Receiver) -> None:
    dingtalk(receiver.wire(), keyword="督办").send(saying())
    dingtalk(receiver.wire(), keyword="提醒", mention=True).send(saying(login="zhangsan"))

    first, second = (got.json for got in receiver.received)
    assert first["text"]["content"].startswith("【督办】致")
    assert second["text"]["content"].startswith("致")
    assert second["at"] == {"atUserIds": ["zhangsan"]}


def test_feishu_is_signed_in_the_body(receiver: Receiver) -> None:
    receiver.say(code=0, msg="success")
    feishu(receiver.wire(), secret="hush").send(saying())

    (got,) = receiver.received
    expected = hmac.new(b"1593511200\nhush", b"", hashlib.sha256).digest()
    assert got.path == "/open-apis/bot/v2/hook/the-token"
    assert (got.json["timestamp"], got.json["sign"]) == ("1593511200", b64encode(expected).decode())
    assert got.json["msg_type"] == "text"


def test_an_old_feishu_says_yes_in_its_own_words(receiver: Receiver) -> None:
    receiver.say(StatusCode=0, StatusMessage="success")

    feishu(receiver.wire()).send(saying())


def test_a_webhook_gets_the_key_in_a_header_and_a_signature_over_the_body(receiver: Receiver) -> None:
    receiver.body = b""
    webhook(receiver.wire(), token="t0ken", secret="hush").send(saying())

    (got,) = receiver.received
    signed = hmac.new(b"hush", b"1593511200." + got.body, hashlib.sha256).hexdigest()
    assert got.headers["Duban-Notice"] == OUTGOING.key == got.json["key"]
    assert got.headers["Authorization"] == "Bearer t0ken"
    assert (got.headers["Duban-Timestamp"], got.headers["Duban-Signature"]) == ("1593511200", signed)
    assert got.json["written_at"] == "2020-06-30T18:00:00.123000+08:00"
    assert (got.json["login"], got.json["subject"]) == ("officer", "到期提醒")


def test_no_word_of_a_notice_calls_somebody_or_opens_a_link(receiver: Receiver) -> None:
    hostile = saying('<at user_id="all">所有人</at> @all <@zhangsan> [点](http://x) <font color="red">')
    receiver.say(code=0, errcode=0)
    for robot in (wecom, dingtalk, feishu):
        robot(receiver.wire()).send(hostile)

    for got in receiver.received:
        assert not set("<>@[]") & set(
            json.dumps(got.json.get("text") or got.json["content"], ensure_ascii=False)
        )


CASES = [
    (wecom, 200, {"errcode": 45009, "errmsg": "api freq out of limit"}, Busy),
    (wecom, 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, Unavailable),
    (wecom, 200, {"errcode": 45002, "errmsg": "content size out of limit"}, Invalid),
    (wecom, 200, {"errcode": -1, "errmsg": "system busy"}, NotTaken),
    (dingtalk, 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}, Busy),
    (dingtalk, 200, {"errcode": 310000, "errmsg": "sign not match"}, Unavailable),
    (dingtalk, 200, {"errcode": 430102, "errmsg": "不合适的内容"}, Invalid),
    (feishu, 400, {"code": 9499, "msg": "too many request", "data": {}}, Busy),
    (feishu, 200, {"code": 19021, "msg": "sign match fail"}, Unavailable),
    (feishu, 200, {"code": 12345, "msg": "?"}, NotTaken),
    *((robot, 429, {}, Busy) for robot in EVERY),
    *((robot, 503, {}, Unavailable) for robot in EVERY),
    *((robot, 500, {}, NotTaken) for robot in EVERY),
    *((robot, 404, {}, Unavailable) for robot in EVERY),
    *((robot, 413, {}, Invalid) for robot in EVERY),
    *((robot, 200, {"errcode": "0"}, NotTaken) for robot in EVERY[:3]),
    *((robot, 302, {"errcode": 1}, Unavailable) for robot in EVERY),
]


@pytest.mark.parametrize(("robot", "status", "body", "error"), CASES)
def test_each_answer_means_what_it_says(
    receiver: Receiver, robot: Any, status: int, body: dict[str, Any], error: type[Exception]
) -> None:
    receiver.status = status
    receiver.say(**body)

    with pytest.raises(error) as caught:
        robot(receiver.wire()).send(saying())
    assert type(caught.value) is error
    assert len(receiver.received) == 1
    assert "the-key" not in f"{caught.value!r}"
    assert "the-token" not in f"{caught.value!r}"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[1]", b"null", b"\xff\xfe", b"[" * 60_000, b"{" * 100_000]
)
@pytest.mark.parametrize("robot", EVERY[:3])
def test_garbage_is_no_yes(receiver: Receiver, robot: Any, body: bytes) -> None:
    receiver.body = body

    with pytest.raises(NotTaken, match="读不懂"):
        robot(receiver.wire()).send(saying())


def test_dingtalk_is_left_alone_for_ten_minutes_and_others_as_long_as_they_say(receiver: Receiver) -> None:
    receiver.say(errcode=130101)
    with pytest.raises(Busy) as dinged:
        dingtalk(receiver.wire()).send(saying())
    receiver.status, receiver.headers = 429, {"Retry-After": "120"}
    with pytest.raises(Busy) as hooked:
        webhook(receiver.wire()).send(saying())

    assert dinged.value.wait == timedelta(minutes=10)
    assert hooked.value.wait == timedelta(minutes=2)


@pytest.mark.parametrize("robot", EVERY)
@pytest.mark.parametrize(
    "behave",
    [
        receivers.dribble,
        receivers.say_continue,
        receivers.hang,
        receivers.drop,
        receivers.reset,
        receivers.babble,
        receivers.flood,
    ],
)
def test_a_server_that_misbehaves_is_cut_off_in_doubt(robot: Any, behave: receivers.Behave) -> None:
    with misbehaving(behave) as server:
        start = time.monotonic()
        with pytest.raises(InDoubt, match="没有答复完"):
            robot(server.wire(longest=0.3)).send(saying())
        assert time.monotonic() - start < 5


def test_a_server_that_is_not_there_is_out_of_reach_and_nothing_has_left(receiver: Receiver) -> None:
    closed = receiver.wire()
    with receiving() as other:
        closed = other.wire()

    with pytest.raises(Unavailable, match="连不上") as caught:
        wecom(closed).send(saying())
    assert type(caught.value) is Unavailable


def test_a_name_that_takes_too_long_to_look_up_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(3))
    with receiving() as server:
        start = time.monotonic()
        with pytest.raises(Unavailable, match="超时"):
            wecom(server.wire(longest=0.2)).send(saying())
    assert time.monotonic() - start < 2


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of our own for `localhost`, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run([*command.split(), *names], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return both


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiving(context) as one:
        yield one


def test_a_receiver_that_the_bureau_trusts_is_spoken_to_over_tls(secure: Receiver, certificate: Path) -> None:
    trust = ssl.create_default_context(cafile=certificate)

    wecom(_at("localhost", secure, trust=trust)).send(saying())

    assert len(secure.received) == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_stranger_gets_nothing(secure: Receiver, certificate: Path, host: str) -> None:
    """Neither without the certificate nor under another name."""
    trust = ssl.create_default_context(cafile=certificate) if host == "127.0.0.1" else None

    with pytest.raises(Unavailable, match="CERTIFICATE_VERIFY_FAILED"):
        wecom(_at(host, secure, trust=trust)).send(saying())
    assert secure.received == []


def _at(host: str, server: Receiver, **more: Any) -> Wire:
    place = Place(host=host, port=server.port)
    return Wire(address=Address(scheme="https", place=place), allowed=frozenset({place}), longest=3, **more)
