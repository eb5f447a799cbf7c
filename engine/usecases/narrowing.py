"""Which entries of the log are asked for: as a stretch that the storage narrows, and entry by entry."""

from collections.abc import Mapping

from engine.model.entry import Entry
from engine.model.inspection import LogFilter, Stretch
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.past import Document, payload_of
from engine.usecases.inspecting import Inspector, Sight
from engine.usecases.queries import find_within


class Narrowing:
    """A filter, with what it names looked up once. Raises NotFound where it names an item that cannot be seen."""

    def __init__(self, uow: UnitOfWork, by: Inspector, wanted: LogFilter) -> None:
        self._wanted = wanted
        self._below = uow.people.subtree(wanted.unit) if wanted.unit else frozenset()
        rules = uow.definitions.find(wanted.rules) if wanted.rules else None
        self._sha256 = rules.sha256 if rules else None
        self.stretch = _stretch(uow, by, wanted)

    def takes(self, entry: Entry, sight: Sight) -> bool:
        """Whether an entry of the stretch may be seen and is wanted."""
        return sight.covers(entry) and self._is_wanted(entry, sight)

    def _is_wanted(self, entry: Entry, sight: Sight) -> bool:
        wanted, item = self._wanted, sight.item(entry.item)
        if wanted.unit and (item is None or item.unit not in self._below):
            return False
        if wanted.kind not in (None, entry.kind) or (wanted.text and not _holds(entry, wanted.text)):
            return False
        if not (wanted.standing or wanted.principal or wanted.rules):
            return True
        payload = payload_of(entry)
        return (
            wanted.standing in (None, acting(payload, "standing"))
            and wanted.principal in (None, acting(payload, "for"))
            and (wanted.rules is None or (self._sha256 is not None and payload.get("sha256") == self._sha256))
        )


def acting(payload: Document, name: str) -> str | None:
    """What an entry says of whoever acted: `standing`, `for`, `system`."""
    actor = payload.get("actor")
    value = actor.get(name) if isinstance(actor, Mapping) else None
    return None if value is None else f"{value}"


def told(wanted: LogFilter) -> dict[str, Json]:
    """What is asked for, as the entry of the look tells it."""
    return {
        "number": wanted.number,
        "unit": wanted.unit,
        "actor": wanted.actor,
        "standing": wanted.standing,
        "principal": wanted.principal,
        "kind": wanted.kind.name.lower() if wanted.kind else None,
        "what": wanted.what,
        "text": wanted.text or None,
        "since": wanted.since.isoformat() if wanted.since else None,
        "until": wanted.until.isoformat() if wanted.until else None,
        "rules": f"{wanted.rules}" if wanted.rules else None,
        "flags": int(wanted.flags) or None,
        "before": wanted.before,
    }


def _holds(entry: Entry, text: str) -> bool:
    return text in entry.what or text.encode() in (entry.told or b"")


def _stretch(uow: UnitOfWork, by: Inspector, wanted: LogFilter) -> Stretch:
    size = uow.history.head().size
    until = uow.history.index_at(wanted.until) if wanted.until else size
    item = find_within(uow, by.asker, [wanted.number])[0].id if wanted.number else None
    return Stretch(
        first=uow.history.index_at(wanted.since) if wanted.since else 0,
        before=min(until, size if wanted.before is None else wanted.before),
        item=item,
        actor=wanted.actor,
        what=wanted.what,
        flags=wanted.flags,
    )
