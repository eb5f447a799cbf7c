"""How the campaign stands: lamps by unit and stage, what lies behind each, and the phases on their time line."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.clock import Lamp
from engine.model.definition import Stage
from engine.model.errors import NotFound
from engine.model.ids import UnitCode
from engine.usecases.boards import Cell, PhaseTable, behind_cell, board, phase_table
from runtime.words import KINDS, LAMPS, STAGES
from web.drawings import axis_of
from web.lists import labels_of, unit_names
from web.site import AnyGuest

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
OPEN_STAGES: Final = tuple(stage for stage in Stage if stage is not Stage.CLOSED)
WORST_FIRST: Final = tuple(reversed(Lamp))
ROW: Final = 46
HEAD: Final = 34


@router.get("/board")
def lamps(guest: AnyGuest, kind: Text = "item", wall: Text = "") -> Response:
    """The board; on a wall it fills the screen and looks again by itself."""
    known = kind if kind in KINDS else "item"
    return guest.page(
        "boards/wall.html.j2" if wall else "boards/board.html.j2",
        board=board(guest.site.app.reading(), guest.now, guest.asker, known),
        kinds=KINDS,
        stages=OPEN_STAGES,
        closed=Stage.CLOSED,
        lamps=WORST_FIRST,
    )


@router.get("/board/cell")
def cell(guest: AnyGuest, kind: Text, unit: Text, stage: Text, lamp: Text) -> Response:
    """The items behind one lamp of the board."""
    if stage not in STAGES or lamp not in LAMPS:
        raise NotFound("看板上没有这一格")
    app = guest.site.app
    asked = Cell(kind=kind, unit=UnitCode(unit), stage=Stage(stage), lamp=Lamp(lamp))
    rows = behind_cell(app.reading(), guest.now, guest.asker, asked)
    return guest.page(
        "boards/cell.html.j2",
        asked=asked,
        rows=rows,
        labels=labels_of(app, rows),
        unit_name=unit_names(app).get(unit, unit) if rows else "",
    )


@router.get("/phases")
def phases(guest: AnyGuest) -> Response:
    """The phases of the plan on a line of time, and how far each has come."""
    found = phase_table(guest.site.app.reading(), guest.now, guest.asker)
    axis = axis_of(_days(found))
    today = guest.today
    return guest.page(
        "boards/phases.html.j2",
        found=found,
        axis=axis,
        today=today,
        is_inside=axis.first <= today <= axis.last,
        row=ROW,
        head=HEAD,
    )


def _days(found: PhaseTable) -> Iterator[date]:
    yield from (found.starts_on, found.ends_on)
    for each in found.phases:
        yield from (each.phase.starts_on, each.phase.ends_on)
