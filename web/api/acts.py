"""What programs do: open items and move them, each under a key that gives it one effect."""

from typing import Annotated

from fastapi import APIRouter, Form, Header, Path, UploadFile
from pydantic import StringConstraints, ValidationError

from engine.model.errors import Invalid, Problem
from engine.model.ids import UnitCode
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt
from engine.rules.opening import link_of
from engine.usecases.definitions import pinned
from engine.usecases.items import move_item, open_once
from engine.usecases.people import persons_of
from engine.usecases.queries import find_items
from web.api.bearer import Caller, Writer
from web.api.shapes import MovedOut, MoveIn, NewIn, Short
from web.received import checked, moved_with
from web.threads import apart

router = APIRouter(tags=["办理"])
Number = Annotated[Short, Path()]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="同一人以同一编号再发，只办一次；内容不同的，409",
    ),
    StringConstraints(min_length=8, max_length=100, pattern=r"^[!-~]+$"),
]


@router.post("/items", status_code=201)
def open_item(caller: Writer, new: NewIn, key: Key) -> MovedOut:
    """Open an item."""
    return _moved(open_once(caller.app.writing(), caller.now, _new(caller, new), caller.actor, key))


def _new(caller: Caller, new: NewIn) -> NewItem:
    place = pinned(caller.app.reading(), new.kind)
    above = find_items(caller.app.reading(), caller.actor, [new.parent])[0] if new.parent else None
    return NewItem(
        definition=place.ref,
        campaign=place.campaign,
        unit=UnitCode(new.unit),
        title=new.title,
        fields=dict(new.fields),
        parent=above.id if above else None,
        link=link_of(new.kind) if above else None,
        category=new.category,
        as_of=new.as_of,
    )


@router.post("/items/{number}/moves/{verb}")
def move(caller: Writer, number: Number, verb: Number, wanted: MoveIn, key: Key) -> MovedOut:
    """Make a move without files."""
    return _moved(move_item(caller.app.writing(), caller.now, _attempt(caller, number, verb, (wanted, key))))


@router.post("/items/{number}/moves/{verb}/with-evidence")
@apart
def move_with_evidence(  # noqa: PLR0913, PLR0917 - each is a part of the request
    caller: Writer,
    number: Number,
    verb: Number,
    files: list[UploadFile],
    key: Key,
    move: Annotated[str, Form(max_length=100_000, description="与不带佐证时相同的 JSON")] = "{}",
) -> MovedOut:
    """Make a move together with its evidence: both are kept, or neither."""
    attempt = _attempt(caller, number, verb, (_read(move), key))
    return _moved(moved_with(caller.app, caller.now, attempt, checked(files)))


def _read(text: str) -> MoveIn:
    try:
        return MoveIn.model_validate_json(text)
    except ValidationError as error:
        wrong = [
            Problem(where=".".join(map(str, each["loc"])), text=each["msg"], hint="请按 openapi.json 改正")
            for each in error.errors()
        ]
        raise Invalid("move 读不出来", tuple(wrong)) from None


def _attempt(caller: Caller, number: str, verb: str, asked: tuple[MoveIn, str]) -> Attempt:
    wanted, key = asked
    (item,) = find_items(caller.app.reading(), caller.actor, [number])
    other = find_items(caller.app.reading(), caller.actor, [wanted.other])[0] if wanted.other else None
    logins = [wanted.assignee] if wanted.assignee else []
    persons = persons_of(caller.app.reading(), logins) if logins else {}
    return Attempt(
        item=item.id,
        verb=verb,
        actor=caller.actor,
        key=key,
        expected_version=wanted.expected_version,
        reason=wanted.reason or None,
        fields=dict(wanted.fields),
        target=wanted.target,
        assignee=persons.get(wanted.assignee or ""),
        unit=UnitCode(wanted.unit) if wanted.unit else None,
        until_on=wanted.until_on,
        due_on=wanted.due_on,
        other=other.id if other else None,
        parts=tuple(wanted.parts),
        claimed_on=wanted.claimed_on,
    )


def _moved(item: Item) -> MovedOut:
    return MovedOut(number=item.number, version=item.version, state=item.state, stage=item.stage.value)
