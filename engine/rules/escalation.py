"""Which rungs of a ladder have been reached, which of them have something to say, and which comes next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.model.calendar import Calendar
from engine.model.clock import Ladder, Pace, Rung
from engine.model.deadline import Deadline
from engine.model.item import FieldValue
from engine.rules.copies import changed
from engine.rules.pace import behind_at, instant_of_share
from engine.rules.periods import shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The rungs reached by now, oldest first: the last that is not silent speaks and names the others."""

    rungs: tuple[Rung, ...]
    next_rung: str | None
    next_at: datetime | None
    silent: frozenset[str] = frozenset()
    """Those that were reached and have nothing to say: the work is not as far behind as they ask for."""

    @property
    def spoken(self) -> tuple[Rung, ...]:
        """The rungs that have something to say."""
        return tuple(rung for rung in self.rungs if rung.id not in self.silent) if self.silent else self.rungs

    @property
    def speaker(self) -> Rung:
        """The rung that speaks for all; the last one where nobody has anything to say."""
        return (self.spoken or self.rungs)[-1]


def words_for(rung: Rung, step: Reached) -> Rung:
    """Whose words they get whom no higher rung than this one means: “will end” is not said of what has ended."""
    is_over = rung.is_early and not step.speaker.is_early
    return step.speaker if is_over else rung


def rung_at(rung: Rung, deadline: Deadline, calendar: Calendar) -> datetime:
    """The instant of a rung. Steps after the due date never count time before the deadline was recorded."""
    if rung.elapsed is not None:
        return instant_of_share(deadline, rung.measure, rung.elapsed, calendar)
    anchor = deadline.due_at if rung.offset <= 0 else max(deadline.due_at, deadline.armed_at)
    return shift(anchor, rung.offset, rung.measure, calendar)


def first_step(ladder: Ladder, deadline: Deadline, calendar: Calendar) -> tuple[str | None, datetime | None]:
    """The first rung not before the arming, and its instant: a campaign loaded late starts without a burst."""
    return step_since(ladder, deadline, calendar, deadline.armed_at)


def reached(ladder: Ladder, deadline: Deadline, now: datetime, calendar: Calendar) -> Reached | None:
    """The rungs from the deadline's next one on, as far as they lie at or before `now`; None when there is none."""
    due: list[Rung] = []
    step: tuple[str | None, datetime | None] = (None, None)
    for rung in _waiting(ladder, deadline, calendar):
        at = rung_at(rung, deadline, calendar)
        if at > now:
            step = rung.id, at
            break
        due.append(rung)
    return Reached(rungs=tuple(due), next_rung=step[0], next_at=step[1]) if due else None


def first_move_at(
    ladder: Ladder, deadline: Deadline, now: datetime, calendar: Calendar, is_open: Callable[[str], bool]
) -> datetime | None:
    """The instant of the first rung reached by now that moves the item; behind it nothing may be due.

    is_open: whether the item stands where it can be moved by a verb.
    """
    moving = [rung for rung in ladder.rungs if rung.effects and any(map(is_open, rung.moves))]
    if not moving:
        return None
    instants = (
        rung_at(rung, deadline, calendar) for rung in _waiting(ladder, deadline, calendar) if rung in moving
    )
    return min((at for at in instants if at <= now), default=None)


def heard(step: Reached, pace: Pace | None, fields: Mapping[str, FieldValue]) -> Reached:
    """The same, with the rungs silenced that ask for work to be further behind than it is.

    Each asks what is expected at its own share of the time, so that a sweep that comes late judges as one in time.
    """
    if pace is None:
        return step
    silent = [r.id for r in step.rungs if r.elapsed and behind_at(pace, fields, r.elapsed) < r.behind]
    return changed(step, silent=frozenset(silent)) if silent else step


def _waiting(ladder: Ladder, deadline: Deadline, calendar: Calendar) -> tuple[Rung, ...]:
    """The rungs from the next one on; past the due instant they stand as they are declared."""
    declared = _from(ladder.rungs, deadline.next_rung)
    if declared and not declared[0].is_early:
        return declared
    return _from(_in_time(ladder, deadline, calendar), deadline.next_rung)


def _in_time(ladder: Ladder, deadline: Deadline, calendar: Calendar) -> tuple[Rung, ...]:
    """The rungs in the order of their instants: where shares and days lie among each other depends on the deadline."""
    early = [rung for rung in ladder.rungs if rung.is_early]
    if not early or early[0].elapsed is None:
        return ladder.rungs
    early.sort(key=lambda rung: rung_at(rung, deadline, calendar))
    return (*early, *(rung for rung in ladder.rungs if not rung.is_early))


def _from(rungs: tuple[Rung, ...], name: str | None) -> tuple[Rung, ...]:
    start = next((place for place, rung in enumerate(rungs) if rung.id == name), len(rungs))
    return rungs[start:]


def step_since(
    ladder: Ladder, deadline: Deadline, calendar: Calendar, since: datetime
) -> tuple[str | None, datetime | None]:
    """The first rung at or after an instant, and its own instant."""
    for rung in _in_time(ladder, deadline, calendar):
        at = rung_at(rung, deadline, calendar)
        if at >= since:
            return rung.id, at
    return None, None
