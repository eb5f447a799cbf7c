"""A cell changed beside the history is reported (G-AUD-4), and what does not continue a checkpoint (G-AUD-5)."""

import random

import pytest

from runtime.bundle import pack_history
from tests.audit.bureau import Bureau
from tests.audit.forgery import Copy
from tools.verify_export import COLUMNS, TAMPERED, read_note, read_vkey, verify

EDITS = 60
CASES = 60
FREE = {"body"}
"""A column of JSON: its parts are changed one by one by the forgeries."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A bundle, the key, and what an auditor saved some way back."""
    bureau = Bureau(tmp_path_factory.mktemp("bureau"), 11)
    bureau.adopt()
    bureau.live(25)
    saved = bureau.sign()
    bureau.live(12)
    bureau.sign()
    file = bureau.folder / "bundle.zip"
    pack_history(bureau.app.reading(), bureau.app.settings.evidence, file)
    bureau.close()
    return file.read_bytes(), read_vkey(bureau.signer.vkey), saved


@pytest.mark.storm
def test_a_cell_changed_beside_the_history_is_reported(kept, rounds):
    data, key, _ = kept
    for seed in range(rounds or EDITS):
        copy = Copy.of(data, seed)
        table = copy.dice.choice(sorted(name for name in COLUMNS if copy.tables[name]))
        row = copy.row(table)
        told = {*" ".join(COLUMNS[table]).split()} if table != "item" else {*row}
        column = copy.dice.choice(sorted((told & row.keys()) - FREE))
        before = row[column]
        row[column] = other(before, copy.dice)

        report = verify(copy.packed(), [key])

        assert report.code == TAMPERED, (seed, table, column, before, row[column])


def other(value, dice: random.Random):
    if isinstance(value, int):
        return value + dice.choice((-1, 1)) * dice.randrange(1, 10**6)
    return dice.choice([f"{value or ''}x", f"x{value or ''}"])


@pytest.mark.storm
def test_a_saved_checkpoint_finds_every_cut_and_every_rewriting(kept, rounds):
    data, key, saved = kept
    for seed in range(rounds or CASES):
        copy = Copy.of(data, seed)
        place = copy.dice.randrange(saved.head.size)
        if seed % 3 == 0:  # the newest entries are gone, down to before what was saved
            del copy.entries[place:]
            copy.regrow()
        elif seed % 3 == 1:  # one entry is gone, and everything behind it written anew
            del copy.entries[place]
            for index, entry in enumerate(copy.entries):
                entry["index"] = index
            copy.reseal(place)
        else:  # another history from some entry on
            copy.entries[place]["at"] += 1
            copy.reseal(place)

        report = verify(copy.packed(), [key], [read_note(saved.note)])

        assert report.code == TAMPERED, seed
        assert any("审计留存的检查点" in text for *_, text in report.wrong), seed
        first, _ = report.first
        assert first <= place, (seed, place, report.first)
