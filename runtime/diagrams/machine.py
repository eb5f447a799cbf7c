"""A state diagram as SVG: black on white, one column, made for paper as much as for a screen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape

from engine.model.definition import Definition
from runtime.diagrams.layout import (
    BOX,
    LANE,
    LINE,
    PAD,
    STAGE,
    STAGE_GAP,
    TOP,
    Box,
    Layout,
    Track,
    Way,
    layout_of,
)
from runtime.words import STAGES

FONTS = "'Noto Sans CJK SC','Source Han Sans SC','Microsoft YaHei','PingFang SC',SimHei,sans-serif"
ARROW = (
    '<marker id="to" markerWidth="9" markerHeight="8" refX="8" refY="4" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M0 0 9 4 0 8z"/></marker>'
)
STYLE = f"""\
text{{font-family:{FONTS};fill:#000}}
.title{{font-size:16px;font-weight:bold}}.name{{font-size:13px;font-weight:bold}}.small{{font-size:10.5px}}
.verb{{font-size:11px}}.stage{{font-size:15px;font-weight:bold}}
.box{{fill:#fff;stroke:#000}}.line{{fill:none;stroke:#000}}.under{{fill:none;stroke:#fff;stroke-width:5}}
.band{{stroke:#000;stroke-dasharray:2 4}}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a drawing says besides its definition: above it, at each move, and by the strength of each line."""

    title: str
    lead: str
    label: Callable[[Way, str], str] = lambda way, _source: way.label
    """The name of a move where it leaves a state."""
    line: Callable[[Way, Sequence[str]], str] = lambda _way, _sources: "line"
    """The class of its line where it comes from these states."""
    style: str = ""
    """More rules of style, for such classes."""


def svg_of(definition: Definition, here: str = "") -> str:
    """The diagram of a definition, with the state `here` marked where one is named."""
    plan = layout_of(definition)
    look = Look(
        title=f"{definition.label}（{definition.ref}）",
        lead="右侧向前，左侧退回；双框为终止；框内为办理人、时限和不改变状态的动作",
    )
    marked = [_mark(plan, box) for box in plan.boxes if box.state.id == here]
    return drawn(definition, plan, look, marked)


def drawn(definition: Definition, plan: Layout, look: Look, more: Iterable[str]) -> str:
    """A whole drawing; `more` is drawn over the boxes."""
    size = f'width="{plan.width}" height="{plan.height}" viewBox="0 0 {plan.width} {plan.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>',
        f"<title>{escape(definition.label)}：状态图</title>",
        f"<style>{STYLE}{look.style}</style>",
        f"<defs>{ARROW}</defs>",
        f'<rect width="{plan.width}" height="{plan.height}" fill="#fff"/>',
        text_at(STAGE, 24, "title", look.title),
        text_at(STAGE, 42, "small", look.lead),
        *_bands(plan),
        *_lanes(plan, look),
        *(part for track in plan.tracks for part in _feeders(plan, track, look)),
        *(part for box in plan.boxes for part in _box(plan, box)),
        *more,
        _start(plan, definition.initial),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def text_at(x: float, y: float, kind: str, text: str, anchor: str = "start") -> str:
    """A line of text."""
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'


def _bands(plan: Layout) -> Iterable[str]:
    """The name of each stage at the left of its states, and a line between stages."""
    for stage, group in groupby(plan.boxes, key=lambda box: box.state.stage):
        boxes = list(group)
        name = STAGES[stage]
        middle = (boxes[0].y + boxes[-1].bottom) / 2 - 9 * (len(name) - 1)
        for row, character in enumerate(name):
            yield text_at(STAGE / 2, middle + 18 * row + 5, "stage", character, "middle")
        if boxes[0].y > TOP:
            y = boxes[0].y - STAGE_GAP // 2
            yield f'<path class="band" d="M8 {y}H{plan.width - 8}"/>'


def _lane_x(plan: Layout, track: Track) -> int:
    out = plan.label + track.lane * LANE
    return plan.left - out if track.way.back else plan.left + BOX + out


def _edge_x(plan: Layout, track: Track) -> int:
    return plan.left if track.way.back else plan.left + BOX


def _lanes(plan: Layout, look: Look) -> Iterable[str]:
    for track in plan.tracks:
        top, bottom = track.span
        yield f'<path class="{look.line(track.way, track.way.sources)}" d="M{_lane_x(plan, track)} {top}V{bottom}"/>'


def _feeders(plan: Layout, track: Track, look: Look) -> Iterable[str]:
    """The level lines of a way with its name; where they cross another lane they pass over it."""
    lane, edge = _lane_x(plan, track), _edge_x(plan, track)
    inner = lane + 3 if track.way.back else lane - 3
    for y in (*track.leaves, track.enters):
        yield f'<path class="under" d="M{edge} {y}H{inner}"/>'
    for source, y in zip(track.way.sources, track.leaves, strict=True):
        yield f'<path class="{look.line(track.way, [source])}" d="M{edge} {y}H{lane}"/>'
        if y not in track.span:
            yield f'<circle cx="{lane}" cy="{y}" r="2.5"/>'
        side = (edge - 6, "end") if track.way.back else (edge + 6, "start")
        yield text_at(side[0], y - 3, "verb", look.label(track.way, source), side[1])
    kind = look.line(track.way, track.way.sources)
    yield f'<path class="{kind}" marker-end="url(#to)" d="M{lane} {track.enters}H{edge}"/>'


def _box(plan: Layout, box: Box) -> Iterable[str]:
    x, y = plan.left, box.y
    yield f'<rect class="box" x="{x}" y="{y}" width="{BOX}" height="{box.height}" rx="4"/>'
    if box.state.final:
        inside = f'width="{BOX - 6}" height="{box.height - 6}"'
        yield f'<rect class="box" x="{x + 3}" y="{y + 3}" {inside} rx="2"/>'
    yield text_at(x + PAD, y + PAD + 12, "name", box.state.label)
    for row, line in enumerate(box.lines, 1):
        yield text_at(x + PAD, y + PAD + 12 + LINE * row, "small", line)


def _mark(plan: Layout, box: Box) -> str:
    size = f'width="{BOX + 8}" height="{box.height + 8}"'
    return f'<rect x="{plan.left - 4}" y="{box.y - 4}" {size} rx="6" fill="none" stroke="#a8201a" stroke-width="4"/>'


def _start(plan: Layout, initial: str) -> str:
    box = next(box for box in plan.boxes if box.state.id == initial)
    x, y = plan.left + BOX // 2, box.y
    return (
        f'<circle cx="{x}" cy="{y - 14}" r="4"/>'
        f'<path class="line" marker-end="url(#to)" d="M{x} {y - 14}V{y}"/>'
    )
