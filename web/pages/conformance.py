"""How items really went, held against their definition: drawn, counted, and where they waited."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.model.conformance import WaitLine
from engine.model.ids import UnitCode
from engine.usecases.conformance import Asked, Course, inspect_conformance
from runtime.conformance_words import DEVIATIONS, MEASURED, course_summary, crossing_told, percent, wait_cells
from runtime.diagrams.conformance import conformance_svg
from runtime.words import KINDS
from web.lists import units_of
from web.pages.audit import inspector, midnight
from web.site import AnyGuest
from web.threads import apart

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
SHOWN: Final = 30
"""So many waits of states in single units are listed."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of the page asks for."""

    kind: Text = "item"
    unit: Text = ""
    since: Text = ""
    until: Text = ""

    def asked(self) -> Asked:
        """The same for the use case; the last day counts to its end. Raises Invalid."""
        since, until = midnight(self.since), midnight(self.until)
        return Asked(
            kind=self.kind if self.kind in KINDS else "item",
            unit=UnitCode(self.unit) if self.unit else None,
            since=since,
            until=until + timedelta(days=1) if until else None,
        )


@dataclass(frozen=True, slots=True)
class Wait:
    """A line of the table of waits; `share` of the longest median is drawn as a bar, in hundredths."""

    cells: tuple[str | int, ...]
    share: int


@router.get("/audit/conformance")
@apart
def conformance(guest: AnyGuest, wanted: Annotated[Wanted, Depends()]) -> Response:
    """The drawing and the numbers. That they were looked at is entered."""
    course = inspect_conformance(inspector(guest), wanted.asked())
    found = course.found
    drawing = b64encode(conformance_svg(course).encode()).decode()
    return guest.page(
        "audit/conformance.html.j2",
        wanted=wanted,
        kinds=KINDS,
        units=units_of(guest.site.app),
        course=course,
        summary=list(course_summary(course)),
        drawing=f"data:image/svg+xml;base64,{drawing}",
        states=_waits(course, found.states),
        waits=_waits(course, found.waits[:SHOWN]),
        more=max(len(found.waits) - SHOWN, 0),
        told=lambda crossing: crossing_told(course.definition, crossing),
        deviations=DEVIATIONS,
        measured=MEASURED,
        percent=percent,
    )


def _waits(course: Course, lines: tuple[WaitLine, ...]) -> list[Wait]:
    longest = max((line.spread.median for line in lines), default=0) or 1
    return [Wait(wait_cells(course, line), 100 * line.spread.median // longest) for line in lines]
