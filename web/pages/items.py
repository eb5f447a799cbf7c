"""Everything about one item, and the supervision orders."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, Response

from engine.model.definition import Definition, MoveDef, Stage
from engine.model.item import Item
from engine.model.reasons import ReasonCode
from engine.model.views import ItemFilter
from engine.rules.accounts import roles_of
from engine.rules.fields import field_named
from engine.rules.opening import SUPERVISION_ORDER
from engine.rules.past import changes_in
from engine.rules.uploads import image_type
from engine.usecases.checkpoints import standing
from engine.usecases.definitions import definitions_of, list_definitions
from engine.usecases.inspecting import Inspector
from engine.usecases.orders import list_orders
from engine.usecases.queries import (
    HistoryLine,
    ItemDetail,
    find_items,
    item_detail,
    item_history,
    list_notices,
)
from engine.usecases.urge import WHO, Urge, urge
from notifications.catalogue import KINDS as NOTICES
from runtime.words import DELIVERIES, STAGES
from web.forms import AnyForm
from web.lists import labels_of
from web.problems import Line, line_of
from web.received import kept_piece
from web.site import AnyGuest, Guest, go
from web.statemap import spots_of

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
PAGE: Final = 50
SEALED: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cache-control": "private, max-age=3600",
}
"""A file from outside runs nothing and loads nothing, whatever it holds."""


@router.get("/orders")
def orders(guest: AnyGuest, level: Text = "", stage: Text = "", after: Text = "") -> Response:
    """Supervision orders, newest first: colour, subject, how far the answer is."""
    app = guest.site.app
    wanted = ItemFilter(
        stage=Stage(stage) if stage in STAGES else None,
        after=after or None,
        newest_first=True,
        limit=PAGE + 1,
    )
    lines = list_orders(app.reading(), guest.now, guest.asker, wanted)
    return guest.page(
        "orders/list.html.j2",
        lines=[line for line in lines[:PAGE] if level in ("", line.level)],
        labels=labels_of(app, [line.lit for line in lines]),
        more=lines[PAGE - 1].row.number if len(lines) > PAGE else None,
        level=level,
        stage=stage,
        may_order=_may_order(guest),
    )


@router.get("/items/{number}")
def show(guest: AnyGuest, number: str, done: Text = "") -> Response:
    """One item: its fields and evidence, what may be done and why the rest may not, its time and its history."""
    app = guest.site.app
    detail = item_detail(app.reading(), guest.now, guest.asker, number)
    by = Inspector(app.reading, app.writing, guest.now, guest.asker)
    lines = item_history(by.look("item", {"number": number}), guest.asker, number)
    return guest.page(
        "items/show.html.j2",
        detail=detail,
        lines=lines[::-1],
        spots=spots_of(detail, lines),
        is_signed=standing(app.reading()).newest is not None,
        may_order=_may_order(guest),
        may_urge=_may_urge(guest, detail),
        problem=None,
        labels=_child_labels(guest, detail.children),
        shut=list(_shut(detail, is_others=False)),
        others=list(_shut(detail, is_others=True)),
        done=_said(detail.definition, done),
        said=said_of,
        is_image=lambda name: image_type(name) is not None,
    )


def _said(definition: Definition, done: str) -> str:
    known = {"open": "已新建", "urge": "已催办，等候办理的人会收到通知"}
    moves = definition.moves_by_verb.get(done)
    return f"“{moves[0].label}”已办理" if moves else known.get(done, "")


def _may_order(guest: Guest) -> bool:
    """Whether the guest's posts may issue supervision orders; where and how is judged when it is done."""
    found = [each for each in list_definitions(guest.site.app.reading()) if each.ref.id == SUPERVISION_ORDER]
    return bool(found) and not roles_of(guest.asker).isdisjoint(found[-1].openers)


def _may_urge(guest: Guest, detail: ItemDetail) -> bool:
    """Whether a button for it makes sense; everything else is said when it is pressed."""
    acts = detail.definition.states_by_id[detail.item.state].acts
    return detail.item.stage is not Stage.CLOSED and bool(acts) and not roles_of(guest.asker).isdisjoint(WHO)


@router.post("/items/{number}/urge")
def remind(guest: AnyGuest, number: str, form: AnyForm) -> Response:
    """Remind whoever has to act."""
    app = guest.site.app
    (item,) = find_items(app.reading(), guest.asker, [number])
    urge(app.writing(), guest.now, Urge(item=item.id, actor=guest.asker, words=form.text("words") or None))
    return go(f"/items/{number}?done=urge")


def _shut(detail: ItemDetail, *, is_others: bool) -> Iterator[tuple[MoveDef, list[Line]]]:
    """The moves that are shut with their reasons: either those that only wait for somebody else, or the rest."""
    for choice in detail.choices:
        waits = {each.code for each in choice.against} == {ReasonCode.NOT_STANDING}
        if choice.against and waits is is_others:
            yield choice.move, [line_of(each) for each in choice.against]


def _child_labels(guest: Guest, children: tuple[Item, ...]) -> Mapping[str, str]:
    known = definitions_of(guest.site.app.reading(), (child.definition for child in children))
    return {child.id: known[child.definition].states_by_id[child.state].label for child in children}


def said_of(definition: Definition, line: HistoryLine) -> list[tuple[str, str, str]]:
    """The fields that an entry changed: label, before, after."""
    found: list[tuple[str, str, str]] = []
    for change in changes_in(line.payload):
        if field := field_named(definition, change.name):
            before, after = ("" if value is None else f"{value}" for value in (change.before, change.after))
            found.append((field.label, before, after))
    return found


@router.get("/items/{number}/notices")
def told_about(guest: AnyGuest, number: str, after: Text = "") -> Response:
    """Who was told what about an item, and whether it arrived and was read."""
    app = guest.site.app
    (item,) = find_items(app.reading(), guest.asker, [number])
    rows = list_notices(app.reading(), guest.asker, number=item.number, after=after or None, limit=PAGE)
    return guest.page(
        "notices/item.html.j2",
        item=item,
        rows=rows,
        after=rows[-1].key if len(rows) == PAGE else None,
        kinds=NOTICES,
        words=DELIVERIES,
    )


@router.get("/items/{number}/evidence/{sha256}")
def evidence(guest: AnyGuest, number: str, sha256: str, show: bool = False) -> Response:  # noqa: FBT001, FBT002 - part of an address
    """One piece of evidence, to be kept, or a picture to be shown; never anything that a browser would run."""
    app = guest.site.app
    piece, place = kept_piece(app, item_detail(app.reading(), guest.now, guest.asker, number), sha256)
    image = image_type(piece.name)
    return FileResponse(
        place,
        headers=SEALED,
        media_type=image if show and image else "application/octet-stream",
        filename=piece.name,
        content_disposition_type="inline" if show and image else "attachment",
    )
