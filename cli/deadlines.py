"""Time limits: which come due, and how each was reckoned."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import click

from cli.desk import desk, emit, warn
from cli.items import filters, wanted
from cli.limits import change_lines, step_words, suspension_lines
from cli.panel import Group, Whole, Words
from cli.text import pairs, table
from cli.values import local, plain
from cli.what_if import what_if
from engine.model.deadline import Deadline
from engine.usecases.clock_stories import ClockStory
from engine.usecases.queries import DueLine, explain_clocks, list_due
from runtime.words import OUTCOMES

deadline = Group(
    name="deadline",
    help="时限：哪些将到期，每个时限是怎么算出来的，如果延期或请假会怎样。",
    examples=(
        "deadline list --within 7",
        "deadline show ZG-2020-000001",
        "deadline explain ZG-2020-000001",
        "deadline what-if --extend 5工作日",
    ),
    no_args_is_help=True,
)
deadline.add_command(what_if)


@deadline.command(
    "list",
    help="列出将到期和已逾期的时限，先到期的在前。",
    examples=("deadline list --actor zhangsan", "deadline list --overdue --unit xj_daduan"),
)
@click.option(
    "--within", metavar="天数", type=Whole(0), default=7, help="多少天内到期，默认 7；已逾期的总是列出"
)
@filters
def listing(within: int, **given: Any) -> None:
    """List the clocks that come due."""
    with desk() as at:
        until = at.now if given["overdue"] else at.now + timedelta(days=within)
        lines = list_due(at.app.reading(), at.asker, wanted(at, None, given), until)
        now = at.now
    rows = [(*_line(line), "，".join(_remarks(line.deadline, now))) for line in lines]
    text = table(("到期", "编号", "单位", "事项", "时限", "责任人", ""), rows)
    emit([_told(line) for line in lines], text if rows else "没有将到期的时限")
    if len(rows) == given["limit"]:
        warn(f"只列出最早到期的 {len(rows)} 个；要看更多请加大 --limit")


def _line(line: DueLine) -> tuple[object, ...]:
    row = line.row
    provisional = "（待核）" if line.deadline.is_provisional else ""
    due = f"{local(line.deadline.due_at)}{provisional}"
    return due, row.number, row.unit_name, row.title, line.label, row.owner_name


def _remarks(deadline: Deadline, now: datetime) -> Iterator[str]:
    if deadline.due_at <= now:
        yield "已逾期"
    if deadline.due_at != deadline.original_due_at:
        yield f"原定 {local(deadline.original_due_at)}"


def _told(line: DueLine) -> dict[str, object]:
    return {**plain(line.deadline), "number": line.row.number, "unit": line.row.unit, "label": line.label}


@deadline.command(
    "show",
    help="一件事项的时限，一行一个：到期、原定、还剩几个工作日、下一级提醒。",
    examples=("deadline show ZG-2020-000001 --actor zhangsan",),
)
@click.argument("number", metavar="编号", type=Words())
def show(number: str) -> None:
    """Show the limits of an item as they stand."""
    with desk() as at:
        stories = explain_clocks(at.app.reading(), at.now, at.asker, number)
    head = ("时限", "到期", "原定", "现状", "剩余工作日", "下一级提醒")
    text = table(head, [_standing(story) for story in stories])
    emit([plain(story.revisions[-1]) for story in stories], text if stories else f"{number} 没有起算过时限")


def _standing(story: ClockStory) -> tuple[object, ...]:
    last, left = story.revisions[-1], story.working_days_left
    original = local(last.original_due_at) if last.due_at != last.original_due_at else ""
    ahead = [f"{local(step.at)} {step.rung.label}" for step in story.steps if step.fired is None]
    return (
        story.clock.label,
        f"{local(last.due_at)}{'（待核）' * last.is_provisional}",
        original,
        OUTCOMES[last.outcome.value] if last.outcome else "正在计时",
        "" if left is None else left,
        ahead[0] if ahead and last.outcome is None else "",
    )


@deadline.command(
    "explain",
    help="一件事项的每个时限：依据、算法、各次变更，以及到哪一级提醒谁。",
    examples=("deadline explain ZG-2020-000001 --actor zhangsan",),
)
@click.argument("number", metavar="编号", type=Words())
def explain(number: str) -> None:
    """Explain every clock of an item."""
    with desk() as at:
        stories = explain_clocks(at.app.reading(), at.now, at.asker, number)
    told = [plain(story) for story in stories]
    emit(told, "\n\n".join(map(_story, stories)) if stories else f"{number} 没有起算过时限")


def _story(story: ClockStory) -> str:
    return "\n".join([story.clock.label, *_revisions(story), _ladder(story)])


def _revisions(story: ClockStory) -> Iterator[str]:
    for each in story.revisions:
        how = OUTCOMES[each.outcome.value] if each.outcome else "正在计时"
        ended = f"，{local(each.ended_at)} {how}" if each.ended_at else f"，{how}"
        yield f"  第 {each.revision} 次：{each.proof}{ended}"
    last, left = story.revisions[-1], story.working_days_left
    yield from (f"  变更  {line}" for line in change_lines(story))
    yield from (f"  中止  {line}" for line in suspension_lines(story))
    if left is not None:
        yield f"  还有 {left} 个工作日" if left >= 0 else f"  已过 {-left} 个工作日"
    if story.sources:
        yield f"  依据：{'；'.join(story.sources)}"
    if left is not None and last.calendar != story.calendar:
        yield f"  推算时的日历：{last.calendar}（现行：{story.calendar}）"


def _ladder(story: ClockStory) -> str:
    return pairs((f"  {step.rung.label}", "  ".join(step_words(step))) for step in story.steps)
