"""`duban audit conformance`: how items went, held against what their definition declares."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from cli.desk import desk, emit, spelled
from cli.inspection import UNIT, Moment, inspector
from cli.panel import Command, Instant, OneOf, Words
from cli.text import pairs, table
from cli.values import plain
from engine.usecases.conformance import Asked, Course, inspect_conformance
from runtime.conformance_words import (
    DEVIATIONS,
    MEASURED,
    course_summary,
    crossing_told,
    percent,
    wait_cells,
)
from runtime.diagrams.conformance import conformance_svg
from runtime.files import new_file

FORMS = {"table": "表", "json": "数据", "svg": "图"}
_SHOWN = 30
_ENTRIES = 8
WAITS = ("状态", "单位", "停留次数", "中位", "九成", "最长", "未离开")


@click.command(
    cls=Command,
    name="conformance",
    help=f"拿历史与流程逐步对照：漏了签收没有、次序对不对、退回几次、卡在哪个状态哪个单位。\n{MEASURED}。",
    examples=(
        "audit conformance --until 2020-06-30",
        "audit conformance --kind report --unit team_a",
        "audit conformance --format svg --output course.svg",
    ),
)
@click.option("--kind", metavar="类别", type=Words(), default="item", help="哪一种流程，默认 item（问题）")
@click.option("--item", metavar="编号", type=Words(), help="只看这一件")
@UNIT
@click.option("--since", type=Instant(), help="只看这天（或时刻）起办过的事项；每件仍从头对照")
@click.option("--until", type=Moment(), help="对照到这天（含）或时刻止")
@click.option("--format", "form", metavar="格式", type=OneOf(FORMS), default="table", help="、".join(FORMS))
@click.option("--output", metavar="文件", type=click.Path(path_type=Path), help="图写到这个新文件")
def conformance(
    *,
    kind: str,
    item: str | None,
    unit: str | None,
    since: datetime | None,
    until: datetime | None,
    form: str,
    output: Path | None,
) -> None:
    """Compare the history with its definition."""
    if output and form != "svg":
        raise click.UsageError("只有 --format svg 写文件；表和数据请用 > 转存")
    with desk() as at:
        asked = Asked(
            kind=kind,
            number=item,
            unit=at.unit(unit) if unit else None,
            since=since,
            until=until and until + timedelta(microseconds=1),
        )
        course = inspect_conformance(inspector(at), asked)
    if form == "svg":
        _drawn(conformance_svg(course), output)
    elif form == "json":
        click.echo(spelled(_told(course)))
    else:
        emit(_told(course), _text(course))


def _drawn(drawing: str, output: Path | None) -> None:
    if output is None:
        click.echo(drawing, nl=False)
        return
    with new_file(output) as incoming:
        incoming.write_text(drawing, encoding="utf-8", newline="\n")
    emit({"output": f"{output}"}, f"已画到 {output}")


def _told(course: Course) -> dict[str, Any]:
    """The course, for programs."""
    found = course.found
    return {
        "definition": f"{course.definition.ref}",
        "until": plain(course.until),
        **plain(found),
        "worst": [{"number": course.numbers[line.item], **plain(line)} for line in found.worst],
    }


def _text(course: Course) -> str:
    """The course, for readers."""
    return "\n".join([pairs(course_summary(course)), *_sections(course)])


def _sections(course: Course) -> Iterator[str]:
    found, definition = course.found, course.definition
    if found.deviations:
        differing = [
            (DEVIATIONS[d.deviation], d.count, d.items, "、".join(map(str, d.entries[:_ENTRIES])))
            for d in found.deviations
        ]
        yield "\n" + table(("与流程不符", "次数", "件数", "依据记录（序号）"), differing, most=70)
    if found.returns:
        back = [(crossing_told(definition, r.crossing), r.count, r.items, r.most) for r in found.returns]
        yield "\n" + table(("退回", "次数", "件数", "一件最多"), back)
    if found.waits:
        yield from _waits(course)
    if found.worst:
        worst = [
            (course.numbers[each.item], percent(each.fitness), each.returns, len(each.deviants))
            for each in found.worst
        ]
        yield "\n" + table(("值得一看的事项", "吻合度", "退回", "不符"), worst)


def _waits(course: Course) -> Iterator[str]:
    states, units = course.found.states, course.found.waits
    yield f"\n{MEASURED}；占时多的在前"
    yield table(WAITS, [wait_cells(course, line) for line in states])
    yield "\n" + table(WAITS, [wait_cells(course, line) for line in units[:_SHOWN]])
    if len(units) > _SHOWN:
        yield f"各状态各单位共 {len(units)} 行，其余见 --format json"
