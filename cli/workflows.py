"""Definitions: those that are published, those in files, and the schema they follow."""

import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

import click

from cli.desk import desk, emit
from cli.panel import Command, Group, Whole, Words
from cli.text import pairs, table
from cli.values import local, plain
from engine.model.causes import in_chinese
from engine.model.definition import Definition, MoveDef
from engine.model.errors import Invalid, NotFound, Problem, Unavailable
from engine.rules.soundness import problems_of
from engine.usecases.definitions import find_definition, list_definitions, publish_definitions
from engine.usecases.migration import Migrate, Move, migrate, migration_preview
from runtime.words import PEOPLE, STAGES, listed
from workflows.builder import build_definition
from workflows.migration import draft_migration, read_migration
from workflows.reader import read_yaml
from workflows.shipped import shipped_definitions

FILES = click.argument(
    "paths", metavar="文件…", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False)
)

workflow = Group(
    name="workflow",
    help="流程：状态、动作、时限和催办阶梯，都写在 YAML 里；发布新版本，把在办事项迁过去。",
    examples=("workflow list", "workflow validate my-item.yaml", "workflow show item"),
    no_args_is_help=True,
)


@workflow.command(
    "list",
    cls=Command,
    help="列出已发布的流程；加 --shipped 列出随程序提供的。",
    examples=("workflow list", "workflow list --shipped --json"),
)
@click.option("--shipped", is_flag=True, help="列出随程序提供的，不读数据库")
def listing(shipped: bool) -> None:
    """List definitions."""
    definitions = list(shipped_definitions()) if shipped else _published()
    rows = [
        (d.ref.id, d.ref.version, d.label, len(d.states), len(d.moves), d.sha256[:12]) for d in definitions
    ]
    text = table(("流程", "版本", "名称", "状态数", "动作数", "SHA-256"), rows)
    emit([_told(each) for each in definitions], text if rows else "没有发布过流程")


def _published() -> list[Definition]:
    with desk() as at:
        return list_definitions(at.app.reading())


def _told(definition: Definition) -> dict[str, object]:
    return {
        "id": definition.ref.id,
        "version": definition.ref.version,
        "label": definition.label,
        "sha256": definition.sha256,
    }


@workflow.command(
    "validate",
    cls=Command,
    help="检查流程文件：一次说清全部错误，每处都有行号和改法。有错误时退出码为 6。",
    examples=("workflow validate workflows/library/item.yaml",),
)
@FILES
def validate(paths: Sequence[Path]) -> None:
    """Check definitions in files."""
    definitions = read_files(paths)
    lines = [f"{path}：{d.label}（{d.ref}）无误" for path, d in zip(paths, definitions, strict=True)]
    emit([_told(each) for each in definitions], "\n".join(lines))


def read_files(paths: Sequence[Path]) -> list[Definition]:
    """The definitions in files. Raises Invalid with every mistake in any of them, NotFound, Unavailable."""
    definitions: list[Definition] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            document = read_yaml(_bytes(path), f"{path}")
            definition = build_definition(document)
        except Invalid as invalid:
            problems.extend(invalid.problems)
        else:
            definitions.append(definition)
            problems.extend(document.problem(flaw.path, flaw.text) for flaw in problems_of(definition))
    if problems:
        raise Invalid("流程文件有错误", tuple(problems))
    return definitions


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"没有文件 {path}", hint="请核对路径") from error
    except OSError as error:
        raise Unavailable(f"文件 {path} 读不出来：{in_chinese(error)}", hint="请核对路径和权限") from error


@workflow.command(
    "show",
    cls=Command,
    help="查看一个流程：已发布的写名称（可加 @版本），文件写路径。",
    examples=("workflow show item", "workflow show item@1 --json", "workflow show my-item.yaml"),
)
@click.argument("name", metavar="流程", type=Words())
def show(name: str) -> None:
    """Show a definition."""
    definition = _found(name)
    emit(json.loads(definition.document), "\n\n".join(_pages(definition)))


def _found(name: str) -> Definition:
    if name.endswith((".yaml", ".yml")):
        return read_files([Path(name)])[0]
    kind, mark, version = name.partition("@")
    if mark and not version.isdecimal():
        raise click.UsageError(f"版本应为整数，实为“{version}”")
    with desk() as at:
        return find_definition(at.app.reading(), kind, int(version) if mark else None)


def _pages(definition: Definition) -> Iterator[str]:
    facts = [("流程", f"{definition.label}（{definition.ref}）"), ("依据", definition.source)]
    yield pairs([*facts, ("编号前缀", definition.number_prefix), ("SHA-256", definition.sha256)])
    states = [(s.id, s.label, STAGES[s.stage.value], _people(s.acts)) for s in definition.states]
    yield table(("状态", "名称", "环节", "由谁办理"), states)
    moves = [
        (m.verb, m.label, _from(definition, m), _to(definition, m), _people(m.who)) for m in definition.moves
    ]
    yield table(("动作", "名称", "从", "到", "谁可办理"), moves)
    clocks = [(c.id, c.label, c.due.words, c.ladder) for c in definition.clocks]
    if clocks:
        yield table(("时限", "名称", "算法", "阶梯"), clocks)
    rungs = [(a.id, r.label, _people(r.tell), r.notice) for a in definition.ladders for r in a.rungs]
    if rungs:
        yield table(("阶梯", "到级", "告诉谁", "通知"), rungs)


def _people(names: Sequence[str]) -> str:
    return listed("、".join(names), PEOPLE)


def _from(definition: Definition, move: MoveDef) -> str:
    return "、".join(state.label for state in definition.states if state.id in move.from_states)


def _to(definition: Definition, move: MoveDef) -> str:
    return "、".join(definition.states_by_id[state].label for state in move.to) or "（不变）"


@workflow.command(
    "publish",
    cls=Command,
    help="发布流程的新版本。在办事项仍按原版本走，不受影响。只有系统管理员可以发布。",
    examples=("workflow publish my-item.yaml --actor guanliyuan",),
)
@FILES
def publish(paths: Sequence[Path]) -> None:
    """Publish definitions."""
    definitions = read_files(paths)
    with desk() as at:
        at.require_writer()
        new = publish_definitions(at.app.writing(), at.now, definitions, at.asker)
    told = [f"{ref} 已发布" for ref in new] or ["内容与已发布的相同，未作改动"]
    emit([f"{ref}" for ref in new], "\n".join(told))


@workflow.command(
    "plan",
    cls=Command,
    help="起草迁移方案：在办事项从一个版本迁到另一个版本，每个状态去哪里。没有同名状态的写作“？”，由人填写。",
    examples=("workflow plan item 1 2 > plan.yaml",),
)
@click.argument("name", metavar="流程", type=Words())
@click.argument("source", metavar="旧版本", type=Whole())
@click.argument("target", metavar="新版本", type=Whole())
def plan(name: str, source: int, target: int) -> None:
    """Draft a migration."""
    with desk() as at:
        old, new = (find_definition(at.app.reading(), name, version) for version in (source, target))
    click.echo(draft_migration(old, new), nl=False)


@workflow.command(
    "migrate",
    cls=Command,
    help="按方案把一个专项活动的在办事项迁到流程的另一版本，全部成功或全部不动；时限按新版本重算，新建事项从此用新版本。"
    "先用 --dry-run 看每一件和每个会变的时限。由系统管理员办理。",
    examples=(
        "workflow migrate plan.yaml --dry-run --actor guanliyuan",
        "workflow migrate plan.yaml --actor guanliyuan",
    ),
)
@click.argument("file", metavar="迁移方案", type=click.Path(path_type=Path, readable=False))
@click.option("--dry-run", is_flag=True, help="只列出会迁移的事项和会变的时限，不写入")
def migrate_items(file: Path, *, dry_run: bool) -> None:
    """Carry items over to another version."""
    found = read_migration(_bytes(file), f"{file}")
    with desk() as at:
        command = Migrate(found, at.asker)
        if dry_run:
            moves = list(migration_preview(at.app.reading(), at.now, command))
            emit([_move_told(move) for move in moves], _preview(moves))
            return
        at.require_writer()
        done = migrate(at.app.writing(), at.now, command)
    text = f"{found.source} → {found.target}：已迁移 {done.items} 件，变动时限 {done.limits} 个"
    emit({"items": done.items, "limits": done.limits, "to": f"{found.target}"}, text)


def _preview(moves: Sequence[Move]) -> str:
    changed = sum(len(_limits(move)) for move in moves)
    rows = [
        (
            move.item.number,
            move.item.title,
            move.states[0] if move.states[0] == move.states[1] else " → ".join(move.states),
            "；".join(_limits(move)),
        )
        for move in moves
    ]
    total = f"将迁移 {len(moves)} 件，变动时限 {changed} 个"
    return f"{total}\n{table(('编号', '事项', '状态', '时限变动'), rows, most=90)}" if rows else total


def _limits(move: Move) -> list[str]:
    return [
        *(f"{move.labels[a.clock]} {local(a.due_at)} → {local(b.due_at)}" for a, b in move.moved),
        *(f"{move.labels[each.clock]} 开始计时，{local(each.due_at)} 到期" for each in move.begun),
        *(f"{move.labels[each.clock]} 不再计时" for each in move.over),
        *(
            f"{move.labels[each.clock]} 的下一级改为 {local(each.next_at) or '无'}"
            for each in move.clocks.stepped
        ),
    ]


def _move_told(move: Move) -> dict[str, object]:
    return {
        "number": move.item.number,
        "state": [move.done.before.state if move.done.before else None, move.item.state],
        "moved": [{"clock": a.clock, "due_at": [plain(a.due_at), plain(b.due_at)]} for a, b in move.moved],
        "begun": [{"clock": each.clock, "due_at": plain(each.due_at)} for each in move.begun],
        "over": [each.clock for each in move.over],
        "stepped": [
            {"clock": each.clock, "rung": each.next_rung, "next_at": plain(each.next_at)}
            for each in move.clocks.stepped
        ],
    }


@workflow.command(
    "schema",
    cls=Command,
    help="输出流程文件的 JSON Schema，供编辑器补全和检查。",
    examples=("workflow schema > item.schema.json",),
)
def schema() -> None:
    """Print the JSON Schema."""
    file = files("workflows") / "schema.json"
    if not file.is_file():
        raise NotFound("这个版本没有附带 schema.json")
    click.echo(file.read_text(encoding="utf-8"), nl=False)
