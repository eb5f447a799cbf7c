"""Workers that kill themselves at a chosen point of sweeping or delivering; nothing of theirs gets to say goodbye."""

import os
import signal
import ssl
from dataclasses import dataclass
from datetime import datetime

from engine.model.channel import Manner
from engine.usecases import sweep as sweeping
from engine.usecases.deliver import deliver
from notifications.channels.smtp import SmtpChannel
from runtime.post import Office
from storage.unit_of_work import SqlUnitOfWork

CHANNEL = "smtp"
TRUST = ssl.create_default_context()
"""Made once, as a worker makes it: it takes as long as all the rest of a letter."""
DELIVERING = ("before claim", "after claim", "after send", "after mark")
"""In the transaction that claims a letter, behind it, when the server has said 250, and when that is stored."""
SWEEPING = ("before firing", "after firing")
"""In the transaction that fires one deadline, and behind it: claim and mark are one."""
COMMITS = {
    "before firing": (1, False),
    "after firing": (1, True),
    "before claim": (1, False),
    "after claim": (1, True),
    "after mark": (2, True),
}
"""Which commit of the worker a point is at, and on which side of it."""


@dataclass(frozen=True)
class Doomed:
    """A worker that takes one deadline or one letter, at an instant, and never comes to an end."""

    point: str
    now: datetime
    port: int

    def warm_up(self, stage):
        """Do both with nothing to do, so that whoever is forked has it ready."""
        stage.channels = (CHANNEL,)
        list(sweeping.sweep(stage.begin, stage.now))
        send(stage, stage.now, office(self.port), 1)

    def go_on(self, stage):
        """Work until the point is reached."""
        stage.unit = type("Marked", (_Marked,), {"at": COMMITS.get(self.point), "seen": 0})
        sweeping.CHUNK = 1
        if self.point in SWEEPING:
            list(sweeping.sweep(stage.begin, self.now))
        else:
            post = office(self.port)
            send(stage, self.now, _Last(post) if self.point == "after send" else post, 1)


class _Marked(SqlUnitOfWork):
    at: tuple[int, bool] | None
    seen: int

    def commit(self):
        type(self).seen += 1
        self._die((self.seen, False))
        super().commit()
        self._die((self.seen, True))

    def _die(self, here):
        if here == self.at:
            die()


@dataclass(frozen=True)
class _Last:
    """A post through which one letter leaves."""

    post: Office

    @property
    def channels(self):
        return self.post.channels

    def send(self, letter):
        self.post.send(letter)
        die()


def die():
    """End this process as the kernel ends one."""
    os.kill(os.getpid(), signal.SIGKILL)


def office(port):
    """A post office with one real way out: a mail server on loopback."""
    mail = SmtpChannel(
        host="127.0.0.1",
        port=port,
        sender="法制办 <duban@bureau.example>",
        domain="bureau.example",
        security="none",
        trust=TRUST,
    )
    return Office({CHANNEL: mail}, {CHANNEL: Manner()})


def send(stage, now, post, limit):
    """One round of a worker; returns what became of the letters."""
    return deliver(stage.begin, now, post, f"worker-{os.getpid()}", limit, jitter=lambda: 0.0)
