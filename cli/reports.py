"""Who has reported and who has not: the matrix of units and periods, the silent ones, and signing a nil return."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import click

from cli.desk import Desk, desk, emit
from cli.detail import standing
from cli.panel import LINE, Command, Day, Words
from cli.text import GAP, table, width
from cli.values import local, plain
from engine.model.campaign import Duty
from engine.rules.duties import Cell, Standing
from engine.usecases.definitions import pinned
from engine.usecases.duties import Matrix, NilReturn, Part, missing_reports, report_matrix, sign_nil
from runtime.words import STANDINGS

CAMPAIGN = click.option("--campaign", metavar="编号", help="专项活动；只载入了一个时可省略")
PARTS: tuple[Callable[..., Any], ...] = (
    click.option("--duty", metavar="任务", type=Words(), help="只看一项报送任务，如 monthly"),
    click.option("--unit", metavar="单位", type=Words(), help="只看一个单位"),
    click.option("--from", "from_on", type=Day(), help="只看这一天及以后到期的期次"),
    click.option("--until", "until_on", type=Day(), help="只看这一天及以前到期的期次"),
    CAMPAIGN,
)


def parts(function: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow the matrix."""
    for each in reversed(PARTS):
        function = each(function)
    return function


def _part(at: Desk, given: Mapping[str, Any]) -> Part:
    return Part(**{**given, "unit": at.unit(given["unit"]) if given["unit"] else None})


@click.command(
    "matrix",
    cls=Command,
    help="各单位各期次的报送情况：已报、迟报、未报、零报告、未到期。单位按方案附件的顺序，一个不漏；只列您有权查看的。",
    examples=("report matrix --actor zhangsan", "report matrix --duty monthly --from 2020-06-01 --json"),
)
@parts
def matrix(**given: Any) -> None:
    """Show units × periods."""
    with desk() as at:
        found = report_matrix(at.app.reading(), at.now, at.asker, _part(at, given))
    blocks = [block for each in found.duties for block in _blocks(found, each)]
    told = "\n\n".join([_by_period(found), *blocks, _total(found.cells)])
    emit(_told(found, found.cells), told if found.cells else _NOBODY)


@click.command(
    "missing",
    cls=Command,
    help="过了时限仍未报送的单位，按方案附件的顺序逐一列出。迟报的已经报了，不在其中。",
    examples=("report missing --actor zhangsan", "report missing --duty monthly"),
)
@parts
def missing(**given: Any) -> None:
    """List those who have not reported."""
    with desk() as at:
        found = missing_reports(at.app.reading(), at.now, at.asker, _part(at, given))
        now = at.now
    names, labels = dict(found.units), {each.code: each.label for each in found.duties}
    order = {code: place for place, (code, _) in enumerate(found.units)}
    cells = sorted(found.cells, key=lambda cell: (order[cell.unit], cell.due_at, cell.duty))
    rows = [
        (
            names[c.unit],
            labels[c.duty],
            c.period,
            local(c.due_at),
            (now - c.due_at).days,
            c.number or "未建立",
        )
        for c in cells
    ]
    heads = ("单位", "报送任务", "期次", "时限", "已过天数", "编号")
    total = f"未报 {len(rows)} 件，涉及 {len({cell.unit for cell in cells})} 个单位"
    emit(_told(found, cells), f"{total}\n{table(heads, rows)}" if rows else "没有漏报")


@click.command(
    "nil",
    cls=Command,
    help="签报零报告：部门主要负责人声明这一期没有情况。没有固定日期的任务（如 nil_return）随签随建。",
    examples=("report nil --unit xj_daduan --duty monthly --period 2020-05 --actor duizhang",),
)
@click.option("--unit", metavar="单位", required=True, type=Words(), help="报送单位")
@click.option("--duty", metavar="任务", required=True, type=Words(), help="报送任务，如 monthly、nil_return")
@click.option("--period", metavar="期次", required=True, type=Words(), help="期次，如 2020-05")
@click.option("--key", metavar="操作编号", type=Words(), help="同一编号只办一次；网络中断后可放心重发")
@CAMPAIGN
def nil(**given: Any) -> None:
    """Sign a nil return."""
    with desk() as at:
        at.require_writer()
        place = pinned(at.app.reading(), "report", given["campaign"])
        unit = at.unit(given["unit"])
        command = NilReturn(
            campaign=place.campaign,
            duty=given["duty"],
            unit=unit,
            period=given["period"],
            actor=at.asker,
            key=given["key"] or f"nil/{place.campaign}/{given['duty']}/{unit}/{given['period']}",
        )
        item = sign_nil(at.app.writing(), at.now, command)
    emit(standing(item), f"{item.number} {item.title}：零报告已签报")


_NOBODY = "没有符合条件、您又有权查看的报送"
_COUNTED = [each for each in Standing if each is not Standing.EXEMPT]


def _by_period(found: Matrix) -> str:
    """One line a period: by when, of how many units, and how they stand."""
    labels = {each.code: each.label for each in found.duties}
    rows = [
        (
            labels[each.duty],
            each.period,
            local(each.due_at),
            each.asked,
            *(each.counts.get(standing, 0) or "" for standing in _COUNTED),
        )
        for each in found.periods
    ]
    return table(("报送任务", "期次", "时限", "应报", *(STANDINGS[each] for each in _COUNTED)), rows)


def _blocks(found: Matrix, duty: Duty) -> Iterator[str]:
    """The units of a duty, with as many periods beside each other as a line holds."""
    words = {(cell.unit, cell.period): _word(cell) for cell in found.cells if cell.duty == duty.code}
    periods = list(dict.fromkeys(period for _, period in words))
    name = max((width(name) for _, name in found.units), default=0)
    column = max((width(word) for word in (*words.values(), *periods)), default=0) + len(GAP)
    beside = max(1, (LINE - name) // column)
    for start in range(0, len(periods), beside):
        page = periods[start : start + beside]
        rows = [(name, *(words[unit, period] for period in page)) for unit, name in found.units]
        yield f"{duty.label}\n{table(('单位', *page), rows)}"


def _word(cell: Cell) -> str:
    marks = [
        "迟" if cell.is_late and cell.standing is not Standing.LATE else "",
        "退回" if cell.is_returned else "",
        "补录" if cell.is_backfilled else "",
    ]
    return "·".join(filter(None, [STANDINGS[cell.standing], *marks]))


def _total(cells: Sequence[Cell]) -> str:
    counts = Counter(cell.standing for cell in cells)
    return "合计：" + "，".join(f"{STANDINGS[each]} {counts[each]}" for each in _COUNTED)


def _told(found: Matrix, cells: Sequence[Cell]) -> dict[str, Any]:
    names: Mapping[str, str] = dict(found.units)
    return {
        "campaign": found.campaign,
        "duties": [{"code": each.code, "label": each.label} for each in found.duties],
        "units": [{"code": code, "name": name} for code, name in found.units],
        "periods": [{**plain(each), "asked": each.asked} for each in found.periods],
        "cells": [{**plain(cell), "unit_name": names[cell.unit]} for cell in cells],
    }
