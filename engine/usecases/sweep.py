"""Fires the rungs that have come due. Any process may sweep at any time: storing a firing is the claim.

Due deadlines are taken in chunks, one transaction each. A chunk that fails is taken again one deadline at a time, and
a deadline that fails alone is put off for an hour (for a minute where the store is to blame), so that one poisoned row
never holds up the others.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from engine.model.errors import Unavailable
from engine.model.ids import ItemId
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.usecases.again import again
from engine.usecases.firing import PUT_OFF, Escalation, due_on, fire
from engine.usecases.items import HANDS

CHUNK = 200
_A_MOMENT = timedelta(minutes=1)

Begin = Callable[[], UnitOfWork]
Tell = Callable[[ItemId, Exception], None]


def _always() -> bool:
    return True


def _nobody(_item: ItemId, _error: Exception) -> None:
    """Whoever sweeps without listening."""


def sweep(
    begin: Begin, now: datetime, go_on: Callable[[], bool] = _always, tell: Tell = _nobody
) -> Iterator[Escalation]:
    """Fire everything due at `now`, earliest first; yields each escalation once it is durable.

    begin: gives a fresh unit of work for each transaction.
    go_on: asked before each; what is left when it says no is left for the next sweep.
    tell: is told each item that could not be fired now, and why.
    """
    while go_on():
        try:
            fired, seen = _chunk(begin(), now, CHUNK)
        except Exception:  # noqa: BLE001 - whatever a row raises, its neighbours must still be fired
            fired, seen = _one_by_one(begin, now, tell)
        yield from fired
        if not seen:
            return


def _one_by_one(begin: Begin, now: datetime, tell: Tell) -> tuple[list[Escalation], int]:
    with begin() as uow:
        count = len(uow.deadlines.due(now, CHUNK))
    fired: list[Escalation] = []
    for _ in range(count):
        try:
            fired += _chunk(begin(), now, 1)[0]
        except Exception as error:  # noqa: BLE001 - the row that raises is put off, not the sweep
            for item in _put_off(begin(), now, _A_MOMENT if isinstance(error, Unavailable) else PUT_OFF):
                tell(item, error)
    return fired, count


@again
def _put_off(uow: UnitOfWork, now: datetime, wait: timedelta) -> list[ItemId]:
    """Put the first off, for a moment where the store is to blame; raises Unavailable where it still is."""
    with uow:
        items = uow.deadlines.due(now, 1)
        due = due_on(uow, now, items)
        uow.deadlines.advance([changed(deadline, next_at=now + wait) for deadline in due])
        uow.commit()
    return items


@again
def _chunk(uow: UnitOfWork, now: datetime, limit: int) -> tuple[list[Escalation], int]:
    with uow:
        ids = uow.deadlines.due(now, limit)
        if not ids:
            return [], 0
        items = uow.items.get(sorted(ids))
        escalations = fire(uow, now, due_on(uow, now, ids), items, HANDS)
        uow.commit()
    return escalations, len(ids)
