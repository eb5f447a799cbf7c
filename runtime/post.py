"""The post office of a worker: the channels that the settings name, and the words of what goes through them."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.model.errors import Invalid
from engine.usecases.deliver import Letter
from notifications.channels.console import ConsoleChannel
from notifications.channels.file import FileChannel
from notifications.channels.smtp import SmtpChannel
from notifications.outgoing import Channel, Outgoing
from notifications.render import render
from runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Office:
    """Fulfils `Post`."""

    ways: Mapping[str, Channel]

    @property
    def channels(self) -> Mapping[str, int]:
        """See `Post.channels`."""
        return {name: way.at_once for name, way in self.ways.items()}

    def send(self, letter: Letter) -> None:
        """See `Post.send`."""
        notice, reader = letter.delivery.notice, letter.recipient
        if reader is None:
            raise Invalid("收件人已不在名册上", ())
        outgoing = Outgoing(
            key=notice.key,
            kind=notice.kind,
            message=render(notice, letter.unit_name),
            login=reader.login,
            name=reader.name,
        )
        self.ways[letter.delivery.channel].send(outgoing)


def office(settings: Settings) -> Office:
    """The post office that these settings describe."""
    return Office(dict(_ways(settings)))


def _ways(settings: Settings) -> Iterator[tuple[str, Channel]]:
    for name in settings.channels:
        if name == "file":
            yield name, FileChannel(settings.outbox)
        elif name == "console":
            yield name, ConsoleChannel(sys.stdout)
        elif settings.smtp is not None:
            smtp = settings.smtp
            yield (
                name,
                SmtpChannel(
                    host=smtp.host,
                    port=smtp.port,
                    sender=smtp.sender,
                    domain=smtp.domain,
                    user=smtp.user,
                    password=smtp.password,
                    security=smtp.security,
                ),
            )
