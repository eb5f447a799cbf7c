"""Taking the history along: the whole of it, one entry's proof, an item's proofs; for whom, and that it is entered."""

import json

import pytest

from engine.model.errors import Conflict, NotFound, NotPermitted
from engine.usecases.inspecting import READ
from engine.usecases.proofs import prove_entry, prove_item
from runtime.bundle import write_bundle
from runtime.tiles import write_tiles
from tests.audit.bureau import Bureau
from tests.audit.test_inspection import by, every_item, everything, supervisor_of_team


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A bureau with some signed items in two teams, and a signed entry beside items at the end."""
    bureau = Bureau(tmp_path_factory.mktemp("bureau"), 3)
    bureau.adopt()
    bureau.live(20)
    bureau.sign()
    bureau.sign()
    yield bureau
    bureau.close()


def looks(bureau, since):
    return [
        (entry.actor, json.loads(entry.payload)["view"])
        for entry in everything(bureau)[since:]
        if entry.what == READ
    ]


def size_of(bureau):
    return len(everything(bureau))


@pytest.mark.parametrize("login", ["officer_a", "head_a", "office", "leader", "administrator", "security"])
def test_the_whole_history_leaves_with_the_auditor_alone(lived, tmp_path, login):
    before = size_of(lived)

    with pytest.raises(NotPermitted, match="不能带走全部历史"):
        write_bundle(by(lived, login), tmp_path / "store", tmp_path / "all.zip")
    with pytest.raises(NotPermitted, match="不能带走全部历史"):
        write_tiles(by(lived, login), tmp_path / "tiles")

    assert (size_of(lived), [*tmp_path.iterdir()]) == (before, [])


def test_that_it_left_is_entered(lived, tmp_path):
    before, who = size_of(lived), lived.actor("auditor").person

    write_bundle(by(lived), tmp_path / "store", tmp_path / "all.zip")
    write_tiles(by(lived), tmp_path / "tiles")

    assert looks(lived, before) == [(who, "bundle"), (who, "tiles")]
    for again in (
        lambda: write_bundle(by(lived), tmp_path / "store", tmp_path / "all.zip"),
        lambda: write_tiles(by(lived), tmp_path / "tiles"),
    ):
        with pytest.raises(Conflict, match="已存在"):
            again()
    assert len(looks(lived, before)) == 2


@pytest.mark.parametrize("login", ["officer_a", "head_a", "office", "leader", "administrator"])
def test_an_entry_is_proven_to_whoever_may_read_the_log(lived, login):
    with pytest.raises(NotPermitted, match="不能查阅全部历史"):
        prove_entry(by(lived, login), 0)


def test_an_entry_out_of_sight_is_not_proven(lived):
    items = {item.id: item.unit for item in every_item(lived).values()}
    entries = [entry for entry in everything(lived) if entry.item is None or entry.item in items]
    mine, foreign, beside = (
        next(e.index for e in entries if (e.item and items[e.item]) == unit)
        for unit in ("team_a", "team_b", None)
    )
    reader, before = supervisor_of_team(lived), size_of(lived)

    assert prove_entry(reader, mine).entry.index == mine
    assert prove_entry(by(lived), beside).entry.index == beside
    for index in (foreign, beside, size_of(lived) + 9):
        with pytest.raises(NotFound, match=f"没有第 {index} 条记录"):
            prove_entry(reader, index)
    assert [view for _, view in looks(lived, before)] == ["proof"] * 5


def test_an_item_is_proven_to_whoever_may_see_it(lived):
    items = every_item(lived)
    own = next(number for number, item in items.items() if item.unit == "team_a")
    foreign = next(number for number, item in items.items() if item.unit == "team_b")
    before = size_of(lived)

    assert prove_item(by(lived, "head_a"), own)
    with pytest.raises(NotFound, match=f"没有事项 {foreign}"):
        prove_item(by(lived, "head_a"), foreign)
    assert looks(lived, before) == []
    assert prove_item(by(lived), own)
    assert looks(lived, before) == [(lived.actor("auditor").person, "proof")]
