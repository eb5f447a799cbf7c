"""The calendar that a person subscribes to: whatever waits for them, on the day on which it is due (RFC 5545).

The token stands in the address, because calendars cannot show one in another way; it is good for nothing else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request
from icalendar import Alarm, Calendar, Event
from starlette.responses import Response

from engine.model.calendar import LOCAL
from engine.model.errors import NotFound
from engine.model.token import Scope
from engine.usecases.work import Task, tasks_of
from web.api.bearer import ScopeMissing, TokenMissing, bearer_of
from web.site import Site

router = APIRouter()
MEDIA: Final = "text/calendar; charset=utf-8"
REMINDER: Final = timedelta(hours=-15)
"""Nine in the morning of the day before."""


@router.get("/calendar/{token}.ics")
def feed(request: Request, token: Annotated[str, Path(pattern="^duban_[0-9a-f]{64}$")]) -> Response:
    """The limits of whatever waits for the person. A token that is good for nothing reads like a wrong address."""
    site: Site = request.app.state.site
    now = site.app.now()
    try:
        bearer = bearer_of(site.app, now, token, Scope.CALENDAR)
    except (TokenMissing, ScopeMissing):
        raise NotFound("没有这个日历") from None
    tasks = tasks_of(site.app.reading(), now, bearer.actor).tasks
    return Response(_calendar(tasks, now, bearer.person.name), media_type=MEDIA)


def _calendar(tasks: Sequence[Task], now: datetime, name: str) -> bytes:
    made = Calendar()
    made.add("prodid", "-//duban//ZH")
    made.add("version", "2.0")
    made.add("x-wr-calname", f"督办时限（{name}）")
    made.add("refresh-interval;value=duration", "PT1H")
    for task in tasks:
        if task.row.due_at is not None:
            made.add_component(_event(task, task.row.due_at, now))
    return bytes(made.to_ical())


def _event(task: Task, due_at: datetime, now: datetime) -> Event:
    """One event for each item, that keeps its identity when the limit moves."""
    row = task.row
    due_on = (due_at - timedelta(microseconds=1)).astimezone(LOCAL).date()
    made = Event()
    made.add("uid", f"{row.id}@duban")
    made.add("sequence", row.version)
    made.add("dtstamp", now)
    made.add("dtstart", due_on)
    made.add("dtend", due_on + timedelta(days=1))
    made.add("summary", f"{row.number} {row.title}")
    made.add("description", f"{row.unit_name} · {task.state}\n{task.signal.sentence}")
    made.add("transp", "TRANSPARENT")
    made.add_component(_reminder(row.number))
    return made


def _reminder(number: str) -> Alarm:
    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", f"{number} 明日到期")
    made.add("trigger", REMINDER)
    return made
