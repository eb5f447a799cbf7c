"""Evidence beside backups, moving house, and what an auditor has kept, through the command line."""

import json
import shutil
import sqlite3
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import storage
from cli.main import main
from engine.rules.tree import root_of
from engine.usecases.redaction import Redact, redact
from runtime.backups import inspect
from runtime.evidence import place_of
from runtime.keys import write_key
from runtime.manifests import FIRST_FORMAT
from runtime.wiring import build
from tests.audit.bureau import Bureau
from tests.audit.life import walked
from tests.contract.stores import fresh
from tests.migrations.older import put_back

BACKUPS = Path("backups")


@pytest.fixture
def bureau(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An installation with one piece of evidence, whose history is signed."""
    made = Bureau(tmp_path)
    made.item = walked(made)
    with made.app.reading() as uow:
        made.digest = uow.evidence.of_item(made.item.id)[0].sha256
    monkeypatch.setattr(write_key, "__defaults__", (10,))
    monkeypatch.setenv("DUBAN_SIGNING_PASSPHRASE", "一句足够长的口令 2020")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "log.key")
    BACKUPS.mkdir()
    duban("audit", "key", "new", "log.key", "--name", "duban.example/small")
    duban("audit", "key", "adopt", "--actor", "security")
    yield made
    made.close()


def duban(*arguments, code=0):
    done = CliRunner().invoke(main, ["--at", "2020-05-06T12:00", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def backed_up(name="kept.db"):
    return json.loads(CliRunner().invoke(main, ["db", "backup", f"{BACKUPS / name}", "--json"]).stdout)


def test_evidence_lies_beside_the_backups_once_and_comes_back(bureau):
    store = bureau.app.settings.evidence
    assert backed_up()["evidence"] == 1
    kept = place_of(BACKUPS / "duban-evidence", bureau.digest)
    written = kept.stat().st_mtime_ns
    assert backed_up("later.db")["evidence"] == 1
    assert kept.stat().st_mtime_ns == written
    assert "evidence 1 " in (BACKUPS / "kept.db.manifest").read_text(encoding="utf-8")
    shutil.rmtree(store)
    bureau.close()

    told = duban("db", "restore", BACKUPS / "later.db", "--verify", "--accept-rollback", "--yes")

    assert "找回佐证 1 份" in told
    assert place_of(store, bureau.digest).read_bytes() == kept.read_bytes()


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_a_backup_whose_evidence_is_not_whole_changes_nothing(bureau, harm):
    backed_up()
    kept = place_of(BACKUPS / "duban-evidence", bureau.digest)
    kept.unlink() if harm == "lost" else kept.write_bytes(b"x")
    bureau.close()
    before = Path("duban.db").read_bytes()

    told = duban("db", "restore", BACKUPS / "kept.db", "--yes", code=8)

    assert ("与它的清单" if harm == "lost" else "已损坏") in told
    assert Path("duban.db").read_bytes() == before


def test_what_cannot_be_kept_is_told(bureau):
    place_of(bureau.app.settings.evidence, bureau.digest).write_bytes(b"damaged")

    told = CliRunner().invoke(main, ["db", "backup", f"{BACKUPS / 'kept.db'}"])

    assert told.exit_code == 0
    assert bureau.digest[:12] in told.stderr
    assert not [path for path in (BACKUPS / "duban-evidence").rglob("*") if path.is_file()]


def test_what_is_erased_is_not_kept_again(bureau):
    by = bureau.actor("security")
    wanted = Redact(target=f"{bureau.item.number}:{bureau.digest}", reason="申请", basis="有关规定", actor=by)
    redact(bureau.app.writing(), bureau.tick(), wanted)

    told = backed_up()

    assert (told["evidence"], told["missing"]) == (0, [])


def test_a_manifest_from_before_evidence_was_kept_still_holds(bureau):
    backed_up()
    place = BACKUPS / "kept.db.manifest"
    lines = place.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
    older = [FIRST_FORMAT, *(line for line in lines[1:] if not line.startswith("evidence "))]
    place.write_text("\n".join(older) + "\n", encoding="utf-8")
    shutil.rmtree(BACKUPS / "duban-evidence")
    bureau.close()

    assert "已从" in duban("db", "restore", BACKUPS / "kept.db", "--accept-rollback", "--yes")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def elsewhere(request, tmp_path):
    if request.param == "sqlite":
        return f"{tmp_path / 'moved.db'}"
    return fresh(request.getfixturevalue("postgres_server"))


def test_a_history_moves_to_another_database_with_the_same_root(bureau, elsewhere):
    bureau.close()

    told = duban("db", "move", elsewhere)

    with closing(build(replace(bureau.app.settings, database=_url(elsewhere)))) as app, app.reading() as uow:
        head = uow.history.head()
        assert uow.history.newest("checkpoint") is not None
    assert f"root {b64encode(root_of(head.frontier)).decode()}" in told
    assert "已有数据" in duban("db", "move", elsewhere, code=5)
    assert "相符" in duban("--database", elsewhere, "audit", "verify", "--actor", "auditor")


def test_what_the_auditor_kept_stops_a_silent_rollback(bureau):
    backed_up("early.db")
    duban("audit", "checkpoint", "--actor", "auditor")
    duban("audit", "anchor", "--way", "file", "--output", "out.txt", "--actor", "auditor")
    for memory in Path().glob("*.last"):
        memory.unlink()  # whoever is at the server can make the signer forget
    bureau.close()
    Path("duban.db").unlink()
    keep = ("--checkpoint", "out.txt", "--yes")

    assert "--accept-rollback" in duban("db", "restore", BACKUPS / "early.db", *keep, code=8)
    assert not Path("duban.db").exists()
    assert "检查点读不出来" in duban(
        "db", "restore", BACKUPS / "early.db", "--checkpoint", "log.key", "--yes", code=6
    )
    duban("db", "restore", BACKUPS / "early.db", *keep, "--accept-rollback")
    assert "rollback" in duban("audit", "log", "--verb", "rollback", "--actor", "auditor", "--json")


def test_a_migration_is_entered_and_signed_before_and_after(bureau):
    put_back(bureau.app.database, "0012")
    size = inspect(Path("duban.db")).entries

    duban("db", "upgrade")

    causes = [row.split("/")[0] for row in _causes()]
    assert causes[-2:] == ["before-upgrade", "after-upgrade"]
    assert _signed_sizes()[-2:] == [size, size + 2]
    assert "相符" in duban("audit", "verify", "--actor", "auditor")


def test_what_a_migration_does_to_the_history_is_refused_the_signature_after_it(bureau, monkeypatch):
    put_back(bureau.app.database, "0012")
    upgrade = storage.upgrade_store

    def upgrade_and_rewrite(settings):
        with closing(sqlite3.connect("duban.db", isolation_level=None)) as connection:
            connection.execute("UPDATE log_head SET frontier = zeroblob(length(frontier))")
        return upgrade(settings)

    monkeypatch.setattr(storage, "upgrade_store", upgrade_and_rewrite)

    told = duban("db", "upgrade")

    assert "没有签检查点：拒绝签名" in told
    assert [row.split("/")[0] for row in _causes()][-1] == "before-upgrade"


def test_a_database_older_than_signing_is_upgraded_without_a_signature_before(bureau):
    put_back(bureau.app.database, "0001")

    told = duban("db", "upgrade")

    assert "没有签检查点" in told
    assert "已由 0001 升到" in told


def _url(place):
    return place if "://" in place else f"sqlite:///{place}"


def _causes():
    return _checkpoints("cause")


def _signed_sizes():
    return _checkpoints("size")


def _checkpoints(column):
    with closing(sqlite3.connect("duban.db")) as connection:
        rows = connection.execute(f"SELECT {column} FROM checkpoint ORDER BY position").fetchall()
    return [row[0] for row in rows]
