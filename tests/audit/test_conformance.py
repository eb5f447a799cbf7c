"""How the items of a bureau went: as a table, as data, as a drawing; scoped, and an auditor's look is an entry."""

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from engine.model.conformance import Deviation
from engine.model.errors import NotFound, NotPermitted
from engine.model.ids import UnitCode
from engine.rules.ledger import canonical
from engine.usecases.conformance import Asked, inspect_conformance
from engine.usecases.inspecting import READ
from runtime.diagrams.conformance import conformance_svg
from tests.audit.bureau import Bureau
from tests.audit.test_inspection import by, every_item, everything, supervisor_of_team
from tests.unit.rules.test_ledger import draft


def problems(bureau):
    """Every item of the usual kind, by its number."""
    return {number: item for number, item in every_item(bureau).items() if item.definition.id == "item"}


def test_what_the_engine_let_pass_conforms(lived):
    course = inspect_conformance(by(lived), Asked())

    items = problems(lived).values()
    assert course.found.items == len(items)
    assert course.found.fitting == course.found.items
    assert course.found.fitness == 1.0
    assert course.found.steps == sum(item.version for item in items)
    assert sum(n * times for times, n in course.found.returned.items()) == sum(
        item.returned_count for item in items
    )
    with lived.app.reading() as uow:
        finals = {state.id for state in uow.definitions.get(course.definition.ref).states if state.final}
    open_now = sum(item.state not in finals for item in items)
    assert sum(line.spread.still for line in course.found.states) == open_now


def test_a_look_is_entered_before_anything_is_shown(lived):
    inspect_conformance(by(lived), Asked(unit=UnitCode("team_a")))

    entry = everything(lived)[-1]
    told = json.loads(entry.payload)
    assert (entry.what, told["view"]) == (READ, "conformance")
    assert told["about"] == {"kind": "item", "unit": "team_a"}


def test_filters_narrow_and_each_item_is_replayed_whole(lived):
    items = problems(lived)
    ids = {item.id for item in items.values()}
    team_b = inspect_conformance(by(lived), Asked(unit=UnitCode("team_b"))).found

    assert team_b.items == sum(item.unit == "team_b" for item in items.values())
    (number, one) = next(iter(items.items()))
    only = inspect_conformance(by(lived), Asked(kind="report", number=number))
    assert (only.found.items, only.found.steps, only.definition.ref) == (1, one.version, one.definition)
    middle = lived.now - (lived.now - one.opened_at) / 2
    since, until = (
        inspect_conformance(by(lived), asked).found for asked in (Asked(since=middle), Asked(until=middle))
    )
    entries = [entry for entry in everything(lived) if entry.item in ids]
    moved = {entry.item for entry in entries if entry.at >= middle}
    assert since.items == len(moved)
    assert until.steps == sum(entry.at < middle and entry.kind == 1 for entry in entries)
    assert inspect_conformance(by(lived), Asked(until=one.opened_at - timedelta(1))).found.items == 0
    with pytest.raises(NotFound, match="没有“nothing”这种流程"):
        inspect_conformance(by(lived), Asked(kind="nothing"))


def test_across_items_it_is_for_whoever_reads_the_log_and_of_one_item_for_whoever_sees_it(lived):
    items, reader = problems(lived).values(), supervisor_of_team(lived)
    own, foreign = (next(i for i in items if i.unit == unit) for unit in ("team_b", "team_a"))

    for login in ("officer_b", "head_b", "office", "leader", "administrator"):
        with pytest.raises(NotPermitted, match="不能查阅全部历史"):
            inspect_conformance(by(lived, login), Asked())
    found = inspect_conformance(reader, Asked()).found
    assert 0 < found.items == sum(item.unit == "team_a" for item in items)
    assert everything(lived)[-1].actor == reader.asker.person
    only = inspect_conformance(by(lived, "officer_b"), Asked(number=own.number)).found
    assert (only.items, only.steps) == (1, own.version)
    with pytest.raises(NotFound, match="没有事项"):
        inspect_conformance(by(lived, "officer_b"), Asked(number=foreign.number))


def test_the_drawing_tells_every_number_and_nothing_by_colour(lived):
    course = inspect_conformance(by(lived), Asked())
    svg = conformance_svg(course)
    texts = {element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("text")}

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", svg)) <= {"#000", "#fff"}
    assert not re.search(r"<script|href|@import|url\((?!#)", svg)
    moves = {(move.verb, state): move.label for move in course.definition.moves for state in move.from_states}
    for line in course.found.crossings:
        if line.crossing.source not in ("", line.crossing.target):
            assert f"{moves[line.crossing.verb, line.crossing.source]} {line.count} 次" in texts
    for line in course.found.states:
        assert any(f"{text}".startswith(f"停留 {line.spread.count} 次") for text in texts)


def test_what_the_definition_does_not_have_is_told_below_the_drawing(tmp_path):
    bureau = Bureau(tmp_path, 2)
    item = bureau.open()
    payload = canonical({"type": "transition", "changes": {"state": ["draft", "closed"]}})
    with bureau.app.writing() as uow:  # past every rule
        given = {"what": "close_out", "item": item.id, "item_version": 2, "previous": item.head}
        uow.history.append([draft(0, payload=payload, **given)], bureau.tick())
        uow.commit()
    course = inspect_conformance(by(bureau), Asked())
    bureau.close()

    assert [line.deviation for line in course.found.deviations] == [Deviation.OUT_OF_ORDER]
    svg = conformance_svg(course)
    assert "图上没有：草拟 —销号→ 已销号 1 次" in svg
    assert "次序不对（此状态没有这个动作）：1 次，1 件" in svg
