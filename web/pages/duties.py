"""Who has reported what: units × periods, one duty of the plan after the other."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.rules.duties import Standing
from engine.usecases.duties import Part, report_matrix
from runtime.words import STANDINGS
from web.site import AnyGuest

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
LOOKS: Final[Mapping[Standing, str]] = {
    Standing.REPORTED: "chip-green",
    Standing.NIL: "chip-blue",
    Standing.LATE: "chip-yellow",
    Standing.MISSING: "chip-red",
    Standing.NOT_DUE: "chip-plain",
}
"""Each standing has its word in the cell; the colour only helps to find it."""


@router.get("/duties")
def matrix(guest: AnyGuest, duty: Text = "", campaign: Text = "") -> Response:
    """How each unit stands with each period, of one duty or all; of the campaign loaded last where none is named."""
    app = guest.site.app
    with app.reading() as uow:
        campaigns = {name: uow.campaigns.get(name).title for name in uow.campaigns.ids()}
    asked = Part(campaign=campaign or next(reversed(campaigns), None))
    whole = report_matrix(app.reading(), guest.now, guest.asker, asked)
    part = replace(asked, duty=duty)
    found = report_matrix(app.reading(), guest.now, guest.asker, part) if duty else whole
    order = {each.code: place for place, each in enumerate(whole.duties)}
    names = {each.code: each.label for each in whole.duties}
    columns = sorted(found.periods, key=lambda each: (order[each.duty], each.due_at))
    return guest.page(
        "duties/matrix.html.j2",
        campaigns=campaigns,
        campaign=asked.campaign,
        duties=whole.duties,
        chosen=duty,
        found=found,
        columns=columns,
        heads=Counter(names[each.duty] for each in columns),
        cells={(cell.unit, cell.duty, cell.period): cell for cell in found.cells},
        looks=LOOKS,
        standings=STANDINGS,
        counted=[each for each in Standing if each is not Standing.EXEMPT],
    )
