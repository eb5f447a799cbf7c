"""A person's own pages: the workbench, what is to be done, what was told, what was done, what they began."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.notice import Notice
from engine.model.views import ItemFilter, NoticeRow
from engine.usecases.queries import find_notice, list_lit, list_notices
from engine.usecases.work import MOST, count_unread, deeds_of, mark_read, overview_of, tasks_of
from notifications.render import Message, render
from web.forms import AnyForm
from web.lists import labels_of, unit_names
from web.site import AnyGuest, Guest, go

router = APIRouter()
PAGE = 50
DONE = {"password": "密码已修改。", "read": "已标为已阅。"}
After = Annotated[str | None, Query(max_length=64)]


@router.get("/")
def workbench(guest: AnyGuest, done: str = "") -> Response:
    """What is to be done today, and how the plan stands."""
    overview = overview_of(guest.site.app.reading(), guest.now, guest.asker)
    subjects = {row.key: _subject(guest, row) for row in overview.notices}
    return guest.page(
        "desk/workbench.html.j2", overview=overview, subjects=subjects, most=MOST, done=DONE.get(done, "")
    )


@router.get("/todo")
def todo(guest: AnyGuest, start: Annotated[int, Query(ge=0, le=100_000)] = 0) -> Response:
    """What waits for the guest, the most urgent first."""
    found = tasks_of(guest.site.app.reading(), guest.now, guest.asker, start, PAGE)
    return guest.page("desk/todo.html.j2", found=found, page=PAGE, most=MOST)


@router.get("/inbox")
def inbox(guest: AnyGuest, after: After = None, done: str = "") -> Response:
    """The guest's notices, newest first."""
    app = guest.site.app
    rows = list_notices(app.reading(), guest.asker, after=after, limit=PAGE)
    return guest.page(
        "desk/inbox.html.j2",
        rows=rows,
        subjects={row.key: _subject(guest, row) for row in rows},
        unread=count_unread(app.reading(), guest.asker),
        after=rows[-1].key if len(rows) == PAGE else None,
        done=DONE.get(done, ""),
    )


@router.post("/inbox")
def read(guest: AnyGuest, form: AnyForm) -> Response:
    """Mark the named notices as read."""
    mark_read(guest.site.app.writing(), guest.now, guest.asker, form.texts.get("notice", ()))
    return go("/inbox?done=read")


@router.get("/inbox/{key}")
def notice(guest: AnyGuest, key: str) -> Response:
    """One notice in full."""
    row = find_notice(guest.site.app.reading(), guest.asker, key)
    return guest.page("desk/notice.html.j2", row=row, message=message_of(guest, row))


@router.get("/done")
def done(guest: AnyGuest, before: int | None = None) -> Response:
    """What the guest did, newest first."""
    deeds = deeds_of(guest.site.app.reading(), guest.asker, before, PAGE)
    further = deeds[-1].entry.index if len(deeds) == PAGE else None
    return guest.page("desk/done.html.j2", deeds=deeds, before=further)


@router.get("/opened")
def opened(guest: AnyGuest, after: After = None) -> Response:
    """What the guest began, newest first."""
    app = guest.site.app
    wanted = ItemFilter(opener=guest.asker.person, newest_first=True, after=after, limit=PAGE)
    rows = list_lit(app.reading(), guest.now, guest.asker, wanted)
    further = rows[-1].row.number if len(rows) == PAGE else None
    return guest.page("desk/opened.html.j2", rows=rows, labels=labels_of(app, rows), after=further)


def message_of(guest: Guest, row: NoticeRow) -> Message:
    """A notice in words."""
    written = Notice(
        key=row.key,
        kind=row.kind,
        item=row.item,
        recipient=row.recipient,
        facts=row.facts,
        written_at=row.written_at,
    )
    return render(written, unit_names(guest.site.app).get(f"{row.facts.get('unit')}", ""))


def _subject(guest: Guest, row: NoticeRow) -> str:
    return message_of(guest, row).subject
