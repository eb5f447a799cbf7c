"""Ladders: what is declared around each limit, and what another one would change among the items that run."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from cli.desk import desk, emit
from cli.panel import Command, Group, OneOf
from cli.text import table
from cli.values import plain
from cli.what_if import asked, emit_forecast, narrowing
from cli.workflows import read_files
from engine.model.clock import Measure, Rung
from engine.model.definition import Definition
from engine.model.errors import Conflict
from engine.rules.supposing import declared
from engine.usecases.definitions import find_definition
from engine.usecases.what_if import forecast
from runtime.words import KINDS, LAMPS, PEOPLE

_MEASURES = {Measure.WORKING_DAY: "个工作日", Measure.NATURAL_DAY: "天"}

ladder = Group(
    name="ladder",
    help="催办阶梯：每个时限前后到哪一级、告诉谁、亮什么灯、引起什么；换一种阶梯会怎样。",
    examples=("ladder show item", "ladder what-if my-item.yaml --on 2020-06-30"),
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
            effects = "、".join(effect.name for effect in rung.effects)
            yield clock.label, rung.label, _when(rung), LAMPS[rung.lamp], told, effects


def _when(rung: Rung) -> str:
    if rung.elapsed is not None:
        return f"用时 {rung.elapsed}%，落后 {rung.behind}"
    if not rung.offset:
        return "到期时"
    unit = _MEASURES.get(rung.measure, "小时")
    return f"{'前' if rung.offset < 0 else '后'} {abs(rung.offset)} {unit}"


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
