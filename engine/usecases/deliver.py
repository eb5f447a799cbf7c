"""Takes the outbox to its channels: claims in one transaction, sends in none, settles in another.

One letter is taken at a time, so that no lease grows old behind a slow neighbour and a fault falls on one only; a
channel to which a second copy is no second message takes its first tries in company. The try is counted with the claim:
a notice on which the whole process dies is given up like any other. What is over by the time of the claim is withdrawn.
A channel that fails is left alone by every worker for a while, then tried with one message. All waiting is reckoned by
the clock of the database.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from engine.model.actor import Person
from engine.model.channel import Digest, Manner
from engine.model.errors import InDoubt, Unavailable
from engine.model.ids import UnitCode
from engine.model.notice import Delivery, Lease, Wanted
from engine.ports import UnitOfWork
from engine.rules.sending import EVER, LEASE, NEVER, passed, recovered, room, shut, written_before
from engine.rules.settling import (
    MOST_ATTEMPTS,
    given_back,
    letter_of,
    not_sent,
    over,
    sent,
    taken,
    withdrawn,
)
from engine.usecases.again import again

PATIENCE = timedelta(seconds=20)
"""How long one round goes on with a channel: what is due must be looked at again before long."""
MOST_IN_A_LETTER = 500

Begin = Callable[[], UnitOfWork]
Jitter = Callable[[], float]
"""Gives a number from 0 to 1, as evenly as dice."""
GoOn = Callable[[], bool]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What goes to one person as one message: one claimed delivery or several, and what their words need.

    `key` is the same at every try. `unit_names` are the names of all units by their codes.
    """

    key: str
    channel: str
    deliveries: tuple[Delivery, ...]
    recipient: Person | None
    unit_names: Mapping[UnitCode, str]


class Unwritable(Exception):
    """Some notices of a letter cannot be put into words; nothing was sent. `faults` tells why, by the key of each."""

    def __init__(self, faults: Mapping[str, Exception]) -> None:
        super().__init__(f"{len(faults)} 条通知写不成文字")
        self.faults = faults


class Post(Protocol):
    """The channels of this worker. Each holds a letter for ten seconds at most."""

    @property
    def channels(self) -> Mapping[str, Manner]:
        """The channels it can send through, and how each may be used."""

    def send(self, letter: Letter) -> str | None:
        """Hand a letter to its channel; returns once the channel has taken it, with what should be known of it.

        Raises Unavailable where the channel is out of reach, whatever the letter, and nothing has left; InDoubt where
        it may have left; NotFound where this worker has no words for the kind; Invalid where this letter can never be
        sent; Unwritable where that is so with some of several; anything else where it could not be, this time.
        """


def deliver(  # noqa: PLR0913 - the dice come in with the clock: the engine has neither
    begin: Begin, now: datetime, post: Post, worker: str, limit: int, *, jitter: Jitter, go_on: GoOn = _always
) -> list[Delivery]:
    """Send at most `limit` letters through each channel, those that have waited longest first.

    begin: gives a fresh unit of work for each transaction.
    worker: names the process, fresh at every start.
    go_on: asked before each claim; what is left when it says no stays in the outbox.

    Returns every delivery of which something became, as it now stands.
    """
    rounds = [
        _Round(begin, now, post, worker, jitter, go_on, channel, manner)
        for channel, manner in post.channels.items()
    ]
    return [delivery for each in rounds for delivery in each.run(limit)]


@dataclass(frozen=True, slots=True)
class _Hand:
    """Letters claimed at an instant, and what was withdrawn instead.

    `is_probe` where they are to show whether a channel that failed works again.
    """

    letters: Sequence[Letter]
    withdrawn: Sequence[Delivery]
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
    go_on: GoOn
    channel: str
    manner: Manner

    def run(self, limit: int) -> Iterator[Delivery]:
        """Send until nothing is left, the limit is reached, the channel shuts or time is up."""
        left, since = limit, None
        while left > 0 and self.go_on():
            hand = self._claim(self.begin(), left)
            yield from hand.withdrawn
            if not hand.letters and not hand.withdrawn:
                return
            tried = [one for letter in hand.letters for one in self._try(letter)]
            yield from self._settle(self.begin(), hand, tried)
            left, since = left - len(hand.letters), since or hand.at
            if _is_out_of_reach(hand, tried) or hand.at - since > PATIENCE:
                return

    @again
    def _claim(self, uow: UnitOfWork, limit: int) -> _Hand:
        with uow:
            now, gate = uow.gates.now(), uow.gates.get(self.channel)
            wanted = Wanted(
                channel=self.channel,
                limit=min(limit, room(gate, self.manner, now)),
                written_before=written_before(self.manner, now, uow.calendar),
                urgent=self.manner.urgent,
            )
            groups = self._groups(uow, Lease(worker=self.worker, at=now, until=now + LEASE), wanted)
            standing, ended = _parted(uow, groups)
            letters = self._letters(uow, standing)
            uow.deliveries.settle([*ended, *(one for letter in letters for one in letter.deliveries)])
            if letters and (gate.failures or self.manner.per_minute is not None):
                uow.gates.put(passed(gate, self.manner, len(letters), now))
            uow.commit()
        return _Hand(letters, ended, now, is_probe=gate.failures > 0)

    def _groups(self, uow: UnitOfWork, lease: Lease, wanted: Wanted) -> list[list[Delivery]]:
        """What is claimed, letter by letter. What was tried before goes in the letter it was in, and in no company."""
        if wanted.limit <= 0 or (wanted.written_before == NEVER and not wanted.urgent):
            return []
        is_each = self.manner.digest is Digest.EACH
        found = uow.deliveries.claim(lease, wanted if is_each else replace(wanted, limit=1))
        if not found:
            return []
        head = found[0]
        ours = [one for one in found if _is_fresh(one)] if _is_fresh(head) else [head]
        uow.deliveries.settle([given_back(one) for one in found if one not in ours])
        if is_each and not _is_shared(head):
            return [[one] for one in ours]
        return [[*ours, *_mates(uow, lease, wanted, head)]]

    def _letters(self, uow: UnitOfWork, groups: Sequence[Sequence[Delivery]]) -> list[Letter]:
        people = uow.people.by_id(sorted({group[0].notice.recipient for group in groups}))
        names = {unit.code: unit.name for unit in uow.people.units()} if groups else {}
        keys = [group[0].letter or letter_of(group) for group in groups]
        return [
            Letter(
                key=key,
                channel=self.channel,
                deliveries=tuple(taken(one, key) for one in sorted(group, key=_age)),
                recipient=people.get(group[0].notice.recipient),
                unit_names=names,
            )
            for key, group in zip(keys, groups, strict=True)
        ]

    def _try(self, letter: Letter) -> list[_Tried]:
        held = letter.deliveries
        try:
            if held[0].attempts > MOST_ATTEMPTS:
                raise TimeoutError("每次发送都中途断掉")
            remark = self.post.send(letter)
        except Unwritable as error:
            return self._try_without(letter, error.faults)
        except Exception as error:  # noqa: BLE001 - whatever one letter raises, its neighbours must still be sent
            trouble, dice = (error if isinstance(error, Unavailable) else None), self.jitter()
            alone = len(held) == 1
            return [_Tried(not_sent(one, error, dice, alone=alone), trouble) for one in held]
        return [_Tried(sent(one, self.now, remark)) for one in held]

    def _try_without(self, letter: Letter, faults: Mapping[str, Exception]) -> list[_Tried]:
        """Send the rest of a letter; those without words wait, or are given up, each by itself."""
        rest = tuple(one for one in letter.deliveries if one.notice.key not in faults)
        spoilt = [
            replace(not_sent(one, faults[one.notice.key], self.jitter(), alone=True), letter=one.notice.key)
            for one in letter.deliveries
            if one.notice.key in faults
        ]
        return [*map(_Tried, spoilt), *(self._try(replace(letter, deliveries=rest)) if rest else ())]

    @again
    def _settle(self, uow: UnitOfWork, hand: _Hand, tried: Sequence[_Tried]) -> list[Delivery]:
        """Store the results and what they tell of the channel; returns the deliveries whose lease still held."""
        if not tried:
            return []
        trouble = next((one.trouble for one in tried if one.trouble), None)
        with uow:
            held = [one.delivery for one in tried if uow.deliveries.settle([one.delivery])]
            if trouble is not None:
                gate = uow.gates.get(self.channel)
                uow.gates.put(shut(gate, trouble, uow.gates.now(), self.jitter()))
            elif hand.is_probe:
                uow.gates.put(recovered(uow.gates.get(self.channel)))
            uow.commit()
        return held


def _is_out_of_reach(hand: _Hand, tried: Sequence[_Tried]) -> bool:
    """Whether going on makes no sense; after one message of unknown fate the next one shows."""
    return any(one.trouble and (hand.is_probe or not isinstance(one.trouble, InDoubt)) for one in tried)


def _age(delivery: Delivery) -> tuple[datetime, str]:
    """The order within a letter, the same at every try."""
    return delivery.notice.written_at, delivery.notice.key


def _is_fresh(delivery: Delivery) -> bool:
    return not delivery.attempts and not _is_shared(delivery)


def _is_shared(delivery: Delivery) -> bool:
    return delivery.letter not in (None, delivery.notice.key)


def _mates(uow: UnitOfWork, lease: Lease, wanted: Wanted, head: Delivery) -> list[Delivery]:
    """What goes in one letter with this: those it was with before, or whatever else waits for the same person."""
    if head.letter is None and head.attempts:
        return []
    same = replace(wanted, limit=MOST_IN_A_LETTER - 1, recipient=head.notice.recipient)
    if head.letter is not None:
        same = replace(same, letter=head.letter, written_before=EVER)
    return uow.deliveries.claim(lease, same)


def _parted(
    uow: UnitOfWork, groups: Sequence[Sequence[Delivery]]
) -> tuple[list[list[Delivery]], list[Delivery]]:
    """Those that may still leave, group by group, and those that are withdrawn because what they tell is over."""
    every = [one for group in groups for one in group]
    causes = uow.deliveries.causes([one.notice.key for one in every]) if every else {}
    why = {one.notice.key: over(one, causes[one.notice.key]) for one in every}
    standing = [[one for one in group if why[one.notice.key] is None] for group in groups]
    ended = [withdrawn(one, told) for one in every if (told := why[one.notice.key]) is not None]
    return [group for group in standing if group], ended
