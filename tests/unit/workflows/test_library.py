"""The shipped definitions: each can be read, is sound, and comes back the same from its canonical document."""

from pathlib import Path

import pytest

from engine.model.definition import Definition
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
