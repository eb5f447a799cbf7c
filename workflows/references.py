"""Codes and references of a campaign's files: each code declared once, each reference leading somewhere."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from engine.model.errors import Problem
from engine.rules.assessment import INDICATORS
from engine.rules.plan_check import CITATION, forbidden_in
from workflows.cursor import did_you_mean
from workflows.reader import Document, Path, Tree

Documents = Mapping[str, Document]
Cells = Iterator[tuple[Document, Path, Tree]]

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
DECLARED: Final = {
    "单位": ("organisation: units.*.code",),
    "岗位": ("organisation: posts.*.code",),
    "人员": ("organisation: persons.*.login",),
    "分类": ("taxonomy: categories.*.code", "taxonomy: categories.*.parts.*.code"),
    "任务": ("tasks: tasks.*.code", "tasks: tasks.*.measures.*.code"),
    "阶段": ("phases: phases.*.code",),
    "报送": ("duties: duties.*.code",),
    "计分项": ("scoring: criteria.*.code",),
}
"""Where the codes of each thing are declared: a file, and the way to the cell; `*` is every entry of a list."""
REFERRED: Final = {
    "campaign: bureau": "单位",
    "organisation: units.*.parent": "单位",
    "organisation: posts.*.unit": "单位",
    "organisation: posts.*.scope": "单位",
    "organisation: grants.*.post": "岗位",
    "organisation: grants.*.person": "人员",
    "organisation: grants.*.on_behalf_of": "人员",
    "tasks: tasks.*.lead": "单位",
    "tasks: tasks.*.assisting.*": "单位",
    "phases: phases.*.follows": "阶段",
    "phases: phases.*.gate": "结束条件",
    "scoring: criteria.*.indicator": "计分指标",
}
"""Which cells refer to a declared thing, or to a word that the engine knows."""
WORDS: Final = {"结束条件": ("every_unit_reported",), "计分指标": tuple(INDICATORS)}
KINDS: Final = ("item", "phase", "task", "report", "supervision_order")
"""The kinds of things that loading and running a campaign opens."""


def reference_problems(documents: Documents) -> Iterator[Problem]:
    """Every code that is malformed or declared twice, and every reference that leads nowhere."""
    declared = {what: _codes(documents, what) for what in DECLARED}
    for what in DECLARED:
        yield from _repeated(documents, what)
    for way, what in REFERRED.items():
        known = WORDS.get(what) or declared[what]
        for document, path, value in _cells(documents, way):
            if isinstance(value, str) and value not in known and _is_there(documents, what):
                cited = CITATION if forbidden_in(value) else ""
                yield document.problem(path, f"没有这个{what}：{value}", cited or did_you_mean(value, known))
    yield from _tree(documents)
    yield from _kinds(documents)


def _is_there(documents: Documents, what: str) -> bool:
    """Whether the file that declares these things could be read; without it nothing is said about references."""
    return what in WORDS or all(way.partition(":")[0] in documents for way in DECLARED[what])


def _codes(documents: Documents, what: str) -> tuple[str, ...]:
    found = (value for way in DECLARED[what] for _, _, value in _cells(documents, way))
    return tuple(dict.fromkeys(value for value in found if isinstance(value, str)))


def _repeated(documents: Documents, what: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for way in DECLARED[what]:
        for document, path, value in _cells(documents, way):
            if not isinstance(value, str):
                continue
            if not CODE.fullmatch(value):
                yield document.problem(
                    path, f"代码不合规：{value[:80]}", "只用字母、数字和 _ . -，不超过 64 字"
                )
            if value in seen:
                yield document.problem(path, f"{what}代码重复：{value}", "改用另一个代码")
            seen.add(value)


def _tree(documents: Documents) -> Iterator[Problem]:
    """The units form one tree, whose root is the bureau."""
    if not {"organisation", "campaign"} <= documents.keys():
        return
    document, above = documents["organisation"], _parents(documents)
    (_, _, bureau), *_ = [*_cells(documents, "campaign: bureau"), (document, (), None)]
    for _, path, code in _cells(documents, "organisation: units.*.code"):
        if not isinstance(code, str) or code not in above:
            continue
        if above[code] is None and code != bureau and bureau in above:
            yield document.problem(path, f"除 {bureau} 外，每个单位都要有上级：{code}", "补上 parent")
        elif _is_circular(code, above):
            yield document.problem(path, f"上级关系成环：{code}", "检查 parent")


def _parents(documents: Documents) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for _, _, unit in _cells(documents, "organisation: units.*"):
        if isinstance(unit, dict) and isinstance(code := unit.get("code"), str):
            parent = unit.get("parent")
            found[code] = parent if isinstance(parent, str) else None
    return found


def _is_circular(code: str, above: Mapping[str, str | None]) -> bool:
    passed, at = set[str](), above.get(code)
    while at is not None and at not in passed:
        if at == code:
            return True
        passed.add(at)
        at = above.get(at)
    return False


def _kinds(documents: Documents) -> Iterator[Problem]:
    for document, path, value in _cells(documents, "campaign: definitions"):
        pinned = value if isinstance(value, dict) else {}
        for kind in KINDS:
            if kind not in pinned:
                yield document.problem(path, f"没有写明 {kind} 的版本", f"补上 {kind}: 1")


def _cells(documents: Documents, way: str) -> Cells:
    """Every cell at the end of a way, with its document and place."""
    name, _, steps = way.partition(": ")
    if name in documents:
        found: list[tuple[Path, Tree]] = [((), documents[name].tree)]
        for step in steps.split("."):
            found = [below for path, value in found for below in _below(path, value, step)]
        yield from ((documents[name], path, value) for path, value in found)


def _below(path: Path, value: Tree, step: str) -> Iterator[tuple[Path, Tree]]:
    if isinstance(value, list) and step == "*":
        yield from (((*path, place), entry) for place, entry in enumerate(value))
    elif isinstance(value, dict) and step in value:
        yield (*path, step), value[step]
