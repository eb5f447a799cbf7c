"""The definitions: drawn, told, compared, and who runs on which version."""

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.definition import Definition
from engine.model.errors import NotFound
from engine.usecases.definitions import find_definition, list_definitions
from runtime.diagrams.machine import svg_of
from runtime.words import PEOPLE, named
from web.pages.items import SEALED
from web.site import AnyGuest, Guest

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
FOLDED: Final = 3
"""Lines around each difference."""


@router.get("/definitions")
def overview(guest: AnyGuest) -> Response:
    """Every kind with its versions, and which campaign opens its items under which."""
    found = list_definitions(guest.site.app.reading())
    kinds: dict[str, list[Definition]] = {}
    for each in found:
        kinds.setdefault(each.ref.id, []).append(each)
    return guest.page("definitions/list.html.j2", kinds=kinds, pins=_pins(guest))


def _pins(guest: Guest) -> dict[str, list[str]]:
    """The campaigns that open new items under a version."""
    found: dict[str, list[str]] = {}
    with guest.site.app.reading() as uow:
        for plan in map(uow.campaigns.get, uow.campaigns.ids()):
            for ref in plan.definitions.values():
                found.setdefault(f"{ref}", []).append(plan.title)
    return found


@router.get("/definitions/{name}/{version}")
def show(guest: AnyGuest, name: str, version: int, at: Text = "", against: int | None = None) -> Response:
    """One version: its diagram, its states and moves, and what differs from another version."""
    app = guest.site.app
    shown = find_definition(app.reading(), name, version)
    others = [each.ref.version for each in list_definitions(app.reading()) if each.ref.id == name]
    if against is not None and against not in others:
        raise NotFound("没有这个版本")
    compared = find_definition(app.reading(), name, against) if against else None
    return guest.page(
        "definitions/show.html.j2",
        shown=shown,
        others=[each for each in others if each != version],
        at=at if at in shown.states_by_id else "",
        against=against,
        lines=list(_differences(compared, shown)) if compared else [],
        pins=_pins(guest).get(f"{shown.ref}", []),
        people=lambda names: "、".join(named(each, PEOPLE) for each in names),
    )


@router.get("/definitions/{name}/{version}/diagram.svg")
def diagram(guest: AnyGuest, name: str, version: int, at: Text = "") -> Response:
    """The state diagram as a picture that stands for itself."""
    shown = find_definition(guest.site.app.reading(), name, version)
    return Response(svg_of(shown, at), media_type="image/svg+xml", headers=SEALED)


def _differences(before: Definition, after: Definition) -> Iterator[tuple[str, str]]:
    """Each line of the comparison with its kind: `gone`, `new`, `place` or nothing."""
    kinds = {"-": "gone", "+": "new", "@": "place"}
    for line in list(unified_diff(_lines(before), _lines(after), lineterm="", n=FOLDED))[2:]:
        yield kinds.get(line[0], ""), line


def _lines(shown: Definition) -> list[str]:
    return json.dumps(json.loads(shown.document), ensure_ascii=False, indent=1, sort_keys=True).split("\n")
