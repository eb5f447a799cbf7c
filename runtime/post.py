"""The post office of a worker: the channels that the settings name, and the words of what goes through them."""

import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from engine.model.actor import Person
from engine.model.causes import in_chinese
from engine.model.channel import Manner
from engine.model.errors import Invalid, Unavailable
from engine.model.ids import UnitCode
from engine.usecases.deliver import Letter, Unwritable
from notifications.channels.apprise import AppriseChannel
from notifications.channels.console import ConsoleChannel
from notifications.channels.dingtalk import DingtalkChannel
from notifications.channels.feishu import FeishuChannel
from notifications.channels.file import FileChannel
from notifications.channels.smtp import SmtpChannel
from notifications.channels.webhook import WebhookChannel
from notifications.channels.wecom import WecomChannel
from notifications.digest import DIGEST, TRIAL, gathered, trial_message
from notifications.outgoing import Channel, NotTaken, Outgoing
from notifications.render import Message, render
from notifications.wire import Wire
from notifications.words import Told, Words
from runtime.clock import Clock, system_clock
from runtime.settings import Settings
from runtime.ways import Http, Smtp


@dataclass(frozen=True, slots=True)
class Office:
    """Fulfils `Post`."""

    ways: Mapping[str, Channel]
    channels: Mapping[str, Manner]
    words: Words = field(default_factory=Words)

    def send(self, letter: Letter) -> str | None:
        """See `Post.send`."""
        reader = letter.recipient
        if reader is None:
            raise Invalid("收件人已不在名册上", ())
        message, warning = self._written(letter)
        notices = [one.notice for one in letter.deliveries]
        outgoing = Outgoing(
            key=letter.key,
            kind=notices[0].kind if len(notices) == 1 else DIGEST,
            message=message,
            login=reader.login,
            name=reader.name,
            notices=tuple(notice.key for notice in notices),
        )
        self.ways[letter.channel].send(outgoing)
        return warning

    def send_trial(self, channel: str, reader: Person, key: str, now: datetime) -> None:
        """Send a marked message to whoever tries a channel out. Raises what `Channel.send` raises."""
        message = trial_message(reader.name, now)
        outgoing = Outgoing(key=key, kind=TRIAL, message=message, login=reader.login, name=reader.name)
        try:
            self.ways[channel].send(outgoing)
        except NotTaken as error:
            raise Invalid(f"没有发出：{in_chinese(error)}", ()) from error

    def _written(self, letter: Letter) -> tuple[Message, str | None]:
        """The words of a letter. Raises Unwritable where some of several notices have none."""
        told: list[Told] = []
        faults: dict[str, Exception] = {}
        for notice in (one.notice for one in letter.deliveries):
            unit = letter.unit_names.get(UnitCode(f"{notice.facts.get('unit')}"), "")
            try:
                told.append(Told(notice, unit, render(notice, unit)))
            except Exception as error:  # noqa: BLE001 - one notice without words holds up no other
                faults[notice.key] = error
        if faults:
            raise next(iter(faults.values())) if len(letter.deliveries) == 1 else Unwritable(faults)
        messages, warning = self.words.replaced(told)
        return gathered(messages), warning


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
        elif name == "apprise" and found.apprise is not None:
            ways[name] = AppriseChannel(
                url=found.apprise.url,
                schemes=found.apprise.schemes,
                allowed=found.allowed,
                ca_file=found.ca_file,
            )
        elif name in found.http:
            to = found.http[name]
            wire = Wire(address=to.address, allowed=found.allowed, trust=trust)
            ways[name] = _over_http(name, to, wire, clock)
    words = Words(settings.templates)
    manners = {name: found.manners[name] for name in ways}
    if words.has_any:  # each of them takes a child process
        manners = {name: replace(one, at_once=1) for name, one in manners.items()}
    return Office(ways, manners, words)


def _trust(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise Unavailable(
                f"证书 {ca_file} 读不出来：{in_chinese(error)}", hint="请核对 ca_file，应为 PEM 格式"
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
