"""Takes the outbox to its channels: claims in one transaction, sends in none, settles in another.

One delivery is taken at a time, so that no lease grows old behind a slow neighbour and a fault falls on one notice
only. The try is counted with the claim: a notice on which the whole process dies is given up like any other. All
waiting is reckoned from the instant of the claim by the clock of the database; the clock of a worker counts nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.model.actor import Person
from engine.model.errors import NotFound, Unavailable
from engine.model.notice import Delivery, DeliveryStatus
from engine.ports import UnitOfWork

MOST_ATTEMPTS = 5
LEASE = timedelta(seconds=60)
"""Six times what a channel may take for one notice."""
FIRST_WAIT = timedelta(minutes=10)
LONGEST_WAIT = timedelta(hours=6)
OUT_OF_REACH = timedelta(minutes=2)
"""How long a notice waits, at most, for a channel that nobody can reach."""
_LONGEST_ERROR = 500

Begin = Callable[[], UnitOfWork]
Jitter = Callable[[], float]
"""Gives a number from 0 to 1, as evenly as dice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A claimed delivery, with what its words and its address need of the directory."""

    delivery: Delivery
    recipient: Person | None
    unit_name: str


class Post(Protocol):
    """The channels of this worker. Each holds a notice for ten seconds at most."""

    @property
    def channels(self) -> Sequence[str]:
        """The channels it can send through."""

    def send(self, letter: Letter) -> None:
        """Hand a letter to its channel; returns once the channel has taken it.

        Raises Unavailable where the channel is out of reach, whatever the letter; NotFound where this worker has no
        words for the kind; anything else where this letter cannot be sent.
        """


def deliver(  # noqa: PLR0913 - the dice come in with the clock: the engine has neither
    begin: Begin, now: datetime, post: Post, worker: str, limit: int, *, jitter: Jitter
) -> list[Delivery]:
    """Send at most `limit` deliveries, those that have waited longest first; returns them as they now stand.

    begin: gives a fresh unit of work for each transaction.
    worker: names the process, fresh at every start.
    """
    channels, settled = list(post.channels), list[Delivery]()
    for _ in range(limit):
        letter = _claim(begin(), worker, channels) if channels else None
        if letter is None:
            break
        after, in_reach = _send(post, letter, now, jitter)
        if not in_reach:
            channels.remove(after.channel)
        if _settle(begin(), after):
            settled.append(after)
    return settled


def wait_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many tries: any length up to a limit that doubles with each try."""
    doubled: timedelta = FIRST_WAIT * 2 ** (attempts - 1)
    return min(doubled, LONGEST_WAIT) * jitter


def _claim(uow: UnitOfWork, worker: str, channels: Sequence[str]) -> Letter | None:
    with uow:
        claimed = uow.notices.claim(worker, int(LEASE.total_seconds()), 1, channels)
        if not claimed:
            return None
        delivery = replace(claimed[0], attempts=claimed[0].attempts + 1)
        uow.notices.settle([delivery])
        letter = _letter(uow, delivery)
        uow.commit()
    return letter


def _letter(uow: UnitOfWork, delivery: Delivery) -> Letter:
    notice = delivery.notice
    unit = notice.facts.get("unit")
    return Letter(
        delivery=delivery,
        recipient=uow.people.by_id([notice.recipient]).get(notice.recipient),
        unit_name=next((one.name for one in uow.people.units() if one.code == unit), ""),
    )


def _send(post: Post, letter: Letter, now: datetime, jitter: Jitter) -> tuple[Delivery, bool]:
    delivery = letter.delivery
    if delivery.attempts > MOST_ATTEMPTS:
        return _failed(replace(delivery, attempts=MOST_ATTEMPTS), "每次发送都中途断掉", jitter), True
    try:
        post.send(letter)
    except Unavailable as error:
        return _put_off(delivery, _words(error), OUT_OF_REACH * jitter()), False
    except NotFound as error:
        return _put_off(delivery, _words(error), LONGEST_WAIT * jitter()), True
    except Exception as error:  # noqa: BLE001 - whatever one notice raises, its neighbours must still be sent
        return _failed(delivery, _words(error), jitter), True
    return replace(delivery, status=DeliveryStatus.SENT, sent_at=now, last_error=None), True


def _put_off(delivery: Delivery, error: str, wait: timedelta) -> Delivery:
    """Back into the queue without counting the try: the notice is not to blame."""
    waiting = replace(delivery, attempts=delivery.attempts - 1)
    return replace(
        waiting, status=DeliveryStatus.PENDING, not_before=_claimed_at(delivery) + wait, last_error=error
    )


def _failed(delivery: Delivery, error: str, jitter: Jitter) -> Delivery:
    if delivery.attempts >= MOST_ATTEMPTS:
        return replace(delivery, status=DeliveryStatus.DEAD, last_error=error)
    at = _claimed_at(delivery) + wait_after(delivery.attempts, jitter())
    return replace(delivery, status=DeliveryStatus.PENDING, not_before=at, last_error=error)


def _claimed_at(delivery: Delivery) -> datetime:
    return delivery.not_before - LEASE


def _words(error: Exception) -> str:
    """What went wrong, on one short line without anything that a terminal would obey."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return "".join(part if part.isprintable() else "�" for part in said)[:_LONGEST_ERROR]


def _settle(uow: UnitOfWork, delivery: Delivery) -> bool:
    with uow:
        held = uow.notices.settle([delivery])
        uow.commit()
    return held > 0
