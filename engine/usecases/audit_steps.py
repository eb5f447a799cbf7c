"""What an audit asks of rungs, levels and candidates for criticism: declared, due, judged by the facts of the moment.

Each question yields the broken invariant and a sentence: I3 not as the pinned definition declares, I6 not founded in
what happened, I12 not by whom it may be.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from engine.model.actor import Actor
from engine.model.clock import Level, Rung, RungEffectKind
from engine.model.definition import Definition, MoveDef
from engine.model.guards import AfterExpiry
from engine.model.ids import UnitCode
from engine.model.item import FieldValue
from engine.rules.ledger import Json
from engine.rules.pace import behind_at
from engine.rules.replay import instant
from engine.rules.standing import standing_of
from engine.usecases.audit_fields import Problem
from engine.usecases.audit_moves import listed
from engine.usecases.criticism import DECIDERS

Document = Mapping[str, Json]

SILENT = "silent"
"""Whether an entry says which rungs had nothing to say; those from before that was kept do not."""


def effects_told(payload: Document) -> Iterator[str]:
    """The effects that an entry says were carried out, as far as each leaves something that can be asked for."""
    is_older = payload.get("type") == "firing" and SILENT not in payload
    for name in map(str, listed(payload.get("effects"))):
        if not (is_older and name == RungEffectKind.MARK_CRITICISM):  # a word without consequence then
            yield name


def judged_firing(
    definition: Definition, document: Document, payload: Document, armed: Document | None, at: datetime
) -> Iterator[Problem]:
    """Whether rungs were fired as they are declared, on a limit that ran (`armed` tells of it), and not too early."""
    clock = f"{payload.get('clock')}"
    names = [f"{name}" for name in listed(payload.get("rungs"))]
    found = [definition.rung(clock, name) for name in names]
    rungs = [rung for rung in found if rung is not None]
    if len(rungs) < len(names):
        yield "I3", f"“{clock}”的阶梯上没有这样的级：{'、'.join(names)}"
    if armed is None:
        yield "I6", f"催办的时限 {clock} 没有在计时"
    elif any(not rung.is_early for rung in rungs) and f"{armed.get('due')}" > instant(at):
        yield "I6", f"时限 {clock} 还没有到期"
    silent = _silent(definition, clock, document, rungs) if SILENT in payload else frozenset()
    if silent != frozenset(map(str, listed(payload.get(SILENT)))):
        yield "I6", "是否提醒与当时的进度不符"
    spoken = [rung for rung in rungs if rung.id not in silent]
    if rungs and payload.get("rung") != (spoken or rungs)[-1].id:
        yield "I6", "开口的不是最高的一级"
    yield from _effects(spoken, payload, is_older=SILENT not in payload)


def judged_level(definition: Definition, document: Document, payload: Document) -> Iterator[Problem]:
    """Whether a level was reached as it is declared, with the return that reaches it."""
    level = definition.levels_by_id.get(f"{payload.get('rung')}")
    if level is None:
        yield "I3", f"流程里没有这一级：{payload.get('rung')}"
        return
    if (payload.get("returned"), document.get("returned_count")) != (level.returned, level.returned):
        yield "I6", f"退回 {document.get('returned_count')} 次，到不了“{level.label}”"
    yield from _effects([level], payload, is_older=False)


def judged_expiry(move: MoveDef, running: Mapping[str, Document], at: datetime) -> Iterator[Problem]:
    """Whether a move that waits for a limit to be over was made after it; `running` tells of each clock that runs."""
    for guard in move.guards:
        if isinstance(guard, AfterExpiry):
            dues = [f"{running[clock].get('due')}" for clock in guard.clocks if clock in running]
            if not any(due <= instant(at) for due in dues):
                yield "I3", f"“{move.verb}”早于{'、'.join(guard.clocks)}到期"


def levels_reached(definition: Definition, before: Json, after: Json) -> Iterator[str]:
    """The levels that a rise of the count of returns must reach."""
    low, high = (count if isinstance(count, int) else 0 for count in (before, after))
    yield from (level.id for level in definition.levels if low < level.returned <= high)


def judged_verdict(
    actor: Actor | None, lineage: Sequence[UnitCode], payload: Document, at: datetime
) -> Iterator[Problem]:
    """Whether whoever decided on a candidate might, and said why."""
    if not payload.get("reason"):
        yield "I3", "决定没有理由"
    if actor is None:
        yield "I12", "决定人不在名册"
    elif standing_of(actor, DECIDERS, lineage, None, at.date()) is None:
        yield "I12", "决定人当时无权决定通报批评"


def _silent(definition: Definition, clock: str, document: Document, rungs: Sequence[Rung]) -> frozenset[str]:
    pace = definition.clocks_by_id[clock].pace if rungs else None
    if pace is None:
        return frozenset()
    fields = _fields(document)
    return frozenset(r.id for r in rungs if r.elapsed and behind_at(pace, fields, r.elapsed) < r.behind)


def _fields(document: Document) -> dict[str, FieldValue]:
    mark = "field:"
    found = ((name, value) for name, value in document.items() if name.startswith(mark))
    return {name.removeprefix(mark): value for name, value in found if isinstance(value, str | int)}


def _effects(steps: Sequence[Rung | Level], payload: Document, *, is_older: bool) -> Iterator[Problem]:
    declared = [effect.kind.value if is_older else effect.name for step in steps for effect in step.effects]
    if declared != [*listed(payload.get("effects"))]:
        yield "I3", "记下的后果与流程所定的不同"
