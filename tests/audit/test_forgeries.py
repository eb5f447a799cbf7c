"""Every change to an exported history is found, with the first wrong entry; no clean history is accused (G-AUD-3)."""

import random

import pytest

from engine.usecases.redaction import Redact, redact
from engine.usecases.sweep import sweep
from runtime.bundle import pack_history
from tests.audit import erasures
from tests.audit.bureau import Bureau
from tests.audit.forgery import FORGERIES, Copy
from tools.verify_export import OK, TAMPERED, read_note, read_vkey, verify

CLEAN = 200
EACH = 25
SEEDS = (1, 2, 3)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Three bureaus after some months, each with what an auditor has kept of it."""
    made = []
    for seed in SEEDS:
        bureau = Bureau(tmp_path_factory.mktemp("bureau"), seed)
        bureau.adopt()
        bureau.live(30)
        bureau.sign()
        bureau.substitute()
        bureau.attach()
        bureau.live(40)
        erase(bureau)
        list(sweep(bureau.app.writing, bureau.tick(24 * 90)))
        kept = bureau.sign()
        bureau.live(6)
        file = bureau.folder / "bundle.zip"
        pack_history(bureau.app.reading(), bureau.app.settings.evidence, file)
        bureau.close()
        made.append((file.read_bytes(), read_vkey(bureau.signer.vkey), read_note(kept.note)))
    return made


def erase(bureau):
    """Let the security officer erase what an item says of its problem."""
    with bureau.app.reading() as uow:
        item = uow.items.get([bureau.items[0]]).popitem()[1]
    by = bureau.actor("security")
    wanted = Redact(target=f"{item.number}:problem", reason="当事人申请", basis="有关规定", actor=by)
    redact(bureau.app.writing(), bureau.tick(), wanted)


def test_the_forgeries_are_many():
    assert len(FORGERIES) >= 100
    assert erasures.__name__


@pytest.mark.storm
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_where_it_begins(name, bundles, rounds):
    for seed in range(rounds or EACH):
        data, key, kept = bundles[seed % len(bundles)]
        copy = Copy.of(data, seed)
        index = FORGERIES[name](copy)

        report = verify(copy.packed(), [key], [kept])

        assert report.code == TAMPERED, (name, seed)
        if index is not None:
            assert report.first is not None, (name, seed, report.wrong)
            assert report.first[0] <= index <= report.first[1], (name, seed, index, report.wrong)


@pytest.mark.storm
def test_no_clean_history_is_accused(tmp_path, rounds):
    for seed in range(rounds or CLEAN // 10):
        bureau = Bureau(tmp_path / f"{seed}", 1000 + seed)
        bureau.adopt()
        for part in range(10):
            bureau.live(random.Random(seed + part).randrange(1, 8))
            kept = bureau.sign()
            file = bureau.folder / f"{part}.zip"
            pack_history(bureau.app.reading(), bureau.app.settings.evidence, file)
            report = verify(file, [read_vkey(bureau.signer.vkey)], [read_note(kept.note)])
            assert (report.code, report.wrong, report.unknown) == (OK, [], []), (seed, part)
        bureau.close()
