"""Suppositions on what runs: which items would change lamp or date, before anything is committed."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import click

from cli.desk import Desk, desk, emit, warn
from cli.panel import Command, Day, OneOf, Whole, Words
from cli.text import table
from cli.values import plain
from engine.model.calendar import LOCAL
from engine.model.clock import Measure
from engine.rules.supposing import Supposition, as_it_is, granted, prolonged, stopped
from engine.usecases.people import persons_of
from engine.usecases.what_if import Forecast, Outlook, Question, forecast, left_vacant
from runtime.words import KINDS, LAMPS, ROLES

_MEASURES = {"日": Measure.NATURAL_DAY, "天": Measure.NATURAL_DAY, "工作日": Measure.WORKING_DAY}


class Length(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """A number of days, written 7日 or 5个工作日."""

    name = "天数"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, Measure]:
        """The number and what it counts. Fails with what was expected."""
        found = re.fullmatch("([1-9][0-9]{0,2})个?(日|天|工作日)", f"{value}")
        if found is None:
            self.fail(f"应为 7日 或 5工作日 这样的天数，实为“{value}”", param, ctx)
        return int(found[1]), _MEASURES[found[2]]


NARROWING: tuple[Callable[..., Any], ...] = (
    click.option("--on", type=Day(), help="按这一天结束时的灯色比较，默认现在"),
    click.option("--unit", metavar="单位", type=Words(), help="只看一个单位"),
    click.option("--kind", metavar="种类", type=OneOf(KINDS), help="只看一种事项"),
    click.option("--campaign", metavar="编号", help="只看一个专项活动"),
    click.option("--limit", type=Whole(), default=50, help="最多列出几件，默认 50；总数照计"),
)

UNNARROWED: Mapping[str, Any] = {"on": None, "unit": None, "kind": None, "campaign": None, "limit": 50}
"""Those options where none is given."""


def narrowing(function: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow what a supposition is asked of."""
    for each in reversed(NARROWING):
        function = each(function)
    return function


def asked(at: Desk, supposition: Supposition, given: Mapping[str, Any]) -> Question:
    """The question these options put, with the lamps of one instant compared."""
    then = end_of(given["on"]) if given["on"] else at.now
    return Question(
        supposition=supposition,
        since=then,
        until=then,
        campaign=given["campaign"],
        kind=given["kind"],
        unit=at.unit(given["unit"]) if given["unit"] else None,
        limit=given["limit"],
    )


def end_of(day: date) -> datetime:
    """The instant at which a day is over."""
    return datetime.combine(day + timedelta(days=1), time(), LOCAL)


@click.command(
    "what-if",
    cls=Command,
    help=(
        "如果这样，哪些事项的时限或灯色会变：统一延期、批准全部未决的延期申请，或一个人请假。只看您有权查看的，不写入任何内容。\n"
        "请假（--leave）看假满时无人办理的灯色；加 --stop 则看其间中止计时的结果。"
    ),
    examples=(
        "deadline what-if --extend 5工作日 --unit xj_daduan",
        "deadline what-if --leave zhangsan --from 2020-06-01 --until 2020-06-12",
    ),
)
@click.option("--extend", type=Length(), help="凡可延期的各延长这么多天，如 7日、5工作日")
@click.option("--grant", is_flag=True, help="批准全部未决的延期申请")
@click.option("--leave", metavar="登录名", type=Words(), help="这个人请假；须同时写 --from 和 --until")
@click.option("--from", "begins", type=Day(), help="请假第一天")
@click.option("--until", "ends", type=Day(), help="请假最后一天")
@click.option("--stop", is_flag=True, help="请假期间中止计时（流程允许中止的）")
@narrowing
def what_if(**given: Any) -> None:
    """List what an extension of many, or somebody's leave, would change."""
    chosen = [name for name in ("extend", "grant", "leave") if given[name]]
    if len(chosen) != 1:
        raise click.UsageError("请写明一种假设：--extend 天数、--grant 或 --leave 登录名")
    with desk() as at:
        _ABOUT[chosen[0]](at, given)


def _extended(at: Desk, given: Mapping[str, Any]) -> None:
    length, measure = given["extend"]
    found = forecast(at.app.reading(), at.now, at.asker, asked(at, prolonged(length, measure), given))
    days = f"{length} {'个工作日' if measure is Measure.WORKING_DAY else '日'}"
    emit_forecast(found, f"如果各延长 {days}，将改动 {found.limits} 个时限")


def _granted(at: Desk, given: Mapping[str, Any]) -> None:
    found = forecast(at.app.reading(), at.now, at.asker, asked(at, granted, given))
    emit_forecast(found, f"如果批准全部未决的延期申请，将改动 {found.limits} 个时限")


def _on_leave(at: Desk, given: Mapping[str, Any]) -> None:
    begins, ends = given["begins"], given["ends"]
    if begins is None or ends is None or ends < begins or end_of(ends) <= at.now:
        raise click.UsageError("请假须写 --from 第一天和 --until 最后一天，先后有序，且尚未过完")
    if given["on"]:
        raise click.UsageError("--on 不能与 --leave 同用：请假看的是假满时的灯色")
    person = persons_of(at.app.reading(), [given["leave"]])[given["leave"]]
    since = max(at.now, end_of(begins - timedelta(days=1)))
    question = replace(
        asked(at, stopped(since, end_of(ends)) if given["stop"] else as_it_is, {**given, "on": ends}),
        since=end_of(ends) if given["stop"] else since,
        person=person,
    )
    found = forecast(at.app.reading(), at.now, at.asker, question)
    for gap in left_vacant(at.app.reading(), person, max(begins, at.today), ends):
        warn(f"{gap.since} 起{gap.unit_name}没有其他{ROLES[gap.role]}在岗，给该岗位的通知将改送上一级")
    while_away = "其间中止计时" if given["stop"] else "其间无人办理"
    emit_forecast(
        found, f"如果 {given['leave']} {begins} 至 {ends} 请假，{while_away}，将涉及 {found.touched} 件"
    )


_ABOUT: Mapping[str, Callable[[Desk, Mapping[str, Any]], None]] = {
    "extend": _extended,
    "grant": _granted,
    "leave": _on_leave,
}


def emit_forecast(found: Forecast, title: str) -> None:
    """Print what a supposition would change."""
    rows = [
        (each.item.number, each.item.title, _turn(each), "；".join(_sentences(each))) for each in found.shown
    ]
    listed = [table(("编号", "事项", "灯", "改动"), rows, most=90)] if rows else []
    doubts = [(each.item.number, each.item.title, each.doubt) for each in found.left_out]
    doubtful = [table(("编号", "无法判断的事项", "原因"), doubts, most=90)] if doubts else []
    emit(_told(found), "\n".join([title, "；".join(_totals(found)), *listed, *doubtful]))
    if len(rows) < found.touched:
        warn(f"只列出 {len(rows)} 件，共 {found.touched} 件；要看更多请加大 --limit")
    if len(doubts) < found.unjudged:
        warn(f"无法判断的只列出 {len(doubts)} 件，共 {found.unjudged} 件；要看更多请加大 --limit")


def _totals(found: Forecast) -> Iterator[str]:
    unjudged = f"，无法判断 {found.unjudged} 件" if found.unjudged else ""
    yield f"查看 {found.reckoned} 件，涉及 {found.touched} 件{unjudged}"
    turns = [f"{LAMPS[before]}→{LAMPS[after]} {count}" for before, after, count in found.lamps]
    yield f"灯色变化：{'，'.join(turns)}" if turns else "灯色不变"
    if found.beyond:
        yield f"{found.beyond} 件将超过方案规定的完成日"


def _turn(each: Outlook) -> str:
    before, after = LAMPS[each.before.lamp], LAMPS[each.after.lamp]
    return before if before == after else f"{before}→{after}"


def _sentences(each: Outlook) -> Iterator[str]:
    yield from (limit.sentence for limit in each.limits)
    if each.hard_stop_on:
        yield f"晚于方案规定的 {each.hard_stop_on}"
    if not each.limits:
        yield each.after.sentence


def _told(found: Forecast) -> dict[str, Any]:
    return {
        "reckoned": found.reckoned,
        "touched": found.touched,
        "unjudged": found.unjudged,
        "limits": found.limits,
        "beyond": found.beyond,
        "lamps": [{"before": b.value, "after": a.value, "count": count} for b, a, count in found.lamps],
        "items": [_item_told(each) for each in found.shown],
        "left_out": [
            {"number": each.item.number, "unit": each.item.unit, "title": each.item.title, "why": each.doubt}
            for each in found.left_out
        ],
    }


def _item_told(each: Outlook) -> dict[str, Any]:
    return {
        "number": each.item.number,
        "unit": each.item.unit,
        "title": each.item.title,
        "before": plain(each.before),
        "after": plain(each.after),
        "limits": [
            {"label": limit.label, "before": plain(limit.before), "after": plain(limit.after)}
            for limit in each.limits
        ],
        "hard_stop_on": plain(each.hard_stop_on),
    }
