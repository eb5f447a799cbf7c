"""The queue of those who judge other people's work: one item after the other, with its evidence beside it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.definition import Effect
from engine.rules.uploads import image_type
from engine.usecases.queries import Choice, ItemDetail, item_detail, item_history
from engine.usecases.work import decisions_of
from web.pages.items import said_of
from web.pages.moves import NEEDS
from web.site import AnyGuest

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
RECENT = 6
PAGE = 50


@router.get("/review")
def review(guest: AnyGuest, at: Text = "", done: Text = "") -> Response:
    """What waits for the guest's decision; the item named by the address is open beside the list."""
    app = guest.site.app
    found = decisions_of(app.reading(), guest.now, guest.asker, at, PAGE)
    numbers = found.numbers
    if not numbers:
        return guest.page("review/queue.html.j2", found=found, detail=None, done=done)
    here = numbers.index(at) if at in numbers else 0
    detail = item_detail(app.reading(), guest.now, guest.asker, numbers[here])
    first = _first(detail)
    return guest.page(
        "review/queue.html.j2",
        found=found,
        detail=detail,
        done=done,
        before=numbers[here - 1] if here else None,
        behind=numbers[here + 1] if here + 1 < len(numbers) else None,
        lines=item_history(app.reading(), guest.asker, numbers[here])[: -RECENT - 1 : -1],
        said=said_of,
        is_image=lambda name: image_type(name) is not None,
        first=first,
        back=_back(detail),
        choices=sorted((c for c in detail.choices if c.is_open), key=lambda choice: choice is not first),
        at_once=at_once,
        key=guest.form_key(),
    )


def _first(detail: ItemDetail) -> Choice | None:
    """The move that lets an item go on."""
    forward = [
        each for each in detail.choices if each.is_open and each.move.to and not each.move.reason_required
    ]
    return next((each for each in forward if not each.move.effects), None)


def _back(detail: ItemDetail) -> Choice | None:
    """The move that sends an item back, else the first that turns it down."""
    reasoned = [
        each for each in detail.choices if each.is_open and each.move.to and each.move.reason_required
    ]
    plain = [each for each in reasoned if not any(effect in NEEDS for effect in each.move.effects)]
    return next((each for each in plain if Effect.COUNT_RETURN in each.move.effects), next(iter(plain), None))


def at_once(choice: Choice) -> bool:
    """True when the move asks for nothing, so that one press of a button makes it."""
    asks = any(effect in NEEDS for effect in choice.move.effects)
    return choice.is_open and not (choice.needs or asks or len(choice.move.to) > 1)
