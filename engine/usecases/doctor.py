"""Examines an installation: whether it is healthy now, and whether everything stored follows from its history."""

import json
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain

from engine.model.actor import Party, Role
from engine.model.calendar import LOCAL
from engine.model.clock import RungEffectKind
from engine.model.deadline import Firing, Raise
from engine.model.definition import Definition
from engine.model.entry import Entry, EntryKind
from engine.model.ids import ItemId, PersonId
from engine.model.item import Item
from engine.model.notice import DeliveryStatus, Notice
from engine.ports import UnitOfWork
from engine.rules.ledger import Json, canonical, commitment, sealed_bytes
from engine.rules.opening import SUPERVISES
from engine.rules.proofs import completed
from engine.rules.redaction import ERASABLE, announced
from engine.rules.telling import LEVEL, Telling, notice_for
from engine.rules.tree import edge_with, joined, leaf_hash, root_of
from engine.usecases.audit import CLOCKWORK, Finding, Fired, Trail
from engine.usecases.audit_moves import Document, Register, listed, mapping
from engine.usecases.criticism import CRITICISM
from engine.usecases.escalating import MARK_CRITICISM
from engine.usecases.migration import PUBLISH
from engine.usecases.redaction import ERASERS
from engine.usecases.telling import Directory

SLACK = timedelta(hours=1)
"""How long a rung may have been due before it is late: the sweep takes up a deadline it put off within this time."""
_MANY = 1000
_CERTAIN = frozenset({*Role, Party.OWNER})
"""Whom a rung can be expected to reach whoever the item's own people were at the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """What a client was told: its command under `key` moved the item to this version."""

    person: PersonId
    key: str
    item: ItemId
    version: int


def examine(uow: UnitOfWork, now: datetime) -> list[Finding]:
    """What is wrong right now: damaged pages (I14), rungs nobody has fired, notices given up."""
    with uow:
        found = [Finding("I14", "数据库", text) for text in uow.views.integrity()]
        late = len(uow.deadlines.due(now - SLACK, _MANY))
        dead = sum(one.count for one in uow.deliveries.backlog() if one.status is DeliveryStatus.DEAD)
    if late:
        more = "以上" if late == _MANY else ""
        found.append(
            Finding(
                "sweep", "事项", f"{late} 件{more}已到级一小时仍未催办，请运行 duban sweep 或 duban worker"
            )
        )
    if dead:
        found.append(Finding("delivery", "通知", f"{dead} 条外发通知已放弃，请检查渠道后重发"))
    return found


def examine_deeply(uow: UnitOfWork) -> Iterator[Finding]:
    """Every broken invariant among I1, I2, I3, I4, I6, I10, I11, I12, found by replaying the whole history."""
    with uow:
        trails, register = dict[ItemId, Trail](), Register(uow)
        yield from _log(uow, trails, register)
        items = yield from _rows(uow, trails)
        yield from _deadlines(uow, trails)
        yield from _firings(uow, register, trails, items)
        yield from _pins(uow, register)
        yield from _marks(uow, trails)


def unaccounted(uow: UnitOfWork, acknowledged: Iterable[Acknowledged]) -> Iterator[Finding]:
    """Acknowledged commands that are not in the history exactly once (I5)."""
    made: dict[ItemId, Counter[tuple[int, PersonId]]] = {}
    with uow:
        for each in acknowledged:
            if each.item not in made:
                moves = (e for e in uow.history.of_item(each.item) if e.kind is EntryKind.TRANSITION)
                made[each.item] = Counter((e.item_version, e.actor) for e in moves)
            count = made[each.item][each.version, each.person]
            reply = uow.replies.find([(each.person, each.key)]).get((each.person, each.key))
            if count != 1 or reply is None or json.loads(reply[1])["version"] != each.version:
                yield Finding("I5", each.key, f"已答复的操作（版本 {each.version}）在历史里有 {count} 条")


def _log(uow: UnitOfWork, trails: dict[ItemId, Trail], register: Register) -> Iterator[Finding]:
    """Walk the log once: places, times, bytes, chains, and the replay of every item."""
    frontier, count, at = tuple[bytes, ...](), 0, None
    erased = announced(uow.redactions.told())
    for entry in uow.history.scan():
        if entry.index != count:
            yield Finding("I4", f"第 {entry.index} 条", f"序号不连续，应为 {count}")
        if at is not None and entry.at < at:
            yield Finding("I10", f"第 {entry.index} 条", "时间早于前一条")
        yield from _sealed(entry)
        yield from _announced(entry, erased.get(entry.index))
        yield from _redacts(register, entry)
        yield from _on_item(register, trails, entry)
        made = joined(frontier, count, entry.leaf)
        yield from _stored_hashes(uow, made, count)
        frontier, count, at = edge_with(frontier, made), count + 1, entry.at
    head = uow.history.head()
    if (head.size, root_of(head.frontier)) != (count, root_of(frontier)):
        yield Finding("I4", "历史", f"记下的末端（{head.size} 条）与全部 {count} 条算出的不符")


def _stored_hashes(uow: UnitOfWork, made: Sequence[bytes], index: int) -> Iterator[Finding]:
    """Whether the hashes that proofs are made of are those of the entries."""
    for level, position, found in completed(made, index):
        if uow.history.hashes(level, position, 1) != [found]:
            yield Finding("I4", f"第 {index} 条", f"存下的第 {level} 级散列（第 {position} 个）与记录不符")


def _sealed(entry: Entry) -> Iterator[Finding]:
    """Whether an entry is what was sealed: its payload under its commitment, everything under its leaf."""
    subject = f"第 {entry.index} 条"
    is_whole = entry.payload is not None and entry.salt is not None
    if is_whole and commitment(entry.salt or b"", entry.payload or b"") != entry.commitment:
        yield Finding("I4", subject, "内容被改过")
    if leaf_hash(sealed_bytes(entry)) != entry.leaf:
        yield Finding("I4", subject, "时间、人员、版本或次序被改过")


def _announced(entry: Entry, told: tuple[Entry, Json] | None) -> Iterator[Finding]:
    """Whether an entry is erased exactly where a later one tells of it, by somebody else; what is left is as told."""
    subject = f"第 {entry.index} 条"
    if told is None:
        if entry.payload is None:
            yield Finding("I4", subject, "内容被抹去，却没有抹去的记录")
        return
    by, left = told
    if entry.payload is not None:
        yield Finding("I4", subject, f"第 {by.index} 条说已抹去，内容却还在")
    elif (entry.erased_by, entry.remains) != (by.index, canonical(left)):
        yield Finding("I4", subject, f"抹去后留下的内容与第 {by.index} 条所说的不符")
    if entry.kind not in ERASABLE or by.index <= entry.index:
        yield Finding("I4", subject, f"第 {by.index} 条不能抹去它")
    if by.actor == entry.actor and entry.kind is not EntryKind.REDACTION:
        yield Finding("I11", subject, f"由办理人自己抹去（第 {by.index} 条）")


def _redacts(register: Register, entry: Entry) -> Iterator[Finding]:
    """Whether somebody who erased held the post for it."""
    if entry.kind is not EntryKind.REDACTION:
        return
    actor = register.actor(entry.actor, entry.at.astimezone(LOCAL).date())
    if actor is None or not any(role in held.roles for held in actor.posts for role in ERASERS):
        yield Finding("I12", f"第 {entry.index} 条", "抹去内容的人当时不是安全管理员")


def _on_item(register: Register, trails: dict[ItemId, Trail], entry: Entry) -> Iterator[Finding]:
    if entry.item is None:
        if entry.what == PUBLISH and (plan := _payload(entry)):
            register.learn(plan)
        return
    trail = trails.setdefault(entry.item, Trail(entry.item))
    if entry.previous != trail.leaf:
        yield Finding("I4", f"第 {entry.index} 条", f"没有接在 {trail.subject} 的前一条之后")
    trail.leaf = entry.leaf
    payload = _payload(entry)
    if payload is None:
        trail.blind, trail.version = True, entry.item_version
    elif entry.kind is EntryKind.TRANSITION:
        yield from _named(entry, payload.get("verb"))
        yield from trail.move(register, entry, payload)
        yield from _ordered(trails, trail, entry, payload)
    elif entry.kind is EntryKind.FIRING:
        yield from _named(entry, payload.get("rung"))
        yield from trail.fire(register, entry, payload)
    elif entry.kind is EntryKind.OPERATIONS:
        yield from _named(entry, payload.get("type"))
        yield from _befallen(register, trail, entry, payload)
    elif entry.kind is EntryKind.COMMENT:
        yield from _named(entry, payload.get("type"))
        yield from trail.remind(entry)


def _befallen(register: Register, trail: Trail, entry: Entry, payload: Document) -> Iterator[Finding]:
    if entry.what == MARK_CRITICISM:
        yield from trail.mark(entry, payload)
    elif entry.what in CRITICISM.values():
        yield from trail.judge(register, entry, payload)
    else:
        yield from trail.reproject(entry, payload)


def _ordered(
    trails: Mapping[ItemId, Trail], trail: Trail, entry: Entry, payload: Document
) -> Iterator[Finding]:
    """A supervision order that was opened by itself was called for by what was reached on the item above it."""
    system = mapping(payload.get("actor")).get("system")
    changes = mapping(payload.get("changes"))
    (_, link), (_, parent) = (listed(changes.get(name)) or (None, None) for name in ("link", "parent"))
    if entry.item_version != 1 or system not in CLOCKWORK or link != SUPERVISES:
        return
    above = trails.get(ItemId(f"{parent}"))
    if above is None or not above.settles(RungEffectKind.OPEN_SUPERVISION_ORDER):
        yield Finding("I6", trail.subject, "督办单没有出处")


def _payload(entry: Entry) -> Document | None:
    try:
        payload: Document | None = json.loads(entry.told) if entry.told else None
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _named(entry: Entry, what: object) -> Iterator[Finding]:
    if entry.what != what:
        yield Finding("I4", f"第 {entry.index} 条", f"标作“{entry.what}”，内容却是“{what}”")


def _rows(uow: UnitOfWork, trails: Mapping[ItemId, Trail]) -> Generator[Finding, None, dict[ItemId, Item]]:
    """Compare the stored items with their trails; gives back the items on which a rung was fired."""
    fired: dict[ItemId, Item] = {}
    seen: set[ItemId] = set()
    for item in uow.items.scan():
        seen.add(item.id)
        if (trail := trails.get(item.id)) is None:
            yield Finding("I1", item.number, "没有任何历史")
            continue
        yield from trail.compare(item)
        if trail.fired:
            fired[item.id] = item
    for lost in trails.keys() - seen:
        yield Finding("I1", trails[lost].subject, "历史里有，表里没有")
    return fired


def _deadlines(uow: UnitOfWork, trails: Mapping[ItemId, Trail]) -> Iterator[Finding]:
    for deadline in uow.deadlines.scan():
        if trail := trails.get(deadline.item):
            yield from trail.compare_deadline(deadline)
    for trail in trails.values():
        if not trail.blind:
            yield from trail.missing_deadlines()


def _pins(uow: UnitOfWork, register: Register) -> Iterator[Finding]:
    """Each campaign opens items under the version that the newest plan sent them to (I3)."""
    for (campaign, kind), name in register.pins().items():
        stored = uow.campaigns.get(campaign).definitions.get(kind)
        if f"{stored}" != name:
            yield Finding("I3", campaign, f"新建“{kind}”按 {stored}，最近的迁移方案是 {name}")


def _firings(
    uow: UnitOfWork, register: Register, trails: Mapping[ItemId, Trail], items: Mapping[ItemId, Item]
) -> Iterator[Finding]:
    """Each fired rung in the log is claimed in the table and the other way round, and has told somebody once (I6)."""
    told = _told(uow, trails, items)
    directories: dict[date, Directory] = {}
    for firing in chain(uow.deadlines.scan_firings(), map(_as_firing, uow.levels.scan())):
        trail, item = trails.get(firing.item), items.get(firing.item)
        spot = (firing.clock, firing.revision, firing.rung)
        fired = trail.fired.pop(spot, None) if trail and item else None
        if item is None or fired is None or fired.spoken_by != firing.spoken_by:
            yield Finding("I6", f"{firing.item}", f"催办 {spot} 没有出处")
        elif (firing.item, *spot) not in told and _speaks(spot, fired):
            day = firing.fired_at.astimezone(LOCAL).date()
            directory = directories.setdefault(day, Directory(uow, firing.fired_at))
            tell = _tell(register.definition(fired.definition), firing.clock, firing.rung)
            certain = [name for name in tell if name in _CERTAIN]
            if fired.is_heard or directory.recipients(item, certain):
                yield Finding("I6", item.number, f"催办 {spot} 没有通知任何人")
    for trail in trails.values():
        for spot in trail.fired:
            yield Finding("I6", trail.subject, f"催办 {spot} 没有登记")
        yield from trail.unsettled()


def _speaks(spot: tuple[str, int, str], fired: Fired) -> bool:
    """Whether somebody was to be told in the words of this rung: the highest, and whichever else its entry names."""
    return fired.spoken_by == spot[-1] or bool(fired.is_heard)


def _as_firing(level: Raise) -> Firing:
    return Firing(
        item=level.item,
        clock=LEVEL,
        revision=0,
        rung=level.level,
        spoken_by=level.level,
        fired_at=level.raised_at,
    )


def _marks(uow: UnitOfWork, trails: Mapping[ItemId, Trail]) -> Iterator[Finding]:
    """Each candidate in the log stands in the table with its verdict, and the other way round (I2)."""
    for mark in uow.criticisms.scan():
        trail = trails.get(mark.item)
        verdict = mark.verdict and CRITICISM[mark.verdict]
        if trail is None or trail.marks.pop(mark.cause, "") != verdict:
            yield Finding("I2", f"{mark.item}", f"通报批评候选 {mark.cause} 与历史不符")
    for trail in trails.values():
        for cause in trail.marks:
            yield Finding("I2", trail.subject, f"通报批评候选 {cause} 没有登记")


Told = tuple[ItemId, str, int, str]


def _told(uow: UnitOfWork, trails: Mapping[ItemId, Trail], items: Mapping[ItemId, Item]) -> set[Told]:
    """The firings that told somebody, found again by the key of the notice."""
    told: set[Told] = set()
    for notice in uow.notices.scan():
        item, trail = items.get(notice.item), trails.get(notice.item)
        if item is None or trail is None or "rung" not in notice.facts:
            continue
        told |= {
            (item.id, *spot)
            for spot, fired in trail.fired.items()
            if _speaks(spot, fired) and _is_of(notice, item, spot)
        }
    return told


def _is_of(notice: Notice, item: Item, spot: tuple[str, int, str]) -> bool:
    clock, revision, rung = spot
    if notice.clock is not None and (notice.clock, notice.revision) != (clock, revision):
        return False
    cause: tuple[str | int, ...] = (LEVEL, rung) if clock == LEVEL else ("rung", clock, revision, rung)
    telling = Telling(kind=notice.kind, cause=cause, facts={})
    return notice_for(item, notice.recipient, telling, notice.written_at).key == notice.key


def _tell(definition: Definition | None, clock: str, name: str) -> tuple[str, ...]:
    """Whom a rung or level tells, in the version in which it was reached."""
    if definition is None:
        return ()
    step = definition.levels_by_id.get(name) if clock == LEVEL else definition.rung(clock, name)
    return step.tell if step else ()
