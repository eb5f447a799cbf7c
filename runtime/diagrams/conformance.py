"""How items went, drawn on their definition: counts on the moves, waiting on the states. Black on white, for paper too.

Nothing is told by colour: a move that was never made is dashed, one made more often has a stronger line, and how much
of all waiting a state holds is a striped bar with its number.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import Final

from engine.model.calendar import LOCAL
from engine.model.conformance import Crossing, WaitLine
from engine.model.definition import Definition
from engine.usecases.conformance import Course
from runtime.conformance_words import (
    DEVIATIONS,
    MEASURED,
    crossing_told,
    percent,
    spread_cells,
)
from runtime.diagrams.layout import LINE, PAD, STAGE, Box, Layout, Way, layout_of, width_of
from runtime.diagrams.machine import Look, drawn, text_at

LABEL: Final = 128
"""Room for the name of a move with its count."""
STRONGEST: Final = 4
_BAR: Final = 130
_SMALL: Final = 10.5
"""The width of a Chinese character in the small type."""
_STYLE: Final = """
.never{fill:none;stroke:#000;stroke-dasharray:3 3}.w2{stroke-width:2}.w3{stroke-width:3}.w4{stroke-width:4}
.bar{fill:url(#stripes);stroke:#000}"""
_STRIPES: Final = (
    '<defs><pattern id="stripes" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="5" height="5" fill="#fff"/><rect width="2.5" height="5" fill="#000"/></pattern></defs>'
)
_LISTED: Final = 8
"""So many steps that the definition does not have are listed below the drawing."""


def conformance_svg(course: Course) -> str:
    """The drawing, whole and without anything to fetch."""
    definition, waits = course.definition, {line.state: line for line in course.found.states}
    notes = {state: tuple(_notes(line)) for state, line in waits.items()}
    plan, counts, below = layout_of(definition, notes, LABEL), _counts(course), [*_below(course)]
    height = plan.height + LINE * (len(below) + 1)
    look = Look(
        title=f"{definition.label}（{definition.ref}）：实际走向",
        lead=_lead(course),
        label=lambda way, source: _label(way, counts[way.label, source, way.target]),
        line=lambda way, sources: _line(way, sources, counts),
        style=_STYLE,
    )
    legend = (text_at(STAGE, plan.height + LINE * row, "small", line) for row, line in enumerate(below))
    return drawn(
        definition,
        replace(plan, width=max(plan.width, *(STAGE + _width(line) for line in below)), height=height),
        look,
        [_STRIPES, *_bars(plan, waits), *legend],
    )


def _width(line: str) -> int:
    return ceil(width_of(line) * _SMALL)


def _lead(course: Course) -> str:
    found, until = course.found, course.until.astimezone(LOCAL)
    return f"截至 {until:%Y-%m-%d %H:%M}：{found.items} 件，{found.steps} 步，吻合度 {percent(found.fitness)}"


def _counts(course: Course) -> Counter[tuple[str, str, str]]:
    """How often each way was gone from each state: by the name of the move, the state before and the state after."""
    counts = Counter[tuple[str, str, str]]()
    for line in course.found.crossings:
        crossing = line.crossing
        move = course.definition.moves_by_place.get((crossing.source, crossing.verb))
        if move and crossing.target in move.to:
            counts[move.label, crossing.source, crossing.target] += line.count
    return counts


def _label(way: Way, count: int) -> str:
    return f"{way.label} {count} 次" if count else way.label


def _line(way: Way, sources: Sequence[str], counts: Counter[tuple[str, str, str]]) -> str:
    gone = sum(counts[way.label, source, way.target] for source in sources)
    strength = 1 + gone * STRONGEST // max(counts.values(), default=1)
    return f"line w{min(strength, STRONGEST)}" if gone else "never"


def _notes(line: WaitLine) -> Iterator[str]:
    median, ninetieth, longest, still = spread_cells(line.spread)
    yield f"停留 {line.spread.count} 次，未离开 {line.spread.still} 次（{still}）"
    yield f"中位 {median}，九成 {ninetieth}"
    yield f"最长 {longest}"
    yield ""  # the bar


def _bars(plan: Layout, waits: Mapping[str, WaitLine]) -> Iterator[str]:
    """A striped bar at the foot of each state: its share of all waiting."""
    altogether = sum(line.spread.altogether for line in waits.values())
    for box in plan.boxes:
        line = waits.get(box.state.id)
        if line and altogether:
            yield from _bar(plan, box, line.spread.altogether / altogether)


def _bar(plan: Layout, box: Box, share: float) -> Iterator[str]:
    x, y = plan.left + PAD, box.y + PAD + LINE * len(box.lines) + 4
    yield f'<rect class="box" x="{x}" y="{y}" width="{_BAR}" height="8"/>'
    yield f'<rect class="bar" x="{x}" y="{y}" width="{max(round(_BAR * share), 1)}" height="8"/>'
    yield text_at(x + _BAR + 6, y + 8, "small", f"占等待 {percent(share)}")


def _below(course: Course) -> Iterator[str]:
    """What the drawing cannot show, and how to read it."""
    found = course.found
    yield "线旁的数是走过的次数：从未走过为虚线，走得越多线越粗；斜纹条是这一状态占全部等待的份额。"
    yield MEASURED + "。"
    for line in found.deviations:
        yield f"{DEVIATIONS[line.deviation]}：{line.count} 次，{line.items} 件"
    strange = [line for line in found.crossings if not _is_drawn(course.definition, line.crossing)]
    yield from (
        f"图上没有：{crossing_told(course.definition, line.crossing)} {line.count} 次"
        for line in strange[:_LISTED]
    )
    if len(strange) > _LISTED:
        yield f"图上没有的走法还有 {len(strange) - _LISTED} 种"


def _is_drawn(definition: Definition, crossing: Crossing) -> bool:
    """Whether a crossing is a line of the drawing, or needs none because it changes no state or opens the item."""
    move = definition.moves_by_place.get((crossing.source, crossing.verb))
    return (
        crossing.source == crossing.target
        or (not crossing.source and crossing.target == definition.initial)
        or (move is not None and crossing.target in move.to)
    )
