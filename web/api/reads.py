"""What programs read: items, their history and evidence, limits, notices, and the words that all of these use."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import FileResponse

from engine.model.actor import Unit
from engine.model.definition import Definition
from engine.model.ids import UnitCode
from engine.model.views import ItemFilter
from engine.rules.lamps import Signal
from engine.usecases.definitions import list_definitions
from engine.usecases.inspecting import Inspector
from engine.usecases.queries import (
    Choice,
    HistoryLine,
    ItemDetail,
    Lit,
    item_detail,
    item_history,
    list_due,
    list_lit,
    list_notices,
)
from web.api.bearer import Reader
from web.api.problems import reason_out
from web.api.shapes import (
    MOST,
    ChoiceOut,
    ClockOut,
    DueOut,
    EntryOut,
    EvidenceOut,
    FieldOut,
    HistoryOut,
    ItemDetailOut,
    ItemOut,
    ItemPage,
    ItemsIn,
    KindOut,
    LampOut,
    MoveOut,
    NoticeOut,
    NoticePage,
    PersonOut,
    Short,
    UnitOut,
)
from web.lists import units_of
from web.received import kept_piece

router = APIRouter(tags=["查看"])
Text = Annotated[Short | None, Query()]
Number = Annotated[Short, Path()]
Limit = Annotated[int, Query(ge=1, le=MOST)]


@router.get("/me")
def me(caller: Reader) -> PersonOut:
    """For whom the token asks, and what it is good for."""
    bearer = caller.bearer
    return PersonOut(
        login=bearer.person.login,
        name=bearer.person.name,
        scopes=sorted(bearer.token.scopes),
        expires_at=bearer.token.expires_at,
    )


@router.get("/units")
def units(caller: Reader) -> list[UnitOut]:
    """Every unit, in the order of the plan."""
    return [_unit(each) for each in units_of(caller.app)]


def _unit(unit: Unit) -> UnitOut:
    return UnitOut(code=unit.code, name=unit.name, parent=unit.parent)


@router.get("/kinds")
def kinds(caller: Reader) -> list[KindOut]:
    """Every published version of every definition: its states, fields and moves."""
    return [_kind(each) for each in list_definitions(caller.app.reading())]


def _kind(definition: Definition) -> KindOut:
    return KindOut(
        id=definition.ref.id,
        version=definition.ref.version,
        label=definition.label,
        states={state.id: state.label for state in definition.states},
        fields=[
            FieldOut(
                id=each.id,
                label=each.label,
                type=each.type.value,
                max_length=each.max_length,
                choices=list(each.choices),
            )
            for each in definition.fields
        ],
        moves=[
            MoveOut(
                verb=each.verb,
                label=each.label,
                states=sorted(each.from_states),
                to=list(each.to),
                fields=list(each.sets),
                is_reason_required=each.reason_required,
            )
            for each in definition.moves
        ],
    )


@router.get("/items")
def items(caller: Reader, asked: Annotated[ItemsIn, Query()]) -> ItemPage:
    """The items that the person may see, in the order of their numbers, narrowed by the address."""
    wanted = ItemFilter(
        kind=asked.kind,
        stage=asked.stage,
        state=asked.state,
        unit=UnitCode(asked.unit) if asked.unit else None,
        title=asked.title,
        owner=caller.actor.person if asked.is_mine else None,
        overdue_at=caller.now if asked.is_overdue else None,
        after=asked.after,
        limit=asked.limit + 1,
    )
    rows = list_lit(caller.app.reading(), caller.now, caller.actor, wanted)
    shown = rows[: asked.limit]
    return ItemPage(
        items=list(map(_item, shown)), next=shown[-1].row.number if len(rows) > asked.limit else None
    )


def _item(lit: Lit) -> ItemOut:
    row = lit.row
    return ItemOut(
        number=row.number,
        kind=row.definition.id,
        title=row.title,
        unit=row.unit,
        unit_name=row.unit_name,
        state=row.state,
        stage=row.stage.value,
        owner=row.owner_name,
        version=row.version,
        due_at=row.due_at,
        returned_count=row.returned_count,
        closed_at=row.closed_at,
        lamp=_lamp(lit.signal),
    )


def _lamp(signal: Signal) -> LampOut:
    return LampOut(colour=signal.lamp.value, sentence=signal.sentence)


@router.get("/items/{number}")
def item(caller: Reader, number: Number) -> ItemDetailOut:
    """One item: fields, evidence, running limits, and every move with what stands against it."""
    return _detail(item_detail(caller.app.reading(), caller.now, caller.actor, number))


def _detail(detail: ItemDetail) -> ItemDetailOut:
    item, definition = detail.item, detail.definition
    return ItemDetailOut(
        number=item.number,
        kind=definition.ref.id,
        title=item.title,
        unit=item.unit,
        state=item.state,
        state_label=definition.states_by_id[item.state].label,
        stage=item.stage.value,
        version=item.version,
        returned_count=item.returned_count,
        fields=dict(item.fields),
        lamp=_lamp(detail.signal),
        clocks=[
            ClockOut(clock=each.clock, label=definition.clocks_by_id[each.clock].label, due_at=each.due_at)
            for each in detail.deadlines
        ],
        evidence=[
            EvidenceOut(sha256=each.sha256, name=each.name, size=each.size, made_on=each.made_on)
            for each in detail.evidence
        ],
        parts=[child.number for child in detail.children],
        moves=list(map(_choice, detail.choices)),
    )


def _choice(choice: Choice) -> ChoiceOut:
    return ChoiceOut(
        verb=choice.move.verb,
        label=choice.move.label,
        is_open=choice.is_open,
        needs=list(map(reason_out, choice.needs)),
        against=list(map(reason_out, choice.against)),
    )


@router.get("/items/{number}/history")
def history(caller: Reader, number: Number) -> HistoryOut:
    """Every entry of an item, oldest first, each with the hash of its leaf."""
    by = Inspector(caller.app.reading, caller.app.writing, caller.now, caller.actor)
    lines = item_history(by.look("item", {"number": number}), caller.actor, number)
    return HistoryOut(entries=list(map(_entry, lines)))


def _entry(line: HistoryLine) -> EntryOut:
    before, after = line.states or (None, None)
    return EntryOut(
        index=line.entry.index,
        at=line.entry.at,
        what=line.entry.what,
        label=line.label,
        actor=line.actor_name,
        before=before,
        after=after,
        leaf=line.entry.leaf.hex(),
        is_erased=line.entry.payload is None,
    )


@router.get("/items/{number}/evidence/{sha256}", response_class=FileResponse)
def evidence(caller: Reader, number: Number, sha256: Number) -> FileResponse:
    """The bytes of one piece of evidence."""
    piece, place = kept_piece(
        caller.app, item_detail(caller.app.reading(), caller.now, caller.actor, number), sha256
    )
    return FileResponse(place, media_type="application/octet-stream", filename=piece.name)


@router.get("/due")
def due(caller: Reader, days: Annotated[int, Query(ge=0, le=3660)] = 30, limit: Limit = 50) -> list[DueOut]:
    """The limits that run out within so many days, those that have run out among them, the earliest first."""
    until = caller.now + timedelta(days=days)
    lines = list_due(caller.app.reading(), caller.actor, ItemFilter(limit=limit), until)
    return [
        DueOut(
            number=each.row.number,
            title=each.row.title,
            unit=each.row.unit,
            clock=each.label,
            due_at=each.deadline.due_at,
        )
        for each in lines
    ]


@router.get("/notices")
def notices(caller: Reader, after: Text = None, limit: Limit = 50) -> NoticePage:
    """The person's own inbox, newest first."""
    rows = list_notices(caller.app.reading(), caller.actor, after=after or None, limit=limit + 1)
    shown = [
        NoticeOut(
            key=row.key,
            kind=row.kind,
            number=row.number,
            written_at=row.written_at,
            read_at=row.read_at,
            facts=dict(row.facts),
        )
        for row in rows[:limit]
    ]
    return NoticePage(notices=shown, next=shown[-1].key if len(rows) > limit else None)
