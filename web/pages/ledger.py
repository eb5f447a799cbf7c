"""The ledger: filtered and sorted by its address, with columns of one's choice; moved in batches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from engine.model.definition import Definition, Effect, MoveDef, Stage
from engine.model.errors import Conflict, Invalid, NotFound, Refused
from engine.model.ids import DefinitionRef, ItemId, UnitCode
from engine.model.reasons import ReasonCode
from engine.model.transition import Attempt
from engine.model.views import DuePlace, ItemFilter, ItemRow
from engine.usecases.definitions import definitions_of, list_definitions
from engine.usecases.filters import list_filters
from engine.usecases.items import move_items
from engine.usecases.queries import Lit, find_items, item_detail, list_lit, list_soonest, search_lit
from runtime.words import KINDS, STAGES
from web.forms import AnyForm, Form
from web.lists import labels_of, units_of
from web.pages.moves import NEEDS
from web.problems import Line, Told, line_of, told
from web.site import AnyGuest, Guest, go

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
PAGE: Final = 50
MOST_AT_ONCE: Final = 100
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS: Final = 18
SORTS: Final = {"": "编号（旧→新）", "newest": "编号（新→旧）", "due": "时限（先到先列）"}
COLUMNS: Final[Mapping[str, str]] = {
    "lamp": "灯",
    "number": "编号",
    "title": "事项",
    "unit": "单位",
    "stage": "环节",
    "state": "状态",
    "owner": "责任人",
    "due": "时限",
    "returned": "退回",
}
"""The columns of the table, in its order."""
_NOT_NOW: Final = Line("现在不能成批办理这个动作", "请打开这一件，看它现在能办什么")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address of a ledger asks for; the filter lives in the address, so that it can be kept and sent."""

    q: Text = ""
    kind: Text = ""
    stage: Text = ""
    state: Text = ""
    unit: Text = ""
    mine: Text = ""
    overdue: Text = ""
    sort: Text = ""
    after: Text = ""
    col: Annotated[tuple[str, ...], Query(max_length=20)] = ()

    def address(self, path: str = "/items", **changes: str) -> str:
        """The address of the same ledger with something changed, or of another page about it."""
        given = {name: getattr(self, name) for name in self.__dataclass_fields__} | changes
        return f"{path}?" + urlencode({name: value for name, value in given.items() if value}, doseq=True)

    @property
    def query(self) -> str:
        """What is kept of it under a name: everything but the page."""
        return self.address("", after="").removeprefix("?")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are shown, in the order of the table."""
        return tuple(name for name in COLUMNS if name in self.col or not COLUMNS.keys() & set(self.col))

    def filter(self, guest: Guest) -> ItemFilter:
        """The filter of the use case."""
        return ItemFilter(
            kind=self.kind or None,
            stage=Stage(self.stage) if self.stage in STAGES else None,
            state=self.state or None,
            unit=UnitCode(self.unit) if self.unit else None,
            owner=guest.asker.person if self.mine else None,
            overdue_at=guest.now if self.overdue else None,
            title=self.q or None,
            after=self.after or None,
            newest_first=self.sort == "newest",
        )


@router.get("/items")
def ledger(guest: AnyGuest, asked: Annotated[Asked, Depends()]) -> Response:
    """Every item that the guest may see, narrowed and sorted by the address."""
    if asked.q and (number := _number(guest, asked.q)):
        return go(f"/items/{number}")
    app = guest.site.app
    rows, edge = rows_of(guest, asked, PAGE + 1)
    is_full = len(rows) > PAGE
    return guest.page(
        "items/ledger.html.j2",
        asked=asked,
        query=asked.query,
        shelf=list_filters(app.reading(), guest.asker),
        rows=rows[:PAGE],
        labels=labels_of(app, rows),
        more=place_of(asked, rows[PAGE - 1].row) if is_full else edge,
        looked_to=None if is_full else edge,
        columns=COLUMNS,
        batches=_batches(guest, [lit.row.definition for lit in rows[:PAGE]]),
        units=units_of(app),
        states=_states(list_definitions(app.reading())),
        kinds=KINDS,
        stages=STAGES,
        sorts=SORTS,
    )


def _number(guest: Guest, text: str) -> str | None:
    """The number, where the text is one that the guest may see."""
    try:
        return find_items(guest.site.app.reading(), guest.asker, [text.upper()])[0].number
    except NotFound:
        return None


def rows_of(guest: Guest, asked: Asked, limit: int) -> tuple[list[Lit], str | None]:
    """At most `limit` rows, and how far titles were read, where that was not to the end."""
    app, wanted = guest.site.app, replace(asked.filter(guest), limit=limit)
    if asked.sort == "due":
        behind = _behind(asked.after)
        return list_soonest(app.reading(), guest.now, guest.asker, replace(wanted, after=None), behind), None
    if asked.q:
        return search_lit(app.reading(), guest.now, guest.asker, wanted)
    return list_lit(app.reading(), guest.now, guest.asker, wanted), None


def place_of(asked: Asked, row: ItemRow) -> str:
    """What the next page starts behind."""
    if asked.sort != "due" or row.due_at is None:
        return row.number
    return f"{round(row.due_at.timestamp() * 1_000_000)}-{row.id}"


def _behind(after: str) -> DuePlace | None:
    micros, _, item = after.partition("-")
    if not (micros.isascii() and micros.isdecimal() and len(micros) < _DIGITS):
        return None
    return DuePlace(EPOCH + timedelta(microseconds=int(micros)), ItemId(item))


def _states(definitions: list[Definition]) -> Mapping[str, Mapping[str, str]]:
    """The labels of states by the label of their kind; of several versions, the newest counts."""
    return {each.label: {state.id: state.label for state in each.states} for each in definitions}


def _batches(guest: Guest, refs: Iterable[DefinitionRef]) -> Mapping[str, str]:
    """The moves that may be made in batches. Never one that sends back: each return has its own reason."""
    known = definitions_of(guest.site.app.reading(), refs)
    return {move.verb: move.label for each in known.values() for move in each.moves if _may_be_batched(move)}


def _may_be_batched(move: MoveDef) -> bool:
    asks = any(effect in NEEDS or effect is Effect.COUNT_RETURN for effect in move.effects)
    return move.batch and not asks and len(move.to) == 1


@dataclass(frozen=True, slots=True)
class Picked:
    """A ticked item, and what stands against its move; the version is the one that was looked at."""

    id: ItemId
    number: str
    title: str
    version: int
    against: tuple[Line, ...]


@router.post("/items/batch")
def batch(guest: AnyGuest, form: AnyForm) -> Response:
    """Show what a move would do to the ticked items; move them, all or none, once that was confirmed."""
    verb = form.text("verb")
    numbers = list(dict.fromkeys(form.texts.get("pick", ())))[:MOST_AT_ONCE]
    if not numbers:
        return go("/items?kind=item")
    picked, label, is_reasoned = _picked(guest, numbers, verb)
    if "confirmed" in form.texts:
        try:
            move_items(guest.site.app.writing(), guest.now, _attempts(guest, form, picked, verb))
        except (Refused, Invalid, Conflict) as error:
            return _batch_page(guest, form, picked, (verb, label, is_reasoned), told(error))
        return guest.page("items/batched.html.j2", picked=picked, label=label)
    return _batch_page(guest, form, picked, (verb, label, is_reasoned))


def _attempts(guest: Guest, form: Form, picked: list[Picked], verb: str) -> list[Attempt]:
    key = form.text("key") or guest.form_key()
    return [
        Attempt(
            item=each.id,
            verb=verb,
            actor=guest.asker,
            key=f"{key}/{each.number}",
            expected_version=int(form.text(f"version.{each.number}") or each.version),
            reason=form.text("reason") or None,
        )
        for each in picked
        if not each.against
    ]


def _picked(guest: Guest, numbers: list[str], verb: str) -> tuple[list[Picked], str, bool]:
    """The ticked items, the label of the move, and whether it asks for a reason. Raises NotFound."""
    found, moves = [], []
    for number in numbers:
        detail = item_detail(guest.site.app.reading(), guest.now, guest.asker, number)
        choice = next((c for c in detail.choices if c.move.verb == verb and _may_be_batched(c.move)), None)
        moves += [choice.move] if choice else []
        needs = (
            [need for need in choice.needs if need.code is not ReasonCode.REASON_MISSING] if choice else []
        )
        against = [line_of(each) for each in (*choice.against, *needs)] if choice else [_NOT_NOW]
        item = detail.item
        found.append(Picked(item.id, item.number, item.title, item.version, tuple(against)))
    if not moves:
        raise NotFound("这些事项现在都不能成批办理这个动作")
    return found, moves[0].label, any(move.reason_required for move in moves)


def _batch_page(
    guest: Guest, form: Form, picked: list[Picked], move: tuple[str, str, bool], problem: Told | None = None
) -> Response:
    verb, label, is_reasoned = move
    return guest.page(
        "items/batch.html.j2",
        status=problem.status if problem else 200,
        picked=picked,
        verb=verb,
        label=label,
        is_reasoned=is_reasoned,
        form=form,
        key=form.text("key") or guest.form_key(),
        problem=problem,
    )
