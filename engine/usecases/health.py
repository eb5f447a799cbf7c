"""Whether the clock is being kept: who sweeps, what is late, what waits to be sent, whether clocks agree."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.model.heartbeat import Heartbeat
from engine.model.notice import Backlog, DeliveryStatus
from engine.ports import UnitOfWork
from engine.usecases.clock_watch import ACCEPT, put_back_since

PATIENCE = timedelta(seconds=90)
"""How long a sweep may be ago, and a rung be due, before somebody must look. A worker sweeps once a minute at least."""
SLOW_POST = timedelta(days=1)
"""How long a letter may wait: a night without letters is no alarm."""
SKEW = timedelta(seconds=60)
_MANY = 1000


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is not as it should be; a red one needs somebody now."""

    code: str
    is_red: bool
    text: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How an installation stands at an instant. `workers` stand newest sign first."""

    at: datetime
    heard_at: datetime
    """The same instant by the clock of the database, by which workers give their signs."""
    skew_seconds: float
    """How far the clock of this computer is ahead of that of the database."""
    workers: tuple[Heartbeat, ...]
    late: int
    """Items with a rung that nobody has fired for longer than PATIENCE; a thousand stands for more."""
    late_since: datetime | None
    post: tuple[Backlog, ...]
    """What waits, is under way or was given up, by channel and status."""

    @property
    def swept_at(self) -> datetime | None:
        """When the last sweep ended."""
        return self.workers[0].at if self.workers else None

    @property
    def sweep_age_seconds(self) -> float | None:
        """How long ago that was."""
        return None if self.swept_at is None else (self.heard_at - self.swept_at).total_seconds()

    @property
    def waiting(self) -> int:
        """Deliveries still to be sent."""
        return sum(part.count for part in self.post if part.status is not DeliveryStatus.DEAD)

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the oldest of them waits."""
        return min(
            (part.oldest for part in self.post if part.status is not DeliveryStatus.DEAD), default=None
        )

    @property
    def dead(self) -> int:
        """Deliveries given up."""
        return sum(part.count for part in self.post if part.status is DeliveryStatus.DEAD)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What is not as it should be."""
        return tuple(_alarms(self))

    @property
    def is_green(self) -> bool:
        """True when nobody needs to come."""
        return not any(alarm.is_red for alarm in self.alarms)


def check_health(uow: UnitOfWork, here: datetime, *, at: datetime | None = None) -> Health:
    """How the installation stands; `here` is the present instant by the clock of this computer.

    at: the instant limits and letters are judged at, where their time is not that of the database: a rehearsal
    has its own, and workers of this hour.
    """
    with uow:
        heard_at = uow.gates.now()
        at = at or heard_at
        late = len(uow.deadlines.due(at - PATIENCE, _MANY))
        return Health(
            at=at,
            heard_at=heard_at,
            skew_seconds=round((here - at).total_seconds(), 3),
            workers=tuple(uow.workers.seen()),
            late=late,
            late_since=uow.deadlines.next_at() if late else None,
            post=tuple(uow.deliveries.backlog()),
        )


def _alarms(health: Health) -> Iterator[Alarm]:
    yield from _of_sweep(health)
    if abs(health.skew_seconds) > SKEW.total_seconds():
        text = f"本机时钟与数据库相差 {health.skew_seconds:+.0f} 秒"
        yield Alarm("skew", is_red=False, text=text, hint="请校准两边的时钟；扫描以数据库时钟为准")
    if health.waiting_since is not None and health.at - health.waiting_since > SLOW_POST:
        text = f"{health.waiting} 条通知待外发，最早的已等了一天以上"
        yield Alarm("post", is_red=False, text=text, hint="若非休息日，请检查渠道设置和对方服务器")
    if health.dead:
        text = f"{health.dead} 条外发通知已放弃"
        yield Alarm("dead", is_red=False, text=text, hint="请检查渠道后重发")


def _of_sweep(health: Health) -> Iterator[Alarm]:
    if found := put_back_since(health.workers, health.heard_at):
        yield Alarm("clock", is_red=True, text=found.text, hint=ACCEPT)
    hint = "请检查 duban worker 是否在运行，看它的日志"
    if health.swept_at is None:
        yield Alarm("sweep", is_red=True, text="没有常驻进程在扫描", hint=hint)
    elif health.heard_at - health.swept_at > PATIENCE:
        text = f"最近一次扫描在 {health.sweep_age_seconds:.0f} 秒以前"
        yield Alarm("sweep", is_red=True, text=text, hint=hint)
    if health.late:
        more = "以上" if health.late == _MANY else ""
        yield Alarm("late", is_red=True, text=f"{health.late} 件{more}事项的时限到级后无人催办", hint=hint)
