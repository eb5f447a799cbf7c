"""Watches over the clock that all workers share, so that it is never wrong unseen.

A jump is entered. Where the clock was put back nobody sweeps until it has passed the last sweep again, or until an
administrator says that it is right now.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.model.actor import Actor, Role, system_actor
from engine.model.calendar import LOCAL
from engine.model.channel import Gate
from engine.model.entry import EntryDraft, EntryKind
from engine.model.errors import Conflict, Refused
from engine.model.heartbeat import Heartbeat
from engine.model.reasons import ReasonCode, reason
from engine.ports import UnitOfWork
from engine.rules.ledger import Json
from engine.rules.replay import instant
from engine.rules.sending import LONGEST_WAIT
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.beside import beside_items

SLACK: Final = timedelta(seconds=60)
"""What two looks at a clock may differ by before it has jumped."""
JUMPED: Final = "clock_jumped"
ACCEPTED: Final = "clock_accepted"
ACCEPT: Final = "请校准时钟；确认现在的时间无误后，由系统管理员用 duban accept-clock 认可"
_ACTOR = system_actor("clock")


@dataclass(frozen=True, slots=True)
class Jump:
    """What the clock should have shown, by one that never jumps, and what it did."""

    expected: datetime
    at: datetime

    @property
    def seconds(self) -> int:
        """How far it jumped; negative where it was put back."""
        return round((self.at - self.expected).total_seconds())


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptClock:
    """That the clock is right, although somebody has swept by a later time."""

    reason: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class PutBack:
    """The last sweep, and the present instant before it."""

    last: datetime
    at: datetime

    @property
    def text(self) -> str:
        """The sentence for people."""
        last, at = (f"{one.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}" for one in (self.last, self.at))
        return f"数据库时钟被调回：{last} 已扫描过，现在却是 {at}，扫描已暂停"


def put_back_since(workers: Sequence[Heartbeat], at: datetime) -> PutBack | None:
    """How far the clock was put back since the last sweep, if it was; two looks may differ a little."""
    last = max((worker.at for worker in workers), default=at)
    return PutBack(last, at) if last - at > SLACK else None


def put_back(uow: UnitOfWork) -> PutBack | None:
    """The same, of the clock of the database."""
    with uow:
        return put_back_since(uow.workers.seen(), uow.gates.now())


@again
def note_jump(uow: UnitOfWork, jump: Jump) -> bool:
    """Enter that the clock jumped; returns False where another worker has entered this jump."""
    with uow:
        newest = uow.history.newest(JUMPED)
        if newest and newest.payload and _is_same(newest.payload, jump):
            return False
        facts: dict[str, Json] = {
            "expected": instant(jump.expected),
            "at": instant(jump.at),
            "seconds": jump.seconds,
        }
        uow.history.append([_draft(uow, JUMPED, _ACTOR, facts)], jump.at)
        uow.commit()
    return True


@again
def accept_clock(uow: UnitOfWork, command: AcceptClock) -> PutBack:
    """Let workers sweep again by a clock that was put back, and take what waits out of the time that never was.

    Raises NotPermitted, Refused without a reason, Conflict where the clock was not put back.
    """
    require(command.actor, (Role.ADMINISTRATOR,), "不能认可时钟")
    if not command.reason.strip():
        raise Refused("不能认可时钟", (reason(ReasonCode.REASON_MISSING),))
    with uow:
        at, workers = uow.gates.now(), uow.workers.seen()
        found = put_back_since(workers, at)
        if found is None:
            raise Conflict("数据库时钟没有被调回，不需要认可", hint="用 duban health 看值守是否正常")
        facts: dict[str, Json] = {"last": instant(found.last), "at": instant(at), "reason": command.reason}
        uow.history.append([_draft(uow, ACCEPTED, command.actor, facts)], at)
        for worker in (worker for worker in workers if worker.at > at):
            uow.workers.leave(worker.worker)
        uow.deliveries.hasten(at + LONGEST_WAIT, at)
        for channel in uow.channels:
            uow.gates.get(channel)
            uow.gates.put(Gate(channel=channel))
        uow.commit()
    return found


def _is_same(payload: bytes, jump: Jump) -> bool:
    """True where somebody has entered as large a jump within the time in which every worker looks."""
    told = json.loads(payload)
    apart, seconds = datetime.fromisoformat(told["at"]) - jump.at, told["seconds"] - jump.seconds
    return abs(apart) <= 2 * SLACK and abs(seconds) <= SLACK.total_seconds()


def _draft(uow: UnitOfWork, what: str, actor: Actor, facts: dict[str, Json]) -> EntryDraft:
    return beside_items(uow, EntryKind.OPERATIONS, what, actor, facts)
