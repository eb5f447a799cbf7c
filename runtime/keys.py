"""Ed25519 keys of the log and of auditors, and the encrypted file that each is kept in.

The file is JSON: scrypt stretches the passphrase, ChaCha20-Poly1305 seals the 32 bytes of the seed, and the public key
beside it is sealed along, so that none of its lines can be exchanged.
"""

import hashlib
import json
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.model.causes import in_chinese
from engine.model.checkpoint import VerifierKey
from engine.model.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from engine.rules.notes import read_vkey, vkey_of
from runtime.entropy import SystemEntropy

FORMAT = "duban-key-1"
WORK = 17
"""scrypt runs through 2 ** 17 blocks of 1 KiB: 128 MiB, about half a second."""
LEAST_PASSPHRASE = 12
_SEED_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12


def _library() -> Any:
    """The library for signing. Raises Unavailable where no build of it exists for this machine."""
    try:
        from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - not on every machine
    except ImportError as error:
        raise Unavailable(
            "本机没有 cryptography，不能签名和核对签名", hint="请在另一台机器上签名；历史本身不受影响"
        ) from error
    return ed25519


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name. `kind` is 1 for a log, 4 for a cosigner."""

    name: str
    kind: int
    seed: bytes = field(repr=False)

    @property
    def public(self) -> VerifierKey:
        """What others check its signatures with."""
        return VerifierKey(self.name, self.kind, self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of a signature."""
        made: bytes = self._private().sign(message)
        return made

    def _private(self) -> Any:
        return _library().Ed25519PrivateKey.from_private_bytes(self.seed)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature is that of the key over the message."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - not on every machine

    try:
        _library().Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def new_key(name: str, kind: int) -> SigningKey:
    """A key that nobody has had before. Raises Invalid where the name cannot stand in a note."""
    key = SigningKey(name, kind, SystemEntropy().salt())
    try:
        read_vkey(vkey_of(key.public))
    except ValueError as error:
        problem = Problem(
            where="--name", text=f"“{name}”不能作密钥名称", hint="不含空格和加号，如 duban.example/2020"
        )
        raise Invalid("生成密钥", (problem,)) from error
    return key


def write_key(path: Path, key: SigningKey, passphrase: str, work: int = WORK) -> None:
    """Keep a key in a new file that only its owner can read. Raises Conflict, Invalid where the passphrase is short."""
    if len(passphrase) < LEAST_PASSPHRASE:
        problem = Problem(where="口令", text=f"不足 {LEAST_PASSPHRASE} 个字符", hint="请用更长的口令")
        raise Invalid("保存密钥", (problem,))
    vkey, salt, nonce = (
        vkey_of(key.public),
        SystemEntropy().salt()[:_SALT_BYTES],
        SystemEntropy().salt()[:_NONCE_BYTES],
    )
    sealed = _cipher(passphrase, salt, work).encrypt(nonce, key.seed, vkey.encode())
    parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
    told = {"format": FORMAT, "vkey": vkey, "scrypt": work}
    told |= {name: b64encode(part).decode() for name, part in parts.items()}
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise Conflict(f"文件 {path} 已存在", hint="请换一个文件名；密钥文件不会被覆盖") from error
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(json.dumps(told, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())


def public_of(path: Path) -> str:
    """The public key of a key file, which needs no passphrase. Raises NotFound, Unavailable."""
    vkey: str = _told(path)["vkey"]
    return vkey


def read_key(path: Path, passphrase: str) -> SigningKey:
    """The key in a file. Raises NotFound, Unavailable where the passphrase or the file is wrong."""
    told = _told(path)
    public = read_vkey(told["vkey"])
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - not on every machine

    try:
        salt, nonce, sealed = (b64decode(told[name], validate=True) for name in ("salt", "nonce", "sealed"))
        seed = _cipher(passphrase, salt, int(told["scrypt"])).decrypt(nonce, sealed, told["vkey"].encode())
    except (InvalidTag, NotBase64, ValueError, KeyError) as error:
        raise Unavailable(f"密钥文件 {path} 打不开", hint="口令不对，或文件被改动") from error
    return SigningKey(public.name, public.kind, seed)


def _told(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        read_vkey(told["vkey"])
        if told["format"] == FORMAT and 10 <= told["scrypt"] <= 20:
            return told
    except FileNotFoundError as error:
        raise NotFound(f"没有密钥文件 {path}", hint="请核对 signing.key") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unavailable(
            f"密钥文件 {path} 读不出来：{in_chinese(error)}", hint="请用备份的密钥文件"
        ) from error
    raise Unavailable(f"{path} 不是密钥文件", hint="请核对 signing.key")


def _cipher(passphrase: str, salt: bytes, work: int) -> Any:
    _library()
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305  # noqa: PLC0415 - not on every machine

    blocks = 1 << work
    secret = hashlib.scrypt(
        passphrase.encode(), salt=salt, n=blocks, r=8, p=1, maxmem=blocks * 1024 * 2, dklen=_SEED_BYTES
    )
    return ChaCha20Poly1305(secret)
