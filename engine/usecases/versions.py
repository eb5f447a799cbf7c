"""Which version of its definition an item ran under at each of its entries."""

import json
from collections.abc import Iterator, Mapping, Sequence

from engine.model.definition import Definition
from engine.model.entry import Entry
from engine.model.ids import DefinitionRef
from engine.ports import UnitOfWork
from engine.rules.ledger import Json


def versions_at(
    uow: UnitOfWork, entries: Sequence[Entry], now: DefinitionRef
) -> Iterator[tuple[Definition, Definition]]:
    """For each entry of an item, oldest first, the definition before it and after it.

    now: what the item runs under today; it stands for what entries with an erased payload no longer say.
    """
    refs = [_named(entry) for entry in entries]
    current = next((ref for ref in refs if ref is not None), now)
    for ref in refs:
        before, current = current, ref or current
        yield uow.definitions.get(before), uow.definitions.get(current)


def _named(entry: Entry) -> DefinitionRef | None:
    payload: Mapping[str, Json] = json.loads(entry.told) if entry.told else {}
    changes = payload.get("changes")
    pair = changes.get("definition") if isinstance(changes, Mapping) else None
    if not isinstance(pair, list) or len(pair) != 2:
        return None
    name, _, version = f"{pair[1]}".rpartition("@")
    return DefinitionRef(name, int(version))
