"""The clock of a rehearsal, moved by whoever is signed in. A real installation has no such page."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.model.errors import NotFound
from web.forms import AnyForm
from web.site import AnyGuest
from web.threads import apart

router = APIRouter()
SHOWN: Final = 200
KINDS: Final = {
    "escalated": "到期升级",
    "supervision": "督办",
    "bulletin": "通报批评",
    "returned": "退回",
    "extension": "延期",
    "refused": "拒绝",
    "relapse": "反弹",
    "nil": "零报告",
    "phase": "阶段",
    "substitute": "代理",
}


@router.post("/demo/advance")
@apart
def advance(guest: AnyGuest, form: AnyForm) -> Response:
    """Let the year go on, and show what happened."""
    demo = guest.site.demo
    if demo is None:
        raise NotFound("没有演示时钟")
    before, happened = guest.now, demo.advance(form.text("step"))
    return guest.page(
        "demo/advanced.html.j2",
        before=before,
        now=guest.site.app.now(),
        happened=happened[-SHOWN:],
        count=len(happened),
        kinds=KINDS,
        is_over=guest.site.app.now() >= demo.ends_at,
    )
