"""What signed heads of the log need: where they are kept, and who signs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from engine.model.checkpoint import Checkpoint, LogKey
from engine.model.entry import TreeHead

Growth = Callable[[int], Sequence[bytes]]
"""The proof that the log still begins with its first `size` entries."""


class Checkpoints(Protocol):
    """Signed heads, and the keys they are signed with."""

    def add(self, checkpoint: Checkpoint) -> None:
        """Store a checkpoint. Raises Conflict where its cause has one already."""

    def newest(self) -> Checkpoint | None:
        """The checkpoint of the largest head."""

    def every(self) -> list[Checkpoint]:
        """Every checkpoint, oldest first."""

    def has(self, cause: str) -> bool:
        """Whether there is a checkpoint with this cause."""

    def add_key(self, key: LogKey) -> None:
        """Put a key in force. Raises Conflict where it has been in force before."""

    def keys(self) -> list[LogKey]:
        """Every key that was ever in force, oldest first."""

    def phase_moved_since(self, position: int) -> int | None:
        """The index of the first transition of a phase from `position` on."""


class Signer(Protocol):
    """Signs heads of the log, and remembers the last one where the log cannot reach."""

    @property
    def vkey(self) -> str:
        """Its public key."""

    def sign(self, head: TreeHead, growth: Growth, now: datetime) -> str:
        """The signed note. Raises Refused where the log does not continue what was signed last."""
