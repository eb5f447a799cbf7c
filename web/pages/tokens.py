"""A person's own access tokens: made, shown once, and ended."""

from fastapi import APIRouter
from starlette.responses import Response

from engine.model.errors import NotFound, Refused
from engine.model.token import Scope
from engine.rules.tokens import LONGEST_DAYS, is_usable
from engine.usecases.tokens import TokenOrder, list_tokens, make_token, revoke_token
from runtime.words import SCOPES
from web.forms import AnyForm
from web.problems import Told, told
from web.site import AnyGuest, Guest, go

router = APIRouter()
USES = {
    "read": "只查看",
    "read write": "查看和办理",
    "calendar": "手机、桌面日历订阅待办时限",
    "metrics": "运行指标（限系统管理员）",
}
"""What a token may be for, as one chooses it."""
NAME = 40


@router.get("/tokens")
def tokens(guest: AnyGuest, done: str = "") -> Response:
    """The guest's own tokens."""
    return _tokens(guest, said="已作废，立即失效。" if done else "")


@router.post("/tokens")
def make(guest: AnyGuest, form: AnyForm) -> Response:
    """Make a token; its text is in this answer and nowhere else."""
    days, use = form.text("days"), form.text("use")
    order = TokenOrder(
        name=form.text("name")[:NAME] or "未命名",
        scopes=frozenset(map(Scope, use.split())) if use in USES else frozenset(),
        days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
    )
    try:
        made, text = make_token(guest.site.app.writing(), guest.now, order, guest.asker)
    except (Refused, NotFound) as error:
        return _tokens(guest, problem=told(error))
    return _tokens(guest, text=text, is_feed=Scope.CALENDAR in made.scopes)


@router.post("/tokens/{token}/revoke")
def revoke(guest: AnyGuest, token: str) -> Response:
    """End one of the guest's own tokens; what has ended already stays so."""
    app = guest.site.app
    if any(each.id == token and each.revoked_at for each in list_tokens(app.reading(), guest.asker)):
        return go("/tokens?done=revoked")
    revoke_token(app.writing(), guest.now, token, guest.asker)
    return go("/tokens?done=revoked")


def _tokens(
    guest: Guest, *, problem: Told | None = None, said: str = "", text: str = "", is_feed: bool = False
) -> Response:
    return guest.page(
        "desk/tokens.html.j2",
        status=problem.status if problem else 200,
        rows=list_tokens(guest.site.app.reading(), guest.asker)[::-1],
        scopes=SCOPES,
        uses=USES,
        longest=LONGEST_DAYS,
        is_usable=lambda token: is_usable(token, guest.now),
        problem=problem,
        message=said,
        text=text,
        is_feed=is_feed,
    )
