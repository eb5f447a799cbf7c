"""The working calendar: what it says of days and words, and what changes when another comes into force."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from cli.desk import Desk, desk, emit
from cli.panel import Group, Words
from cli.text import table
from cli.values import plain
from cli.what_if import UNNARROWED, asked, emit_forecast, narrowing
from engine.model.calendar import LOCAL, Calendar, CalendarOverride, SpecialDays
from engine.model.clock import Anchor, DueRule, Roll
from engine.model.dates import DayRule
from engine.model.errors import Invalid, Problem
from engine.rules.calendars import day_told, each_day, overridden, years_left_out
from engine.rules.date_words import EXAMPLES, day_rule, said, spans
from engine.rules.periods import clock_of, due_at
from engine.rules.supposing import under
from engine.usecases.calendars import (
    LoadCalendar,
    calendar_in_force,
    calendar_with,
    load_calendar,
    reproject,
)
from engine.usecases.telling import Rescheduling
from engine.usecases.what_if import Forecast, forecast
from runtime.calendars import china_calendar
from workflows.calendars import read_calendar

CUTOFF = 18 * 60
DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Year(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """A year in which dates are reckoned."""

    name = "年份"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The year. Fails with what was expected."""
        if not re.fullmatch("199[2-9]|2[0-9]{3}", f"{value}"):
            self.fail(f"应为 1992 至 2999 的年份，实为“{value}”", param, ctx)
        return int(value)


calendar = Group(
    name="calendar",
    help="日历：哪天上班、一个日期怎么算；载入新的放假安排，先看会改动什么。",
    examples=("calendar show 2020", "calendar explain 12月5日前 --year 2020", "calendar what-if 2027.yaml"),
    no_args_is_help=True,
)
FILE = click.argument("file", metavar="日历文件", type=click.Path(path_type=Path))
DRY_RUN = click.option("--dry-run", is_flag=True, help="只列出会改动的时限，不写入")


@calendar.command(
    "show",
    help="现行日历：依据、覆盖到哪一年、办公时间，以及一年里的节假日和调休。",
    examples=("calendar show", "calendar show 2020 --json"),
)
@click.argument("year", metavar="[年份]", type=Year(), required=False)
def show(year: int | None) -> None:
    """Show a year of the calendar in force."""
    with desk() as at:
        found, loaded = calendar_in_force(at.app.reading())
        year = year or at.now.astimezone(LOCAL).year
    days = each_day(date(year, 1, 1), date(year, 12, 31))
    special = list(_special(found, days))
    working = sum(map(found.works_on, days))
    told = {
        "id": found.id,
        "covered_from": found.covered_from,
        "covered_until": found.covered_until,
        "hours": [_hours(span) for span in found.hours],
        "loaded": loaded,
        "year": year,
        "working_days": working,
        "days": special,
    }
    doubt = "" if found.is_covered(days[-1]) else "（待核）"
    total = f"{year} 年：工作日 {working} 天，休息日 {len(days) - working} 天{doubt}"
    rows = [(_dates(each), "上班" if each.works else "休息", each.label) for each in special]
    listed = table(("日期", "安排", "原因"), rows) if rows else ""
    emit(told, "\n".join(filter(None, [*_about(found, loaded), total, listed])))


@calendar.command(
    "explain",
    help=f"一天是否上班、为什么；或方案里的一句日期是哪几天、遇休息日提前到何时。\n可写：{EXAMPLES}",
    examples=("calendar explain 2020-10-01", "calendar explain 每月底 --year 2020"),
)
@click.argument("words", metavar="日期或原话", type=Words())
@click.option("--year", metavar="年份", type=Year(), help="原话没有写年份时按哪一年，默认今年")
def explain(words: str, year: int | None) -> None:
    """Explain a day, or the words of a plan."""
    rule, day = day_rule(words), _day(words)
    if rule is None and day is None:
        raise click.BadParameter(f"读不懂“{words}”；可写 2020-10-01，或 {EXAMPLES}", param_hint="日期或原话")
    with desk() as at:
        found, _ = calendar_in_force(at.app.reading())
        year = year or at.now.astimezone(LOCAL).year
    lines = [day_told(found, day)] if day else [*_named(found, rule, year)] if rule else []
    emit({"words": words, "calendar": found.id, "told": lines}, "\n".join(lines))


@calendar.command(
    "check",
    help="检查日历文件，列出与随附日历不同的日子。有错误时退出码为 6。不需要数据库。",
    examples=("calendar check 2027.yaml",),
)
@FILE
def check(file: Path) -> None:
    """Check a calendar file."""
    override, shipped = _read(file), china_calendar()
    _require_every_year(file, years_left_out(shipped, override))
    found = overridden(shipped, override)
    days = [day for special in override.days for day in each_day(special.first, special.last)]
    differing = [day for day in sorted(days) if found.works_on(day) is not shipped.works_on(day)]
    lines = [day_told(found, day) for day in differing]
    total = f"{override.name} 可用，与随附日历不同的有 {len(differing)} 天"
    emit({"name": override.name, "sha256": override.sha256, "days": lines}, "\n".join([total, *lines]))


@calendar.command(
    "what-if",
    help="如果载入这份日历，您有权查看的事项中哪些时限、灯色会改动。不写入任何内容。",
    examples=("calendar what-if 2027.yaml --actor admin01",),
)
@FILE
@narrowing
def what_if(file: Path, **given: Any) -> None:
    """List what a calendar would change."""
    override = _read(file)
    with desk() as at:
        found = _under(at, calendar_with(at.app.reading(), override), given)
    emit_forecast(found, f"载入 {override.name} 将改动 {found.limits} 个时限")


@calendar.command(
    "load",
    help="载入日历并重算全部正在计时的时限，每个改动留下一条记录。由系统管理员办理；中断后再运行一次即可。",
    examples=("calendar load 2027.yaml --dry-run --actor admin01", "calendar load 2027.yaml --actor admin01"),
)
@FILE
@DRY_RUN
def load(file: Path, dry_run: bool) -> None:
    """Put a calendar in force and reckon again."""
    override = _read(file)
    with desk() as at:
        if dry_run:
            _emit_trial(_under(at, calendar_with(at.app.reading(), override)))
            return
        at.require_writer()
        load_calendar(at.app.writing(), at.now, LoadCalendar(override, at.asker))
        changes = list(reproject(at.app.writing, at.now, at.asker))
    _emit_changes(changes, f"已载入 {override.name}（{override.label}），改动 {len(changes)} 个时限")


@calendar.command(
    "reproject",
    help="按现行日历重算全部正在计时的时限，例如升级程序之后。由系统管理员办理。",
    examples=("calendar reproject --dry-run --actor admin01", "calendar reproject --actor admin01"),
)
@DRY_RUN
def reproject_all(dry_run: bool) -> None:
    """Reckon again under the calendar in force."""
    with desk() as at:
        if dry_run:
            _emit_trial(_under(at, calendar_in_force(at.app.reading())[0]))
            return
        at.require_writer()
        changes = list(reproject(at.app.writing, at.now, at.asker))
    _emit_changes(changes, f"改动 {len(changes)} 个时限")


def _under(at: Desk, other: Calendar, given: Mapping[str, Any] = UNNARROWED) -> Forecast:
    """What would change among the asker's items under another calendar."""
    return forecast(at.app.reading(), at.now, at.asker, asked(at, under(other), given))


def _emit_trial(found: Forecast) -> None:
    emit_forecast(found, f"将改动 {found.limits} 个时限")


def _read(file: Path) -> CalendarOverride:
    return read_calendar(file.read_bytes(), f"{file}")


def _require_every_year(file: Path, missing: Sequence[int]) -> None:
    if missing:
        hint = "补上这些年份，或改小 covers"
        texts = (f"covers 之内的 {year} 年没有一天放假安排" for year in missing)
        problems = tuple(Problem(where=f"{file}", text=text, hint=hint) for text in texts)
        raise Invalid(f"检查日历 {file}", problems)


def _emit_changes(changes: Sequence[Rescheduling], total: str) -> None:
    rows = [(change.item.number, change.item.title, change.sentence) for change in changes]
    emit([_told(change) for change in changes], "\n".join([total, *_listed(rows)]))


def _listed(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if rows:
        yield table(("编号", "事项", "改动"), rows, most=90)


def _told(change: Rescheduling) -> dict[str, Any]:
    before, after = plain(change.before), plain(change.after)
    return {"number": change.item.number, "label": change.label, "before": before, "after": after}


def _about(found: Calendar, loaded: CalendarOverride | None) -> Iterator[str]:
    yield f"日历 {found.id}"
    covered = f"{found.covered_from.year} 年至 {found.covered_until.year} 年有官方放假安排"
    yield f"{covered}；此外按周末和固定节日推算，标“待核”"
    yield f"办公时间：{'、'.join(map(_hours, found.hours))}"
    if loaded:
        yield f"已载入 {loaded.name}：{loaded.label}；依据：{loaded.source}"


def _hours(span: tuple[int, int]) -> str:
    return "-".join(map(clock_of, span))


def _special(found: Calendar, days: Sequence[date]) -> Iterator[SpecialDays]:
    """The special days, those in a row that have one reason told together."""
    last: SpecialDays | None = None
    for day in (each for each in days if each in found.exceptions):
        works, label = found.exceptions[day], found.notes.get(day, "")
        if last and (last.works, last.label) == (works, label) and last.last + timedelta(days=1) == day:
            last = SpecialDays(first=last.first, last=day, works=works, label=label)
            continue
        if last:
            yield last
        last = SpecialDays(first=day, last=day, works=works, label=label)
    if last:
        yield last


def _dates(special: SpecialDays) -> str:
    return f"{special.first}" if special.first == special.last else f"{special.first} 至 {special.last}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def _named(found: Calendar, rule: DayRule, year: int) -> Iterator[str]:
    """Each span that the words name in a year, and the instant by which something is due in it."""
    due = DueRule(anchor=Anchor.FIELD, roll=Roll.BACK, cutoff_minutes=CUTOFF, words=said(rule))
    for span in spans(rule, year):
        begins = f"{span.first} 起；" if span.first != span.last else ""
        at = datetime(span.last.year, span.last.month, span.last.day, tzinfo=LOCAL)
        yield f"{begins}{due_at(due, at, span.last, found).proof}"
