"""Items of every kind: opening, listing and showing them. The kinds are groups of the same commands."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import click

from cli.desk import Desk, desk, emit, warn
from cli.detail import detail_text, detail_told, standing
from cli.moves import assign, do, fields_of, give_back, remind, why
from cli.orders import LEVELS, SHORT_FORMS
from cli.panel import Command, Day, Group, OneOf, Whole, Words
from cli.reports import matrix, missing, nil
from cli.text import table
from cli.values import local, plain
from engine.model.definition import Definition, Stage
from engine.model.item import Item, NewItem
from engine.model.views import ItemFilter
from engine.rules.opening import SUPERVISION_ORDER, link_of
from engine.usecases.definitions import Pinned, definitions_of, pinned
from engine.usecases.items import open_items, open_within
from engine.usecases.people import persons_of
from engine.usecases.queries import Lit, find_items, item_detail, list_lit
from runtime.words import LAMPS, STAGES

ITEM, ORDER, SPECIAL = "item", SUPERVISION_ORDER, "special_report"
NOUNS = {ORDER: "supervise", SPECIAL: "special"}
"""Kinds whose group of commands has a shorter name."""

FILTERS: tuple[Callable[..., Any], ...] = (
    click.option("--unit", metavar="单位", type=Words(), help="只看一个单位"),
    click.option("--stage", metavar="环节", type=OneOf(STAGES), help="只看一个环节"),
    click.option("--state", metavar="状态", type=Words(), help="只看一个状态"),
    click.option("--mine", is_flag=True, help="只看由我负责的"),
    click.option("--overdue", is_flag=True, help="只看已逾期的"),
    click.option("--campaign", metavar="编号", help="只看一个专项活动"),
    click.option("--after", metavar="编号", help="从这个编号之后看起（翻页）"),
    click.option("--limit", type=Whole(), default=50, help="最多几件，默认 50"),
)


def filters(function: Callable[..., None]) -> Callable[..., None]:
    """The options that narrow a list."""
    for each in reversed(FILTERS):
        function = each(function)
    return function


def wanted(at: Desk, kind: str | None, given: Mapping[str, Any]) -> ItemFilter:
    """The filter these options ask for."""
    return ItemFilter(
        kind=kind,
        campaign=given["campaign"],
        stage=Stage(given["stage"]) if given["stage"] else None,
        state=given["state"],
        unit=at.unit(given["unit"]) if given["unit"] else None,
        owner=at.asker.person if given["mine"] else None,
        overdue_at=at.now if given["overdue"] else None,
        after=given["after"],
        limit=given["limit"],
    )


def _list_of(kind: str, label: str) -> click.Command:
    @click.command(
        "list",
        cls=Command,
        help=f"列出{label}：编号、灯色、状态、责任人、时限。只列您有权查看的。",
        examples=(f"{_noun(kind)} list --actor zhangsan", f"{_noun(kind)} list --overdue --json"),
    )
    @filters
    def listing(**given: Any) -> None:
        with desk() as at:
            lines = list_lit(at.app.reading(), at.now, at.asker, wanted(at, kind, given))
            known = definitions_of(at.app.reading(), (line.row.definition for line in lines))
        emit([_told(line) for line in lines], _rows(lines, known))
        if len(lines) == given["limit"]:
            warn(f"可能还有；接着看请加 --after {lines[-1].row.number}")

    return listing


def _told(line: Lit) -> dict[str, object]:
    lamp = {"lamp": line.signal.lamp.value, "sentence": line.signal.sentence}
    return {**plain(line.row), **lamp, "paper": line.paper}


def _rows(lines: list[Lit], known: Mapping[Any, Definition]) -> str:
    heads = (
        "编号",
        "灯",
        "单位",
        "事项",
        "状态",
        "责任人",
        "时限",
        "退回",
        *(["督办编号"] * _has_papers(lines)),
    )
    cells = [_cells(line, known[line.row.definition]) for line in lines]
    return table(heads, [each[: len(heads)] for each in cells]) if cells else "没有符合条件的事项"


def _has_papers(lines: list[Lit]) -> bool:
    return any(line.paper for line in lines)


def _cells(line: Lit, definition: Definition) -> tuple[object, ...]:
    row = line.row
    return (
        row.number,
        LAMPS[line.signal.lamp],
        row.unit_name,
        row.title,
        definition.states_by_id[row.state].label,
        row.owner_name,
        local(row.due_at),
        row.returned_count or "",
        line.paper,
    )


@click.command(
    "show",
    cls=Command,
    help="查看一件：各栏内容、时限、佐证、下级事项，以及您现在能办什么。",
    examples=("item show ZG-2020-000001 --actor zhangsan",),
)
@click.argument("number", metavar="编号", type=Words())
def show(number: str) -> None:
    """Show one item."""
    with desk() as at:
        detail = item_detail(at.app.reading(), at.now, at.asker, number)
    emit(detail_told(detail), detail_text(detail))


def _opener_of(
    kind: str, label: str, example: str, more: Callable[..., Any] = lambda function: function
) -> click.Command:
    @click.command(
        "open",
        cls=Command,
        help=f"新建一件{label}。",
        examples=(f"{_noun(kind)} open --unit xj_daduan {example} --actor zhangsan",),
    )
    @click.option("--unit", metavar="单位", required=True, type=Words(), help="责任单位")
    @click.option("--title", metavar="标题", required=True, type=Words(), help="一句话说明")
    @click.option("--set", "sets", metavar="栏目=内容", type=Words(), multiple=True, help="填写一栏")
    @click.option("--owner", metavar="登录名", type=Words(), help="责任人")
    @click.option("--assist", metavar="单位", type=Words(), multiple=True, help="协办单位")
    @click.option("--parent", metavar="编号", type=Words(), help="上级事项")
    @click.option("--category", metavar="编号", type=Words(), help="问题类别，如 1.2")
    @click.option("--as-of", type=Day(), help="补录：事情发生的日期")
    @click.option("--campaign", metavar="编号", help="专项活动；只载入了一个时可省略")
    @click.option("--dry-run", is_flag=True, help="只试算，不存入")
    @more
    def opener(**given: Any) -> None:
        with desk() as at:
            at.require_writer()
            place = pinned(at.app.reading(), kind, given["campaign"])
            definition = definitions_of(at.app.reading(), [place.ref])[place.ref]
            new = _new(at, kind, place, definition, given)
            item = _tried(at, new) if given["dry_run"] else _opened(at, new)
        state = definition.states_by_id[item.state].label
        done = "试算可行，未存入" if given["dry_run"] else f"{item.number} 已新建"
        emit(standing(item), f"{done}，现为“{state}”（版本 1）")

    return opener


def _opened(at: Desk, new: NewItem) -> Item:
    return open_items(at.app.writing(), at.now, [new], at.asker)[0]


def _tried(at: Desk, new: NewItem) -> Item:
    with at.app.writing() as uow:
        return open_within(uow, at.now, [new], at.asker)[0]


def _new(at: Desk, kind: str, place: Pinned, definition: Definition, given: Mapping[str, Any]) -> NewItem:
    owner, parent, as_of = given["owner"], given["parent"], given["as_of"]
    people = persons_of(at.app.reading(), [owner] if owner else [])
    above = find_items(at.app.reading(), at.asker, [parent])[0] if parent else None
    return NewItem(
        definition=place.ref,
        campaign=place.campaign,
        unit=at.unit(given["unit"]),
        title=given["title"],
        fields={**_level_in(given), **fields_of(definition, given["sets"])},
        owner=people.get(owner) if owner else None,
        assisting=tuple(at.unit(unit) for unit in given["assist"]),
        parent=above.id if above else None,
        link=link_of(kind) if above else None,
        category=given["category"],
        as_of=_day(as_of),
    )


def _level_in(given: Mapping[str, Any]) -> dict[str, str]:
    return {"level": given["level"]} if given.get("level") else {}


def _day(value: Any) -> date | None:
    return value if isinstance(value, date) else None


def _noun(kind: str) -> str:
    return NOUNS.get(kind, kind)


def _group(kind: str, label: str, *more: click.Command) -> Group:
    group = Group(
        name=_noun(kind),
        help=f"{label}：查看与办理。",
        examples=(f"{_noun(kind)} list", f"{_noun(kind)} show 编号"),
        no_args_is_help=True,
    )
    for command in (*more, _list_of(kind, label), show, do, why, give_back):
        group.add_command(command)
    return group


_FINDING = "--title 记录不全 --set 存在问题=…"
item = _group(ITEM, "整改事项", _opener_of(ITEM, "整改事项", _FINDING), assign, remind)
phase = _group("phase", "阶段", remind)
task = _group("task", "重点任务", assign, remind)
report = _group("report", "报送", matrix, missing, nil, remind)
special = _group(
    SPECIAL,
    "专报",
    _opener_of(SPECIAL, "专报：重要情况随时上报，当即通知办公室和领导", "--title 突发情况 --set 重要情况=…"),
)
_LEVEL = click.option(
    "--level",
    metavar="颜色",
    type=OneOf(LEVELS),
    default="blue",
    help="督办等级，默认蓝；直接下发红色，只限领导小组",
)
supervise = _group(
    ORDER,
    "督办单",
    _opener_of(ORDER, "督办单", "--title 督办 --set 督办要求=…", _LEVEL),
    *SHORT_FORMS,
)
