"""Signed heads of the log and the keys they are signed with."""

from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import Entry, EntryKind
from engine.model.ids import ItemId
from storage.memory.work import Work


class MemoryCheckpoints:
    """Fulfils `Checkpoints`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, checkpoint: Checkpoint) -> None:
        """See `Checkpoints.add`."""
        with self._work.writing() as tables:
            tables.checkpoints.add(checkpoint)

    def newest(self) -> Checkpoint | None:
        """See `Checkpoints.newest`."""
        return max(self._work.tables.checkpoints, key=lambda one: one.position, default=None)

    def every(self) -> list[Checkpoint]:
        """See `Checkpoints.every`."""
        return sorted(self._work.tables.checkpoints, key=lambda one: one.position)

    def has(self, cause: str) -> bool:
        """See `Checkpoints.has`."""
        return any(one.cause == cause for one in self._work.tables.checkpoints)

    def add_key(self, key: LogKey) -> None:
        """See `Checkpoints.add_key`."""
        with self._work.writing() as tables:
            tables.keys.add(key)

    def keys(self) -> list[LogKey]:
        """See `Checkpoints.keys`."""
        return sorted(self._work.tables.keys, key=lambda one: one.position)

    def phase_moved_since(self, position: int) -> int | None:
        """See `Checkpoints.phase_moved_since`."""
        entries = self._work.tables.entries
        return next((one.index for one in entries if one.index >= position and self._moved_phase(one)), None)

    def _moved_phase(self, entry: Entry) -> bool:
        item = self._work.tables.items.get(entry.item or ItemId(""))
        is_move = entry.kind is EntryKind.TRANSITION and entry.item_version > 1
        return is_move and item is not None and item.definition.id == "phase"
