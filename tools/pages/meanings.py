"""What a definition says, in Chinese sentences: conditions, consequences, time limits."""

from collections.abc import Iterable, Iterator

from engine.model.actor import WORK
from engine.model.clock import (
    Anchor,
    ClockDef,
    Curve,
    DueRule,
    Level,
    Measure,
    Pending,
    Roll,
    Rung,
    RungEffectKind,
)
from engine.model.definition import Definition, MoveDef
from engine.model.guards import (
    AfterExpiry,
    BeforeExpiry,
    BeforeHardStop,
    BeyondHardStop,
    Countersign,
    CountersignMode,
    Guard,
    Independent,
    NotAfter,
    NotBefore,
    RequiredEvidence,
    RequiredFields,
)
from engine.rules.date_words import said
from engine.rules.periods import HOURS, clock_of
from runtime.words import CAPACITIES, PEOPLE
from workflows.vocabulary import EFFECTS, GUARDS, RUNG_EFFECTS, GuardName

MODES = {
    CountersignMode.ALL: "全部签署",
    CountersignMode.ANY: "一方签署",
    CountersignMode.QUORUM: "签署数",
    CountersignMode.IN_ORDER: "依次签署",
}
MEASURES = {
    Measure.NATURAL_DAY: "日",
    Measure.WORKING_DAY: "个工作日",
    Measure.HOUR: "小时",
    Measure.WORKING_HOUR: "个工作小时",
}
CURVES = {Curve.LINEAR: "与用时同步", Curve.MILESTONES: "按里程碑", Curve.S_CURVE: "按 S 形曲线"}
PENDING = {Pending.EXTENSION: ("仅在延期申请待批期间",)}
STARTS = {Anchor.ENTRY: "进入状态", Anchor.OPENING: "新建"}
ROLLS = {Roll.NONE: "", Roll.FORWARD: "遇休息日顺延", Roll.BACK: "遇休息日提前"}


def people(names: Iterable[str]) -> str:
    """Roles and parties by their Chinese names."""
    return "、".join(PEOPLE[name] for name in names)


def needs(definition: Definition, move: MoveDef) -> Iterator[str]:
    """What a move asks for."""
    if move.reason_required:
        yield "写明理由"
    yield from (guard_words(definition, guard) for guard in move.guards)


def consequences(move: MoveDef) -> Iterator[str]:
    """What a move causes besides the state."""
    yield from (EFFECTS[effect] for effect in move.effects)
    if move.contributes:
        yield f"计为{CAPACITIES[move.contributes]}"
    yield from (f"通知{people(tell.to)}" for tell in move.tells)


def guard_words(definition: Definition, guard: Guard) -> str:
    """The condition that a guard sets."""
    labels = {field.id: field.label for field in definition.fields}
    words = GUARDS[_name_of(guard)].meaning
    match guard:
        case RequiredFields(fields):
            words = f"填写{'、'.join(labels[name] for name in fields)}"
        case RequiredEvidence(minimum):
            words = f"佐证至少 {minimum} 份"
        case Independent(of):
            words = f"未参与过{'办理' if of == WORK else '、'.join(CAPACITIES[each] for each in of)}"
        case NotBefore(day) | NotAfter(day):
            words = f"不{'早' if isinstance(guard, NotBefore) else '晚'}于 {day}"
        case BeforeHardStop(name):
            words = f"{labels[name]}不晚于全面完成日"
        case BeyondHardStop(by):
            words = f"申请延至全面完成日之后的，只由{people(by)}办理"
        case BeforeExpiry(name):
            words = f"{definition.clocks_by_id[name].label}尚未到期"
        case AfterExpiry(names):
            words = f"{'、'.join(definition.clocks_by_id[name].label for name in names)}已经逾期"
        case Countersign():
            words = _countersign(guard)
    return words


def _countersign(guard: Countersign) -> str:
    count = f"{guard.quorum} 方" if guard.mode is CountersignMode.QUORUM else ""
    return f"{people(guard.of)}会签（{MODES[guard.mode]}{count}）"


def _name_of(guard: Guard) -> GuardName:
    kind = type(guard).__name__
    return next(name for name in GuardName if name.replace("_", "") == kind.lower())


def due_words(definition: Definition, clock: ClockDef) -> str:
    """How the due instant of a clock is found."""
    others = [f"不迟于：{_rule_words(definition, due)}" for due in clock.not_later_than]
    return "；".join([*PENDING.get(clock.pending, ()), _rule_words(definition, clock.due), *others])


def _rule_words(definition: Definition, due: DueRule) -> str:
    parts = [due.words, _start(definition, due), ROLLS[due.roll], _cutoff(due)]
    return "；".join(part for part in parts if part)


def _start(definition: Definition, due: DueRule) -> str:
    length = f"{'前' if due.length < 0 else '后'} {abs(due.length)} {MEASURES[due.measure]}"
    if due.anchor is Anchor.FIELD and due.field:
        return f"按“{definition.fields_by_id[due.field].label}”{length if due.length else ''}"
    if due.anchor is Anchor.DAY and due.on:
        return f"按“{said(due.on)}”{length if due.length else ''}"
    if due.anchor is Anchor.CLOCK and due.clock:
        return f"“{definition.clocks_by_id[due.clock].label}”办结{length}"
    return f"{STARTS[due.anchor]}{length}"


def _cutoff(due: DueRule) -> str:
    return "" if due.measure in HOURS else f"当日 {clock_of(due.cutoff_minutes)} 截止"


def pace_words(definition: Definition, clock: ClockDef) -> str:
    """What progress a clock expects."""
    pace = clock.pace
    if pace is None:
        return ""
    field = definition.fields_by_id[pace.field].label
    points = "、".join(f"用时 {point.time}% 应达 {point.progress}%" for point in pace.points)
    time = "" if pace.measure is Measure.NATURAL_DAY else "，只计办公时间"
    return f"“{field}”{points or CURVES[pace.curve]}{time}；落后 {pace.yellow} 点黄灯，超过 {pace.red} 点红灯"


def rung_words(definition: Definition, rung: Rung) -> Iterator[str]:
    """What a rung asks for and causes besides telling people."""
    if rung.behind:
        yield f"落后 {rung.behind} 个百分点才提醒"
    yield from effect_words(definition, rung)


def effect_words(definition: Definition, step: Rung | Level) -> Iterator[str]:
    """What a rung or level causes besides telling people."""
    for effect in step.effects:
        if effect.kind is RungEffectKind.MOVE and effect.verb:
            yield f"系统办理“{definition.moves_by_verb[effect.verb][0].label}”"
        else:
            yield RUNG_EFFECTS[effect.kind]
