"""Reads a campaign: seven files in one folder, every mistake in one pass, with file, line and column."""

from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.model.campaign import Campaign, Category, Duty, PlannedPhase, PlannedTask, Roster, Scheme
from engine.model.errors import Invalid, Problem
from engine.rules.assessment import INDICATORS
from workflows.builder import canonical
from workflows.cursor import Cursor, did_you_mean
from workflows.reader import Document, Tree, read_yaml
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
    """The campaign in a folder. Raises Invalid with every problem of every file."""
    documents = {name: _document(folder, name) for name in FILES}
    problems: list[Problem] = []
    given: dict[str, Any] = {}
    for name, (key, kind) in LISTS.items():
        root = Cursor(documents[name], documents[name].tree, (), problems).closed([key])
        given[key] = tuple(read_value(kind, entry) for entry in root.each(key))
    for name, (key, kind) in WHOLES.items():
        given[key] = read_value(kind, Cursor(documents[name], documents[name].tree, (), problems))
    text = canonical({name: document.tree for name, document in documents.items()})
    given |= {"document": text, "sha256": sha256(text.encode()).hexdigest()}
    campaign = read_value(
        Campaign, Cursor(documents["campaign"], documents["campaign"].tree, (), problems), **given
    )
    if not problems:
        problems += _dangling(campaign, documents)
    if problems:
        raise Invalid(f"读取方案 {folder}", tuple(problems))
    read: Campaign = campaign
    return read


def _document(folder: Path, name: str) -> Document:
    path = folder / f"{name}.yaml"
    try:
        data = path.read_bytes()
    except OSError as error:
        missing = Problem(
            where=f"{path}", text=f"读不到：{error.strerror}", hint=f"方案目录里应有 {name}.yaml"
        )
        raise Invalid(f"读取方案 {folder}", (missing,)) from error
    return read_yaml(data, f"{path}")


def _dangling(campaign: Campaign, documents: Mapping[str, Document]) -> Iterator[Problem]:
    """References that lead nowhere, and codes used twice."""
    roster = campaign.roster
    units = {unit.code for unit in roster.units}
    posts, people = {post.code for post in roster.posts}, {person.id for person in roster.persons}
    phases = {phase.code for phase in campaign.phases}
    yield from _unknown(documents["campaign"], (("bureau",),), units, "单位")
    organisation, tasks = documents["organisation"], documents["tasks"]
    yield from _unknown(organisation, _places(organisation.tree, "units", "parent"), units, "单位")
    yield from _unknown(organisation, _places(organisation.tree, "posts", "unit", "scope"), units, "单位")
    yield from _unknown(organisation, _places(organisation.tree, "grants", "post"), posts, "岗位")
    yield from _unknown(
        organisation, _places(organisation.tree, "grants", "person", "on_behalf_of"), people, "人员"
    )
    yield from _unknown(tasks, _places(tasks.tree, "tasks", "lead"), units, "单位")
    yield from _unknown(tasks, _members(tasks.tree, "tasks", "assisting"), units, "单位")
    yield from _unknown(
        documents["phases"], _places(documents["phases"].tree, "phases", "follows"), phases, "阶段"
    )
    scoring = documents["scoring"]
    yield from _unknown(
        scoring, _places(scoring.tree, "criteria", "indicator"), INDICATORS.keys(), "计分指标"
    )


Place = tuple[str | int, ...]


def _places(tree: Tree, key: str, *names: str) -> Iterator[Place]:
    entries = tree[key] if isinstance(tree, dict) else []
    yield from ((key, place, name) for place in range(len(entries)) for name in names)  # type: ignore[arg-type]


def _members(tree: Tree, key: str, name: str) -> Iterator[Place]:
    entries: Any = tree[key] if isinstance(tree, dict) else []
    for place, entry in enumerate(entries):
        yield from ((key, place, name, member) for member in range(len(entry[name])))


def _unknown(
    document: Document, places: Collection[Place] | Iterator[Place], known: Collection[str], what: str
) -> Iterator[Problem]:
    for place in places:
        value = _value(document.tree, place)
        if value is not None and value not in known:
            yield document.problem(place, f"没有这个{what}：{value}", did_you_mean(str(value), known))


def _value(tree: Any, place: Place) -> Any:
    for step in place:
        if isinstance(tree, dict) and step not in tree:
            return None
        tree = tree[step]
    return tree
