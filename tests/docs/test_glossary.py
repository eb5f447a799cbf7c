"""The dictionary is complete: whatever a reader may meet has its Chinese word."""

import re
from pathlib import Path

import pytest

from engine.model.actor import Capacity, Party, Role
from engine.model.clock import Lamp
from engine.model.definition import Stage
from workflows.shipped import shipped_definitions

TEXT = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
STATES = [(definition, state) for definition in shipped_definitions() for state in definition.states]
MOVES = [(definition, move) for definition in shipped_definitions() for move in definition.moves]


def rows(title: str) -> dict[str, str]:
    """The rows of a section: what stands in the first column, and the rest of the line."""
    section = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return {
        f"{first}{rest}": rest for first, rest in re.findall(r"^\| `(\w+)` (\|.*)$", section, re.MULTILINE)
    }


def has(title: str, word: str, *cells: str) -> bool:
    found = (rest for row, rest in rows(title).items() if row.startswith(f"{word}|"))
    return any(all(cell in rest for cell in cells) for rest in found)


@pytest.mark.parametrize(
    ("title", "words"),
    [("Roles", Role), ("Parties", Party), ("Capacities", Capacity), ("Stages", Stage), ("Lamps", Lamp)],
)
def test_every_word_of_a_closed_set_has_its_chinese_word(title: str, words: type) -> None:
    for word in words:  # type: ignore[attr-defined]
        assert has(title, word)
    assert all(re.search(r"[\u4e00-\u9fff]", rest) for rest in rows(title).values())


@pytest.mark.parametrize(("definition", "state"), STATES, ids=lambda each: getattr(each, "id", None))
def test_every_state_has_its_chinese_word(definition, state) -> None:
    assert has("States", state.id, state.label, definition.label)


@pytest.mark.parametrize(("definition", "move"), MOVES, ids=lambda each: getattr(each, "verb", None))
def test_every_verb_has_its_chinese_word(definition, move) -> None:
    assert has("Verbs", move.verb, move.label, definition.label)


def test_every_kind_has_its_chinese_word() -> None:
    for definition in shipped_definitions():
        assert has("Kinds", definition.ref.id, definition.label)
        for field in definition.fields:
            assert has("Fields", field.id, field.label)


def test_no_chinese_word_of_the_prose_is_missing() -> None:
    prose = TEXT.partition("\n## ")[0]

    assert all(
        re.search(r"[\u4e00-\u9fff]", line.split("|")[2]) for line in prose.splitlines()[7:] if "|" in line
    )
