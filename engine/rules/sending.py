"""When a message may leave: how many a channel takes now, what a try leaves behind, and how long to wait then.

Pure functions over instants of the database's clock; the clock of a worker counts nowhere.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from engine.model.channel import Gate, Manner
from engine.model.errors import Busy, InDoubt, Invalid, NotFound, Unavailable
from engine.model.notice import Delivery, DeliveryStatus

LONGEST_SEND = timedelta(seconds=10)
"""What a channel may take for one message."""
LEASE = 6 * LONGEST_SEND
WINDOW = timedelta(minutes=1) + LONGEST_SEND
"""A message arrives up to one sending after it was taken: a limit kept over this time is kept at the other end."""
MOST_ATTEMPTS = 5
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=6)
FIRST_SHUT = timedelta(seconds=30)
LONGEST_SHUT = timedelta(minutes=15)
_LONGEST_ERROR = 500


def wait_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many tries: any length up to a limit that doubles with each try."""
    return _doubled(FIRST_WAIT, attempts - 1, LONGEST_WAIT) * jitter


def claimed_at(delivery: Delivery) -> datetime:
    """When a leased delivery was claimed."""
    return delivery.not_before - LEASE


def sent(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery after its channel has taken it."""
    return replace(delivery, status=DeliveryStatus.SENT, sent_at=now, last_error=None)


def given_back(delivery: Delivery) -> Delivery:
    """The delivery after nobody tried it."""
    return replace(delivery, status=DeliveryStatus.PENDING, not_before=claimed_at(delivery))


def not_sent(delivery: Delivery, error: Exception, jitter: float) -> Delivery:
    """The delivery after a try that failed: given up, or waiting again.

    Where the channel was out of reach, or this worker has no words for the kind, the try does not count: the notice is
    not to blame.
    """
    said = words_of(error)
    match error:
        case Invalid():
            return replace(delivery, status=DeliveryStatus.DEAD, last_error=said)
        case NotFound():
            return _waiting(delivery, LONGEST_WAIT * jitter, said, counted=False)
        case Unavailable() if not isinstance(error, InDoubt):
            return _waiting(delivery, timedelta(), said, counted=False)
    if delivery.attempts >= MOST_ATTEMPTS:
        return replace(delivery, status=DeliveryStatus.DEAD, attempts=MOST_ATTEMPTS, last_error=said)
    return _waiting(delivery, wait_after(delivery.attempts, jitter), said, counted=True)


def words_of(error: Exception) -> str:
    """What went wrong, on one short line without anything that a terminal would obey."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return "".join(part if part.isprintable() else "�" for part in said)[:_LONGEST_ERROR]


def _waiting(delivery: Delivery, wait: timedelta, said: str, *, counted: bool) -> Delivery:
    return replace(
        delivery,
        status=DeliveryStatus.PENDING,
        attempts=delivery.attempts if counted else delivery.attempts - 1,
        not_before=claimed_at(delivery) + wait,
        last_error=said,
    )


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


def _counted(gate: Gate, now: datetime) -> tuple[datetime, ...]:
    """The messages that still count against the limit; those of a clock that has since gone back a little do too."""
    return tuple(at for at in gate.recent if abs(now - at) < WINDOW)


def _doubled(first: timedelta, times: int, limit: timedelta) -> timedelta:
    doubled: timedelta = first * 2 ** min(times, 30)
    return min(doubled, limit)
