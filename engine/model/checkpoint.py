"""Checkpoints: the head of the log, signed, so that it can be kept where the log cannot reach it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.model.entry import TreeHead


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A signed head of the log. `position` is the index of the entry that tells of it; `cause` is why, and unique."""

    position: int
    head: TreeHead
    cause: str
    note: str
    """The signed note, byte for byte."""
    at: datetime


@dataclass(frozen=True, slots=True)
class LogKey:
    """A public key in force from the entry at `position` on, as it is given to auditors."""

    position: int
    vkey: str


class AnchorWay(StrEnum):
    """Where a checkpoint is brought so that nobody at the server can take it back."""

    FILE = "file"
    """Written to a file that leaves the house."""
    MAIL = "mail"
    """Told to the leading group."""
    PAPER = "paper"
    """Printed, as a line to type and a code to scan."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: what a signature is checked with. `kind` is 1 for a log, 4 for a cosigner."""

    name: str
    kind: int
    public: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note: who says to have signed, the id of the key, and what it made."""

    name: str
    key_id: bytes
    made: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures."""

    text: str
    signatures: tuple[Signature, ...]
