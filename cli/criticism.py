"""Candidates for criticism in a bulletin: which there are, and what a leader decides on each."""

import click

from cli.desk import desk, emit, warn
from cli.panel import Command, Group, Whole, Words
from cli.text import table
from cli.values import local
from engine.model.criticism import Verdict
from engine.usecases.criticism import DecideCriticism, decide_criticism, list_candidates
from runtime.words import VERDICTS

criticism = Group(
    name="criticism",
    help="通报批评：系统只列候选，由办公室主任或领导小组决定。",
    examples=("criticism list", "criticism drop ZG-2020-000001 --reason 情况特殊"),
    no_args_is_help=True,
)
NUMBER = click.argument("number", metavar="编号", type=Words())
REASON = click.option("--reason", metavar="理由", type=Words(), default="", help="理由，必须写明")


@criticism.command(
    "list",
    cls=Command,
    help="列出待决定的候选：哪一件、因为什么、何时列入。只列您有权查看的单位。",
    examples=("criticism list --actor zhuren",),
)
@click.option("--after", metavar="编号", help="从这个编号之后看起（翻页）")
@click.option("--limit", type=Whole(), default=50, help="最多几条，默认 50")
def listing(after: str | None, limit: int) -> None:
    """List candidates."""
    with desk() as at:
        found = list_candidates(at.app.reading(), at.asker, after=after, limit=limit)
    rows = [(c.number, c.unit_name, c.title, c.label, local(c.marked_at)) for c in found]
    emit(found, table(("编号", "单位", "事项", "原因", "列入时间"), rows) if rows else "没有待决定的候选")
    if len(found) == limit:
        warn(f"可能还有；接着看请加 --after {found[-1].number}")


@criticism.command(
    "issue",
    cls=Command,
    help="决定通报批评：这一件的全部候选一并决定。须写明理由。",
    examples=("criticism issue ZG-2020-000001 --reason 两次催办仍未整改 --actor zhuren",),
)
@NUMBER
@REASON
def issue(number: str, reason: str) -> None:
    """Decide for criticism."""
    _decide(number, Verdict.ISSUED, reason)


@criticism.command(
    "drop",
    cls=Command,
    help="决定不予通报批评：这一件的全部候选一并决定。须写明理由。",
    examples=("criticism drop ZG-2020-000001 --reason 设备未到位，责任不在单位 --actor zhuren",),
)
@NUMBER
@REASON
def drop(number: str, reason: str) -> None:
    """Decide against criticism."""
    _decide(number, Verdict.DROPPED, reason)


def _decide(number: str, verdict: Verdict, reason: str) -> None:
    with desk() as at:
        at.require_writer()
        command = DecideCriticism(number=number, verdict=verdict, reason=reason, actor=at.asker)
        marks = decide_criticism(at.app.writing(), at.now, command)
    causes = "、".join(mark.label for mark in marks)
    emit(marks, f"{number} 已决定{VERDICTS[verdict]}（{causes}）")
