"""Units with their people; the security officer grants posts here and takes them back."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.actor import Grant, Role
from engine.model.errors import Conflict, Invalid, NotFound, Refused
from engine.model.ids import PostCode
from engine.rules.accounts import roles_of
from engine.usecases.organisation import organisation
from engine.usecases.people import Recall, grant_post, persons_of, recall_post, tenures_of
from web.forms import AnyForm, Form, day_in
from web.problems import Told, told
from web.site import AnyGuest, Guest, go

router = APIRouter(prefix="/organisation")
Text = Annotated[str, Query(max_length=100)]


@router.get("")
def units(guest: AnyGuest, done: Text = "") -> Response:
    """Units with their people."""
    return _organisation(guest, Form({}, {}), done=done)


@router.post("")
def grant(guest: AnyGuest, form: AnyForm) -> Response:
    """Put somebody in a post, for themselves or for somebody else."""
    app = guest.site.app
    try:
        people = persons_of(app.reading(), [form.text("login"), *filter(None, [form.text("for")])])
        asked = Grant(
            person=people[form.text("login")],
            post=PostCode(form.text("post")),
            from_on=day_in(form.text("from"), "起") or guest.today,
            until_on=day_in(form.text("until"), "止"),
            on_behalf_of=people[form.text("for")] if form.text("for") else None,
        )
        grant_post(app.writing(), guest.now, asked, guest.asker)
    except (Refused, Invalid, NotFound, Conflict) as error:
        return _organisation(guest, form, problem=told(error))
    return go("/organisation?done=granted")


@router.get("/people/{login}")
def person(guest: AnyGuest, login: str, done: Text = "") -> Response:
    """The posts of one person, each with what takes it back."""
    return _person(guest, login, Form({}, {}), done=done)


@router.post("/people/{login}")
def recall(guest: AnyGuest, login: str, form: AnyForm) -> Response:
    """Take a post back, from today on or from a later day."""
    app = guest.site.app
    try:
        _, tenures = tenures_of(app.reading(), guest.now, login, guest.asker)
        found = next((one.grant for one in tenures if place(one.grant) == form.text("grant")), None)
        if found is None:
            raise Conflict("没有这样的任职，或者已经为止", hint="请看此人现有的岗位")
        asked = Recall(
            grant=found,
            until_on=day_in(form.text("until"), "起") or guest.today,
            reason=form.text("reason"),
        )
        recall_post(app.writing(), guest.now, asked, guest.asker)
    except (Refused, Invalid, Conflict) as error:
        return _person(guest, login, form, problem=told(error))
    return go(f"/organisation/people/{login}?done=recalled")


def place(grant: Grant) -> str:
    """What tells the grants of one person apart."""
    return f"{grant.post}/{grant.from_on}/{grant.on_behalf_of or ''}"


def _organisation(guest: Guest, form: Form, *, done: str = "", problem: Told | None = None) -> Response:
    return guest.page(
        "system/organisation.html.j2",
        status=problem.status if problem else 200,
        found=organisation(guest.site.app.reading(), guest.now, guest.asker),
        may_grant=Role.SECURITY_OFFICER in roles_of(guest.asker),
        form=form,
        problem=problem,
        today=guest.today,
        done="已授予岗位，已记入历史。" if done else "",
    )


def _person(guest: Guest, login: str, form: Form, *, done: str = "", problem: Told | None = None) -> Response:
    shown, tenures = tenures_of(guest.site.app.reading(), guest.now, login, guest.asker)
    return guest.page(
        "system/person.html.j2",
        status=problem.status if problem else 200,
        person=shown,
        tenures=tenures,
        place=place,
        form=form,
        problem=problem,
        today=guest.today,
        done="已收回岗位，已记入历史。" if done else "",
    )
