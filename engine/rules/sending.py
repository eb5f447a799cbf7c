"""When a message may leave: in which hours, how many at once, and how long a channel that failed is left alone.

Pure functions over instants of the database's clock; the clock of a worker counts nowhere.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from engine.model.calendar import Calendar
from engine.model.channel import Digest, Gate, Manner
from engine.model.errors import Busy, InDoubt, Unavailable

LONGEST_SEND = timedelta(seconds=10)
"""What a channel may take for one message."""
LEASE = 6 * LONGEST_SEND
WINDOW = timedelta(minutes=1) + LONGEST_SEND
"""A message arrives up to one sending after it was taken: a limit kept over this time is kept at the other end."""
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=6)
FIRST_SHUT = timedelta(seconds=30)
LONGEST_SHUT = timedelta(minutes=15)
NEVER = datetime.min.replace(tzinfo=UTC)
EVER = datetime.max.replace(tzinfo=UTC)
_DAYS_AHEAD = 400
_LONGEST_ERROR = 500


def written_before(manner: Manner, now: datetime, calendar: Calendar) -> datetime:
    """What was written before this instant may leave at `now`: all of it, nothing, or the digest of the morning.

    What is urgent may leave whatever this says.
    """
    hours = _hours(manner, now.astimezone(calendar.zone).date(), calendar)
    if hours is None or not hours[0] <= now < hours[1]:
        return NEVER
    return hours[0] if manner.digest is Digest.DAILY else EVER


def opens_next(manner: Manner, now: datetime, calendar: Calendar) -> datetime | None:
    """The next instant at which the hours of a channel begin; None where it has none, or no working day is in sight."""
    today = now.astimezone(calendar.zone).date()
    if manner.hours is None:
        return None
    days = (today + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD))
    spans = (_hours(manner, day, calendar) for day in days)
    return next((span[0] for span in spans if span is not None and span[0] > now), None)


def _hours(manner: Manner, day: date, calendar: Calendar) -> tuple[datetime, datetime] | None:
    """From when to when messages leave on a day; None where it is a day of rest."""
    midnight = datetime.combine(day, time(), calendar.zone)
    if manner.hours is None:
        return midnight, midnight + timedelta(days=1)
    if not calendar.works_on(day):
        return None
    start, end = (midnight + timedelta(minutes=minutes) for minutes in manner.hours)
    return start, end


def wait_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many tries: any length up to a limit that doubles with each try."""
    return _doubled(FIRST_WAIT, attempts - 1, LONGEST_WAIT) * jitter


def room(gate: Gate, manner: Manner, now: datetime) -> int:
    """How many messages may be taken to a channel at once: after a failure a single one, to see."""
    if gate.shut_until is not None and now < gate.shut_until:
        return 0
    at_once = 1 if gate.failures else manner.at_once
    if manner.per_minute is None:
        return at_once
    return min(at_once, manner.per_minute - len(_counted(gate, now)))


def passed(gate: Gate, manner: Manner, count: int, now: datetime) -> Gate:
    """The gate after so many messages were taken; while one probes a channel that failed, nobody else may."""
    recent = () if manner.per_minute is None else (*_counted(gate, now), *[now] * count)
    return replace(gate, recent=recent, shut_until=now + LEASE if gate.failures else None)


def shut(gate: Gate, error: Unavailable, now: datetime, jitter: float) -> Gate:
    """The gate after nothing could be handed over: shut for any time up to a limit that doubles with each failure.

    One message of unknown fate is not yet a sign; whoever asks to be left alone is, for as long as they ask.
    """
    failures = gate.failures + 1
    steps = failures - 2 if isinstance(error, InDoubt) else failures - 1
    wait = _doubled(FIRST_SHUT, steps, LONGEST_SHUT) * jitter if steps >= 0 else timedelta()
    if isinstance(error, Busy):
        wait = max(wait, error.wait)
    return replace(gate, failures=failures, shut_until=now + wait, last_error=words_of(error), failed_at=now)


def recovered(gate: Gate) -> Gate:
    """The gate after a message went through; the last error stays, with its instant."""
    return replace(gate, failures=0, shut_until=None)


def words_of(error: Exception) -> str:
    """What went wrong, on one short line without anything that a terminal would obey."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return "".join(part if part.isprintable() else "�" for part in said)[:_LONGEST_ERROR]


def _counted(gate: Gate, now: datetime) -> tuple[datetime, ...]:
    """The messages that still count against the limit; those of a clock that has since gone back a little do too."""
    return tuple(at for at in gate.recent if abs(now - at) < WINDOW)


def _doubled(first: timedelta, times: int, limit: timedelta) -> timedelta:
    doubled: timedelta = first * 2 ** min(times, 30)
    return min(doubled, limit)
