"""Every verb of every shipped definition is made through the command line."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.errors import DONE
from engine.model.calendar import LOCAL
from engine.model.item import Item
from tests.cli.conftest import Run
from tests.integration.house import POSTS, House, person_in
from tests.lives import LIVES, Life, moves_of, undone

GROUPS = {"special_report": "special", "supervision_order": "supervise"}
OPTIONS = {"target": "to", "until_on": "until", "due_on": "due"} | {
    name: name for name in ("reason", "assignee", "unit", "other")
}
LOGINS = {person_in(post): post for post, *_ in POSTS}


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "记录.jpg"
    path.write_bytes(b"proof")
    return path


def words(wanted: Mapping[str, Any], proof: Path, other: str) -> Iterator[str]:
    """What a move asks for, as options."""
    told = {
        **wanted,
        "assignee": LOGINS.get(wanted.get("assignee", "")),
        "other": "other" in wanted and other,
    }
    yield from (f"--{option}={told[name]}" for name, option in OPTIONS.items() if told.get(name))
    yield from (f"--set={name}={value}" for name, value in wanted.get("fields", {}).items())
    yield from (f"--evidence={proof}" for _ in wanted.get("evidence", ()))
    yield from (f"--part={part}" for part in wanted.get("parts", ()))


def lived(house: House, duban: Run, life: Life, proof: Path, other: Item) -> set[tuple[str, str]]:
    item = life.opened(house)
    for now, (verb, post, wanted) in moves_of(life):
        at = now.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
        command = (GROUPS.get(life.kind, life.kind), "do", item.number, verb)
        done = duban(*command, *words(wanted, proof, other.number), actor=post, at=at)
        assert done.exit_code == DONE, done.stderr
    with house.begin() as uow:
        return {(life.kind, entry.what) for entry in uow.history.of_item(item.id)}


def test_every_verb_is_made_by_a_command(house: House, duban: Run, proof: Path) -> None:
    other = LIVES[0].opened(house)

    made = set().union(*(lived(house, duban, life, proof, other) for life in LIVES))

    assert undone(made) == set()
    assert duban("doctor", "--deep").exit_code == DONE
