"""How items went, in Chinese: what differs, how often, how long."""

from collections.abc import Iterator, Mapping

from engine.model.conformance import Crossing, Deviation, Spread, WaitLine
from engine.model.definition import Definition
from engine.usecases.conformance import Course
from engine.usecases.queries import OWN_ENTRIES
from runtime.inspection_words import lasted

DEVIATIONS: Mapping[Deviation, str] = {
    Deviation.UNKNOWN_RULES: "所依的流程没有发布过",
    Deviation.BROKEN: "与前一步接不上",
    Deviation.OUT_OF_ORDER: "次序不对（此状态没有这个动作）",
    Deviation.WRONG_TARGET: "去向不对（动作不到此状态）",
    Deviation.SKIPPED_SIGN_FOR: "未签收即往下办",
    Deviation.CLAIMED_BACKWARDS: "自报日期早于前面的步骤",
}
MEASURED = "历时按自然时间计（含休息日），未离开的计到截止时刻；中位、九成取最近的实际值"
"""How waiting is measured: said wherever waiting times are shown."""


def percent(share: float) -> str:
    """A share with one decimal; 100 % only where it is whole, 0 % only where it is nothing."""
    tenths = round(share * 1000)
    if share < 1:
        tenths = min(tenths, 999)
    if share > 0:
        tenths = max(tenths, 1)
    return f"{tenths // 10}" + f".{tenths % 10}" * bool(tenths % 10) + "%"


def state_label(definition: Definition, state: str) -> str:
    """What a state is called; its own name where the definition has none such."""
    found = definition.states_by_id.get(state)
    return found.label if found else state or "（新建）"


def verb_label(definition: Definition, crossing: Crossing) -> str:
    """What a verb is called where it was done."""
    move = definition.moves_by_place.get((crossing.source, crossing.verb))
    known = definition.moves_by_verb.get(crossing.verb, ())
    found = move or next(iter(known), None)
    return found.label if found else OWN_ENTRIES.get(crossing.verb, crossing.verb)


def crossing_told(definition: Definition, crossing: Crossing) -> str:
    """A step as one reads it."""
    source, target = (state_label(definition, each) for each in (crossing.source, crossing.target))
    return f"{source} —{verb_label(definition, crossing)}→ {target}"


def wait_cells(course: Course, line: WaitLine) -> tuple[str, str, int, str, str, str, str]:
    """A line of the table of waits: state, unit, count, median, ninetieth, longest, share that has not ended."""
    unit = "（全部）" if line.unit is None else course.units.get(line.unit, line.unit)
    return (state_label(course.definition, line.state), unit, line.spread.count, *spread_cells(line.spread))


def spread_cells(spread: Spread) -> tuple[str, str, str, str]:
    """Median, ninetieth, longest, share that has not ended."""
    times = (lasted(seconds) for seconds in (spread.median, spread.ninetieth, spread.longest))
    median, ninetieth, longest = times
    return median, ninetieth, longest, percent(spread.share_open)


def course_summary(course: Course) -> Iterator[tuple[str, str]]:
    """The few numbers that come first."""
    found = course.found
    returned = sum(times * items for times, items in found.returned.items())
    most = max(found.returned, default=0)
    yield "流程", f"{course.definition.label}（{course.definition.ref}）"
    yield "事项", f"{found.items} 件，其中 {found.fitting} 件每一步都合流程"
    yield "步数", f"{found.steps} 步" + f"，另有 {found.erased} 步内容已抹去、无法核对" * bool(found.erased)
    yield "吻合度", percent(found.fitness)
    yield "退回", f"{returned} 次，最多的一件 {most} 次"
