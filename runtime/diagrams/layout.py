"""Where everything of a state diagram lies: boxes below each other, moves forward on the right, moves back on the left.

Each move leaves its box on a line of its own with its name, runs in a lane of its own and ends in an arrow, so that no
two labels can meet. A move that several states share is one lane with several feeders.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.model.definition import Definition, Stage, StateDef
from runtime.words import PEOPLE

BOX = 236
LINE = 15
PORT = 16
PAD = 8
GAP = 12
STAGE_GAP = 30
LABEL = 82
LANE = 11
STAGE = 44
TOP = 64
_WIDE = 21.5
"""How many Chinese characters of the small type fit in a box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Moves of one verb into one state from states on one side: `back` runs up on the left."""

    label: str
    target: str
    sources: tuple[str, ...]
    back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A state as drawn: its top, its height and the small lines below its name."""

    state: StateDef
    y: int
    height: int
    lines: tuple[str, ...]

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A way as drawn: the heights at which it leaves its sources and enters its target, and its lane."""

    way: Way
    leaves: tuple[int, ...]
    enters: int
    lane: int

    @property
    def span(self) -> tuple[int, int]:
        """The upper and lower end of the lane."""
        return min(*self.leaves, self.enters), max(*self.leaves, self.enters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A whole diagram."""

    boxes: tuple[Box, ...]
    tracks: tuple[Track, ...]
    left: int
    """The x of the left edge of every box."""
    label: int
    """How much room the name of a move has beside its box."""
    width: int
    height: int


def layout_of(
    definition: Definition, notes: Mapping[str, Sequence[str]] = MappingProxyType({}), label: int = LABEL
) -> Layout:
    """Where the states and moves of a definition lie; `notes` are more lines in the boxes of states."""
    ways = ways_of(definition)
    boxes = tuple(_boxes(definition, ways, notes))
    tracks = (*_tracks(boxes, [w for w in ways if not w.back]), *_tracks(boxes, [w for w in ways if w.back]))
    lanes = {
        back: max((t.lane + 1 for t in tracks if t.way.back is back), default=0) for back in (True, False)
    }
    left = STAGE + (label + lanes[True] * LANE if lanes[True] else 0) + GAP
    right = label + lanes[False] * LANE if lanes[False] else 0
    return Layout(
        boxes=boxes,
        tracks=tracks,
        left=left,
        label=label,
        width=left + BOX + right + GAP,
        height=boxes[-1].bottom + STAGE_GAP,
    )


def by_stage(definition: Definition) -> list[StateDef]:
    """The states in the order in which they are drawn: stage after stage."""
    return sorted(definition.states, key=lambda state: list(Stage).index(state.stage))


def ways_of(definition: Definition) -> tuple[Way, ...]:
    """Every move that changes the state, gathered by verb, target and side."""
    place = {state.id: number for number, state in enumerate(by_stage(definition))}
    found = []
    for move in definition.moves:
        for target in move.to:
            for back in (False, True):
                sources = sorted(move.from_states - {target}, key=place.__getitem__)
                here = tuple(source for source in sources if (place[source] > place[target]) is back)
                if here:
                    found.append(Way(label=move.label, target=target, sources=here, back=back))
    return tuple(found)


def _boxes(definition: Definition, ways: Sequence[Way], notes: Mapping[str, Sequence[str]]) -> Iterable[Box]:
    states = by_stage(definition)
    y, stage = TOP, states[0].stage
    for state in states:
        if state.stage is not stage:
            y, stage = y + STAGE_GAP - GAP, state.stage
        lines = (*_lines(definition, state), *notes.get(state.id, ()))
        ports = max(_port_count(ways, state.id, back=False), _port_count(ways, state.id, back=True))
        height = max(PAD * 2 + LINE * (1 + len(lines)), PAD + PORT * ports)
        yield Box(state=state, y=y, height=height, lines=lines)
        y += height + GAP


def _port_count(ways: Iterable[Way], state: str, *, back: bool) -> int:
    return sum((way.target == state) + (state in way.sources) for way in ways if way.back is back)


def _lines(definition: Definition, state: StateDef) -> Iterable[str]:
    """Who acts, what runs, and what can be done without leaving."""
    if state.acts:
        yield from _wrapped("由" + "、".join(PEOPLE[name] for name in state.acts) + "办理")
    running = [c.label for c in definition.clocks if state.id in c.runs_in and c.pending is None]
    pausing = [clock.label for clock in definition.clocks if state.id in clock.pauses_in]
    if running:
        yield from _wrapped("计时：" + "、".join(running))
    if pausing:
        yield from _wrapped("暂停：" + "、".join(pausing))
    stays = [move.label for move in definition.moves_from(state.id) if not move.to or state.id in move.to]
    if stays:
        yield from _wrapped("可：" + "、".join(stays))


def _wrapped(text: str) -> Iterable[str]:
    """The text in lines that fit in a box, broken after a mark."""
    line = ""
    for part in text.replace("、", "、\n").split("\n"):
        if line and width_of(line + part) > _WIDE:
            yield line
            line = ""
        line += part
    yield line


def width_of(text: str) -> float:
    """The width of a text in Chinese characters."""
    return sum(1.0 if ord(character) > 0x2000 else 0.55 for character in text)


def _tracks(boxes: Sequence[Box], ways: Sequence[Way]) -> Iterable[Track]:
    leaves, enters = _ports(boxes, ways)
    tracks = [
        Track(
            way=way,
            leaves=tuple(leaves[number, source] for source in way.sources),
            enters=enters[number],
            lane=0,
        )
        for number, way in enumerate(ways)
    ]
    lanes: list[list[tuple[int, int]]] = []
    for track in sorted(tracks, key=lambda track: (track.span[1] - track.span[0], track.span)):
        lane = _free_lane(lanes, track.span)
        lanes[lane].append(track.span)
        yield Track(way=track.way, leaves=track.leaves, enters=track.enters, lane=lane)


def _free_lane(lanes: list[list[tuple[int, int]]], span: tuple[int, int]) -> int:
    """The innermost lane in which the span meets nothing."""
    top, bottom = span
    for number, lane in enumerate(lanes):
        if all(bottom + PAD < start or end + PAD < top for start, end in lane):
            return number
    lanes.append([])
    return len(lanes) - 1


def _ports(
    boxes: Sequence[Box], ways: Sequence[Way]
) -> tuple[Mapping[tuple[int, str], int], Mapping[int, int]]:
    """The heights at which ways leave their sources and enter their targets."""
    leaves: dict[tuple[int, str], int] = {}
    enters: dict[int, int] = {}
    place = {box.state.id: number for number, box in enumerate(boxes)}
    for box in boxes:
        rows = _rows(box.state.id, ways, place)
        start = box.y + (box.height - PORT * len(rows)) // 2 + PORT * 2 // 3
        for row, (number, is_leaving) in enumerate(rows):
            if is_leaving:
                leaves[number, box.state.id] = start + PORT * row
            else:
                enters[number] = start + PORT * row
    return leaves, enters


def _rows(state: str, ways: Sequence[Way], place: Mapping[str, int]) -> list[tuple[int, bool]]:
    """The ways at a state from top to bottom, in the order that crosses least; True where one leaves."""
    numbered = list(enumerate(ways))
    coming = [number for number, way in numbered if way.target == state]
    going = [number for number, way in numbered if state in way.sources]
    going.sort(key=lambda number: -place[ways[number].target])
    coming.sort(key=lambda number: -_farthest(ways[number], place))
    first, second = [(number, False) for number in coming], [(number, True) for number in going]
    is_back = bool(ways) and ways[0].back
    return [*second, *first] if is_back else [*first, *second]


def _farthest(way: Way, place: Mapping[str, int]) -> int:
    found = [place[source] for source in way.sources]
    return max(found) if way.back else min(found)
