"""What a worker does, each at its own rings: open what is to be reported, sweep what is due, deliver, sign."""

import logging
import os
import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread
from time import monotonic
from typing import Final

from engine.model.errors import Broken, Unavailable
from engine.model.heartbeat import Heartbeat
from engine.model.ids import ItemId
from engine.model.notice import Delivery, DeliveryStatus
from engine.usecases.clock_watch import ACCEPT, note_jump, put_back
from engine.usecases.deliver import deliver
from engine.usecases.duties import open_duties
from engine.usecases.firing import Escalation
from engine.usecases.heartbeats import beat, leave, shared_time
from engine.usecases.operations import note_settings
from engine.usecases.sweep import sweep
from runtime.clock import Clock
from runtime.configuration import facts_of
from runtime.entropy import jitter
from runtime.post import office
from runtime.scheduler import Bell, give_up
from runtime.sealing import sealing_of, sign_what_is_due
from runtime.watch import Watch
from runtime.wiring import App

LOG = logging.getLogger("duban.worker")
LONGEST_STEP: Final = 60
"""Seconds between two sweeps, at most: a worker that is silent for longer than health.PATIENCE is missed."""
TURN: Final = 20.0
"""Seconds after which a long answer comes back, so that the worker gives a sign of life and can be stopped."""
LETTERS_A_ROUND: Final = 200
"""How many notices leave through one channel before the next has its turn."""
NEXT_LOOK: Final = timedelta(seconds=5)
"""How soon the notices of a move leave, at the latest."""
OPEN, SWEEP, DELIVER, SIGN = "open", "sweep", "deliver", "sign"


class Work:
    """One worker of an installation. It goes by the clock of the database, which all share, or by a rehearsal's."""

    def __init__(self, app: App, *, every: timedelta, clock: Clock | None = None) -> None:
        self._app = app
        self._clock = clock
        self._every = every
        answers = {OPEN: self.open, SWEEP: self.sweep, DELIVER: self.deliver, SIGN: self.sign}
        self._bell = Bell(answers, every=every)
        self._post = office(app.settings)
        self._sealing = sealing_of(app) if app.settings.signing_key else None
        self._started_at = self._time()
        self._name = app.entropy.new_id(self._started_at)
        self._fired = 0
        self._is_noted = False
        self._watch = Watch()

    def run(self) -> None:
        """Sweep and deliver until a signal to end. Raises Unavailable where it cannot go on."""
        self._bell.obey_signals()
        self._keep()

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Sweep and deliver beside whatever is done inside; where that cannot go on, the process ends."""
        thread = Thread(target=self._keep_or_end, name="worker")
        thread.start()
        try:
            yield
        finally:
            self._bell.stop()
            thread.join()

    def _keep_or_end(self) -> None:
        try:
            self._keep()
        except Unavailable as error:
            give_up(f"{error}")

    def _keep(self) -> None:
        facts = {"worker": self._name, "every": self._every.total_seconds()}
        LOG.info("开始值守，至多每 %d 秒扫描一次", facts["every"], extra={"event": "started", "facts": facts})
        self._bell.run()
        self._leave()
        LOG.info(
            "停止值守", extra={"event": "stopped", "facts": {"worker": self._name, "fired": self._fired}}
        )

    def once(self, now: datetime) -> None:
        """Do what is due at an instant."""
        self._open(now)
        self._sweep(now)
        self._deliver(now)
        self._sign(now)

    def open(self) -> None:
        """Open the reports whose period has come."""
        if not self._is_put_back():
            self._open(self._time())

    def sweep(self) -> timedelta | None:
        """Fire what is due and give a sign of life; returns how long it is until the next rung comes due.

        Where the clock was put back it does neither, until the clock has passed its last sweep or was accepted.
        """
        now = self._time()
        self._note_jump(now)
        if self._is_put_back():
            return None
        self._sweep(now)
        due = beat(self._app.writing(), self._heartbeat)
        return None if due is None else due - self._time()

    def deliver(self) -> timedelta | None:
        """Send what waits; returns how long it is until the next look, no time at all where a turn was too short."""
        is_done = self._deliver(self._time())
        return NEXT_LOOK if is_done else timedelta()

    def sign(self) -> None:
        """Sign a checkpoint of the history when one is due."""
        self._sign(self._time())

    def _time(self) -> datetime:
        return shared_time(self._app.reading()) if self._clock is None else self._clock()

    def _note_jump(self, now: datetime) -> None:
        """Enter a jump of the clock that all share; that of a rehearsal jumps all the time."""
        jump = self._watch.look(now) if self._clock is None else None
        if jump and note_jump(self._app.writing(), jump):
            text = f"数据库时钟跳变 {jump.seconds:+d} 秒，或机器曾休眠"
            LOG.warning("%s", text, extra={"event": "clock_jumped", "facts": {"seconds": jump.seconds}})

    def _is_put_back(self) -> bool:
        found = put_back(self._app.reading()) if self._clock is None else None
        if found:
            LOG.error("%s。%s", found.text, ACCEPT, extra={"event": "clock_put_back"})
        return found is not None

    def _heartbeat(self, at: datetime) -> Heartbeat:
        return Heartbeat(
            worker=self._name,
            at=at,
            place=f"{platform.node()}/{os.getpid()}",
            started_at=self._started_at,
            fired=self._fired,
        )

    def _open(self, now: datetime) -> None:
        if not self._is_noted:
            note_settings(self._app.writing(), now, facts_of(self._app.settings))
            self._is_noted = True
        opened = Counter(item.title for item in open_duties(self._app.writing, now))
        for title, count in opened.items():
            facts = {"title": title, "count": count}
            LOG.info("建立报送 %d 件：%s", count, title, extra={"event": "opened", "facts": facts})

    def _sign(self, now: datetime) -> None:
        if self._sealing is None:
            return
        try:
            if made := sign_what_is_due(self._sealing, now):
                facts = {"size": made.head.size}
                LOG.info("已签检查点：历史 %d 条", made.head.size, extra={"event": "signed", "facts": facts})
        except (
            Broken,
            Unavailable,
        ) as error:  # it is looked at again with the next ring; people must hear of it
            LOG.error("没有签检查点：%s", error, extra={"event": "unsigned"})

    def _sweep(self, now: datetime) -> None:
        turn, before = self._turn(), self._fired
        for escalation in sweep(self._app.writing, now, turn.is_on, _tell_failed):
            self._fired += 1
            _tell_fired(escalation)
        if self._fired > before:
            self._bell.ring(DELIVER)

    def _deliver(self, now: datetime) -> bool:
        """Send until nothing is left; returns False where the turn was over before."""
        turn = self._turn()
        while turn.is_on():
            settled = self._send(now, turn)
            if not settled:
                return True
            for delivery in settled:
                _tell_settled(delivery)
            _tell_remarks(settled)
        return False

    def _send(self, now: datetime, turn: "_Turn") -> list[Delivery]:
        begin, name = self._app.writing, self._name
        return deliver(begin, now, self._post, name, LETTERS_A_ROUND, jitter=jitter, go_on=turn.is_on)

    def _turn(self) -> "_Turn":
        return _Turn(self._bell, monotonic() + TURN)

    def _leave(self) -> None:
        try:
            leave(self._app.writing(), self._name)
        except Unavailable as error:
            LOG.warning("没能注销心跳：%s", error, extra={"event": "failed"})


@dataclass(frozen=True, slots=True)
class _Turn:
    """The time an answer may take."""

    bell: Bell
    until: float

    def is_on(self) -> bool:
        return monotonic() < self.until and not self.bell.is_stopping


def _tell_failed(item: ItemId, error: Exception) -> None:
    facts = {"item": item, "cause": type(error).__name__}
    LOG.error(
        "事项 %s 这次没能催办，稍后再办", item, exc_info=error, extra={"event": "put_off", "facts": facts}
    )


def _tell_fired(escalation: Escalation) -> None:
    item, deadline, rung = escalation.item, escalation.deadline, escalation.reached.speaker
    facts = {"item": item.number, "clock": deadline.clock, "revision": deadline.revision, "rung": rung.id}
    text = f"{item.number} {rung.label}，通知 {escalation.recipients} 人"
    LOG.info("%s", text, extra={"event": "fired", "facts": facts})


def _tell_remarks(settled: Sequence[Delivery]) -> None:
    """What was sent, but not as it was meant to be: once for each such remark."""
    remarks = (one.last_error for one in settled if one.status is DeliveryStatus.SENT)
    for remark in dict.fromkeys(filter(None, remarks)):
        LOG.warning("%s", remark, extra={"event": "remark"})


def _tell_settled(delivery: Delivery) -> None:
    facts = {"notice": delivery.notice.key, "channel": delivery.channel, "status": delivery.status.value}
    if delivery.status is DeliveryStatus.SENT:
        LOG.info(
            "通知 %s 已由 %s 发出",
            delivery.notice.key,
            delivery.channel,
            extra={"event": "sent", "facts": facts},
        )
    else:
        word = "发不出去，已放弃" if delivery.status is DeliveryStatus.DEAD else "没有发出，稍后再发"
        said = f"通知 {delivery.notice.key}（{delivery.channel}）{word}：{delivery.last_error}"
        LOG.warning("%s", said, extra={"event": "unsent", "facts": facts})
