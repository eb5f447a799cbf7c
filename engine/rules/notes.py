"""The text of checkpoints: C2SP's signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof.

Signing and verifying a signature is somebody else's work; whoever asks brings it along.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from engine.model.checkpoint import Note, Signature, VerifierKey
from engine.model.entry import TreeHead
from engine.rules.tree import HASH_BYTES

LOG, COSIGNER = 1, 4
"""Kinds of keys: Ed25519 over the text, and `cosignature/v1` over the text with a time."""
MOST_SIGNATURES: Final = 32
_ID_BYTES = 4
_TIME_BYTES = 8
_NAME = re.compile(r"[^\s+]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_PROOF = "c2sp.org/tlog-proof@v1"

Verify = Callable[[bytes, bytes, bytes], bool]
"""(public key, message, signature): whether Ed25519 accepts it."""


def key_id(key: VerifierKey) -> bytes:
    """Four bytes that tell keys of one name apart."""
    return sha256(key.name.encode() + b"\n" + bytes([key.kind]) + key.public).digest()[:_ID_BYTES]


def vkey_of(key: VerifierKey) -> str:
    """A public key as it is written down: name, id and key."""
    return f"{key.name}+{key_id(key).hex()}+{b64encode(bytes([key.kind]) + key.public).decode()}"


def read_vkey(text: str) -> VerifierKey:
    """The key in a vkey. Raises ValueError where it was mistyped or is of another kind."""
    name, _, rest = text.strip().partition("+")
    named, _, coded = rest.partition("+")
    data = _decoded(coded)
    if not _NAME.fullmatch(name) or len(data) != 1 + HASH_BYTES or data[0] not in (LOG, COSIGNER):
        raise ValueError("not a vkey of Ed25519")
    key = VerifierKey(name, data[0], data[1:])
    if key_id(key).hex() != named:
        raise ValueError("the id does not fit the key: one of them was mistyped")
    return key


def checkpoint_text(origin: str, head: TreeHead) -> str:
    """The text that a log signs."""
    return f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n"


def read_checkpoint(text: str) -> tuple[str, TreeHead]:
    """Origin and head of a text that a log signed. Raises ValueError."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not _NAME.fullmatch(lines[0]) or not _DECIMAL.fullmatch(lines[1]):
        raise ValueError("a checkpoint has three lines: origin, size and root")
    root = _decoded(lines[2])
    if len(root) != HASH_BYTES:
        raise ValueError(f"a root has {HASH_BYTES} bytes")
    return lines[0], TreeHead(int(lines[1]), root)


def signed(text: str, *signatures: Signature) -> str:
    """A note: text, an empty line, a line for each signature."""
    return f"{text}\n{''.join(map(_line, signatures))}"


def _line(signature: Signature) -> str:
    return f"— {signature.name} {b64encode(signature.key_id + signature.made).decode()}\n"


def read_note(note: str) -> Note:
    """A note taken apart. Raises ValueError where it is not written exactly as it must be."""
    text, gap, below = note.rpartition("\n\n")
    if not gap or not below.endswith("\n") or re.search("[\x00-\x09\x0b-\x1f]", note):
        raise ValueError("not a signed note")
    lines = below[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES or len(set(lines)) < len(lines):
        raise ValueError("too many signatures, or one twice")
    return Note(f"{text}\n", tuple(map(_signature, lines)))


def _signature(line: str) -> Signature:
    mark, name, coded = (*line.split(" "), "", "")[:3]
    data = _decoded(coded)
    if line != f"— {name} {coded}" or mark != "—" or not _NAME.fullmatch(name) or len(data) <= _ID_BYTES:
        raise ValueError("not a line of a signature")
    return Signature(name, data[:_ID_BYTES], data[_ID_BYTES:])


def _decoded(text: str) -> bytes:
    """Base64 in its one spelling. Raises ValueError."""
    try:
        data = b64decode(text, validate=True)
    except NotBase64 as error:
        raise ValueError(f"not base64: {error}") from error
    if b64encode(data).decode() != text:
        raise ValueError("base64 in another spelling")
    return data


def cosigned_text(text: str, seconds: int) -> str:
    """What a cosigner signs: that at this time this was the largest head it had seen, and consistent."""
    return f"cosignature/v1\ntime {seconds}\n{text}"


def cosignature(key: VerifierKey, seconds: int, made: bytes) -> Signature:
    """A cosigner's signature with its time, as it stands below a note."""
    return Signature(key.name, key_id(key), seconds.to_bytes(_TIME_BYTES, "big") + made)


def is_signed(note: Note, key: VerifierKey, verify: Verify) -> bool:
    """Whether the note bears a signature of this key; False also where a line that names it does not hold."""
    mine = [s for s in note.signatures if (s.name, s.key_id) == (key.name, key_id(key))]
    return bool(mine) and all(_holds(note.text, key, line.made, verify) for line in mine)


def _holds(text: str, key: VerifierKey, made: bytes, verify: Verify) -> bool:
    if key.kind == LOG:
        return verify(key.public, text.encode(), made)
    seconds = int.from_bytes(made[:_TIME_BYTES], "big")
    return verify(key.public, cosigned_text(text, seconds).encode(), made[_TIME_BYTES:])


def proof_text(index: int, leaf: bytes, proof: Sequence[bytes], note: str) -> str:
    """A tlog-proof: that an entry is in the log whose head the note signs. The bytes of the leaf go along as extra."""
    lines = [_PROOF, f"extra {b64encode(leaf).decode()}", f"index {index}"]
    return "\n".join([*lines, *(b64encode(hashed).decode() for hashed in proof), "", note])


def growth_text(old: int, proof: Sequence[bytes], note: str) -> str:
    """That the log whose head the note signs begins with the `old` entries of before.

    It is what a witness is sent (C2SP tlog-witness, add-checkpoint), so that programs of others read it.
    """
    return "\n".join([f"old {old}", *(b64encode(hashed).decode() for hashed in proof), "", note])


def read_growth(text: str) -> tuple[int, tuple[bytes, ...], str]:
    """Old size, hashes and note of such a file. Raises ValueError."""
    head, _, note = text.partition("\n\n")
    first, *hashes = head.split("\n")
    number = first.removeprefix("old ")
    if not _DECIMAL.fullmatch(number) or first == number:
        raise ValueError("a proof of growth names the older size")
    return int(number), tuple(map(_decoded, hashes)), note


def read_proof(text: str) -> tuple[int, bytes, tuple[bytes, ...], str]:
    """Index, leaf, hashes and note of a tlog-proof. Raises ValueError."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    if len(lines) < 3 or lines[0] != _PROOF or not lines[1].startswith("extra "):
        raise ValueError("not a tlog-proof with its leaf")
    number = lines[2].removeprefix("index ")
    if not _DECIMAL.fullmatch(number) or lines[2] == number:
        raise ValueError("a tlog-proof names its index")
    return int(number), _decoded(lines[1].removeprefix("extra ")), tuple(map(_decoded, lines[3:])), note
