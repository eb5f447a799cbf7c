"""Takes the outbox to its channels: claims in one transaction, sends in none, settles in another.

One delivery is taken at a time, so that no lease grows old behind a slow neighbour and a fault falls on one notice
only; a channel to which a second copy is no second message takes its first tries in company. The try is counted with
the claim: a notice on which the whole process dies is given up like any other. All waiting is reckoned from the
instant of the claim by the clock of the database; the clock of a worker counts nowhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.model.actor import Person
from engine.model.errors import Invalid, NotFound, Unavailable
from engine.model.ids import UnitCode
from engine.model.notice import Delivery, DeliveryStatus
from engine.ports import UnitOfWork
from engine.usecases.again import again

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
    def channels(self) -> Mapping[str, int]:
        """The channels it can send through, with how many notices each may hold between claim and settlement."""

    def send(self, letter: Letter) -> None:
        """Hand a letter to its channel; returns once the channel has taken it.

        Raises Unavailable where the channel is out of reach, whatever the letter; NotFound where this worker has no
        words for the kind; Invalid where this letter can never be sent; anything else where it could not be, this time.
        """


def deliver(  # noqa: PLR0913 - the dice come in with the clock: the engine has neither
    begin: Begin, now: datetime, post: Post, worker: str, limit: int, *, jitter: Jitter
) -> list[Delivery]:
    """Send at most `limit` deliveries through each channel, those that have waited longest first.

    begin: gives a fresh unit of work for each transaction.
    worker: names the process, fresh at every start.

    Returns them as they now stand.
    """
    settled: list[Delivery] = []
    for channel, at_once in post.channels.items():
        room, in_reach = limit, True
        while room > 0 and in_reach:
            letters = _claim(begin(), worker, channel, min(at_once, room))
            if not letters:
                break
            results = [_send(post, letter, now, jitter) for letter in letters]
            settled += _settle(begin(), [delivery for delivery, _ in results])
            in_reach = all(reached for _, reached in results)
            room -= len(letters)
    return settled


def wait_after(attempts: int, jitter: float) -> timedelta:
    """How long to wait after so many tries: any length up to a limit that doubles with each try."""
    doubled: timedelta = FIRST_WAIT * 2 ** (attempts - 1)
    return min(doubled, LONGEST_WAIT) * jitter


@again
def _claim(uow: UnitOfWork, worker: str, channel: str, limit: int) -> list[Letter]:
    with uow:
        claimed = uow.notices.claim(worker, int(LEASE.total_seconds()), limit, [channel])
        if not claimed:
            return []
        company = _company(claimed)
        taken = [replace(one, attempts=one.attempts + 1) for one in company]
        uow.notices.settle([*taken, *(_given_back(one) for one in claimed if one not in company)])
        letters = _letters(uow, taken)
        uow.commit()
    return letters


def _company(claimed: Sequence[Delivery]) -> list[Delivery]:
    """Those that go together: one that was tried before goes alone, it may be why the last company was lost."""
    if claimed[0].attempts:
        return [claimed[0]]
    return [one for one in claimed if not one.attempts]


def _given_back(delivery: Delivery) -> Delivery:
    return replace(delivery, status=DeliveryStatus.PENDING, not_before=_claimed_at(delivery))


def _letters(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> list[Letter]:
    people = uow.people.by_id(sorted({one.notice.recipient for one in deliveries}))
    names = {unit.code: unit.name for unit in uow.people.units()}
    return [
        Letter(
            delivery=one,
            recipient=people.get(one.notice.recipient),
            unit_name=names.get(UnitCode(f"{one.notice.facts.get('unit')}"), ""),
        )
        for one in deliveries
    ]


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
    except Invalid as error:
        return replace(delivery, status=DeliveryStatus.DEAD, last_error=_words(error)), True
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


@again
def _settle(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Store the results; returns those whose lease still held."""
    with uow:
        held = [one for one in deliveries if uow.notices.settle([one])]
        uow.commit()
    return held
