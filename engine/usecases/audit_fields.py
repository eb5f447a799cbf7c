"""What an audit asks of the fields that a transition wrote: by whom, a colour step by step, the next number."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from engine.model.calendar import LOCAL
from engine.model.definition import Definition, Effect, MoveDef
from engine.rules.effects import LEVELS, next_level
from engine.rules.ledger import Json
from engine.rules.papers import paper_number, series_of

Problem = tuple[str, str]
"""A broken invariant, and in what way."""
Fields = Mapping[str, tuple[Json, Json]]
"""Each field that was written, before and after."""
Series = tuple[str, int]
"""A series of paper numbers and its year."""


def fields_of(changes: Mapping[str, Json]) -> Fields:
    """The fields among the changes of an entry."""
    mark, found = "field:", dict[str, tuple[Json, Json]]()
    for name, pair in changes.items():
        if name.startswith(mark) and isinstance(pair, list | tuple) and len(pair) == 2:
            found[name.removeprefix(mark)] = (pair[0], pair[1])
    return found


def judged_fields(definition: Definition, move: MoveDef, fields: Fields) -> Iterator[Problem]:
    """Whether a move wrote only what it may write, and raised a colour only as its effects do."""
    may = {*move.sets, *_by_effects(definition, move)}
    if definition.paper and definition.paper.kind in fields:
        may.add(definition.paper.field)
    if strange := [name for name in fields if name not in may]:
        yield "I3", f"“{move.verb}”不能改{'、'.join(strange)}"
    before, after = fields.get("level", (None, None))
    if Effect.LEVEL_UP in move.effects and after != next_level(before):
        yield "I3", f"“{move.verb}”不能由 {before} 升为 {after}"
    if Effect.LEVEL_TOP in move.effects and after != LEVELS[-1]:
        yield "I3", f"“{move.verb}”应升为红色，实为 {after}"


def judged_choices(
    definition: Definition, written: Fields, may: Callable[[Sequence[str]], bool]
) -> Iterator[Problem]:
    """Whether whoever wrote a reserved choice might; `written` are the fields that a person filled in."""
    for name, (_, after) in written.items():
        field = definition.fields_by_id.get(name)
        roles = field.reserved.get(f"{after}", ()) if field else ()
        if roles and not may(roles):
            yield "I12", f"填写“{name}: {after}”的人无权填写"


def judged_paper(
    definition: Definition, fields: Fields, at: datetime, last: Counter[Series]
) -> Iterator[Problem]:
    """Whether a paper got the next number of its series; `last` counts the numbers that were given before."""
    paper = definition.paper
    if paper is None or paper.kind not in fields:
        return
    kind, number = f"{fields[paper.kind][1]}", fields.get(paper.field, (None, None))[1]
    year = at.astimezone(LOCAL).year
    series = (series_of(definition, kind), year)
    last[series] += 1
    if number != (expected := paper_number(kind, at, last[series])):
        yield "I3", f"督办编号应为 {expected}，实为 {number}"


def _by_effects(definition: Definition, move: MoveDef) -> Iterator[str]:
    if not {Effect.LEVEL_UP, Effect.LEVEL_TOP}.isdisjoint(move.effects):
        yield "level"
    if Effect.GRANT_EXTENSION in move.effects:
        yield from (clock.due.field for clock in definition.clocks if clock.due.field)
