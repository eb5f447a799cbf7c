"""Seals the secrets of second factors before they are stored, so that a stolen database or backup holds none of them.

A sealed secret is `1`, a nonce of 12 bytes, then ChaCha20-Poly1305 over the secret, bound to its person. The key is in
a file of its own, which only the account of the server can read and which no backup of the database carries along.
"""

import logging
import os
from pathlib import Path
from typing import Any, Final

from runtime.entropy import SystemEntropy

LOG = logging.getLogger("duban.vault")
VERSION: Final = b"\x01"
KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_LEAST: Final = len(VERSION) + _NONCE_BYTES + 16


class Vault:
    """Fulfils `storage.accounts.Sealing` with a key file, which is made when the first secret is sealed."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._key: bytes | None = None

    def seal(self, person: str, secret: bytes) -> bytes:
        """The secret as it is stored. What is sealed already stays as it is."""
        if _is_sealed(secret):
            return secret
        cipher = _cipher(self._known() or self._made())
        if cipher is None:
            return secret
        nonce = SystemEntropy().salt()[:_NONCE_BYTES]
        return VERSION + nonce + bytes(cipher.encrypt(nonce, secret, person.encode()))

    def open(self, person: str, stored: bytes) -> bytes:
        """The secret; what cannot be opened is given back as it is, and no code of it is ever right."""
        if not _is_sealed(stored):
            return stored
        cipher = _cipher(self._known())
        nonce, sealed = stored[1 : 1 + _NONCE_BYTES], stored[1 + _NONCE_BYTES :]
        try:
            return bytes(cipher.decrypt(nonce, sealed, person.encode()))
        except Exception:  # noqa: BLE001 - the library is absent, the key is lost, or the row was tampered with
            LOG.error(
                "a second factor cannot be opened with %s; restore that file or reset the account",
                self._key_file,
            )
            return stored

    def _known(self) -> bytes | None:
        if self._key is None and self._key_file.is_file():
            self._key = bytes.fromhex(self._key_file.read_text(encoding="ascii").strip())
        return self._key

    def _made(self) -> bytes | None:
        """A fresh key; the one of another process where that was faster."""
        try:
            number = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._known()
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(SystemEntropy().salt().hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return self._known()


def _is_sealed(stored: bytes) -> bool:
    """A secret itself is 20 bytes long, shorter than anything sealed."""
    return stored[:1] == VERSION and len(stored) > _LEAST


def _cipher(key: bytes | None) -> Any:
    """The cipher; None where there is no key, or no build of the library for this machine."""
    try:
        from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - not on every machine
    except ImportError:
        return None
    return ChaCha20Poly1305(key) if key and len(key) == KEY_BYTES else None
