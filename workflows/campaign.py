"""Reads a campaign: seven files in one folder, every mistake in one pass, with file, line and column."""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from engine.model.campaign import Campaign, Category, Duty, PlannedPhase, PlannedTask, Roster, Scheme
from engine.model.causes import in_chinese
from engine.model.errors import Invalid, Problem
from workflows.builder import canonical
from workflows.cursor import Cursor, did_you_mean
from workflows.reader import CAMPAIGN, MAX_PROBLEMS, Document, Enough, read_yaml
from workflows.references import reference_problems
from workflows.values import read_value

LISTS: Mapping[str, tuple[str, type]] = {
    "taxonomy": ("categories", Category),
    "tasks": ("tasks", PlannedTask),
    "phases": ("phases", PlannedPhase),
    "duties": ("duties", Duty),
}
"""File, its one key, and what the entries of the list are."""
WHOLES: Mapping[str, tuple[str, type]] = {"organisation": ("roster", Roster), "scoring": ("scheme", Scheme)}
"""File, the field of the campaign it fills, and what it is."""
FILES = ("campaign", *LISTS, *WHOLES)


def read_campaign(folder: Path) -> Campaign:
    """The campaign in a folder.

    Raises Invalid with every problem of every file, as far as a person can read them.
    """
    problems = _strange_files(folder)
    documents = {name: read for name in FILES if (read := _document(folder, name, problems))}
    cursors = {name: Cursor(read, read.tree, (), problems) for name, read in documents.items()}
    campaign = None
    with suppress(Enough):
        campaign = _campaign(cursors)
    problems += islice(reference_problems(documents), MAX_PROBLEMS)
    if campaign is None or problems:
        raise Invalid(f"读取方案 {folder}", tuple(dict.fromkeys(problems)))
    return campaign


def _campaign(cursors: Mapping[str, Cursor]) -> Campaign | None:
    text = canonical({name: cursor.value for name, cursor in cursors.items()})
    given: dict[str, Any] = {"document": text, "sha256": sha256(text.encode()).hexdigest()}
    for name, (key, kind) in LISTS.items():
        given[key] = _entries(cursors[name], key, kind) if name in cursors else ()
    for name, (key, kind) in WHOLES.items():
        given[key] = read_value(kind, cursors[name]) if name in cursors else None
    return read_value(Campaign, cursors["campaign"], **given) if "campaign" in cursors else None


def _entries(cursor: Cursor, key: str, kind: type) -> tuple[Any, ...]:
    return tuple(read_value(kind, entry) for entry in cursor.closed([key]).each(key))


def _strange_files(folder: Path) -> list[Problem]:
    found = sorted(path for path in folder.glob("*.y*ml") if path.name not in {f"{n}.yaml" for n in FILES})
    return [
        Problem(where=f"{path}:1:1", text="方案里没有这个文件", hint=did_you_mean(path.stem, FILES))
        for path in found
    ]


def _document(folder: Path, name: str, problems: list[Problem]) -> Document | None:
    path = folder / f"{name}.yaml"
    try:
        return read_yaml(path.read_bytes(), f"{path}", CAMPAIGN)
    except OSError as error:
        text, hint = f"读不到：{in_chinese(error)}", f"方案目录里应有 {name}.yaml"
        problems.append(Problem(where=f"{path}:1:1", text=text, hint=hint))
    except Invalid as invalid:
        problems += invalid.problems
    return None
