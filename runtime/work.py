"""What a worker does at each ring: sweep what is due, then take the outbox to its channels."""

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.usecases.sweep import sweep
from runtime.scheduler import Bell
from runtime.wiring import App

Tell = Callable[[datetime, str], None]


class Work:
    """One worker of an installation. `tell` is told each escalation in a sentence."""

    def __init__(self, app: App, *, tell: Tell) -> None:
        self._app = app
        self._tell = tell

    def bell(self, *, every: timedelta) -> Bell:
        """The bell that this work answers to."""
        return Bell(self._app.now, self.answer, every=every)

    def answer(self, now: datetime) -> datetime | None:
        """Do what is due; returns the instant at which the next rung comes due."""
        for escalation in sweep(self._app.writing, now):
            text = f"{escalation.item.number} {escalation.reached.speaker.label}，通知 {escalation.recipients} 人"
            self._tell(now, text)
        with self._app.reading() as uow:
            return uow.deadlines.next_at()
