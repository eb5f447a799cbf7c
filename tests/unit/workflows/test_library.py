"""The shipped definitions: each can be read, is sound, and comes back the same from its canonical document."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.model.actor import Capacity
from engine.model.definition import Definition
from engine.model.guards import Independent
from engine.rules.soundness import problems_of
from workflows.builder import definition_from_json, read_definition

LIBRARY = sorted((Path(__file__).parents[3] / "workflows" / "library").glob("*.yaml"))


def load(path: Path) -> Definition:
    return read_definition(path.read_bytes(), path.name)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_a_shipped_definition_is_sound(path: Path) -> None:
    definition = load(path)

    assert definition.ref.id == path.stem
    assert problems_of(definition) == ()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_a_definition_comes_back_from_its_canonical_document(path: Path) -> None:
    first = load(path)
    again = definition_from_json(first.document)

    assert (again.sha256, again.document) == (first.sha256, first.document)
    assert (again.states, again.moves, again.clocks, again.ladders) == (
        first.states,
        first.moves,
        first.clocks,
        first.ladders,
    )


REVIEWS = (
    ("item", "approve"),
    ("phase", "accept"),
    ("report", "receive"),
    ("supervision_order", "close_out"),
)
"""Moves by which a review ends well, and the item goes on or is over."""


@pytest.mark.parametrize("place", REVIEWS)
@pytest.mark.parametrize("guards", [(), (Independent((Capacity.PERFORMER,)),)])
def test_a_review_that_whoever_worked_may_end_is_not_sound(
    place: tuple[str, str], guards: tuple[Independent, ...]
) -> None:
    kind, verb = place
    definition = load(LIBRARY[0].parent / f"{kind}.yaml")
    number = [move.verb for move in definition.moves].index(verb)
    moves = [*definition.moves]
    moves[number] = replace(moves[number], guards=guards)

    flaws = problems_of(replace(definition, moves=tuple(moves)))

    assert [flaw.path for flaw in flaws if "结束复核" in flaw.text] == [("verbs", number)]
