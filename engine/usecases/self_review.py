"""That somebody tried to review their own work: refused, and entered, since whoever inspects asks for it."""

from collections.abc import Sequence
from datetime import datetime

from engine.model.entry import EntryDraft, EntryKind
from engine.model.ids import NOBODY
from engine.model.item import Item
from engine.model.transition import Attempt
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.suspicion import SELF_REVIEW
from engine.usecases.again import again
from engine.usecases.beside import beside_items


@again
def note_self_reviews(uow: UnitOfWork, now: datetime, refused: Sequence[Attempt]) -> None:
    """Enter that people tried to review their own work, once for each item as it stands, person and verb."""
    with uow:
        known = uow.items.get([attempt.item for attempt in refused])
        keys = {(NOBODY, _once(attempt, known[attempt.item])): attempt for attempt in refused}
        fresh = {key: attempt for key, attempt in keys.items() if key not in uow.replies.find([*keys])}
        drafts = [_draft(uow, attempt, known[attempt.item]) for attempt in fresh.values()]
        if drafts:
            uow.history.append(drafts, now)
            uow.replies.keep([(*key, "", "{}") for key in fresh], now)
            uow.commit()


def _once(attempt: Attempt, item: Item) -> str:
    return "/".join([SELF_REVIEW, item.id, f"{item.version}", attempt.verb, attempt.actor.person])


def _draft(uow: UnitOfWork, attempt: Attempt, item: Item) -> EntryDraft:
    facts: dict[str, Json] = {"item": item.id, "version": item.version, "verb": attempt.verb}
    return beside_items(uow, EntryKind.OPERATIONS, SELF_REVIEW, attempt.actor, facts)
