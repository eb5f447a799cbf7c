"""The post office of a worker: the channels that the settings name, and the words of what goes through them."""

import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.model.channel import Manner
from engine.model.errors import Invalid, Unavailable
from engine.model.ids import UnitCode
from engine.usecases.deliver import Letter, Unwritable
from notifications.channels.console import ConsoleChannel
from notifications.channels.dingtalk import DingtalkChannel
from notifications.channels.feishu import FeishuChannel
from notifications.channels.file import FileChannel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.webhook import WebhookChannel
from notifications.channels.wecom import WecomChannel
from notifications.digest import DIGEST, gathered
from notifications.outgoing import Channel, Outgoing
from notifications.render import Message, render
from notifications.wire import Wire
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from runtime.ways import Http, Smtp


@dataclass(frozen=True, slots=True)
class Office:
    """Fulfils `Post`."""

    ways: Mapping[str, Channel]
    channels: Mapping[str, Manner]

    def send(self, letter: Letter) -> None:
        """See `Post.send`."""
        reader = letter.recipient
        if reader is None:
            raise Invalid("收件人已不在名册上", ())
        message, notices = _written(letter), [one.notice for one in letter.deliveries]
        outgoing = Outgoing(
            key=letter.key,
            kind=notices[0].kind if len(notices) == 1 else DIGEST,
            message=message,
            login=reader.login,
            name=reader.name,
            notices=tuple(notice.key for notice in notices),
        )
        self.ways[letter.channel].send(outgoing)


def _written(letter: Letter) -> Message:
    """The words of a letter. Raises Unwritable where some of several notices have none."""
    messages: dict[str, Message] = {}
    faults: dict[str, Exception] = {}
    for notice in (one.notice for one in letter.deliveries):
        unit = letter.unit_names.get(UnitCode(f"{notice.facts.get('unit')}"), "")
        try:
            messages[notice.key] = render(notice, unit)
        except Exception as error:  # noqa: BLE001 - one notice without words holds up no other
            faults[notice.key] = error
    if len(letter.deliveries) == 1 and faults:
        raise next(iter(faults.values()))
    if faults:
        raise Unwritable(faults)
    return gathered([*messages.values()])


def office(settings: Settings, clock: Clock = system_clock) -> Office:
    """The post office that these settings describe. Raises Unavailable where the certificates cannot be read."""
    found, trust = settings.ways, _trust(settings.ways.ca_file)
    ways: dict[str, Channel] = {}
    for name in settings.channels:
        if name == "file":
            ways[name] = FileChannel(settings.outbox)
        elif name == "console":
            ways[name] = ConsoleChannel(sys.stdout)
        elif name == "smtp" and found.smtp is not None:
            ways[name] = _mail(found.smtp, trust)
        elif name in found.http:
            to = found.http[name]
            wire = Wire(address=to.address, allowed=found.allowed, trust=trust)
            ways[name] = _over_http(name, to, wire, clock)
    return Office(ways, {name: found.manners[name] for name in ways})


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise Unavailable(
                f"证书 {ca_file} 读不出来：{error}", hint="请核对 ca_file，应为 PEM 格式"
            ) from error
    return context


def _mail(smtp: Smtp, trust: ssl.SSLContext) -> SmtpChannel:
    return SmtpChannel(
        host=smtp.host,
        port=smtp.port,
        sender=smtp.sender,
        domain=smtp.domain,
        user=smtp.user,
        password=smtp.password,
        security=smtp.security,
        trust=trust,
    )


def _over_http(name: str, to: Http, wire: Wire, clock: Clock) -> Channel:
    if name == "wecom":
        return WecomChannel(wire=wire, key=to.token, form=to.form, mention=to.mention)
    if name == "dingtalk":
        return DingtalkChannel(
            wire=wire,
            clock=clock,
            token=to.token,
            secret=to.secret,
            keyword=to.keyword,
            mention=to.mention,
        )
    if name == "feishu":
        return FeishuChannel(wire=wire, clock=clock, token=to.token, secret=to.secret)
    return WebhookChannel(wire=wire, clock=clock, token=to.token, secret=to.secret)
