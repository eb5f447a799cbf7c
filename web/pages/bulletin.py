"""Criticism in a bulletin (通报批评): which items are candidates, what a leader decides, and what has gone out."""

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.criticism import Candidate, Verdict
from engine.model.errors import Conflict, NotFound, Refused
from engine.usecases.criticism import (
    DecideCriticism,
    decide_criticism,
    list_candidates,
    list_issued,
    may_decide,
)
from runtime.words import VERDICTS
from web.forms import AnyForm, Form
from web.problems import Told, told
from web.site import AnyGuest, Guest, go

router = APIRouter(prefix="/bulletin")
Text = Annotated[str, Query(max_length=100)]
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """An item, and why it is a candidate: each cause with the instant at which it was met."""

    item: Candidate
    causes: tuple[Candidate, ...]


@router.get("")
def listing(guest: AnyGuest, after: Text = "", done: Text = "", verdict: Text = "") -> Response:
    """Candidates of the guest's units, and what went into the bulletin."""
    said = f"{done} 已决定{VERDICTS[verdict]}。" if done and verdict in VERDICTS else ""
    return _listing(guest, Form({}, {}), after=after, done=said)


@router.post("")
def decide(guest: AnyGuest, form: AnyForm) -> Response:
    """Decide on an item: all its causes at once."""
    number, verdict = form.text("number"), form.text("verdict")
    try:
        if verdict not in VERDICTS:
            raise NotFound("没有选择决定", hint="请选“通报批评”或“不予通报批评”")
        command = DecideCriticism(
            number=number, verdict=Verdict(verdict), reason=form.text("reason"), actor=guest.asker
        )
        decide_criticism(guest.site.app.writing(), guest.now, command)
    except (Refused, NotFound, Conflict) as error:
        return _listing(guest, form, problem=told(error))
    return go(f"/bulletin?done={number}&verdict={verdict}")


def _listing(
    guest: Guest, form: Form, *, after: str = "", done: str = "", problem: Told | None = None
) -> Response:
    app = guest.site.app
    found = list_candidates(app.reading(), guest.asker, after=after or None, limit=LISTED)
    return guest.page(
        "orders/bulletin.html.j2",
        status=problem.status if problem else 200,
        subjects=_subjects(found),
        further=found[-1].number if len(found) == LISTED else "",
        issued=_subjects(list_issued(app.reading(), guest.asker)),
        may_decide=may_decide(guest.asker),
        form=form,
        problem=problem,
        done=done,
        verdicts=VERDICTS,
    )


def _subjects(marks: list[Candidate]) -> list[Subject]:
    grouped = (tuple(marked) for _, marked in groupby(marks, key=attrgetter("number", "decided_at")))
    return [Subject(causes[0], causes) for causes in grouped]
