"""Settings become units of work over a real file; a database that may not be used is named, never touched."""

import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from engine.model.errors import NotFound, Unavailable
from runtime.clock import fixed_clock
from runtime.entropy import SeededEntropy
from runtime.evidence import is_whole
from runtime.settings import Settings, read_settings
from runtime.stores import known_revisions, upgrade_store
from runtime.wiring import build
from tests.builders import NOON
from tests.integration.house import a_roster


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({}, {}, tmp_path)


def test_what_one_unit_writes_the_next_reads(settings: Settings):
    upgrade_store(settings)
    app = build(settings, clock=fixed_clock(NOON), entropy=SeededEntropy(1))

    with app.writing() as uow:
        uow.people.add(a_roster())
        uow.commit()
    with app.reading() as uow:
        units = uow.people.units()
    app.close()

    assert [unit.name for unit in units] == ["示例县公安局", "示例一队"]
    assert app.now() == NOON


def test_a_missing_database_is_named_and_not_made(settings: Settings):
    with pytest.raises(Unavailable, match="没有数据库文件"):
        build(settings)

    assert settings.file is not None
    assert not settings.file.exists()


def test_a_database_of_a_later_program_is_left_alone(settings: Settings):
    upgrade_store(settings)
    assert settings.file is not None
    with sqlite3.connect(settings.file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    with pytest.raises(Unavailable, match="新于本程序"):
        build(settings)
    with pytest.raises(Unavailable, match="新于本程序"):
        upgrade_store(settings)


def test_an_empty_and_a_damaged_file_are_told_apart(settings: Settings):
    assert settings.file is not None
    settings.file.write_bytes(b"")
    with pytest.raises(Unavailable, match="还没有表"):
        build(settings)

    settings.file.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unavailable, match="数据库"):
        build(settings)


def test_upgrading_twice_changes_nothing(settings: Settings):
    assert upgrade_store(settings) == ("", known_revisions()[-1])
    assert upgrade_store(settings) == (known_revisions()[-1], known_revisions()[-1])


def test_evidence_is_kept_under_its_hash_once(settings: Settings, tmp_path: Path):
    upgrade_store(settings)
    app = build(settings)
    proof = tmp_path / "整改照片.jpg"
    proof.write_bytes(b"x" * 3_000_000)

    first, again = app.attach_evidence(proof), app.attach_evidence(proof)
    app.close()

    assert first == again == app.describe_evidence(proof)
    assert (first.name, first.size) == ("整改照片.jpg", 3_000_000)
    assert first.sha256 == sha256(proof.read_bytes()).hexdigest()
    assert is_whole(settings.evidence, first)
    assert sum(path.is_file() for path in settings.evidence.rglob("*")) == 1


def test_missing_evidence_is_named(settings: Settings, tmp_path: Path):
    upgrade_store(settings)
    app = build(settings)
    with pytest.raises(NotFound, match="没有文件"):
        app.attach_evidence(tmp_path / "nothing")
    with pytest.raises(Unavailable, match="读不出来"):
        app.attach_evidence(tmp_path)
    app.close()
