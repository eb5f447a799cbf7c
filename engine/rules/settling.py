"""What becomes of a delivery: claimed, put into a letter, sent, kept waiting, given up or withdrawn.

Every change goes through `Delivery.becomes`: the table in `engine.model.notice` is the whole life of a delivery.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from engine.model.deadline import Outcome
from engine.model.errors import InDoubt, Invalid, NotFound, Unavailable
from engine.model.notice import Cause, Delivery, DeliveryStatus
from engine.rules.ledger import canonical
from engine.rules.sending import LEASE, LONGEST_WAIT, wait_after, words_of

MOST_ATTEMPTS = 5
_ENDED = {
    Outcome.MET: "时限内已办理",
    Outcome.REARMED: "时限已重新起算",
    Outcome.SUSPENDED: "时限已中止",
}


def letter_of(deliveries: Sequence[Delivery]) -> str:
    """The key of the message these go in: of a single one its notice's own, of several one made of all of theirs."""
    keys = sorted(one.notice.key for one in deliveries)
    return keys[0] if len(keys) == 1 else sha256(canonical(["letter", *keys])).hexdigest()


def taken(delivery: Delivery, letter: str) -> Delivery:
    """The delivery in the hands of a worker that is about to send it: the try is counted before it is made."""
    held = delivery.becomes(DeliveryStatus.LEASED)
    return replace(held, attempts=delivery.attempts + 1, letter=letter)


def given_back(delivery: Delivery) -> Delivery:
    """The delivery after nobody tried it."""
    return replace(delivery.becomes(DeliveryStatus.PENDING), not_before=_claimed_at(delivery))


def sent(delivery: Delivery, now: datetime, remark: str | None = None) -> Delivery:
    """The delivery after its channel has taken it; a remark stays where an error would stand."""
    return replace(delivery.becomes(DeliveryStatus.SENT), sent_at=now, last_error=remark)


def over(delivery: Delivery, cause: Cause) -> str | None:
    """Why the delivery must not leave any more; None where it may.

    What was written about a time limit is over once that has ended, and anything once its item was closed; a rung that
    itself ends the limit, and a move that closes the item, are still told.
    """
    written_at = delivery.notice.written_at
    if cause.outcome is not None and cause.ended_at is not None and cause.ended_at > written_at:
        return _ENDED[cause.outcome]
    if cause.closed_at is not None and cause.closed_at > written_at:
        return "事项已办结"
    return None


def withdrawn(delivery: Delivery, why: str) -> Delivery:
    """The delivery after what it spoke of was over."""
    return replace(delivery.becomes(DeliveryStatus.WITHDRAWN), last_error=why)


def revived(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery after a person asked for it again: as new, and alone, should it have been the fault of one."""
    waiting = delivery.becomes(DeliveryStatus.PENDING)
    return replace(waiting, attempts=0, not_before=now, letter=delivery.notice.key)


def not_sent(delivery: Delivery, error: Exception, jitter: float, *, alone: bool) -> Delivery:
    """The delivery after a try that failed: given up, or waiting again.

    Where the channel was out of reach, or this worker has no words for the kind, the try does not count: the notice is
    not to blame. What was refused in company goes alone from then on, and only what is refused alone is given up.
    """
    said = words_of(error)
    match error:
        case Invalid() if alone:
            return replace(delivery.becomes(DeliveryStatus.DEAD), last_error=said)
        case Invalid():
            return replace(_waiting(delivery, timedelta(), said), letter=delivery.notice.key)
        case NotFound():
            return _uncounted(_waiting(delivery, LONGEST_WAIT * jitter, said))
        case Unavailable() if not isinstance(error, InDoubt):
            return _uncounted(_waiting(delivery, timedelta(), said))
    if delivery.attempts >= MOST_ATTEMPTS:
        dead = delivery.becomes(DeliveryStatus.DEAD)
        return replace(dead, attempts=MOST_ATTEMPTS, last_error=said)
    return _waiting(delivery, wait_after(delivery.attempts, jitter), said)


def _claimed_at(delivery: Delivery) -> datetime:
    return delivery.not_before - LEASE


def _waiting(delivery: Delivery, wait: timedelta, said: str) -> Delivery:
    pending = delivery.becomes(DeliveryStatus.PENDING)
    return replace(pending, not_before=_claimed_at(delivery) + wait, last_error=said)


def _uncounted(delivery: Delivery) -> Delivery:
    """What has certainly never left is free again to go in another letter."""
    attempts = delivery.attempts - 1
    return replace(delivery, attempts=attempts, letter=delivery.letter if attempts else None)
