"""The verifier as strangers meet it: one file, exit codes, saved checkpoints, printed lines, cosigners."""

import ast
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine.model.errors import Broken, Invalid
from engine.rules.ledger import microseconds
from engine.rules.notes import COSIGNER, LOG, is_signed, read_note, read_vkey, vkey_of
from engine.rules.printed import printed
from engine.usecases import migration
from engine.usecases.definitions import publish_definitions
from engine.usecases.migration import Migrate, migrate
from runtime.bundle import pack_history
from runtime.cosigner import cosign
from runtime.keys import SigningKey, new_key, verify
from tests.audit.bureau import Bureau
from tests.integration.house import definitions
from tests.integration.next_version import a_plan, next_version
from tests.unit.rules.test_ledger import OUR_HASHES, START, draft
from tests.unit.rules.test_notes import FOO, FOO_NOTE, NEUMANN, NEUMANN_NOTE, OUR_HEAD, OUR_NOTE, OUR_VKEY
from tests.unit.rules.test_printed import LINE
from tests.unit.rules.test_tree import HASHES, ROOTS, SMALL
from tools import verify_export
from tools.verify_export import INCOMPLETE, OK, TAMPERED, USAGE

FILE = Path(verify_export.__file__)
AUDITOR = SigningKey("auditor.example", COSIGNER, bytes(range(32)))


@pytest.fixture
def signed(bureau):
    bureau.adopt()
    bureau.live(8)
    bureau.attach()
    bureau.kept = bureau.sign()
    bureau.live(4)
    return bureau


def exported(bureau, name="bundle.zip", *, with_evidence=True):
    file = bureau.folder / name
    pack_history(bureau.app.reading(), bureau.app.settings.evidence if with_evidence else None, file)
    return file


def test_it_is_written_for_python_3_8_and_imports_the_standard_library_only():
    tree = ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 8))
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {f"{node.module}" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}

    assert {name.partition(".")[0] for name in found} <= sys.stdlib_module_names
    called |= {a.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for a in node.names}
    called |= {
        f"{word.arg}=" for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords
    }
    assert not called & {
        "removeprefix",
        "removesuffix",
        "bit_count",
        "pairwise",
        "batched",
        "UTC",
        "cache",
        "strict=",
    }
    assert not [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and _is_type(node)
    ]


def _is_type(node):
    return isinstance(node.left, ast.Name) and node.left.id in ("str", "int", "bytes", "dict", "list")


def pythons():
    """This Python, and the oldest on this computer that the verifier promises to run on."""
    folders = [*map(Path, os.environ["PATH"].split(os.pathsep)), *Path.home().glob(".pyenv/versions/3.*/bin")]
    found = (folder / f"python3.{minor}" for minor in range(8, sys.version_info.minor) for folder in folders)
    works = (path for path in found if path.is_file() and answers(path))
    return [Path(sys.executable), *islice(works, 1)]


def answers(python):
    return subprocess.run([python, "-I", "-S", "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("python", pythons(), ids=lambda path: path.name)
def test_it_runs_alone_on_another_computer(signed, tmp_path, python):
    alone = tmp_path / "elsewhere"
    alone.mkdir()
    shutil.copy(FILE, alone)
    shutil.copy(exported(signed), alone / "b.zip")

    done = subprocess.run(
        [python, "-I", "-S", "-X", "utf8", "verify_export.py", "b.zip", "--vkey", signed.signer.vkey],
        cwd=alone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (OK, ""), done.stdout
    assert "结论：相符" in done.stdout
    assert "末尾 5 条没有外部凭据" in done.stdout


def test_it_speaks_on_a_console_that_knows_few_characters(signed):
    signed.open()
    with ZipFile(exported(signed)) as archive, ZipFile(signed.folder / "odd.zip", "w") as odd:
        for name in archive.namelist():
            odd.writestr(name, archive.read(name).replace("记录不全".encode(), "\U00020bb7".encode()))

    done = subprocess.run(
        [sys.executable, "-S", FILE, signed.folder / "odd.zip", "--vkey", signed.signer.vkey],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "gbk"},
    )

    assert (done.returncode, done.stderr) == (TAMPERED, b"")
    assert "× 第 " in done.stdout.decode("gbk")


def test_its_ed25519_agrees_with_the_published_notes_and_with_the_library():
    for vkey, note in [(FOO, FOO_NOTE), (NEUMANN, NEUMANN_NOTE), (OUR_VKEY, OUR_NOTE)]:
        text, _, line = note.rpartition("\n\n— ")
        made = verify_export.decoded(line.splitlines()[0].split(" ")[1])[4:]
        public = verify_export.read_vkey(vkey)[2]
        assert verify_export.is_signature(public, f"{text}\n".encode(), made)
        for place in range(0, 64, 7):
            wrong = made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :]
            assert not verify_export.is_signature(public, f"{text}\n".encode(), wrong)
            assert not verify(public, f"{text}\n".encode(), wrong)
    key = new_key("k", LOG)
    assert verify_export.is_signature(key.public.public, b"m", key.sign(b"m"))
    assert not verify_export.is_signature(bytes(32), b"m", bytes(64))
    assert not verify_export.is_signature(b"\xff" * 32, b"m", key.sign(b"m"))


def test_its_tree_has_the_published_roots_and_every_root_up_to_300(tmp_path):
    with ZipFile(tmp_path / "empty.zip", "w") as empty:
        empty.writestr("entries.jsonl", "")
    reference, small = (verify_export._Replay(verify_export._Inspection(empty.filename)) for _ in range(2))
    for leaf in HASHES:
        reference._grow(leaf)
    for leaf in SMALL.levels[0]:
        small._grow(leaf)

    assert {size: reference.root(size).hex() for size in range(9)} == dict(enumerate(ROOTS))
    assert [small.root(size) for size in range(len(SMALL.roots))] == [*SMALL.roots]


def test_its_leaves_are_those_of_our_own_vector():
    previous, made = "00" * 32, []
    for step in range(3):
        told = draft(step)
        entry = {"index": step, "at": microseconds(START) + step * 1_000_000, "kind": 1, "flags": 0}
        entry |= {"version": step + 1, "item": told.item, "actor": told.actor, "previous": previous}
        entry |= {"salt": told.salt.hex(), "payload": told.payload.decode(), "commitment": "00" * 32}
        previous = verify_export.leaf_of(entry)[0].hex()
        made.append(previous)

    assert made == OUR_HASHES


def test_it_reads_notes_and_printed_lines_as_the_product_writes_them():
    note = verify_export.read_note(OUR_NOTE)

    assert note[2:4] == (OUR_HEAD.size, OUR_HEAD.root)
    assert verify_export.is_signed(note, verify_export.read_vkey(OUR_VKEY))
    assert verify_export.is_signed(note, verify_export.read_vkey(vkey_of(AUDITOR.public))) is False
    assert verify_export.read_printed(LINE) == (OUR_HEAD.size, OUR_HEAD.root)


def run(*arguments):
    return verify_export.main([f"{argument}" for argument in arguments])


def test_exit_codes(signed, capsys):
    file, vkey = exported(signed), signed.signer.vkey

    assert run(file, "--vkey", vkey) == OK
    assert run(file) == INCOMPLETE
    assert "没有给出公钥" in capsys.readouterr().out
    assert run(exported(signed, "without.zip", with_evidence=False), "--vkey", vkey) == INCOMPLETE
    assert "佐证文件 1 份不在" in capsys.readouterr().out
    assert run(file, "--vkey", vkey[:-3]) == USAGE
    assert capsys.readouterr().err.startswith("核对不了：抄错或残缺")
    assert run(file, "--vkey", f"x{vkey}") == USAGE
    assert capsys.readouterr().err == f"核对不了：公钥抄错了，请逐字核对：x{vkey}\n"
    assert run(file, "--vkey", vkey, "--checkpoint", FILE) == USAGE
    assert capsys.readouterr().err.startswith("核对不了：不是签过名的检查点")
    assert run() == USAGE
    assert run(signed.folder / "nothing.zip") == USAGE
    assert run(FILE) == INCOMPLETE
    (signed.folder / "cut.zip").write_bytes(file.read_bytes()[:-500])
    assert run(signed.folder / "cut.zip") == INCOMPLETE
    assert run(file, "--vkey", vkey_of(new_key("other", LOG).public)) == TAMPERED
    assert "没有一个检查点是所给公钥签的" in capsys.readouterr().out


def test_what_is_missing_is_told(signed, capsys):
    with ZipFile(exported(signed)) as archive, ZipFile(signed.folder / "less.zip", "w") as less:
        for name in archive.namelist():
            if name != "tables/firing.jsonl":
                data = archive.read(name).replace(b'"tables/firing.jsonl"', b'"tables/x"')
                less.writestr(name, data)

    assert run(signed.folder / "less.zip", "--vkey", signed.signer.vkey) == TAMPERED
    assert "缺少 tables/firing.jsonl" in capsys.readouterr().out


def test_a_bundle_without_entries_is_incomplete(signed, capsys):
    with ZipFile(exported(signed)) as archive, ZipFile(signed.folder / "none.zip", "w") as none:
        none.writestr("manifest.json", archive.read("manifest.json"))

    assert run(signed.folder / "none.zip") == INCOMPLETE
    assert "entries.jsonl" in capsys.readouterr().err


def test_the_same_database_gives_the_same_bytes(signed):
    assert exported(signed).read_bytes() == exported(signed, "again.zip").read_bytes()


def saved(bureau, name="saved.txt"):
    path = bureau.folder / name
    path.write_text(bureau.kept.note, encoding="utf-8", newline="\n")
    return path


def test_a_saved_checkpoint_and_a_printed_line_hold(signed, capsys):
    line = printed(signed.kept.head)

    assert (
        run(exported(signed), "--vkey", signed.signer.vkey, "--checkpoint", saved(signed), "--printed", line)
        == OK
    )
    wrong = line[:-1] + ("0" if line[-1] != "0" else "1")
    assert run(exported(signed, "2.zip"), "--vkey", signed.signer.vkey, "--printed", wrong) == USAGE
    assert capsys.readouterr().err == "核对不了：校验行第 13 组抄错了，请逐字核对\n"


@pytest.mark.parametrize("how", ["truncation", "rollback", "fork", "another log"])
def test_a_saved_checkpoint_finds(signed, how, tmp_path, capsys):
    """The history shown later does not continue what the auditor kept (G-AUD-5)."""
    note, vkey = saved(signed), signed.signer.vkey
    other = Bureau(tmp_path / how, 2020 if how != "another log" else 7)
    other.key, other.signer = signed.key, signed.signer.__class__(signed.key, tmp_path / "fresh.last")
    other.adopt()
    other.live({"truncation": 2, "rollback": 8, "fork": 30, "another log": 30}[how])
    other.sign()

    assert run(exported(other), "--vkey", vkey, "--checkpoint", note) == TAMPERED
    told = capsys.readouterr().out
    assert "审计留存的检查点" in told
    assert "最早的改动" in told
    other.close()


def test_an_auditor_cosigns_what_continues_and_refuses_what_does_not(signed, tmp_path):
    log, memory = read_vkey(signed.signer.vkey), tmp_path / "auditor.last"
    first = cosign(exported(signed, "1.zip"), AUDITOR, memory, log, signed.now)
    assert (first.head, first.before) == (signed.kept.head, None)
    assert is_signed(read_note(first.note), AUDITOR.public, verify)

    signed.live(3)
    signed.sign()
    second = cosign(exported(signed, "2.zip"), AUDITOR, memory, log, signed.now)
    assert second.before == first.head

    with pytest.raises(Broken, match="不相接"):
        cosign(signed.folder / "1.zip", AUDITOR, memory, log, signed.now)
    with pytest.raises(Invalid, match="联署"):
        cosign(signed.folder / "2.zip", AUDITOR, memory, new_key("x", LOG).public, signed.now)
    other = Bureau(tmp_path / "fork", 9)
    other.key, other.signer = signed.key, signed.signer.__class__(signed.key, tmp_path / "fresh.last")
    other.adopt()
    other.live(60)
    other.sign()
    with pytest.raises(Broken, match="不相接"):
        cosign(exported(other), AUDITOR, memory, log, signed.now)
    other.close()


def test_a_history_with_a_migration_is_verified_and_one_that_left_its_plan_is_not(
    signed, capsys, monkeypatch
):
    keeper, new = signed.actor("administrator"), next_version()
    publish_definitions(signed.app.writing(), signed.tick(), [new], keeper)
    plan = a_plan(definitions()["item"], new, self_checked="checked")
    assert migrate(signed.app.writing(), signed.tick(), Migrate(plan, keeper)).items > 0
    signed.live(3)
    signed.sign()

    assert run(exported(signed), "--vkey", signed.signer.vkey) == OK
    back = a_plan(new, definitions()["item"], checked="self_checked")
    other = replace(back, states=dict.fromkeys(back.states, "rectifying"))
    honest = migration.migrated
    monkeypatch.setattr(migration, "migrated", lambda _, *rest: honest(other, *rest))
    migrate(signed.app.writing(), signed.tick(), Migrate(back, keeper))
    signed.sign()
    capsys.readouterr()
    assert run(exported(signed, "left.zip"), "--vkey", signed.signer.vkey) == TAMPERED
    assert "“migrate”不能到“rectifying”" in capsys.readouterr().out
