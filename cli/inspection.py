"""The auditor's everyday: filter the history, see one thing in full, go back to a day, compare two days, ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import Any

import click

from cli.desk import Desk, desk, emit, warn
from cli.inspection_text import (
    board_text,
    diff_text,
    entry_text,
    findings_text,
    item_diff_text,
    line_told,
    log_text,
    past_text,
    past_told,
    record_text,
)
from cli.panel import Command, Group, Instant, OneOf, Whole, Words
from cli.values import plain
from engine.model.calendar import LOCAL
from engine.model.entry import EntryFlag
from engine.model.ids import DefinitionRef, PersonId
from engine.model.inspection import LogFilter
from engine.usecases.inspecting import Inspector, reads_log
from engine.usecases.inspection import inspect_entry, inspect_item, inspect_log
from engine.usecases.past import Page, board_as_of, board_diff, item_as_of, item_diff
from engine.usecases.people import persons_of
from engine.usecases.suspicion import Asked, list_questions
from runtime.words import MARKS, PEOPLE

FLAGS = {name.lower(): meaning for name, meaning in MARKS.items()}
LIMIT = click.option("--limit", type=Whole(most=500), default=50, help="最多几条，默认 50")
NUMBER = click.argument("number", metavar="[编号]", required=False, type=Words())
UNIT = click.option("--unit", metavar="单位", type=Words(), help="此单位及其下级")
AFTER = click.option("--after", metavar="编号", type=Words(), default="", help="从这个编号之后看起（翻页）")
_DATE = len("2020-12-05")


class Moment(Instant):
    """An instant, or a day; a day alone is its end, so that the whole day counts."""

    name = "日期或时刻"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The last instant that counts, aware."""
        at = super().convert(value, param, ctx)
        return _end_of(at.date()) if isinstance(value, str) and len(value) == _DATE else at


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL) + timedelta(days=1, microseconds=-1)


FILTERS = (
    click.option("--item", metavar="编号", type=Words(), help="只看这一件"),
    UNIT,
    click.option("--person", metavar="登录名", type=Words(), help="只看此人办的"),
    click.option(
        "--as", "standing", metavar="身份", type=OneOf(PEOPLE), help="只看以此身份办的，如 owner、office"
    ),
    click.option("--for", "principal", metavar="登录名", type=Words(), help="只看代此人办的"),
    click.option("--verb", metavar="动作", type=Words(), help="只看这个动作，如 approve、due、grant_post"),
    click.option("--since", type=Instant(), help="从这天（或时刻）起"),
    click.option("--until", type=Moment(), help="到这天（含）或时刻止"),
    click.option("--rules", metavar="流程@版本", type=Words(), help="只看依这一版流程办的，如 item@2"),
    click.option(
        "--flag", "flags", metavar="标记", type=OneOf(FLAGS), multiple=True, help="、".join(FLAGS.values())
    ),
)
"""What narrows a list of entries; the same for the log and for its exports."""


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """The command with every filter."""
    return reduce(lambda made, option: option(made), reversed(FILTERS), command)


def add_to(audit: Group) -> None:
    """Make these commands part of `duban audit`."""
    for command in (log, show, as_of, diff, findings):
        audit.add_command(command)


@click.command(
    cls=Command,
    name="log",
    help="查历史，先新后旧：谁在何时、以何身份、代谁、依哪一版流程，把什么改成了什么；前一状态历时多久、在谁手里。",
    examples=(
        "audit log --unit team_a --since 2020-06-01 --until 2020-06-30",
        "audit log --verb close_out --flag claimed_earlier",
        "audit log --person zhangsan --as owner --rules item@2 --json",
    ),
)
@filtered
@click.option("--before", type=Whole(0), help="从这个序号之前看起（翻页）")
@LIMIT
def log(**given: Any) -> None:
    """List entries."""
    with desk() as at:
        page = inspect_log(
            inspector(at), replace(wanted(at, given), before=given["before"], limit=given["limit"])
        )
    told = {"before": page.before, "entries": [line_told(line) for line in page.lines]}
    emit(told, log_text(page) if page.lines else "没有这样的记录")
    if page.before is not None:
        warn(f"还有更早的；接着看请加 --before {page.before}")


def wanted(at: Desk, given: Mapping[str, Any]) -> LogFilter:
    """The filter that the options of `filtered` ask for."""
    unit = at.unit(given["unit"]) if given["unit"] else None
    return LogFilter(
        number=given["item"],
        unit=unit,
        actor=_person(at, given["person"]),
        standing=given["standing"],
        principal=_person(at, given["principal"]),
        what=given["verb"],
        since=given["since"],
        until=given["until"] and given["until"] + timedelta(microseconds=1),
        rules=_rules(given["rules"]),
        flags=EntryFlag(sum(EntryFlag[name.upper()] for name in set(given["flags"]))),
    )


def _person(at: Desk, login: str | None) -> PersonId | None:
    return persons_of(at.app.reading(), [login])[login] if login else None


def _rules(text: str | None) -> DefinitionRef | None:
    if text is None:
        return None
    name, _, version = text.rpartition("@")
    if not name or not version.isdecimal():
        raise click.UsageError(f"--rules 应为 item@2 这样的写法，实为“{text}”")
    return DefinitionRef(name, int(version))


@click.command(
    cls=Command,
    name="show",
    help="查看一件事项的全部记录和每个状态的历时、经手人；给序号，则查看这一条的全部内容。",
    examples=("audit show ZG-2020-000001", "audit show 120"),
)
@click.argument("what", metavar="编号或序号", type=Words())
def show(what: str) -> None:
    """Show an item's record, or one entry."""
    with desk() as at:
        if what.isdecimal():
            page = inspect_entry(inspector(at), int(what))
            emit(line_told(page.lines[0]), entry_text(page))
            return
        record = inspect_item(inspector(at), what)
    told = {
        "number": record.number,
        "entries": [line_told(line) for line in record.lines],
        "spells": plain(record.spells),
    }
    emit(told, record_text(record))


@click.command(
    cls=Command,
    name="as-of",
    help="回到过去某天（当天结束时）或某一时刻：一件事项，或全局各单位各环节的件数；全部由历史重建，不看现有的表。",
    examples=("audit as-of 2020-06-30 ZG-2020-000001", "audit as-of 2020-06-30 --unit team_a"),
)
@click.argument("moment", metavar="日期", type=Moment())
@NUMBER
@UNIT
@AFTER
@LIMIT
def as_of(moment: datetime, number: str | None, unit: str | None, after: str, limit: int) -> None:
    """Show the past."""
    with desk() as at:
        if number:
            past = item_as_of(inspector(at), number, moment)
            emit(past_told(past), past_text(past))
            return
        board = board_as_of(inspector(at), moment, Page(at.unit(unit) if unit else None, after, limit))
    emit(board, board_text(board))
    _more(limit, [row.number for row in board.rows])


@click.command(
    cls=Command,
    name="diff",
    help="比较两个时刻：一件事项逐项变了什么，或全局件数怎样变、哪些事项动过。",
    examples=("audit diff 2020-05-31 2020-06-30 ZG-2020-000001", "audit diff 2020-05-31 2020-06-30"),
)
@click.argument("since", metavar="日期一", type=Moment())
@click.argument("until", metavar="日期二", type=Moment())
@NUMBER
@UNIT
@AFTER
@LIMIT
def diff(
    *, since: datetime, until: datetime, number: str | None, unit: str | None, after: str, limit: int
) -> None:
    """Compare two instants."""
    if until < since:
        raise click.UsageError("日期二早于日期一")
    with desk() as at:
        if number:
            found = item_diff(inspector(at), number, since, until)
            emit({"changes": plain(found.changes), "entries": found.entries}, item_diff_text(found))
            return
        boards = board_diff(inspector(at), since, until, Page(at.unit(unit) if unit else None, after, limit))
    emit(boards, diff_text(boards))
    _more(limit, [each.after.number for each in boards.moved])


@click.command(
    cls=Command,
    name="findings",
    help="查有无纸面整改的迹象：成批销号、月底突击、照抄进展、从不退回、快得来不及看、复核本人经手的。\n"
    "只列疑问、次数和所依据的记录，不下结论。",
    examples=("audit findings --since 2020-04-01 --until 2020-06-30", "audit findings --json"),
)
@click.option("--since", type=Instant(), help="从这天（或时刻）起")
@click.option("--until", type=Moment(), help="到这天（含）或时刻止")
@click.option("--after", metavar="疑问", type=Words(), help="从这个疑问之后看起（翻页）")
@LIMIT
def findings(since: datetime | None, until: datetime | None, after: str | None, limit: int) -> None:
    """List questions."""
    end = until and until + timedelta(microseconds=1)
    with desk() as at:
        found = list_questions(inspector(at), Asked(since=since, until=end, after=after, limit=limit))
    told = [{"key": q.key, "count": q.count, **plain(q)} for q in found.questions]
    emit({"altogether": found.altogether, "questions": told}, findings_text(found))
    if len(found.questions) == limit:
        warn(f"可能还有；接着看请加 --after {found.questions[-1].key}")


def inspector(at: Desk) -> Inspector:
    """Whoever sits at the desk, as an inspector; what is entered of their looking is entered at the real time."""
    if reads_log(at.asker):
        at.require_writer()
    return Inspector(at.app.reading, at.app.writing, at.now, at.asker)


def _more(limit: int, numbers: Sequence[str]) -> None:
    if len(numbers) == limit:
        warn(f"可能还有；接着看请加 --after {numbers[-1]}")
