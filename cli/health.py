"""Whether the clock is being kept, for a person and for whatever watches over the machine."""

from datetime import datetime

import click

from cli.desk import desk, emit, option
from cli.panel import Command, Words
from cli.text import pairs, table
from cli.values import local, plain
from engine.usecases.clock_watch import AcceptClock
from engine.usecases.clock_watch import accept_clock as accept
from engine.usecases.health import Health, check_health
from runtime.clock import system_clock


@click.command(
    cls=Command,
    help="值守是否正常：有没有进程在扫描、有没有到级未催办的时限、有没有发不出的通知、时钟是否一致。\n"
    "正常时退出码为 0；需要有人处理时为 1，例如 90 秒内没有任何进程扫描；数据库连不上时为 8。供监控系统定时运行。\n"
    "事实在 stdout，需要处理的在 stderr；加 --json 则都在 stdout。",
    examples=("health", "health --json"),
)
@click.pass_context
def health(ctx: click.Context) -> None:
    """Tell how the installation stands."""
    with desk() as at:
        found = check_health(at.app.reading(), system_clock())
    emit(_told(found), _page(found))
    if not option("as_json"):
        for alarm in found.alarms:
            click.echo(f"{'红' if alarm.is_red else '黄'} {alarm.text}\n  → {alarm.hint}", err=True)
    if not found.is_green:
        ctx.exit(1)


@click.command(
    cls=Command,
    help="数据库时钟被调回后，认可现在的时间，恢复扫描。须由系统管理员写明理由，记入历史。\n"
    "不认可也可以：等时钟走过最近一次扫描的时间，扫描自行恢复。",
    examples=("accept-clock --reason 服务器误设为次年，已校准 --actor guanliyuan",),
)
@click.option("--reason", metavar="理由", type=Words(), default="", help="理由，必须写明")
def accept_clock(reason: str) -> None:
    """Let workers sweep again by a clock that was put back."""
    with desk() as at:
        command = AcceptClock(reason=reason, actor=at.asker)
        found = accept(at.app.writing(), command)
    emit(found, f"已认可数据库时钟 {local(found.at)}（此前曾到 {local(found.last)}），扫描恢复")


def _told(found: Health) -> dict[str, object]:
    shown = ("is_green", "swept_at", "sweep_age_seconds", "waiting", "waiting_since", "dead", "alarms")
    return {**{name: plain(getattr(found, name)) for name in shown}, **plain(found)}


def _page(found: Health) -> str:
    facts = pairs(
        (
            ("值守", "正常" if found.is_green else "异常，需要处理"),
            ("最近扫描", _ago(found)),
            ("到级未催办", _since(found.late, "件", "最早到级于", found.late_since)),
            ("待外发通知", _since(found.waiting, "条", "最早写于", found.waiting_since)),
            ("已放弃通知", f"{found.dead} 条" if found.dead else "无"),
            ("时钟相差", f"{found.skew_seconds:+.3f} 秒"),
        )
    )
    rows = [(w.place, local(w.started_at), local(w.at), w.fired, w.worker) for w in found.workers]
    workers = table(("常驻进程", "启动", "最近扫描", "已催办", "编号"), rows) if rows else ""
    return "\n\n".join(part for part in (facts, workers) if part)


def _ago(found: Health) -> str:
    if found.swept_at is None:
        return "没有"
    return f"{local(found.swept_at)}（{found.sweep_age_seconds:.0f} 秒前）"


def _since(count: int, measure: str, word: str, since: datetime | None) -> str:
    return f"{count} {measure}，{word} {local(since)}" if count else "无"
