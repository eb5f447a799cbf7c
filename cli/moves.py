"""Moving items: `do`, its short forms, and `why`. Every verb takes the same options."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypedDict, Unpack

import click

from cli.desk import Desk, desk, emit
from cli.detail import choices_text, choices_told, standing
from cli.errors import reason_told
from cli.panel import Command, Day, Whole, Words
from engine.model.definition import Definition, FieldType
from engine.model.ids import ItemId
from engine.model.item import FieldValue, Item
from engine.model.reasons import Reason
from engine.model.transition import Attempt, Evidence
from engine.usecases.definitions import definitions_of
from engine.usecases.items import move_item, move_within, reasons_against
from engine.usecases.people import persons_of
from engine.usecases.queries import find_items, item_detail
from engine.usecases.urge import Urge, urge
from runtime.words import STAGES, named


class Asked(TypedDict, total=False):
    """What the options of a move bring along."""

    reason: str | None
    sets: tuple[str, ...]
    evidence: tuple[Path, ...]
    target: str | None
    assignee: str | None
    unit: str | None
    until: date | None
    due: date | None
    other: str | None
    parts: tuple[str, ...]
    claimed: date | None
    key: str | None
    expect: int | None
    dry_run: bool


OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--reason", metavar="理由", type=Words(), help="理由"),
    click.option("--set", "sets", metavar="栏目=内容", type=Words(), multiple=True, help="填写一栏"),
    click.option(
        "--evidence",
        metavar="文件",
        type=click.Path(path_type=Path, readable=False),
        multiple=True,
        help="附一份佐证",
    ),
    click.option("--to", "target", metavar="状态", type=Words(), help="到哪一步（退回时写明）"),
    click.option("--assignee", metavar="登录名", type=Words(), help="交给谁：责任人、复核人或受托人"),
    click.option("--unit", metavar="单位", type=Words(), help="接收单位"),
    click.option("--until", type=Day(), help="委托截止日"),
    click.option("--due", type=Day(), help="申请延至哪一天"),
    click.option("--other", metavar="编号", type=Words(), help="并入哪一件"),
    click.option("--part", "parts", metavar="标题", type=Words(), multiple=True, help="拆分出的一件"),
    click.option("--claimed", type=Day(), help="实际办成的日期；与录入时间分开记载"),
    click.option("--key", metavar="操作编号", type=Words(), help="同一编号只办一次；网络中断后可放心重发"),
    click.option("--expect", metavar="版本", type=Whole(), help="只在事项仍是这个版本时办理"),
    click.option("--dry-run", is_flag=True, help="只试算，不存入"),
)


def move_options(*without: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Every option of a move but those a short form already fills."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        for each in reversed(OPTIONS):
            function = each(function)
        kept = [p for p in vars(function)["__click_params__"] if p.name not in without]
        vars(function)["__click_params__"][:] = kept
        return function

    return add


@click.command(
    "do",
    cls=Command,
    help="办理一个动作。动作写标识或中文名都可以；能办哪些，见 why。",
    examples=(
        "item do ZG-2020-000001 submit --actor zhangsan",
        "item do ZG-2020-000001 自查自验 --set result=已补齐 --evidence 照片.jpg",
    ),
)
@click.argument("number", metavar="编号", type=Words())
@click.argument("verb", metavar="动作", type=Words())
@move_options()
def do(number: str, verb: str, **asked: Unpack[Asked]) -> None:
    """Make a move."""
    make_move(number, verb, asked)


@click.command(
    "return",
    cls=Command,
    help="退回。必须写明理由；能退到几步时，用 --to 写明退到哪一步。",
    examples=("item return ZG-2020-000001 --reason 佐证不足 --to returned",),
)
@click.argument("number", metavar="编号", type=Words())
@move_options()
def give_back(number: str, **asked: Unpack[Asked]) -> None:
    """Return an item."""
    make_move(number, "return", asked)


@click.command(
    "assign",
    cls=Command,
    help="交办给责任人。",
    examples=("item assign ZG-2020-000001 zhangsan --actor duizhang",),
)
@click.argument("number", metavar="编号", type=Words())
@click.argument("login", metavar="登录名", type=Words())
@move_options("assignee")
def assign(number: str, login: str, **asked: Unpack[Asked]) -> None:
    """Assign an item."""
    make_move(number, "assign", {**asked, "assignee": login})


@click.command(
    "why",
    cls=Command,
    help="现在能办什么，不能办的是为什么、怎么办。写明动作时，连同选项一并试算。",
    examples=("item why ZG-2020-000001", "item why ZG-2020-000001 立项"),
)
@click.argument("number", metavar="编号", type=Words())
@click.argument("verb", metavar="动作", type=Words(), required=False)
@move_options("key", "expect", "dry_run")
def why(number: str, verb: str | None, **asked: Unpack[Asked]) -> None:
    """Tell the reasons against a move, or against every move."""
    with desk() as at:
        if verb is None:
            detail = item_detail(at.app.reading(), at.now, at.asker, number)
            emit(choices_told(detail), choices_text(detail) or f"{number} 已经办结，没有可办的动作")
            return
        item, definition = _item(at, number)
        attempt = _attempt(at, item, definition, verb, asked)
        reasons = reasons_against(at.app.reading(), at.now, attempt)
        label = _label(definition, attempt.verb)
    told = [reason_told(each) for each in reasons]
    answer = {"number": number, "verb": attempt.verb, "is_open": not reasons, "reasons": told}
    emit(answer, "\n".join(_why_lines(f"{number}“{label}”", reasons)))


def _why_lines(what: str, reasons: tuple[Reason, ...]) -> Iterator[str]:
    yield f"{what}：{'现在不能办理' if reasons else '可以办理'}"
    for each in map(reason_told, reasons):
        yield f"  · {each['text']}"
        yield f"    → {each['hint']}"


def make_move(number: str, verb: str, asked: Asked) -> None:
    """Make a move and tell how the item stands now; with --dry-run tell it without storing anything."""
    with desk() as at:
        at.require_writer()
        item, definition = _item(at, number)
        attempt = _attempt(at, item, definition, verb, asked)
        moved = _tried(at, attempt) if asked.get("dry_run") else _made(at, attempt, asked.get("evidence", ()))
    emit(standing(moved), _moved_line(definition, moved, _label(definition, attempt.verb), asked))


def _moved_line(definition: Definition, item: Item, label: str, asked: Asked) -> str:
    state = definition.states_by_id[item.state]
    done = "试算可行，未存入；办理后" if asked.get("dry_run") else "已办理，"
    who = f"，下一步由{'、'.join(map(named, state.acts))}办理" if state.acts else ""
    stage = STAGES[item.stage.value]
    return f"{item.number}“{label}”{done}现为“{state.label}”（{stage}，版本 {item.version}）{who}"


def _item(at: Desk, number: str) -> tuple[Item, Definition]:
    (item,) = find_items(at.app.reading(), at.asker, [number])
    return item, definitions_of(at.app.reading(), [item.definition])[item.definition]


def _tried(at: Desk, attempt: Attempt) -> Item:
    with at.app.writing() as uow:
        return move_within(uow, at.now, [attempt])[0]


def _made(at: Desk, attempt: Attempt, files: tuple[Path, ...]) -> Item:
    """The move, with its files kept first: bytes without an entry do no harm, an entry without bytes would."""
    if files and not reasons_against(at.app.reading(), at.now, attempt):
        kept = tuple(at.app.attach_evidence(path, attempt.claimed_on) for path in files)
        attempt = replace(attempt, evidence=kept)
    return move_item(at.app.writing(), at.now, attempt)


def _attempt(at: Desk, item: Item, definition: Definition, verb: str, asked: Asked) -> Attempt:
    logins = [login] if (login := asked.get("assignee")) else []
    people = persons_of(at.app.reading(), logins)
    unit, target = asked.get("unit"), asked.get("target")
    return Attempt(
        item=item.id,
        verb=verb_of(definition, item, verb),
        actor=at.asker,
        key=asked.get("key") or at.app.entropy.new_id(at.now),
        expected_version=asked.get("expect"),
        reason=asked.get("reason"),
        fields=fields_of(definition, asked.get("sets", ())),
        evidence=tuple(_described(at, path, asked) for path in asked.get("evidence", ())),
        target=_state_of(definition, target) if target else None,
        assignee=people.get(login) if login else None,
        unit=at.unit(unit) if unit else None,
        until_on=asked.get("until"),
        due_on=asked.get("due"),
        other=_other(at, asked.get("other")),
        parts=asked.get("parts", ()),
        claimed_on=asked.get("claimed"),
    )


def _described(at: Desk, path: Path, asked: Asked) -> Evidence:
    return at.app.describe_evidence(path, asked.get("claimed"))


def _other(at: Desk, number: str | None) -> ItemId | None:
    return find_items(at.app.reading(), at.asker, [number])[0].id if number else None


def verb_of(definition: Definition, item: Item, text: str) -> str:
    """The verb meant by an id or a Chinese label; labels of the present state count first."""
    if text in definition.moves_by_verb:
        return text
    moves = [*definition.moves_from(item.state), *definition.moves]
    return next((move.verb for move in moves if move.label == text), text)


def _label(definition: Definition, verb: str) -> str:
    moves = definition.moves_by_verb.get(verb)
    return moves[0].label if moves else verb


def _state_of(definition: Definition, text: str) -> str:
    return next((state.id for state in definition.states if state.label == text), text)


def fields_of(definition: Definition, sets: tuple[str, ...]) -> Mapping[str, FieldValue]:
    """The fields meant by `field=value` texts; a field may be named by its Chinese label. Raises a usage error."""
    return dict(_field(definition, text) for text in sets)


def _field(definition: Definition, text: str) -> tuple[str, FieldValue]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise click.UsageError(f"--set 应写成 栏目=内容，实为“{text}”")
    field = next((field for field in definition.fields if name in (field.id, field.label)), None)
    if field is None:
        return name, value
    is_number = field.type is FieldType.INTEGER and value.removeprefix("-").isdecimal()
    return field.id, int(value) if is_number else value


@click.command(
    "urge",
    cls=Command,
    help="催办：提醒下一步的办理人。同一件事项一天只能催一次，催办记入历史。",
    examples=("item urge ZG-2020-000001 --actor bgs", "item urge ZG-2020-000001 --words 请于周五前办结"),
)
@click.argument("number", metavar="编号", type=Words())
@click.option("--words", metavar="意见", type=Words(), help="催办意见")
def remind(number: str, words: str | None) -> None:
    """Remind whoever has to act."""
    with desk() as at:
        at.require_writer()
        item, _ = _item(at, number)
        urged = urge(at.app.writing(), at.now, Urge(item=item.id, actor=at.asker, words=words))
        with at.app.reading() as uow:
            people = uow.people.by_id(urged.told)
    names = [people[person].name for person in urged.told if person in people]
    emit({"number": number, "told": names}, f"{number} 已催办：{'、'.join(names)}")
