"""Signed notes against the published examples and our own vector, byte for byte; what is not exact is refused."""

import pytest

from engine.model.checkpoint import Note, Signature, VerifierKey
from engine.model.entry import TreeHead
from engine.rules.notes import (
    COSIGNER,
    LOG,
    checkpoint_text,
    cosignature,
    cosigned_text,
    is_signed,
    key_id,
    proof_text,
    read_checkpoint,
    read_note,
    read_proof,
    read_vkey,
    signed,
    vkey_of,
)
from runtime.keys import SigningKey, verify

FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NEUMANN_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
LOG_KEY = SigningKey("rectify.example/campaign-test", LOG, bytes(range(32)))
AUDITOR_KEY = SigningKey("rectify.example/auditor-1", COSIGNER, bytes(range(32, 64)))
OUR_VKEY = "rectify.example/campaign-test+3b1d1089+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
OUR_NOTE = """rectify.example/campaign-test
3
8Jg17ehCzJTji6TCznAERO47Q0hxSGh/rajtl3avkeQ=

— rectify.example/campaign-test Ox0QibVWcizag0lVEyh+w4P5AQ3jEdYJDiOJIXAyZs0Q2y2dbwcYP/GvP8UoZpSCXWdGvJMa+T/VWueZMHModeFoRg4=
— rectify.example/auditor-1 HcInfgAAAABpVblk2thF1kIKtqZYkxOAofT3aFng8sKfa7NFLdAdHK4ktGjqR312ArB1on7inAsWPjaGGsjEaP7FLQAEKPlb0MKvBw==
"""  # noqa: E501 - a signature is one line
OUR_HEAD = TreeHead(3, bytes.fromhex("f09835ede842cc94e38ba4c2ce700444ee3b43487148687fada8ed9776af91e4"))
TEXT = checkpoint_text("rectify.example/campaign-test", OUR_HEAD)


@pytest.mark.parametrize(("vkey", "note"), [(FOO, FOO_NOTE), (NEUMANN, NEUMANN_NOTE)])
def test_the_published_notes_hold(vkey, note):
    assert is_signed(read_note(note), read_vkey(vkey), verify)
    assert vkey_of(read_vkey(vkey)) == vkey
    for other in (NEUMANN, FOO, OUR_VKEY):
        assert is_signed(read_note(note), read_vkey(other), verify) is (other == vkey)


def test_a_published_note_is_signed_again_byte_for_byte():
    key, text = read_vkey(NEUMANN), read_note(NEUMANN_NOTE).text
    seed = _seed_of("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")
    made = SigningKey(key.name, key.kind, seed).sign(text.encode())

    assert signed(text, Signature(key.name, key_id(key), made)) == NEUMANN_NOTE


def _seed_of(skey):
    from base64 import b64decode

    return b64decode(skey.split("+", 4)[4])[1:]


def test_our_own_note_is_made_byte_for_byte():
    log = Signature(LOG_KEY.name, key_id(LOG_KEY.public), LOG_KEY.sign(TEXT.encode()))
    stamped = AUDITOR_KEY.sign(cosigned_text(TEXT, 1767225700).encode())

    assert vkey_of(LOG_KEY.public) == OUR_VKEY
    assert signed(TEXT, log, cosignature(AUDITOR_KEY.public, 1767225700, stamped)) == OUR_NOTE
    note = read_note(OUR_NOTE)
    assert read_checkpoint(note.text) == ("rectify.example/campaign-test", OUR_HEAD)
    assert is_signed(note, LOG_KEY.public, verify)
    assert is_signed(note, AUDITOR_KEY.public, verify)


def test_a_cosignature_holds_for_its_time_only():
    note = read_note(OUR_NOTE)
    log, cosigner = note.signatures
    late = cosigner.made[:7] + bytes([cosigner.made[7] ^ 1]) + cosigner.made[8:]

    moved = Note(note.text, (log, Signature(cosigner.name, cosigner.key_id, late)))
    assert not is_signed(moved, AUDITOR_KEY.public, verify)
    assert is_signed(moved, LOG_KEY.public, verify)


def test_a_second_line_of_a_key_that_does_not_hold_spoils_the_note():
    note = read_note(OUR_NOTE)
    forged = Signature(LOG_KEY.name, key_id(LOG_KEY.public), bytes(64))

    assert not is_signed(Note(note.text, (*note.signatures, forged)), LOG_KEY.public, verify)


WRONG_NOTES = {
    "no signature": TEXT,
    "no line": f"{TEXT}\n",
    "no end": OUR_NOTE[:-1],
    "carriage returns": OUR_NOTE.replace("\n", "\r\n"),
    "a line twice": OUR_NOTE + OUR_NOTE.splitlines(keepends=True)[-1],
    "a hyphen": OUR_NOTE.replace("—", "-"),
    "two spaces": OUR_NOTE.replace("— ", "—  "),
    "no name": OUR_NOTE.replace("rectify.example/auditor-1 ", " "),
    "a plus in the name": OUR_NOTE.replace("auditor-1", "auditor+1"),
    "bad base64": OUR_NOTE.replace("RvBw==", "").replace("Bw==", "Bw="),
    "base64 in another spelling": OUR_NOTE.replace("KvBw==", "KvBx=="),
    "a short signature": f"{TEXT}\n— name AAAAAA==\n",
    "something behind": OUR_NOTE.replace("BRg4=", "BRg4= x").replace("Rg4=\n", "Rg4= x\n"),
    "too many": f"{TEXT}\n" + "".join(f"— n{n} AAAAAAAA\n" for n in range(33)),
}


@pytest.mark.parametrize("what", WRONG_NOTES)
def test_a_note_that_is_not_exact_is_refused(what):
    with pytest.raises(ValueError, match=r"."):
        read_note(WRONG_NOTES[what])


@pytest.mark.parametrize(
    "text",
    [
        TEXT[:-1],
        TEXT + "extension\n",
        TEXT.replace("\n3\n", "\n03\n"),
        TEXT.replace("\n3\n", "\n-3\n"),
        TEXT.replace("\n3\n", "\n٣\n"),
        TEXT.replace("\n3\n", "\n3.0\n"),
        TEXT.replace("8Jg1", ""),
        TEXT.replace("keQ=", "keR="),
        "\n" + TEXT.partition("\n")[2],
        "two words\n" + TEXT.partition("\n")[2],
    ],
)
def test_a_checkpoint_that_is_not_exact_is_refused(text):
    assert text != TEXT
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000+AAAA",
        OUR_VKEY[:-1],
        OUR_VKEY.replace("3b1d1089", "3b1d1088"),
        f"a b{OUR_VKEY}",
    ],
)
def test_a_mistyped_key_is_refused(vkey):
    with pytest.raises(ValueError, match=r"."):
        read_vkey(vkey)


def test_a_proof_file_comes_back_as_it_was():
    text = proof_text(5, b"leaf", [bytes(32), b"\x01" * 32], OUR_NOTE)

    assert text.startswith("c2sp.org/tlog-proof@v1\nextra bGVhZg==\nindex 5\nAAAA")
    assert read_proof(text) == (5, b"leaf", (bytes(32), b"\x01" * 32), OUR_NOTE)
    assert read_proof(proof_text(0, b"", [], OUR_NOTE)) == (0, b"", (), OUR_NOTE)


@pytest.mark.parametrize(
    "change", [("@v1", "@v2"), ("index 5", "index 05"), ("index 5", "5"), ("extra ", "")]
)
def test_a_proof_file_that_is_not_exact_is_refused(change):
    with pytest.raises(ValueError, match=r"."):
        read_proof(proof_text(5, b"leaf", [bytes(32)], OUR_NOTE).replace(*change))


def test_a_key_of_another_kind_has_another_id():
    public = LOG_KEY.public.public
    assert key_id(VerifierKey("a", LOG, public)) != key_id(VerifierKey("a", COSIGNER, public))
