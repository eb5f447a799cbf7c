"""Notices: one's own inbox, and what was told about an item."""

from collections.abc import Mapping

import click

from cli.desk import Desk, desk, emit, warn
from cli.panel import Group, Whole, Words
from cli.text import pairs, table
from cli.values import local, plain
from engine.model.notice import Notice
from engine.model.views import NoticeRow
from engine.usecases.queries import find_notice, list_notices
from notifications.render import Message, render
from runtime.words import DELIVERIES, named

notice = Group(
    name="notice",
    help="通知：我的收件箱，一件事项发过的通知，以及对外发送的渠道。",
    examples=("notice list", "notice show 3f9a1c", "notice channels --actor bgs"),
    no_args_is_help=True,
    late={
        "preview": ("cli.outbox:preview", "预览一种通知的文字"),
        "channels": ("cli.outbox:channels", "渠道：通不通、积压多少、最近的错误"),
        "test": ("cli.outbox:test", "向自己试发一条"),
        "dead": ("cli.outbox:dead", "列出发送失败的通知"),
        "resend": ("cli.outbox:resend", "重发失败的通知"),
    },
)
_SHORT = 12


@notice.command(
    "list",
    help="列出通知，先新后旧。",
    examples=("notice list --actor zhangsan", "notice list --item ZG-2020-000001"),
)
@click.option("--item", "number", metavar="编号", help="只看一件事项的（含发给他人的）")
@click.option("--after", metavar="通知编号", help="从这一条之后看起（翻页）")
@click.option("--limit", type=Whole(), default=50, help="最多几条，默认 50")
def listing(number: str | None, after: str | None, limit: int) -> None:
    """List notices."""
    with desk() as at:
        rows = list_notices(at.app.reading(), at.asker, number=number, after=after, limit=limit)
        names = units_named(at)
    lines = [
        (r.key[:_SHORT], local(r.written_at), r.recipient_name, _message(r, names).subject, _sent(r))
        for r in rows
    ]
    emit(rows, table(("编号", "时间", "收件人", "内容", "外发"), lines) if rows else "没有通知")
    if len(rows) == limit:
        warn(f"可能还有；接着看请加 --after {rows[-1].key}")


@notice.command("show", help="查看一条通知。编号写开头几位即可。", examples=("notice show 3f9a1c2b7d10",))
@click.argument("key", metavar="通知编号", type=Words())
def show(key: str) -> None:
    """Show one notice."""
    with desk() as at:
        row, names = find_notice(at.app.reading(), at.asker, key), units_named(at)
    message = _message(row, names)
    head = [("编号", row.key), ("时间", local(row.written_at)), ("收件人", row.recipient_name)]
    facts = pairs([*head, ("事项", row.number), ("外发", _sent(row))])
    told = {**plain(row), "subject": message.subject, "text": message.text}
    emit(told, f"{facts}\n\n{message.subject}\n\n{message.text.rstrip()}")


def units_named(at: Desk) -> dict[str, str]:
    """The names of the units by their codes."""
    with at.app.reading() as uow:
        return {f"{unit.code}": unit.name for unit in uow.people.units()}


def notice_of(row: NoticeRow) -> Notice:
    """The notice that a line of a list is about."""
    return Notice(
        key=row.key,
        kind=row.kind,
        item=row.item,
        recipient=row.recipient,
        facts=row.facts,
        written_at=row.written_at,
    )


def _message(row: NoticeRow, names: Mapping[str, str]) -> Message:
    return render(notice_of(row), names.get(f"{row.facts.get('unit')}", ""))


def _sent(row: NoticeRow) -> str:
    return "、".join(f"{channel} {named(status, DELIVERIES)}" for channel, status in row.deliveries.items())
