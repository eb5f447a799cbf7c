"""Takes the outbox to its channels: claims in one transaction, sends in none, settles in another.

One delivery is taken at a time, so that no lease grows old behind a slow neighbour and a fault falls on one notice
only; a channel to which a second copy is no second message takes its first tries in company. The try is counted with
the claim: a notice on which the whole process dies is given up like any other. A channel that fails is left alone by
every worker for a while, then tried with one message. All waiting is reckoned by the clock of the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.model.actor import Person
from engine.model.channel import Manner
from engine.model.errors import InDoubt, Unavailable
from engine.model.ids import UnitCode
from engine.model.notice import Delivery
from engine.ports import UnitOfWork
from engine.rules.sending import (
    LEASE,
    MOST_ATTEMPTS,
    given_back,
    not_sent,
    passed,
    recovered,
    room,
    sent,
    shut,
)
from engine.usecases.again import again

PATIENCE = timedelta(seconds=20)
"""How long one round goes on with a channel: what is due must be looked at again before long."""

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
    def channels(self) -> Mapping[str, Manner]:
        """The channels it can send through, and how each may be used."""

    def send(self, letter: Letter) -> None:
        """Hand a letter to its channel; returns once the channel has taken it.

        Raises Unavailable where the channel is out of reach, whatever the letter, and nothing has left; InDoubt where
        it may have left; NotFound where this worker has no words for the kind; Invalid where this letter can never be
        sent; anything else where it could not be, this time.
        """


def deliver(  # noqa: PLR0913 - the dice come in with the clock: the engine has neither
    begin: Begin, now: datetime, post: Post, worker: str, limit: int, *, jitter: Jitter
) -> list[Delivery]:
    """Send at most `limit` deliveries through each channel, those that have waited longest first.

    begin: gives a fresh unit of work for each transaction.
    worker: names the process, fresh at every start.

    Returns them as they now stand.
    """
    rounds = [
        _Round(begin, now, post, worker, jitter, channel, manner) for channel, manner in post.channels.items()
    ]
    return [delivery for each in rounds for delivery in each.run(limit)]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Letters claimed at an instant; `is_probe` where they are to show whether a failed channel works again."""

    letters: Sequence[Letter]
    at: datetime
    is_probe: bool


@dataclass(frozen=True, slots=True)
class _Tried:
    """A delivery as it stands after the try, and what was wrong with the channel, if anything was."""

    delivery: Delivery
    trouble: Unavailable | None = None


@dataclass(frozen=True, slots=True)
class _Round:
    """One round of a worker with one channel."""

    begin: Begin
    now: datetime
    post: Post
    worker: str
    jitter: Jitter
    channel: str
    manner: Manner

    def run(self, limit: int) -> Iterator[Delivery]:
        """Send until nothing is left, the limit is reached, the channel shuts or time is up."""
        left, since = limit, None
        while left > 0:
            taken = self._claim(self.begin(), left)
            if not taken.letters:
                return
            tried = [self._try(letter) for letter in taken.letters]
            yield from self._settle(self.begin(), taken, tried)
            left, since = left - len(tried), since or taken.at
            if _is_out_of_reach(taken, tried) or taken.at - since > PATIENCE:
                return

    @again
    def _claim(self, uow: UnitOfWork, limit: int) -> _Taken:
        with uow:
            now, gate = uow.gates.now(), uow.gates.get(self.channel)
            count = min(limit, room(gate, self.manner, now))
            claimed = self._leased(uow, count) if count > 0 else []
            company = _company(claimed)
            taken = [replace(one, attempts=one.attempts + 1) for one in company]
            uow.notices.settle([*taken, *(given_back(one) for one in claimed if one not in company)])
            letters = _letters(uow, taken)
            if taken and (gate.failures or self.manner.per_minute is not None):
                uow.gates.put(passed(gate, self.manner, len(taken), now))
            uow.commit()
        return _Taken(letters, now, is_probe=gate.failures > 0)

    def _leased(self, uow: UnitOfWork, count: int) -> list[Delivery]:
        return uow.notices.claim(self.worker, int(LEASE.total_seconds()), count, [self.channel])

    def _try(self, letter: Letter) -> _Tried:
        delivery = letter.delivery
        try:
            if delivery.attempts > MOST_ATTEMPTS:
                raise TimeoutError("每次发送都中途断掉")
            self.post.send(letter)
        except Exception as error:  # noqa: BLE001 - whatever one notice raises, its neighbours must still be sent
            trouble = error if isinstance(error, Unavailable) else None
            return _Tried(not_sent(delivery, error, self.jitter()), trouble)
        return _Tried(sent(delivery, self.now))

    @again
    def _settle(self, uow: UnitOfWork, taken: _Taken, tried: Sequence[_Tried]) -> list[Delivery]:
        """Store the results and what they tell of the channel; returns the deliveries whose lease still held."""
        trouble = next((one.trouble for one in tried if one.trouble), None)
        with uow:
            held = [one.delivery for one in tried if uow.notices.settle([one.delivery])]
            if trouble is not None:
                now, gate = uow.gates.now(), uow.gates.get(self.channel)
                uow.gates.put(shut(gate, trouble, now, self.jitter()))
            elif taken.is_probe:
                uow.gates.put(recovered(uow.gates.get(self.channel)))
            uow.commit()
        return held


def _is_out_of_reach(taken: _Taken, tried: Sequence[_Tried]) -> bool:
    """Whether going on makes no sense; after one message of unknown fate the next one shows."""
    return any(one.trouble and (taken.is_probe or not isinstance(one.trouble, InDoubt)) for one in tried)


def _company(claimed: Sequence[Delivery]) -> Sequence[Delivery]:
    """Those that go together: one that was tried before goes alone, it may be why the last company was lost."""
    if claimed and claimed[0].attempts:
        return [claimed[0]]
    return [one for one in claimed if not one.attempts]


def _letters(uow: UnitOfWork, deliveries: Sequence[Delivery]) -> list[Letter]:
    people = uow.people.by_id(sorted({one.notice.recipient for one in deliveries}))
    names = {unit.code: unit.name for unit in uow.people.units()} if deliveries else {}
    return [
        Letter(
            delivery=one,
            recipient=people.get(one.notice.recipient),
            unit_name=names.get(UnitCode(f"{one.notice.facts.get('unit')}"), ""),
        )
        for one in deliveries
    ]
