"""Saved filters: what stands in the address of the ledger, kept under a name, alone or with one's colleagues."""

from fastapi import APIRouter
from starlette.responses import Response

from engine.model.errors import Refused
from engine.model.ids import UnitCode
from engine.usecases.filters import FilterOrder, forget_filter, list_filters, save_filter
from web.forms import AnyForm, Form
from web.lists import unit_names
from web.problems import Told, told
from web.site import AnyGuest, Guest, go

router = APIRouter()


@router.get("/filters")
def filters(guest: AnyGuest) -> Response:
    """The guest's own filters and those that colleagues share."""
    return _filters(guest, Form({}, {}))


@router.post("/filters")
def save(guest: AnyGuest, form: AnyForm) -> Response:
    """Keep the filter of the ledger that the form came from."""
    unit = UnitCode(form.text("unit")) if form.text("unit") else None
    order = FilterOrder(name=form.text("name"), query=form.text("query"), unit=unit)
    try:
        saved = save_filter(guest.site.app.writing(), guest.now, order, guest.asker)
    except Refused as error:
        return _filters(guest, form, told(error))
    return go(f"/items?{saved.query}")


@router.post("/filters/{filter_id}/forget")
def forget(guest: AnyGuest, filter_id: str) -> Response:
    """Delete one of the guest's own filters; a second click changes nothing."""
    forget_filter(guest.site.app.writing(), filter_id, guest.asker)
    return go("/filters")


def _filters(guest: Guest, form: Form, problem: Told | None = None) -> Response:
    return guest.page(
        "items/filters.html.j2",
        status=problem.status if problem else 200,
        shelf=list_filters(guest.site.app.reading(), guest.asker),
        unit_names=unit_names(guest.site.app),
        form=form,
        problem=problem,
    )
