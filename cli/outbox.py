"""What leaves the house: how notices read, how channels stand, trying one out, and what was given up."""

import re
from collections.abc import Iterator

import click

from cli.desk import clock, desk, emit, settings, warn
from cli.notices import notice_of, units_named
from cli.panel import Command, Whole, Words
from cli.text import table
from cli.values import local, plain
from engine.model.channel import Digest, Manner
from engine.model.errors import NotFound
from engine.model.ids import NOBODY, ItemId
from engine.model.notice import Delivery, Notice
from engine.usecases.outbox import ChannelStanding, channel_standings, given_up, resend_one, trial
from engine.usecases.outbox import resend as resend_all
from engine.usecases.people import identify
from engine.usecases.queries import find_notice
from notifications.catalogue import KINDS, SAMPLE
from notifications.render import Message, render
from notifications.words import Told
from notifications.words import Words as OwnWords
from runtime.entropy import jitter
from runtime.post import office

_SHORT = 12
_KEY = re.compile("[0-9a-f]{6,64}")
DIGESTS = {Digest.EACH: "逐条", Digest.TOGETHER: "合并", Digest.DAILY: "每日一封"}


@click.command(
    "preview",
    cls=Command,
    help="预览对外发送的文字：写通知的种类，用样例数据；写通知编号，用那条通知的数据。",
    examples=("notice preview overdue", "notice preview 逾期提醒", "notice preview 3f9a1c2b7d10"),
)
@click.argument("what", metavar="种类或编号", type=Words())
def preview(what: str) -> None:
    """Show how a notice reads outside the house."""
    kind = {label: kind for kind, label in KINDS.items()}.get(what, what)
    notice, unit = (_sample(kind), "示例一队") if kind in KINDS else _real(what)
    own = OwnWords(settings().templates)
    (message,), warning = own.replaced([Told(notice, unit, render(notice, unit))])
    for line in (*own.warnings, *([warning] if warning else [])):
        warn(line)
    emit(_told(notice, message, warning), f"{message.subject}\n\n{message.text.rstrip()}")


def _told(notice: Notice, message: Message, warning: str | None) -> dict[str, object]:
    return {"kind": notice.kind, "label": KINDS[notice.kind], "warning": warning, **plain(message)}


def _sample(kind: str) -> Notice:
    """A notice about nothing: it needs no database."""
    return Notice(
        key="0" * 64,
        kind=kind,
        item=ItemId("0" * 32),
        recipient=NOBODY,
        facts=SAMPLE,
        written_at=clock()(),
    )


def _real(key: str) -> tuple[Notice, str]:
    if not _KEY.fullmatch(key):
        hint = f"种类有：{'、'.join(KINDS)}"
        raise NotFound(f"没有“{key}”这种通知，也不是通知编号", hint=hint)
    with desk() as at:
        row, names = find_notice(at.app.reading(), at.asker, key), units_named(at)
    return notice_of(row), names.get(f"{row.facts.get('unit')}", "")


@click.command(
    "channels",
    cls=Command,
    help="对外发送的渠道：通向哪里、何时可发、每分钟几条、积压多少、最近的错误。不显示密钥。",
    examples=("notice channels --actor bgs", "notice channels --json"),
)
def channels() -> None:
    """Show how each channel stands."""
    with desk() as at:
        post = office(at.app.settings)
        found = channel_standings(at.app.reading(), at.asker, post.channels)
        places = {one.name: at.app.settings.leads_to(one.name) for one in found}
    for line in post.words.warnings:
        warn(line)
    heads = ("渠道", "通向", "时段", "每分钟", "合并", "待发", "失败", "停用至", "最近的错误")
    rows = [(one.name, places[one.name], *_standing(one)) for one in found]
    told = [{**plain(one), "leads_to": places[one.name]} for one in found]
    emit(told, table(heads, rows) if rows else "没有设置任何渠道，通知只进收件箱")


def _standing(one: ChannelStanding) -> Iterator[object]:
    manner = one.manner
    yield _hours(one) if manner else "未设置"
    yield (manner.per_minute if manner else None) or ""
    yield DIGESTS[manner.digest] if manner else ""
    yield sum(one.backlog[status].count for status in ("pending", "leased") if status in one.backlog) or ""
    yield one.backlog["dead"].count if "dead" in one.backlog else ""
    yield local(one.gate.shut_until) if one.gate.failures else ""
    yield f"{local(one.gate.failed_at)} {one.gate.last_error}" if one.gate.last_error else ""


def _hours(one: ChannelStanding) -> str:
    hours = one.manner.hours if one.manner else None
    if hours is None:
        return "随时"
    start, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in hours)
    return f"工作日 {start}-{end}" + ("" if one.is_open else f"，{local(one.opens_at)} 起发")


@click.command(
    "test",
    cls=Command,
    help="向自己试发一条带“测试”字样的消息，核对渠道是否可用。计入每分钟条数。",
    examples=("notice test smtp --actor bgs", "notice test wecom"),
)
@click.argument("channel", metavar="渠道", type=Words())
def test(channel: str) -> None:
    """Send a marked message to the asker."""
    with desk() as at:
        post = office(at.app.settings)
        manner: Manner | None = post.channels.get(channel)
        if manner is None:
            known = "、".join(post.channels) or "无"
            raise NotFound(f"没有设置渠道 {channel}", hint=f"已设置：{known}；见 duban notice channels")
        asker, key = at.asker, at.app.entropy.new_id(at.now).ljust(64, "0")
        reader = identify(at.app.reading(), at.now, f"{at.app.settings.actor}").person
        trial(
            at.app.writing,
            asker,
            (channel, manner),
            lambda: post.send_trial(channel, reader, key, at.now),
            jitter=jitter(),
        )
    emit(
        {"channel": channel, "key": key, "to": reader.login},
        f"已通过 {channel} 向{reader.name}试发一条，请查收",
    )


@click.command(
    "dead",
    cls=Command,
    help="列出发送失败、已放弃的通知。它们都在收件箱里，没有丢失。",
    examples=("notice dead --actor bgs",),
)
@click.option("--limit", type=Whole(), default=50, help="最多几条，默认 50")
def dead(limit: int) -> None:
    """List what was given up."""
    with desk() as at:
        found = given_up(at.app.reading(), at.asker, limit)
    rows = [
        (one.notice.key[:_SHORT], one.channel, KINDS.get(one.notice.kind, one.notice.kind), one.last_error)
        for one in found
    ]
    emit(
        [_given_up(one) for one in found],
        table(("编号", "渠道", "种类", "原因"), rows) if rows else "没有发送失败的通知",
    )


def _given_up(one: Delivery) -> dict[str, object]:
    return {
        "key": one.notice.key,
        "channel": one.channel,
        "kind": one.notice.kind,
        "attempts": one.attempts,
        "last_error": one.last_error,
    }


@click.command(
    "resend",
    cls=Command,
    help="重发失败的通知：写编号（开头几位即可），或用 --dead 全部重发。记入历史。",
    examples=("notice resend 3f9a1c2b7d10 --actor bgs", "notice resend --dead"),
)
@click.argument("key", metavar="[通知编号]", type=Words(), required=False)
@click.option("--dead", "every", is_flag=True, help="重发全部失败的通知")
def resend(key: str | None, *, every: bool) -> None:
    """Let what was given up be sent again."""
    if (key is None) is not every:
        raise click.UsageError("请写明一条通知的编号，或用 --dead 重发全部")
    with desk() as at:
        at.require_writer()
        if key is None:
            again = list(resend_all(at.app.writing, at.now, at.asker))
        else:
            again = resend_one(at.app.writing, at.now, at.asker, key)
    told = [{"key": one.notice.key, "channel": one.channel} for one in again]
    emit(told, f"{len(again)} 条将由 duban worker 重发" if again else "没有发送失败的通知")
