"""How things stood: an item behind one of its entries or on a day, and the whole board at the end of a day."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.model.calendar import LOCAL
from engine.model.definition import Stage
from engine.model.ids import UnitCode
from engine.rules.ledger import Json
from engine.usecases.past import Page, PastBoard, began_on, board_as_of, item_at_entry, item_on
from engine.usecases.queries import ItemDetail, item_detail
from runtime.inspection_words import attribute, value
from runtime.words import KINDS, LAMPS
from web.forms import day_in
from web.lists import unit_names, units_of
from web.pages.audit import inspector
from web.site import AnyGuest
from web.threads import apart

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
SHOWN: Final = (
    "title",
    "unit",
    "state",
    "stage",
    "owner",
    "reviewer",
    "opener",
    "returned_count",
    "evidence_count",
    "closed_at",
    "as_of",
)
"""What of an item is shown besides its fields, in this order."""


LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Day:
    """Which day is asked for: as a date, or as its place on the slider, which is its number since the year 1."""

    on: Text = ""
    day: Text = ""

    def picked(self) -> date | None:
        """The day; None where none was asked for. Raises Invalid."""
        if self.day.isdecimal():
            with suppress(ValueError, OverflowError):
                return date.fromordinal(int(self.day))
        return day_in(self.on, "日期")


AnyDay = Annotated[Day, Depends()]


@router.get("/items/{number}/past")
def past(guest: AnyGuest, number: str, asked: AnyDay, at: int | None = None) -> Response:
    """An item as it stood at the end of a day, or behind one of its entries."""
    detail = item_detail(guest.site.app.reading(), guest.now, guest.asker, number)
    day = asked.picked()
    by = inspector(guest)
    found = item_on(by, number, day) if day else item_at_entry(by, number, at)
    line = found.lines[found.at - 1]
    return guest.page(
        "audit/past.html.j2",
        detail=detail,
        past=found,
        line=line,
        first=found.lines[0].entry.at.astimezone(LOCAL).date(),
        last=guest.today,
        day=day or line.entry.at.astimezone(LOCAL).date(),
        is_by_day=day is not None,
        fields=told_fields(detail, found.fields),
        before=told_fields(detail, found.previous),
    )


@router.get("/past")
@apart
def whole(guest: AnyGuest, asked: AnyDay, kind: Text = "item", unit: Text = "", after: Text = "") -> Response:
    """The board as it stood at the end of a day, rebuilt from the history, as far as the guest may see it."""
    app, day = guest.site.app, min(asked.picked() or guest.today, guest.today)
    end = datetime.combine(day + timedelta(days=1), time(0), LOCAL) - timedelta(microseconds=1)
    known = kind if kind in KINDS else "item"
    shown = board_as_of(inspector(guest), end, Page(UnitCode(unit) if unit else None, after, LISTED, known))
    return guest.page(
        "audit/past_board.html.j2",
        board=shown,
        counts=_counts(shown),
        names=unit_names(app),
        people=shown.names,
        units=units_of(app),
        kinds=KINDS,
        kind=known,
        unit=unit,
        stages=tuple(Stage),
        first=began_on(app.reading()) or guest.today,
        last=guest.today,
        day=day,
        further=shown.rows[-1].number if len(shown.rows) == LISTED else "",
    )


def _counts(shown: PastBoard) -> dict[str, dict[str, int]]:
    """For each unit how many items stood in each stage."""
    found: dict[str, dict[str, int]] = {}
    for each in shown.counts:
        found.setdefault(each.unit, {})[each.stage] = each.count
    return found


def told_fields(detail: ItemDetail, document: Mapping[str, Json]) -> dict[str, str]:
    """Labels with values, as far as they mean something to a reader."""
    definition = detail.definition
    found = {
        attribute(name, definition): value(name, document[name], definition, detail.names)
        for name in SHOWN
        if document.get(name)
    }
    for field in definition.fields:
        given = document.get(f"field:{field.id}")
        if given not in (None, ""):
            found[field.label] = LAMPS.get(f"{given}", f"{given}") if field.choices else f"{given}"
    return found
