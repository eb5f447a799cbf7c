"""Erasing personal data: first what would go, then, once it was seen and confirmed, for good."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.errors import Conflict, Invalid, NotFound, Refused
from engine.model.redaction import Erasure
from engine.usecases.redaction import Redact, require_eraser, try_redaction
from runtime.redaction import erase_for_good, whereabouts
from web.forms import AnyForm, Form
from web.problems import Told, told
from web.site import AnyGuest, Guest, go

router = APIRouter(prefix="/redaction")
Text = Annotated[str, Query(max_length=100)]


@router.get("")
def ask(guest: AnyGuest, target: Text = "", done: Text = "") -> Response:
    """The form. Raises NotPermitted."""
    require_eraser(guest.asker)
    return _page(guest, Form({"target": (target,)}, {}), done=done)


@router.post("")
def erase(guest: AnyGuest, form: AnyForm) -> Response:
    """Show what would be erased; erase it where that was confirmed."""
    require_eraser(guest.asker)
    app, command = guest.site.app, _command(guest, form)
    try:
        if form.text("act") != "erase":
            return _page(guest, form, found=try_redaction(app.writing(), guest.now, command))
        gone, is_scrubbed = erase_for_good(app, guest.now, command)
    except (Refused, Invalid, NotFound, Conflict) as error:
        return _page(guest, form, problem=told(error))
    return go(f"/redaction?done={gone.entry}{'' if is_scrubbed else '-read'}")


def _command(guest: Guest, form: Form) -> Redact:
    words = (line.strip() for line in form.text("words").splitlines())
    return Redact(
        target=form.text("target"),
        words=tuple(dict.fromkeys(filter(None, words))),
        reason=form.text("reason"),
        basis=form.text("basis"),
        actor=guest.asker,
    )


def _page(
    guest: Guest, form: Form, *, found: Erasure | None = None, done: str = "", problem: Told | None = None
) -> Response:
    entry, _, is_read = done.partition("-")
    return guest.page(
        "audit/redaction.html.j2",
        status=problem.status if problem else 200,
        form=form,
        found=found,
        rows=whereabouts(found) if found else (),
        problem=problem,
        done=f"已抹去，记为第 {entry} 条。" if entry.isdecimal() else "",
        is_read=bool(is_read),
    )
