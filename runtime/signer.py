"""Who signs heads of the log, and remembers in a file of its own what was signed last."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from engine.model.causes import in_chinese
from engine.model.checkpoint import Note, Signature, VerifierKey
from engine.model.entry import TreeHead
from engine.model.errors import Broken, NotFound, Unavailable
from engine.ports.checkpoints import Growth
from engine.rules.notes import (
    LOG,
    checkpoint_text,
    cosignature,
    cosigned_text,
    is_signed,
    key_id,
    read_checkpoint,
    read_note,
    signed,
    vkey_of,
)
from engine.rules.tree import is_extended
from runtime.keys import SigningKey, read_key, verify
from runtime.settings import Settings


class FileSigner:
    """Fulfils `Signer` with a key and the file of what it signed last."""

    def __init__(self, key: SigningKey, memory: Path) -> None:
        self._key = key
        self._memory = memory

    @property
    def vkey(self) -> str:
        """See `Signer.vkey`."""
        return vkey_of(self._key.public)

    def sign(self, head: TreeHead, growth: Growth, now: datetime) -> str:
        """See `Signer.sign`."""
        text = checkpoint_text(self._key.name, head)
        with _held(self._memory):
            if last := remembered(self._memory, self._key.public):
                require_growth(read_checkpoint(last.text)[1], head, growth)
            note = signed(text, signature_of(self._key, text, now))
            remember(self._memory, note)
        return note


def signature_of(key: SigningKey, text: str, now: datetime) -> Signature:
    """The line that a key puts below a text."""
    if key.kind == LOG:
        return Signature(key.name, key_id(key.public), key.sign(text.encode()))
    seconds = int(now.timestamp())
    return cosignature(key.public, seconds, key.sign(cosigned_text(text, seconds).encode()))


def require_growth(last: TreeHead, head: TreeHead, growth: Growth) -> None:
    """Raises Broken unless the log continues what was signed last."""
    if head.size < last.size:
        raise Broken(
            f"拒绝签名：历史只有 {head.size} 条，而上次签名时有 {last.size} 条",
            hint="记录被截去，或恢复了旧备份。请先查明原因",
        )
    if last.size and not is_extended(last, head, growth(last.size)):
        raise Broken(
            f"拒绝签名：前 {last.size} 条与上次签名时不同",
            hint="历史被改写，或换成了另一份。请先查明原因",
        )


def remembered(memory: Path, key: VerifierKey) -> Note | None:
    """What was signed last, by this key. Raises Unavailable where the file does not say so any more."""
    try:
        note = read_note(memory.read_text(encoding="utf-8"))
        if is_signed(note, key, verify):
            return note
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Unavailable(
            f"签名记忆 {memory} 读不出来：{in_chinese(error)}", hint="请核对文件，不要删除"
        ) from error
    raise Unavailable(f"签名记忆 {memory} 不是这把密钥签的", hint="请核对密钥和文件，不要删除")


def remember(memory: Path, note: str) -> None:
    """Replace the file at once, on disk before anybody gets to see the signature."""
    incoming = memory.with_name(f"{memory.name}.incoming")
    with incoming.open("w", encoding="utf-8", newline="\n") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    incoming.replace(memory)


@contextmanager
def _held(memory: Path) -> Iterator[None]:
    """Only one process signs with a memory at a time."""
    with memory.with_name(f"{memory.name}.lock").open("a+b") as file:
        _lock(file)
        yield


def _lock(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - only here

        fcntl.flock(file, fcntl.LOCK_EX)


def memory_of(key_file: Path) -> Path:
    """Where the signer of a key remembers."""
    return key_file.with_name(f"{key_file.name}.last")


def signer_of(settings: Settings) -> FileSigner:
    """The signer that the settings describe. Raises NotFound where they name no key."""
    if settings.signing_key is None:
        raise NotFound("没有设置签名密钥", hint="请设 signing.key 和 signing.passphrase_file")
    key = read_key(settings.signing_key, settings.signing_passphrase)
    return FileSigner(key, memory_of(settings.signing_key))
