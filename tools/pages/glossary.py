"""The dictionary's tables: every id that a reader may meet, with its Chinese word."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from engine.model.definition import Definition
from runtime import words
from tools.pages.markdown import code, page, table
from workflows.shipped import shipped_definitions

MARK = "<!-- From here on written by `make docs`; changes below are lost. -->"
FILE = Path(__file__).resolve().parents[2] / "docs" / "glossary.md"
LISTS: Mapping[str, Mapping[str, str]] = {
    "Kinds": words.KINDS,
    "Stages": words.STAGES,
    "Roles": words.ROLES,
    "Parties": words.PARTIES,
    "Capacities": words.CAPACITIES,
    "Lamps": words.LAMPS,
}


def glossary_text() -> str:
    """The page: its prose as a person wrote it, then the tables."""
    prose = FILE.read_text(encoding="utf-8").partition(MARK)[0]
    definitions = shipped_definitions()
    return page(
        prose,
        MARK,
        *(f"## {title}\n\n{_pairs(known)}" for title, known in LISTS.items()),
        "## States",
        table(("Id", "中文", "Stage", "Kind"), _states(definitions)),
        "## Verbs",
        table(("Id", "中文", "Kinds"), _verbs(definitions)),
        "## Fields",
        table(("Id", "中文", "Kinds"), _fields(definitions)),
        "## Time limits",
        table(("Id", "中文", "Kind"), _clocks(definitions)),
    )


def _pairs(known: Mapping[str, str]) -> str:
    return table(("Id", "中文"), ((code(word), chinese) for word, chinese in known.items()))


def _states(definitions: Iterable[Definition]) -> Iterable[tuple[str, ...]]:
    for definition in definitions:
        for state in definition.states:
            yield code(state.id), state.label, words.STAGES[state.stage], definition.label


def _verbs(definitions: Iterable[Definition]) -> Iterable[tuple[str, ...]]:
    return _gathered((move.verb, move.label, each.label) for each in definitions for move in each.moves)


def _fields(definitions: Iterable[Definition]) -> Iterable[tuple[str, ...]]:
    return _gathered((field.id, field.label, each.label) for each in definitions for field in each.fields)


def _clocks(definitions: Iterable[Definition]) -> Iterable[tuple[str, ...]]:
    for definition in definitions:
        for clock in definition.clocks:
            yield code(clock.id), clock.label, definition.label


def _gathered(rows: Iterable[tuple[str, str, str]]) -> Iterable[tuple[str, ...]]:
    """One row for each id and Chinese word, with every kind that uses them so."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for name, label, kind in rows:
        found.setdefault((name, label), {})[kind] = None
    return ((code(name), label, "、".join(kinds)) for (name, label), kinds in sorted(found.items()))
