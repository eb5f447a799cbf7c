"""The working days of a year, why one of them is what it is, and what a calendar would change before it is loaded."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.model.actor import Role
from engine.model.calendar import Calendar, CalendarOverride
from engine.model.errors import Conflict, Error, Invalid, Problem
from engine.rules.accounts import roles_of
from engine.rules.calendars import day_told
from engine.rules.standing import require
from engine.rules.supposing import under
from engine.usecases.calendars import (
    LoadCalendar,
    Reckoned,
    calendar_in_force,
    calendar_with,
    load_calendar,
    reckon_again,
)
from engine.usecases.what_if import Forecast, Question, forecast
from web.forms import AnyForm, Form, day_in
from web.problems import Told, told
from web.site import AnyGuest, Guest
from web.threads import apart, carried_on
from workflows.calendars import read_calendar

router = APIRouter()
Text = Annotated[str, Query(max_length=100)]
FIRST, LAST = 1992, 2999
MOST_BYTES: Final = 64 * 1024
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar as it is drawn; None stands for the blanks before the first of a month."""

    day: date
    works: bool
    is_special: bool
    told: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A calendar file that was looked at: its text, and what loading it would change."""

    text: str
    override: CalendarOverride
    found: Forecast


@router.get("/calendar")
def year(guest: AnyGuest, year: int | None = None, day: Text = "") -> Response:
    """The working days of a year, as they are in force; a named day is explained."""
    return _year(guest, year, day_in(day, "哪一天"))


@router.post("/calendar")
@apart
def load(guest: AnyGuest, form: AnyForm) -> Response:
    """Show what a calendar file would change; put it in force and reckon again, once that was confirmed."""
    app = guest.site.app
    require(guest.asker, [Role.ADMINISTRATOR], "不能载入日历")
    try:
        text = _text_of(form)
        override = read_calendar(text.encode(), "日历文件")
        if "confirmed" not in form.texts:
            return _year(guest, trial=_tried(guest, text, override))
        load_calendar(app.writing(), guest.now, LoadCalendar(override, guest.asker))
    except (Invalid, Conflict) as error:
        return _year(guest, problem=told(error))
    steps = _told(carried_on(reckon_again(app.writing, guest.now, guest.asker)))
    return guest.flow("system/reckoning.html.j2", override=override, steps=steps)


def _told(steps: Iterator[Reckoned]) -> Iterator[Reckoned | Told]:
    """The steps, and last what broke them off: the page is under way by then."""
    try:
        yield from steps
    except Error as error:
        yield told(error)


def _text_of(form: Form) -> str:
    """The text of the file that came, or that was looked at before. Raises Invalid."""
    files = form.files.get("file", ())
    data = files[0].file.read(MOST_BYTES + 1) if files else form.text("text").encode()
    hint = "请选一个 YAML 日历文件，写法见 docs/calendar.md"
    if not data or len(data) > MOST_BYTES:
        said = "没有选文件" if not data else f"文件超过 {MOST_BYTES // 1024} KB"
        raise Invalid("没有载入日历", (Problem(where="日历文件", text=said, hint=hint),))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem(where="日历文件", text="不是 UTF-8 文本", hint=hint)
        raise Invalid("没有载入日历", (problem,)) from None


def _tried(guest: Guest, text: str, override: CalendarOverride) -> Trial:
    app = guest.site.app
    supposed = under(calendar_with(app.reading(), override))
    question = Question(supposition=supposed, since=guest.now, until=guest.now, limit=SHOWN)
    return Trial(text, override, forecast(app.reading(), guest.now, guest.asker, question))


def _year(
    guest: Guest,
    year: int | None = None,
    day: date | None = None,
    *,
    trial: Trial | None = None,
    problem: Told | None = None,
) -> Response:
    found, loaded = calendar_in_force(guest.site.app.reading())
    today = guest.today
    shown = min(max(year or (day or today).year, FIRST), LAST)
    return guest.page(
        "system/calendar.html.j2",
        status=problem.status if problem else 200,
        year=shown,
        calendar=found,
        loaded=loaded,
        months=[(month, list(_month(found, shown, month))) for month in range(1, 13)],
        is_covered=found.is_covered(date(shown, 12, 31)),
        today=today,
        day=day,
        told=day_told(found, day) if day else "",
        may_load=Role.ADMINISTRATOR in roles_of(guest.asker),
        trial=trial,
        problem=problem,
    )


def _month(found: Calendar, year: int, month: int) -> Iterator[Day | None]:
    first, count = monthrange(year, month)
    yield from [None] * first
    for number in range(1, count + 1):
        day = date(year, month, number)
        yield Day(day, found.works_on(day), day in found.exceptions, day_told(found, day))
