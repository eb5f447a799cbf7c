"""Evidence beside backups: one folder for all backups of a place, so that each piece lies there once.

A piece bears the hash of its bytes as its name and never changes, so a later backup copies only what is new.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.model.errors import Broken
from engine.rules.redaction import files_erased
from runtime.backups import rows_of
from runtime.evidence import describe, keep, place_of
from storage.rows import entry_of_row

FOLDER: Final = "duban-evidence"


def folder_of(backup: Path) -> Path:
    """Where the evidence of a backup lies."""
    return backup.absolute().with_name(FOLDER)


def evidence_of(backup: Path) -> tuple[str, ...]:
    """Every piece of evidence that a backup names, by SHA-256, but for those that its history says are erased."""
    named = {f"{row['sha256']}" for row in rows_of(backup, "SELECT DISTINCT sha256 FROM evidence")}
    told = map(entry_of_row, rows_of(backup, "SELECT * FROM entry WHERE kind = 8 ORDER BY position"))
    return tuple(sorted(named - files_erased([*told])))


def evidence_beside(backup: Path) -> tuple[str, ...]:
    """Those of them that lie beside the backup."""
    folder = folder_of(backup)
    return tuple(digest for digest in evidence_of(backup) if place_of(folder, digest).is_file())


def keep_evidence(store: Path, backup: Path) -> tuple[str, ...]:
    """Copy beside a backup what does not lie there yet; returns what the store does not hold, or holds damaged."""
    return tuple(digest for digest in evidence_of(backup) if not _copied(store, folder_of(backup), digest))


def return_evidence(backup: Path, store: Path) -> int:
    """Put what a backup names back into the store; returns how many pieces were not there.

    Raises Broken where one beside the backup is damaged: it is not put back then.
    """
    folder = folder_of(backup)
    lost = [digest for digest in evidence_beside(backup) if not place_of(store, digest).is_file()]
    for digest in lost:
        if not _copied(folder, store, digest):
            raise Broken(
                f"备份旁的佐证 {digest[:12]}… 已损坏", hint="请从别处找回这份佐证；其余佐证和数据未动"
            )
    return len(lost)


def missing_from(backup: Path, store: Path) -> tuple[str, ...]:
    """What a backup names and a store does not hold."""
    return tuple(digest for digest in evidence_of(backup) if not place_of(store, digest).is_file())


def require_whole(backup: Path, digests: Iterable[str]) -> None:
    """Raises Broken where a piece beside the backup is not what its name says."""
    folder = folder_of(backup)
    for digest in digests:
        if describe(place_of(folder, digest)).sha256 != digest:
            raise Broken(
                f"备份旁的佐证 {digest[:12]}… 已损坏，未作改动", hint="请换一份备份，或从别处找回这份佐证"
            )


def _copied(source: Path, target: Path, digest: str) -> bool:
    """Whether the target holds a piece afterwards, whole."""
    place, origin = place_of(target, digest), place_of(source, digest)
    if place.is_file():
        return True
    if not origin.is_file():
        return False
    kept = keep(target, origin).sha256
    if kept != digest:
        place_of(target, kept).unlink()
    return kept == digest
