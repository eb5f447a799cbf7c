"""Backups under load, restoring and moving, over a file and over a server (G-DATA-1, 2, 7)."""

from contextlib import closing
from datetime import timedelta
from threading import Event, Thread
from time import monotonic

import pytest

from engine.model.actor import system_actor
from engine.model.entry import EntryKind
from engine.model.errors import Error
from engine.rules.proofs import root_at
from engine.usecases.beside import beside_items
from engine.usecases.doctor import examine_deeply
from runtime.backups import back_up, inspect, restore
from runtime.drills import contents_of, judge, move_store, require_sound
from runtime.manifests import check_manifest, write_manifest
from runtime.settings import read_settings
from runtime.wiring import build
from storage.dialects import open_database
from storage.transfer import copy_whole, told_of
from tests.audit.bureau import START, Bureau
from tests.contract.stores import fresh

WRITERS = 3


@pytest.fixture
def bureau(tmp_path):
    made = Bureau(tmp_path / "small")
    made.adopt()
    made.live(8)
    made.sign()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'duban.db'}"
    return fresh(request.getfixturevalue("postgres_server"))


@pytest.fixture
def settings(url, bureau, tmp_path):
    with closing(open_database(url)) as database:
        copy_whole(bureau.app.database, database)
    return read_settings({"database": url}, {}, tmp_path)


def held(database):
    with database.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        told = told_of(connection)
        connection.exec_driver_sql("ROLLBACK")
    return told


@pytest.mark.storm
def test_each_backup_under_load_is_whole_and_a_prefix_of_the_log(settings, bureau, tmp_path, rounds):
    """G-DATA-1."""
    over, wrong = Event(), []

    def write():
        with closing(build(settings)) as app:
            crew = Bureau.__new__(Bureau)
            crew.__dict__ |= {**bureau.__dict__, "app": app}
            while not over.is_set():
                try:
                    crew.open()
                except Error as error:
                    wrong.append(error)
                    return

    writers = [Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        copies = [back_up(settings, tmp_path / f"kept-{n}.db") for n in range(min(rounds or 3, 500))]
    finally:
        over.set()
        for writer in writers:
            writer.join()

    assert not wrong
    with closing(build(settings)) as live:
        for copy in copies:
            place = write_manifest(settings, copy.file, contents_of(copy), START)
            assert check_manifest(copy.file, contents_of(copy), []) is False, place
            require_sound(copy.file)
            with live.reading() as uow:
                assert root_at(copy.entries, uow.history.hashes) == copy.root


def test_what_a_backup_holds_comes_back_and_what_gave_way_is_kept(settings, bureau, tmp_path):
    """G-DATA-2."""
    kept = back_up(settings, tmp_path / "kept.db")
    with closing(build(settings)) as app:
        before = held(app.database)
        bureau.app, own = app, bureau.app
        bureau.live(3)
        bureau.app, after = own, held(app.database)
    assert after != before

    _, aside = restore(settings, kept.file, START)

    with closing(build(settings)) as app:
        assert held(app.database) == before
        assert [*examine_deeply(app.reading())] == []
    assert inspect(aside).entries == after[1]["entry"]


@pytest.mark.storm
def test_drill_after_drill_brings_back_what_was_kept(settings, bureau, tmp_path, rounds):
    """G-DATA-2: whatever was done since, and whatever the database before has left beside its file."""
    for drill in range(min(rounds or 2, 200)):
        kept = back_up(settings, tmp_path / f"kept-{drill}.db")
        with closing(build(settings)) as app:
            before = held(app.database)
            bureau.app, own = app, bureau.app
            known = [*bureau.items]
            bureau.live(1 + drill % 3)
            bureau.app, bureau.items = own, known
        if settings.file is not None:
            for suffix in (
                "-wal",
                "-shm",
            ):  # what a crash leaves must not be replayed into what is brought back
                settings.file.with_name(settings.file.name + suffix).write_bytes(b"\x37\x7f\x06\x82" * 512)

        restore(settings, kept.file, START + timedelta(seconds=drill))

        with closing(build(settings)) as app:
            assert held(app.database) == before, drill
            assert [*examine_deeply(app.reading())] == [], drill


@pytest.mark.storm
def test_a_drill_at_size_ends_within_minutes(bureau, tmp_path, rounds):
    """G-DATA-2: `make storm N=500` drills a million entries, with every check; it is back within five minutes."""
    settings, batches = bureau.app.settings, 2 * min(rounds or 1, 500)
    for batch in range(batches):
        with bureau.app.writing() as uow:
            uow.history.append([said(uow, batch, n) for n in range(1000)], bureau.tick())
            uow.commit()
    began = monotonic()
    kept = back_up(settings, tmp_path / "kept.db")
    write_manifest(settings, kept.file, contents_of(kept), START)
    was_kept = monotonic()
    bureau.close()
    settings.file.unlink()

    judged = judge(settings, kept.file, [])
    require_sound(kept.file)
    restore(settings, kept.file, START)

    back = monotonic()
    print(
        f"{kept.entries} entries: kept in {was_kept - began:.1f} s, checked and back in {back - was_kept:.1f} s"
    )
    assert (judged.lost, inspect(settings.file).root) == (None, kept.root)
    assert back - was_kept < 300


def said(uow, batch, n):
    return beside_items(
        uow, EntryKind.OPERATIONS, "drill", system_actor("drill"), {"text": f"第 {batch} 批第 {n} 条"}
    )


def test_a_move_there_and_back_keeps_every_byte(settings, bureau, tmp_path):
    """G-DATA-7."""
    back = read_settings({"database": f"{tmp_path / 'back.db'}"}, {}, tmp_path)

    head = move_store(settings, back)

    with closing(build(back)) as app:
        assert held(app.database) == held(bureau.app.database)
        assert [*examine_deeply(app.reading())] == []
        with app.reading() as uow:
            assert uow.history.head().size == head.size
