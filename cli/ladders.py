"""Ladders: what is declared around each limit, and what another one would change among the items that run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.desk import desk, emit
from cli.limits import step_words
from cli.panel import Command, Group, OneOf, Words
from cli.text import pairs, table
from cli.values import local, plain
from cli.what_if import asked, emit_forecast, narrowing
from cli.workflows import read_files
from engine.model.clock import Measure, Rung
from engine.model.definition import Definition
from engine.model.errors import Conflict
from engine.rules.supposing import declared
from engine.usecases.definitions import find_definition
from engine.usecases.ladders import Hearers, LadderStory, RungStory, explain_ladders
from engine.usecases.what_if import forecast
from runtime.words import KINDS, LAMPS, PEOPLE, RUNG_EFFECTS, named

_MEASURES = {Measure.WORKING_DAY: "个工作日", Measure.NATURAL_DAY: "天"}

ladder = Group(
    name="ladder",
    help="催办阶梯：每个时限前后到哪一级、告诉谁、亮什么灯、引起什么；换一种阶梯会怎样。",
    examples=(
        "ladder show item",
        "ladder explain ZG-2020-000001",
        "ladder what-if my-item.yaml --on 2020-06-30",
    ),
    no_args_is_help=True,
)


@ladder.command(
    "show",
    cls=Command,
    help="一种事项现行流程的各级阶梯。",
    examples=("ladder show item", "ladder show supervision_order --json"),
)
@click.argument("kind", metavar="种类", type=OneOf(KINDS))
def show(kind: str) -> None:
    """Print every ladder of the newest definition of a kind."""
    with desk() as at:
        definition = find_definition(at.app.reading(), kind)
    head = f"{definition.label}（{definition.ref}）"
    text = table(("时限", "级", "何时", "灯", "告诉谁", "引起"), [*_rows(definition)], most=60)
    emit([plain(each) for each in definition.ladders], f"{head}\n{text}")


def _rows(definition: Definition) -> Iterator[tuple[object, ...]]:
    for clock in definition.clocks:
        found = definition.ladders_by_id.get(clock.ladder)
        for rung in found.rungs if found else ():
            told = "、".join(PEOPLE.get(each, each) for each in rung.tell)
            yield clock.label, rung.label, _when(rung), LAMPS[rung.lamp], told, _effects(definition, rung)


def _effects(definition: Definition, rung: Rung) -> str:
    return "、".join(
        f"{RUNG_EFFECTS[effect.kind]}{_verb(definition, effect.verb) if effect.verb else ''}"
        for effect in rung.effects
    )


def _verb(definition: Definition, verb: str) -> str:
    return f"“{definition.moves_by_verb[verb][0].label}”"


def _when(rung: Rung) -> str:
    if rung.elapsed is not None:
        return f"用时 {rung.elapsed}%，落后 {rung.behind}"
    if not rung.offset:
        return "到期时"
    unit = _MEASURES.get(rung.measure, "小时")
    return f"{'前' if rung.offset < 0 else '后'} {abs(rung.offset)} {unit}"


@ladder.command(
    "explain",
    cls=Command,
    help="一件事项正在计时的时限：各级何时到，今天会告诉谁；无人在岗的告诉上一级。",
    examples=("ladder explain ZG-2020-000001 --actor zhangsan",),
)
@click.argument("number", metavar="编号", type=Words())
def explain(number: str) -> None:
    """Tell each rung around the running limits of an item, and whom it would tell today."""
    with desk() as at:
        stories = explain_ladders(at.app.reading(), at.now, at.asker, number)
    text = "\n\n".join(map(_story, stories)) or f"{number} 没有正在计时的时限"
    emit([plain(story) for story in stories], text)


def _story(story: LadderStory) -> str:
    head = f"{story.clock.label}，{local(story.deadline.due_at)} 到期"
    rungs = pairs((f"  {each.step.rung.label}", "  ".join(_rung(each))) for each in story.rungs)
    return f"{head}\n{rungs}"


def _rung(story: RungStory) -> Iterator[str]:
    yield from step_words(story.step)
    yield "；".join(map(_hearers, story.hearers))


def _hearers(told: Hearers) -> str:
    name, by = named(told.name), named(told.by)
    if not told.people:
        return f"{name}（无人）"
    return f"{name if told.by == told.name else f'{name}（无人在岗，改告{by}）'} {'、'.join(told.people)}"


@ladder.command(
    "what-if",
    cls=Command,
    help=(
        "如果改用文件里的时限和阶梯，哪些在办事项的时限或灯色会变。只看您有权查看的，不写入任何内容。\n"
        "文件是一份完整的流程（duban workflow show 种类 --json 或流程目录里的 YAML），只比较其中的时限、阶梯和级别。"
    ),
    examples=("ladder what-if my-item.yaml", "ladder what-if my-item.yaml --on 2020-06-30 --unit xj_daduan"),
)
@click.argument("path", metavar="文件", type=click.Path(path_type=Path, readable=False))
@narrowing
def what_if(path: Path, **given: Any) -> None:
    """List what other limits and ladders would change."""
    (definition,) = read_files([path])
    if given["kind"] not in (None, definition.ref.id):
        raise Conflict(f"文件里是“{definition.ref.id}”的流程", hint="请去掉 --kind，或换一个文件")
    with desk() as at:
        question = asked(at, declared(definition), {**given, "kind": definition.ref.id})
        found = forecast(at.app.reading(), at.now, at.asker, question)
    emit_forecast(found, f"如果{definition.label}改用 {path.name} 的时限和阶梯，将改动 {found.limits} 个时限")
