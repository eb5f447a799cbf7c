"""Keys lie encrypted in their file; the signer never contradicts what it has signed."""

import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.model.entry import TreeHead
from engine.model.errors import Broken, Conflict, Invalid, NotFound, Unavailable
from engine.rules.notes import LOG, is_signed, read_note, read_vkey, vkey_of
from engine.rules.proofs import consistency_proof
from runtime.keys import SigningKey, new_key, public_of, read_key, verify, write_key
from runtime.signer import FileSigner
from tests.unit.rules.test_tree import SMALL

PASSPHRASE = "一句足够长的口令 2020"
QUICK = 10
NOW = datetime(2020, 5, 6, tzinfo=UTC)
KEY = SigningKey("duban.example/test", LOG, bytes(range(32)))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_key(tmp_path / "log.key", KEY, PASSPHRASE, QUICK)
    return tmp_path / "log.key"


def test_a_key_comes_back_with_its_passphrase(file: Path):
    assert read_key(file, PASSPHRASE) == KEY
    assert public_of(file) == vkey_of(KEY.public)


def test_the_file_tells_nothing_and_is_its_owners(file: Path):
    assert KEY.seed.hex() not in file.read_text(encoding="utf-8")
    assert "seed" not in repr(KEY)
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_another_passphrase_opens_nothing(file: Path):
    with pytest.raises(Unavailable, match="打不开"):
        read_key(file, PASSPHRASE + "x")


@pytest.mark.parametrize("name", ["salt", "nonce", "sealed", "scrypt", "vkey"])
def test_a_file_with_an_exchanged_line_opens_nothing(file: Path, name: str):
    told = json.loads(file.read_text(encoding="utf-8"))
    other = {"scrypt": 11, "vkey": vkey_of(new_key("duban.example/test", LOG).public)}
    told[name] = other.get(name) or told[name][::-1].replace("=", "A")
    file.write_text(json.dumps(told), encoding="utf-8")

    with pytest.raises(Unavailable):
        read_key(file, PASSPHRASE)


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"format": "duban-key-2"}'])
def test_what_is_no_key_file_is_said_to_be_none(tmp_path: Path, content: str):
    (tmp_path / "x").write_text(content, encoding="utf-8")

    with pytest.raises(Unavailable):
        read_key(tmp_path / "x", PASSPHRASE)
    with pytest.raises(NotFound):
        read_key(tmp_path / "y", PASSPHRASE)


def test_a_key_file_is_never_written_over(file: Path):
    with pytest.raises(Conflict):
        write_key(file, KEY, PASSPHRASE, QUICK)


def test_short_passphrases_and_odd_names_are_refused(tmp_path: Path):
    with pytest.raises(Invalid):
        write_key(tmp_path / "k", KEY, "short", QUICK)
    with pytest.raises(Invalid):
        new_key("two words", LOG)


def test_every_new_key_is_another():
    assert new_key("a", LOG).seed != new_key("a", LOG).seed


def test_a_signature_holds_for_its_message_and_key_only():
    made = KEY.sign(b"message")

    assert verify(KEY.public.public, b"message", made)
    assert not verify(KEY.public.public, b"messagf", made)
    assert not verify(new_key("a", LOG).public.public, b"message", made)
    assert not verify(KEY.public.public, b"message", made[:-1])
    assert not verify(b"short", b"message", made)


def a_head(size: int) -> TreeHead:
    return TreeHead(size, SMALL.roots[size])


def signed_at(signer: FileSigner, head: TreeHead) -> str:
    return signer.sign(head, lambda old: consistency_proof(old, head.size, SMALL.read), NOW)


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return FileSigner(KEY, tmp_path / "last")


def test_the_signer_signs_what_has_grown(signer: FileSigner):
    for size in (0, 1, 5, 5, 256, 300):
        note = signed_at(signer, a_head(size))
        assert is_signed(read_note(note), read_vkey(signer.vkey), verify)


def test_the_signer_refuses_a_log_that_was_cut(signer: FileSigner):
    signed_at(signer, a_head(256))

    with pytest.raises(Broken, match="只有 255 条"):
        signed_at(signer, a_head(255))


@pytest.mark.parametrize("size", [256, 300])
def test_the_signer_refuses_a_fork(signer: FileSigner, size: int):
    signed_at(signer, a_head(256))

    with pytest.raises(Broken, match="不同"):
        signed_at(signer, TreeHead(size, bytes(32)))
    assert signed_at(signer, a_head(300))


def test_the_signer_refuses_a_memory_that_is_not_its_own(tmp_path: Path):
    signed_at(FileSigner(KEY, tmp_path / "last"), a_head(5))
    other = FileSigner(new_key("other", LOG), tmp_path / "last")

    with pytest.raises(Unavailable, match="不是这把密钥"):
        signed_at(other, a_head(5))
    (tmp_path / "last").write_text("scribble", encoding="utf-8")
    with pytest.raises(Unavailable, match="读不出来"):
        signed_at(FileSigner(KEY, tmp_path / "last"), a_head(5))


def test_without_the_library_signing_says_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)

    with pytest.raises(Unavailable, match="cryptography"):
        KEY.sign(b"message")
