"""Which rungs of a ladder have been reached, which one speaks, and which comes next."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.calendar import Calendar
from engine.model.clock import Ladder, Rung
from engine.model.deadline import Deadline
from engine.rules.periods import shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The rungs reached by now, oldest first: the last one speaks and names the others."""

    rungs: tuple[Rung, ...]
    next_rung: str | None
    next_at: datetime | None

    @property
    def speaker(self) -> Rung:
        """The rung that speaks for all."""
        return self.rungs[-1]


def rung_at(rung: Rung, deadline: Deadline, calendar: Calendar) -> datetime:
    """The instant of a rung. Steps after the due date never count time before the deadline was recorded."""
    anchor = deadline.due_at if rung.offset <= 0 else max(deadline.due_at, deadline.armed_at)
    return shift(anchor, rung.offset, rung.measure, calendar)


def first_step(ladder: Ladder, deadline: Deadline, calendar: Calendar) -> tuple[str | None, datetime | None]:
    """The first rung not before the arming, and its instant: a campaign loaded late starts without a burst."""
    return _next(ladder.rungs, deadline, calendar, deadline.armed_at)


def reached(ladder: Ladder, deadline: Deadline, now: datetime, calendar: Calendar) -> Reached | None:
    """The rungs from the deadline's next one on, as far as they lie at or before `now`; None when there is none."""
    due: list[Rung] = []
    step: tuple[str | None, datetime | None] = (None, None)
    for rung in _from(ladder.rungs, deadline.next_rung):
        at = rung_at(rung, deadline, calendar)
        if at > now:
            step = rung.id, at
            break
        due.append(rung)
    return Reached(rungs=tuple(due), next_rung=step[0], next_at=step[1]) if due else None


def _from(rungs: tuple[Rung, ...], name: str | None) -> tuple[Rung, ...]:
    start = next((place for place, rung in enumerate(rungs) if rung.id == name), len(rungs))
    return rungs[start:]


def _next(
    rungs: tuple[Rung, ...], deadline: Deadline, calendar: Calendar, since: datetime
) -> tuple[str | None, datetime | None]:
    for rung in rungs:
        at = rung_at(rung, deadline, calendar)
        if at >= since:
            return rung.id, at
    return None, None
