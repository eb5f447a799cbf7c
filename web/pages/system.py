"""For those who look after the system: accounts, channels, and its health."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.actor import Role
from engine.model.errors import Conflict, NotFound, Refused
from engine.rules.accounts import roles_of
from engine.rules.standing import require
from engine.usecases.accounts import (
    add_account,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)
from engine.usecases.counts import count_all
from engine.usecases.health import check_health
from engine.usecases.outbox import KEEPERS, channel_standings, given_up, resend, resend_one
from runtime.post import office
from runtime.words import DELIVERIES, KINDS, STAGES
from web.forms import AnyForm
from web.menu import MINDERS
from web.problems import Told, told
from web.site import AnyGuest, Guest, go
from web.threads import apart

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
DEAD = 200
ACTS = {
    "add": "已建立账户",
    "reset": "已重置密码，其登录全部失效",
    "disable": "已停用",
    "enable": "已启用",
}


@router.get("/accounts")
def accounts(guest: AnyGuest) -> Response:
    """Every account."""
    return _accounts(guest)


@router.post("/accounts")
@apart
def change_account(guest: AnyGuest, form: AnyForm) -> Response:
    """Make, reset, close or open an account; a new password is shown this once."""
    app, login = guest.site.app, form.text("login")
    password, act = "", form.text("act")
    try:
        if act in ("add", "reset"):
            make = add_account if act == "add" else reset_password
            password = make(app.writing(), guest.now, guest.site.hasher, login, guest.asker)
        elif act in ("disable", "enable"):
            close = disable_account if act == "disable" else enable_account
            close(app.writing(), guest.now, login, guest.asker)
        else:
            raise NotFound("没有这个动作")
    except (Refused, NotFound, Conflict) as error:
        return _accounts(guest, problem=told(error))
    return _accounts(guest, said=f"{login} {ACTS[act]}", password=password)


def _accounts(guest: Guest, *, problem: Told | None = None, said: str = "", password: str = "") -> Response:
    return guest.page(
        "system/accounts.html.j2",
        status=problem.status if problem else 200,
        rows=list_accounts(guest.site.app.reading(), guest.asker),
        may_change=Role.ADMINISTRATOR in roles_of(guest.asker),
        problem=problem,
        message=said,
        password=password,
    )


@router.get("/system")
def health(guest: AnyGuest) -> Response:
    """Whether the clock is kept and the post goes out, in words."""
    require(guest.asker, sorted(MINDERS), "不能查看运行情况")
    app = guest.site.app
    counts = count_all(app.reading(), guest.now)
    own = guest.now if guest.site.demo else None
    kinds = {kind: sum(n for (k, _), n in counts.items.items() if k == kind) for kind in KINDS}
    return guest.page(
        "system/health.html.j2",
        health=check_health(app.reading(), guest.now, at=own),
        counts=counts,
        kinds={KINDS[kind]: count for kind, count in kinds.items() if count},
        stages=STAGES,
        note=app.note,
    )


@router.get("/notices")
def notices(guest: AnyGuest, done: Text = "") -> Response:
    """How the channels stand, and what could not be sent."""
    app = guest.site.app
    post = office(app.settings)
    standings = channel_standings(app.reading(), guest.asker, post.channels)
    return guest.page(
        "notices/outbox.html.j2",
        standings=standings,
        places={one.name: app.settings.leads_to(one.name) for one in standings},
        dead=given_up(app.reading(), guest.asker, DEAD),
        words=DELIVERIES,
        may_send=not roles_of(guest.asker).isdisjoint(KEEPERS),
        done="已交回发送，稍后再看结果。" if done else "",
    )


@router.post("/notices")
def send_again(guest: AnyGuest, form: AnyForm) -> Response:
    """Let one notice, or all that could not be sent, be sent again."""
    app = guest.site.app
    if key := form.text("notice"):
        resend_one(app.writing, guest.now, guest.asker, key)
    else:
        list(resend(app.writing, guest.now, guest.asker))
    return go("/notices?done=sent")
