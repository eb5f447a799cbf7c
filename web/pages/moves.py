"""Forms that move an item or open one: made from the definition, shown again with what was typed, sent once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.definition import Definition, Effect, FieldDef, FieldType
from engine.model.errors import Conflict, Invalid, NotFound, Refused
from engine.model.ids import DefinitionRef, ItemId, PersonId, UnitCode
from engine.model.item import FieldValue, Item, NewItem
from engine.model.transition import Attempt
from engine.rules.opening import link_of
from engine.usecases.definitions import definitions_of, pinned
from engine.usecases.items import open_once
from engine.usecases.people import persons_of
from engine.usecases.queries import Choice, ItemDetail, find_items, item_detail, item_history
from engine.usecases.work import candidates
from web.forms import AnyForm, Form, day_in
from web.lists import units_of
from web.pages.items import said_of
from web.problems import Told, line_of, told
from web.received import checked, moved_with
from web.site import AnyGuest, Guest, go
from web.threads import apart

router = APIRouter()
NEEDS: Final[Mapping[Effect, tuple[str, ...]]] = {
    Effect.ASSIGN_OWNER: ("assignee",),
    Effect.ASSIGN_REVIEWER: ("assignee",),
    Effect.TRANSFER_UNIT: ("unit",),
    Effect.DELEGATE: ("assignee", "until"),
    Effect.APPLY_EXTENSION: ("due",),
    Effect.SPLIT: ("parts",),
    Effect.MERGE: ("other",),
}
"""What a form asks for besides fields, by the effects of its move."""
LONG: Final = 200
Text = Annotated[str, Query(max_length=100)]


@router.get("/items/{number}/do/{verb}")
def form_page(
    guest: AnyGuest,
    number: str,
    verb: str,
    came_from: Annotated[str, Query(alias="from", max_length=20)] = "",
) -> Response:
    """The form of a move, or every reason why it is shut."""
    return _form_page(guest, number, verb, Form({"from": (came_from,)}, {}))


@router.post("/items/{number}/do/{verb}")
@apart
def make_move(guest: AnyGuest, number: str, verb: str, form: AnyForm) -> Response:
    """Make the move; show the form again with the reasons, or what somebody else did meanwhile."""
    if form.is_draft:
        return _form_page(guest, number, verb, form)
    try:
        _moved(guest, number, verb, form)
    except (Refused, Invalid) as error:
        return _form_page(guest, number, verb, form, told(error))
    except Conflict as conflict:
        return _conflict_page(guest, number, verb, form, told(conflict))
    if form.text("from") == "review":
        return go(f"/review?done={number}")
    return go(f"/items/{number}?done={verb}")


def _moved(guest: Guest, number: str, verb: str, form: Form) -> None:
    app = guest.site.app
    detail = item_detail(app.reading(), guest.now, guest.asker, number)
    attempt = _attempt(guest, detail, verb, form)
    moved_with(app, guest.now, attempt, checked(form.files.get("evidence", ())))


def _attempt(guest: Guest, detail: ItemDetail, verb: str, form: Form) -> Attempt:
    return Attempt(
        item=detail.item.id,
        verb=verb,
        actor=guest.asker,
        key=form.text("key") or guest.form_key(),
        expected_version=_whole(form.text("version")),
        reason=form.text("reason") or None,
        fields=dict(_fields(detail.definition, form, detail.item.fields)),
        target=form.text("target") or None,
        assignee=_person(guest, form),
        unit=UnitCode(form.text("unit")) if form.text("unit") else None,
        until_on=day_in(form.text("until"), "委托截止日"),
        due_on=day_in(form.text("due"), "延至哪一天"),
        other=_other(guest, form.text("other")),
        parts=tuple(line.strip() for line in form.text("parts").splitlines() if line.strip()),
        claimed_on=day_in(form.text("claimed"), "实际办成日期"),
    )


def _fields(
    definition: Definition, form: Form, known: Mapping[str, FieldValue]
) -> Iterator[tuple[str, FieldValue]]:
    """The fields that were changed. A field that was emptied is sent empty, for the rules to judge."""
    for field in definition.fields:
        name = f"field.{field.id}"
        if name in form.texts and form.text(name) != f"{known.get(field.id, '')}":
            yield field.id, _value(field, form.text(name))


def _value(field: FieldDef, text: str) -> FieldValue:
    is_number = field.type is FieldType.INTEGER and text.removeprefix("-").isdecimal() and text.isascii()
    return int(text) if is_number else text


def _person(guest: Guest, form: Form) -> PersonId | None:
    if login := form.text("login"):
        return persons_of(guest.site.app.reading(), [login])[login]
    return PersonId(form.text("assignee")) if form.text("assignee") else None


def _other(guest: Guest, number: str) -> ItemId | None:
    return find_items(guest.site.app.reading(), guest.asker, [number])[0].id if number else None


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of a form as it is drawn: `look` is the kind of input."""

    name: str
    label: str
    look: str
    value: str
    is_needed: bool
    field: FieldDef


def _form_page(guest: Guest, number: str, verb: str, form: Form, problem: Told | None = None) -> Response:
    app = guest.site.app
    detail = item_detail(app.reading(), guest.now, guest.asker, number)
    choice = next((each for each in detail.choices if each.move.verb == verb), None)
    if choice is None:
        raise NotFound(f"{number} 现在没有这个动作")
    inputs = {name for effect in choice.move.effects for name in NEEDS.get(effect, ())}
    return guest.page(
        "items/move.html.j2",
        status=problem.status if problem else 200,
        detail=detail,
        move=choice.move,
        against=[line_of(each) for each in choice.against],
        entries=list(_entries(detail.definition, choice, form, detail.item.fields)),
        inputs=inputs,
        members=candidates(app.reading(), guest.now, guest.asker, number) if "assignee" in inputs else [],
        units=units_of(app) if "unit" in inputs else [],
        form=form,
        key=guest.form_key(),
        problem=problem,
        needs_files=any(each.code.value == "evidence_missing" for each in choice.needs),
    )


def _entries(
    definition: Definition, choice: Choice, form: Form, known: Mapping[str, FieldValue]
) -> Iterator[Entry]:
    needed = {f"{each.facts.get('id')}" for each in choice.needs}
    for name in choice.move.sets:
        field = definition.fields_by_id[name]
        typed = form.texts.get(f"field.{name}")
        value = typed[0] if typed else f"{known.get(name, '')}"
        yield Entry(f"field.{name}", field.label, _look(field), value, name in needed, field)


def _look(field: FieldDef) -> str:
    if field.type is FieldType.TEXT:
        return "area" if field.max_length > LONG else "line"
    return field.type.value


def _conflict_page(guest: Guest, number: str, verb: str, form: Form, problem: Told) -> Response:
    """What the others did since the form was opened, and what was typed, to go on with."""
    app = guest.site.app
    detail = item_detail(app.reading(), guest.now, guest.asker, number)
    seen = _whole(form.text("version")) or 0
    lines = [
        line for line in item_history(app.reading(), guest.asker, number) if line.entry.item_version > seen
    ]
    pairs = [
        (name, value)
        for name, values in form.texts.items()
        if name not in ("csrf", "key", "version")
        for value in values
    ]
    still = any(choice.move.verb == verb and choice.is_open for choice in detail.choices)
    return guest.page(
        "items/conflict.html.j2",
        status=409,
        detail=detail,
        lines=lines,
        pairs=pairs,
        verb=verb,
        still=still,
        problem=problem,
        said=said_of,
    )


@router.get("/new/{kind}")
def new_page(guest: AnyGuest, kind: str, parent: Text = "", key: Text = "") -> Response:
    """The form that opens an item. Its key stands in the address: whoever comes back to it finds the same form."""
    given = {
        name: value for name, value in {"parent": parent, "key": key or guest.form_key()}.items() if value
    }
    if not key:
        return go(f"/new/{quote(kind)}?{urlencode(given)}")
    return _new_page(guest, kind, Form({name: (value,) for name, value in given.items()}, {}))


@router.post("/new/{kind}")
def make_new(guest: AnyGuest, kind: str, form: AnyForm) -> Response:
    """Open an item; show the form again with the reasons."""
    if form.is_draft:
        return _new_page(guest, kind, form)
    try:
        new = _new(guest, kind, form)
        item = _opened(guest, new, form.text("key") or guest.form_key())
    except (Refused, Invalid) as error:
        return _new_page(guest, kind, form, told(error))
    return go(f"/items/{item.number}?done=open")


def _opened(guest: Guest, new: NewItem, key: str) -> Item:
    """Opened once under the key of the form; what differs from what was sent under it before is another item."""
    app = guest.site.app
    try:
        return open_once(app.writing(), guest.now, new, guest.asker, key)
    except Conflict:
        return open_once(app.writing(), guest.now, new, guest.asker, guest.form_key())


def _new(guest: Guest, kind: str, form: Form) -> NewItem:
    app = guest.site.app
    place = pinned(app.reading(), kind)
    definition = _definition(guest, place.ref)
    parent = form.text("parent")
    above = find_items(app.reading(), guest.asker, [parent])[0] if parent else None
    return NewItem(
        definition=place.ref,
        campaign=place.campaign,
        unit=UnitCode(form.text("unit") or (above.unit if above else "")),
        title=form.text("title"),
        fields={name: value for name, value in _fields(definition, form, {}) if value != ""},
        parent=above.id if above else None,
        link=link_of(kind) if above else None,
        category=form.text("category") or None,
        as_of=day_in(form.text("as_of"), "发生日期"),
    )


def _definition(guest: Guest, ref: DefinitionRef) -> Definition:
    return definitions_of(guest.site.app.reading(), [ref])[ref]


def _new_page(guest: Guest, kind: str, form: Form, problem: Told | None = None) -> Response:
    app = guest.site.app
    place = pinned(app.reading(), kind)
    definition = _definition(guest, place.ref)
    own = {held.unit for held in guest.asker.posts}
    with app.reading() as uow:
        categories = uow.campaigns.get(place.campaign).categories
    return guest.page(
        "items/new.html.j2",
        status=problem.status if problem else 200,
        definition=definition,
        entries=list(_opening_entries(definition, form)),
        units=sorted(units_of(app), key=lambda unit: unit.code not in own),
        categories=categories if kind == "item" else (),
        form=form,
        key=form.text("key") or guest.form_key(),
        problem=problem,
    )


def _opening_entries(definition: Definition, form: Form) -> Iterator[Entry]:
    soon = [name for move in definition.moves_from(definition.initial) for name in move.sets]
    later = {name for move in definition.moves for name in move.sets}
    only_now = [field.id for field in definition.fields if field.id not in later]
    for name in dict.fromkeys([*definition.required_to_open, *only_now, *soon]):
        field, is_needed = definition.fields_by_id[name], name in definition.required_to_open
        yield Entry(f"field.{name}", field.label, _look(field), form.text(f"field.{name}"), is_needed, field)
