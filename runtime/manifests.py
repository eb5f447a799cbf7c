"""The manifest beside a backup: what it holds, and who says so, as a signed note that people can read.

Its first line names the format, so that nobody can pass it off as a checkpoint: there the second line is a number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

from engine.model.checkpoint import VerifierKey
from engine.model.errors import Broken, NotFound
from engine.rules.notes import is_signed, read_note, signed
from runtime.keys import read_key, verify
from runtime.settings import Settings
from runtime.signer import signature_of

FORMAT: Final = "duban-backup-2"
FIRST_FORMAT: Final = "duban-backup-1"
"""Before evidence was kept beside backups; it has no line for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a backup holds: the version of its database, the size of its log and its root; and the evidence beside."""

    revision: str
    entries: int
    root: bytes
    evidence: tuple[str, ...]
    """By SHA-256, in order."""


def manifest_of(backup: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup.with_name(f"{backup.name}.manifest")


def write_manifest(settings: Settings, backup: Path, contents: Contents, now: datetime) -> Path:
    """Write the manifest, signed where the settings name a key; returns where."""
    text, place = _text(backup, contents), manifest_of(backup)
    if settings.signing_key is not None:
        key = read_key(settings.signing_key, settings.signing_passphrase)
        text = signed(text, signature_of(key, text, now))
    place.write_text(text, encoding="utf-8", newline="\n")
    return place


def check_manifest(backup: Path, contents: Contents, keys: Sequence[VerifierKey]) -> bool | None:
    """Whether the manifest is signed by one of these keys; None where there is none.

    Raises Broken where the backup is not what its manifest says.
    """
    place = manifest_of(backup)
    if not place.is_file():
        return None
    told, wanted = place.read_text(encoding="utf-8"), _text(backup, contents).splitlines()
    if told.startswith(f"{FIRST_FORMAT}\n"):
        wanted = [FIRST_FORMAT, *wanted[1:-1]]
    form, _, *facts = (*told.partition("\n\n")[0].splitlines(), "", "")[: len(wanted)]
    if [form, *facts] != [wanted[0], *wanted[2:]]:  # the name may have changed on the way
        raise Broken(f"{backup} 与它的清单 {place.name} 不符，未作改动", hint="请换一份备份，并查明原因")
    if "\n\n" not in told:
        return False
    try:
        return any(is_signed(read_note(told), key, verify) for key in keys)
    except ValueError as error:
        raise Broken(f"清单 {place.name} 的签名读不出来：{error}", hint="请换一份备份") from error


def require_manifest(is_certain: bool | None) -> None:  # noqa: FBT001 - what `check_manifest` found
    """Raises NotFound unless a manifest is there and signed."""
    if is_certain:
        return
    what = "没有清单" if is_certain is None else "的清单没有可信的签名"
    raise NotFound(f"这份备份{what}，不能核实", hint="请用带签名清单的备份；或不加 --verify，并说明理由")


def _text(backup: Path, contents: Contents) -> str:
    with backup.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    facts = {
        "file": backup.name,
        "bytes": backup.stat().st_size,
        "sha256": digest,
        "revision": contents.revision,
        "size": contents.entries,
        "root": contents.root.hex(),
        "evidence": f"{len(contents.evidence)} {_digest(contents.evidence)}",
    }
    return f"{FORMAT}\n" + "".join(f"{name} {value}\n" for name, value in facts.items())


def _digest(evidence: Sequence[str]) -> str:
    """SHA-256 over the names of the pieces, each the SHA-256 of its bytes, a line each."""
    return sha256("".join(f"{digest}\n" for digest in evidence).encode()).hexdigest()
