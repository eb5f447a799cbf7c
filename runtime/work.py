"""What a worker does at each ring: sweep what is due, then take the outbox to its channels."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from engine.model.errors import Broken, Unavailable
from engine.model.notice import DeliveryStatus
from engine.usecases.deliver import deliver
from engine.usecases.duties import open_duties
from engine.usecases.sweep import sweep
from runtime.entropy import jitter
from runtime.post import office
from runtime.scheduler import Bell
from runtime.sealing import sealing_of, sign_what_is_due
from runtime.wiring import App

Tell = Callable[[datetime, str], None]
LETTERS_A_RING = 1000
"""How many notices leave through each channel before the next look at what is due."""


class Work:
    """One worker of an installation. `tell` is told each escalation, and each notice given up, in a sentence."""

    def __init__(self, app: App, *, tell: Tell) -> None:
        self._app = app
        self._tell = tell
        self._post = office(app.settings)
        self._sealing = sealing_of(app) if app.settings.signing_key else None
        self._name = app.entropy.new_id(app.now())

    def bell(self, *, every: timedelta) -> Bell:
        """The bell that this work answers to."""
        return Bell(self._app.now, self.answer, every=every)

    def answer(self, now: datetime) -> datetime | None:
        """Do what is due; returns the instant at which the next rung comes due."""
        self._open(now)
        self._sweep(now)
        self._deliver(now)
        self._sign(now)
        with self._app.reading() as uow:
            return uow.deadlines.next_at()

    def _open(self, now: datetime) -> None:
        opened = Counter(item.title for item in open_duties(self._app.writing, now))
        for title, count in opened.items():
            self._tell(now, f"建立报送 {count} 件：{title}")

    def _sweep(self, now: datetime) -> None:
        for escalation in sweep(self._app.writing, now):
            text = f"{escalation.item.number} {escalation.reached.speaker.label}，通知 {escalation.recipients} 人"
            self._tell(now, text)

    def _sign(self, now: datetime) -> None:
        if self._sealing is None:
            return
        try:
            if made := sign_what_is_due(self._sealing, now):
                self._tell(now, f"已签检查点：历史 {made.head.size} 条")
        except (
            Broken,
            Unavailable,
        ) as error:  # what is due is still swept and told; people must hear of this
            self._tell(now, f"没有签检查点：{error.message}")

    def _deliver(self, now: datetime) -> None:
        settled = deliver(self._app.writing, now, self._post, self._name, LETTERS_A_RING, jitter=jitter)
        for delivery in settled:
            if delivery.status is DeliveryStatus.DEAD:
                self._tell(
                    now, f"通知 {delivery.notice.key} 发不出去（{delivery.channel}）：{delivery.last_error}"
                )
