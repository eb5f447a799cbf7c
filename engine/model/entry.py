"""Entries of the append-only history: the exact bytes of format RCL1 stand in `engine.rules.ledger`."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag

from engine.model.ids import ItemId, PersonId


class EntryKind(IntEnum):
    """What an entry records; the number is the byte in the leaf."""

    TRANSITION = 1
    """An item was opened or moved."""
    EVIDENCE = 2
    """A file was attached outside a move."""
    COMMENT = 3
    """A remark was left."""
    DEFINITION = 4
    """A definition, campaign, calendar or scheme was published."""
    ACCOUNT = 5
    """A post was granted or a substitute named."""
    FIRING = 6
    """A rung of a deadline was reached."""
    CHECKPOINT = 7
    """The head of the log was signed or anchored."""
    REDACTION = 8
    """A payload was erased; its leaf stays."""
    OPERATIONS = 9
    """Clock jumps and other operational facts."""
    MIGRATION = 10
    """The schema was migrated or a backup restored."""


class EntryFlag(IntFlag):
    """Marks in the leaf."""

    NONE = 0
    CLAIMED_EARLIER = 1
    """The claimed date lies earlier than the entry."""
    BY_DELEGATE = 2
    """Somebody acted for somebody else."""
    OVERRIDE = 4
    """A rule was overridden by an authority."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """What is to be appended: everything but its place in the log. `payload` is canonical JSON, hashed verbatim."""

    kind: EntryKind
    what: str
    """The verb or event, kept beside the payload for filters."""
    flags: EntryFlag
    item: ItemId | None
    item_version: int
    actor: PersonId
    payload: bytes
    salt: bytes
    previous: bytes
    """Leaf hash of the previous entry of the same item; 32 zero bytes if first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An appended entry. `payload` and `salt` are None once redacted; the leaf is not erasable."""

    index: int
    at: datetime
    kind: EntryKind
    what: str
    flags: EntryFlag
    item: ItemId | None
    item_version: int
    actor: PersonId
    previous: bytes
    commitment: bytes
    leaf: bytes
    """Leaf hash: SHA-256(00 ‖ 122 bytes)."""
    payload: bytes | None
    salt: bytes | None
    remains: bytes | None = None
    """What the entry at `erased_by` says is left of an erased payload: canonical JSON, not bound by the leaf."""
    erased_by: int | None = None

    @property
    def told(self) -> bytes | None:
        """What it says, as far as that is still known."""
        return self.remains if self.payload is None else self.payload


@dataclass(frozen=True, slots=True)
class TreeHead:
    """How many entries a log had, and the root over them: all that a verifier has to keep."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The size of the log, the instant of its newest entry and its right edge: one hash per set bit of the size."""

    size: int
    at: datetime
    frontier: tuple[bytes, ...]
