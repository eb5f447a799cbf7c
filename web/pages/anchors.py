"""A signed head of the history on a sheet of paper that goes with the monthly report: nobody here can change it."""

from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.model.checkpoint import AnchorWay, Checkpoint
from engine.model.errors import Invalid, Problem
from engine.rules.printed import printed
from engine.usecases.anchors import Anchor, enter_anchor, to_bring_out
from runtime.anchors import drawn_code
from web.forms import AnyForm
from web.site import AnyGuest, Guest

router = APIRouter(prefix="/anchor")
LONGEST: Final = 100


@router.get("")
def sheet(guest: AnyGuest) -> Response:
    """The sheet of the newest checkpoint. Raises NotPermitted, NotFound."""
    newest, vkey = to_bring_out(guest.site.app.reading(), guest.asker)
    return _sheet(guest, newest, vkey, _report_of(guest.today))


@router.post("")
def bring_out(guest: AnyGuest, form: AnyForm) -> Response:
    """Enter that the sheet goes out, and with what, and show it to be printed."""
    app, to = guest.site.app, form.text("to")
    newest, vkey = to_bring_out(app.reading(), guest.asker)
    if not 0 < len(to) <= LONGEST:
        told = "没有写明" if not to else f"超过 {LONGEST} 字"
        raise Invalid("没有锚定", (Problem(where="附于", text=told, hint="如：2020年9月月报"),))
    entry = enter_anchor(app.writing(), guest.now, guest.asker, Anchor(newest, AnchorWay.PAPER, to))
    return _sheet(
        guest, newest, vkey, to, done=f"已记为第 {entry.index} 条，请现在打印，签字后随{to}报送、归档。"
    )


def _report_of(today: date) -> str:
    return f"{today.year}年{today.month}月月报"


def _sheet(guest: Guest, newest: Checkpoint, vkey: str, to: str, *, done: str = "") -> Response:
    return guest.page(
        "audit/anchor.html.j2",
        newest=newest,
        line=printed(newest.head),
        vkey=vkey,
        code=drawn_code(newest.note),
        to=to,
        done=done,
    )
