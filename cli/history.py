"""The history of an item, as it was written."""

import click

from cli.desk import desk, emit
from cli.inspection import inspector
from cli.panel import Group, Words
from cli.text import table
from cli.values import local, plain
from engine.usecases.queries import HistoryLine, item_history
from runtime.words import MARKS, marks_of

history = Group(
    name="history",
    help="历史：谁在何时、依哪条规则、因为什么，把什么改成了什么。",
    examples=("history show ZG-2020-000001",),
    no_args_is_help=True,
)


@history.command(
    "show",
    help="查看一件事项的全部历史，先旧后新。",
    examples=("history show ZG-2020-000001 --actor zhangsan", "history show ZG-2020-000001 --json"),
)
@click.argument("number", metavar="编号", type=Words())
def show(number: str) -> None:
    """Show every entry of an item."""
    with desk() as at:
        lines = item_history(inspector(at).look("item", {"number": number}), at.asker, number)
    emit([_told(line) for line in lines], _text(lines))


def _told(line: HistoryLine) -> dict[str, object]:
    entry = line.entry
    return {
        "index": entry.index,
        "at": plain(entry.at),
        "kind": entry.kind.name.lower(),
        "what": entry.what,
        "label": line.label,
        "version": entry.item_version,
        "actor": entry.actor,
        "actor_name": line.actor_name,
        "flags": marks_of(entry.flags),
        "leaf": entry.leaf.hex(),
        "payload": plain(line.payload),
    }


def _text(lines: list[HistoryLine]) -> str:
    heads = ("序号", "时间", "动作", "办理人", "状态", "理由", "标记")
    rows = [
        (
            line.entry.index,
            local(line.entry.at),
            line.label,
            line.actor_name,
            f"{line.states[0] or '（无）'} → {line.states[1]}" if line.states else "",
            line.payload.get("reason"),
            "、".join(MARKS[name] for name in marks_of(line.entry.flags)),
        )
        for line in lines
    ]
    return table(heads, rows)
