"""Diagrams say the whole definition, and print on a black-and-white printer."""

import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from engine.model.definition import Definition
from runtime.diagrams.layout import BOX, LABEL, LANE, by_stage, layout_of, ways_of
from runtime.diagrams.machine import svg_of
from tools.pages.machines import machines_text, mermaid_of
from workflows.shipped import shipped_definitions

DEFINITIONS = pytest.mark.parametrize("definition", shipped_definitions(), ids=lambda each: each.ref.id)


@DEFINITIONS
def test_a_drawing_is_black_on_white_and_names_every_state_and_move(definition: Definition) -> None:
    svg = svg_of(definition)
    texts = {element.text for element in ET.fromstring(svg).iter() if element.tag.endswith("text")}

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", svg)) <= {"#000", "#fff"}
    assert {state.label for state in definition.states} <= texts
    assert {way.label for way in ways_of(definition)} <= texts


@DEFINITIONS
def test_every_change_of_state_is_drawn_once(definition: Definition) -> None:
    drawn = [(way.label, source, way.target) for way in ways_of(definition) for source in way.sources]
    declared = {
        (move.label, source, target)
        for move in definition.moves
        for source in move.from_states
        for target in move.to
        if source != target
    }

    assert sorted(drawn) == sorted(declared)


@DEFINITIONS
def test_nothing_in_a_drawing_lies_on_something_else(definition: Definition) -> None:
    plan = layout_of(definition)

    for one, other in combinations(plan.tracks, 2):
        if one.way.back is not other.way.back:
            continue
        heights = {*one.leaves, one.enters} & {*other.leaves, other.enters}
        apart = one.span[1] < other.span[0] or other.span[1] < one.span[0]
        assert not heights
        assert one.lane != other.lane or apart
    for above, below in zip(plan.boxes, plan.boxes[1:], strict=False):
        assert above.bottom < below.y
    for track in plan.tracks:
        assert LABEL + track.lane * LANE < (plan.left if track.way.back else plan.width - plan.left - BOX)


@DEFINITIONS
def test_stages_come_one_after_the_other(definition: Definition) -> None:
    stages = [state.stage for state in by_stage(definition)]

    assert len(re.findall("subgraph", mermaid_of(definition))) == len(set(stages))


def test_the_page_shows_every_drawing() -> None:
    text = machines_text()

    assert all(f"(diagrams/{definition.ref.id}.svg)" in text for definition in shipped_definitions())
