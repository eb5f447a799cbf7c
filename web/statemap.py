"""The life of an item at a glance: every state in its stage, where it has been, where it is, where it can go."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.model.definition import Stage, StateDef
from engine.usecases.queries import HistoryLine, ItemDetail


@dataclass(frozen=True, slots=True)
class Spot:
    """A state with how it stands to the item: `now`, `next` (the asker may move it there), `past`, or nothing."""

    state: StateDef
    standing: str


def spots_of(detail: ItemDetail, lines: Iterable[HistoryLine]) -> Mapping[Stage, tuple[Spot, ...]]:
    """The states of a definition by their stages."""
    past = set(_visited(lines))
    ahead = {name for choice in detail.choices for name in choice.move.to}
    found: dict[Stage, tuple[Spot, ...]] = {}
    for state in detail.definition.states:
        here = state.id == detail.item.state
        standing = "now" if here else "next" if state.id in ahead else "past" if state.id in past else ""
        found[state.stage] = (*found.get(state.stage, ()), Spot(state, standing))
    return found


def _visited(lines: Iterable[HistoryLine]) -> Iterable[str]:
    for line in lines:
        changes = line.payload.get("changes")
        pair = changes.get("state") if isinstance(changes, Mapping) else None
        if isinstance(pair, list):
            yield from (f"{name}" for name in pair if name)
