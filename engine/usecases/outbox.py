"""The outbox as people look after it: how each channel stands, what was given up, and sending that again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.channel import Gate, Manner
from engine.model.entry import EntryKind
from engine.model.errors import Busy, NotFound, Unavailable
from engine.model.notice import Backlog, Delivery
from engine.ports import UnitOfWork
from engine.rules.sending import NEVER, WINDOW, opens_next, passed, recovered, room, shut, written_before
from engine.rules.settling import revived
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.beside import beside_items

KEEPERS = (Role.OFFICE, Role.OFFICE_DIRECTOR, Role.ADMINISTRATOR)
"""Who looks after the outbox."""
LOOKERS = (*KEEPERS, Role.SUPERVISOR, Role.AUDITOR, Role.SECURITY_OFFICER)
RESEND = "resend"
PAGE = 200
_FIRST = ("", "")

Begin = Callable[[], UnitOfWork]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStanding:
    """A channel as it stands: its gate, whether people may be disturbed now and when next, and what lies before it.

    `manner` is None where the settings do not know it any more and something still waits for it.
    """

    name: str
    manner: Manner | None
    gate: Gate
    is_open: bool
    opens_at: datetime | None
    backlog: Mapping[str, Backlog]


def channel_standings(uow: UnitOfWork, asker: Actor, manners: Mapping[str, Manner]) -> list[ChannelStanding]:
    """Every channel of the settings, and every other for which something waits. Raises NotPermitted."""
    require(asker, LOOKERS, "不能查看渠道")
    with uow:
        waiting = uow.deliveries.backlog()
        names = dict.fromkeys([*manners, *(one.channel for one in waiting)])
        return [_standing(uow, name, manners.get(name), waiting) for name in names]


def _standing(
    uow: UnitOfWork, name: str, manner: Manner | None, waiting: Iterable[Backlog]
) -> ChannelStanding:
    now = uow.gates.now()
    return ChannelStanding(
        name=name,
        manner=manner,
        gate=uow.gates.get(name),
        is_open=manner is not None and written_before(manner, now, uow.calendar) > NEVER,
        opens_at=None if manner is None else opens_next(manner, now, uow.calendar),
        backlog={one.status: one for one in waiting if one.channel == name},
    )


def given_up(uow: UnitOfWork, asker: Actor, limit: int) -> list[Delivery]:
    """At most `limit` deliveries that were given up. Raises NotPermitted."""
    require(asker, LOOKERS, "不能查看发送失败的通知")
    with uow:
        return uow.deliveries.given_up(_FIRST, limit)


def resend(begin: Begin, now: datetime, actor: Actor) -> Iterator[Delivery]:
    """Let all that was given up be sent again; yields each delivery once it is durable. Raises NotPermitted."""
    require(actor, KEEPERS, "不能重发通知")
    after = _FIRST
    while page := _page(begin(), after):
        after = (page[-1].notice.key, page[-1].channel)
        yield from _revive(begin(), now, actor, page)


def resend_one(begin: Begin, now: datetime, actor: Actor, key: str) -> list[Delivery]:
    """Let one notice be sent again through every channel that gave it up; `key` may be the beginning of its key.

    Raises NotPermitted; NotFound where nothing of such a notice was given up, or where the beginning fits several.
    """
    require(actor, KEEPERS, "不能重发通知")
    found = [one for one in _page(begin(), (key, "")) if one.notice.key.startswith(key)]
    if len({one.notice.key for one in found}) != 1:
        hint = "请多写几位" if found else "duban notice dead 列出发送失败的通知"
        raise NotFound(f"没有唯一一条编号以 {key} 开头、发送失败的通知", hint=hint)
    return _revive(begin(), now, actor, found)


def _page(uow: UnitOfWork, after: tuple[str, str]) -> list[Delivery]:
    with uow:
        return uow.deliveries.given_up(after, PAGE)


@again
def _revive(uow: UnitOfWork, now: datetime, actor: Actor, wanted: Sequence[Delivery]) -> list[Delivery]:
    with uow:
        at = uow.gates.now()
        again_waiting = [
            one for one in (revived(each, at) for each in wanted) if uow.deliveries.revive([one])
        ]
        if again_waiting:
            told = [[one.notice.key, one.channel] for one in again_waiting]
            uow.history.append(
                [beside_items(uow, EntryKind.OPERATIONS, RESEND, actor, {"deliveries": told})], now
            )
            uow.commit()
    return again_waiting


def trial(
    begin: Begin, actor: Actor, channel: tuple[str, Manner], send: Callable[[], None], *, jitter: float
) -> None:
    """Have one message of the asker's own sent through a channel, shut or not, within its limit.

    What came of it counts like any other message. Raises NotPermitted; Busy where the limit is used up; whatever `send`
    raises.
    """
    require(actor, KEEPERS, "不能试发")
    name, manner = channel
    _take(begin(), name, manner)
    try:
        send()
    except Unavailable as error:
        trouble = error
        _note(begin(), name, lambda gate, now: shut(gate, trouble, now, jitter))
        raise
    _note(begin(), name, lambda gate, _: recovered(gate))


@again
def _take(uow: UnitOfWork, name: str, manner: Manner) -> None:
    with uow:
        now, gate = uow.gates.now(), uow.gates.get(name)
        if room(recovered(gate), manner, now) < 1:
            raise Busy(f"渠道 {name} 本分钟的条数已用完", wait=WINDOW, hint="请一分钟后再试")
        uow.gates.put(replace(passed(gate, manner, 1, now), shut_until=gate.shut_until))
        uow.commit()


@again
def _note(uow: UnitOfWork, name: str, change: Callable[[Gate, datetime], Gate]) -> None:
    with uow:
        uow.gates.put(change(uow.gates.get(name), uow.gates.now()))
        uow.commit()
