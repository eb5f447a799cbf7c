"""Examines an installation: whether it is healthy now, and whether everything stored follows from its history."""

import json
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.actor import Party, Role
from engine.model.calendar import LOCAL
from engine.model.clock import Rung
from engine.model.definition import Definition
from engine.model.entry import Entry, EntryDraft, EntryKind
from engine.model.ids import ItemId, PersonId
from engine.model.item import Item
from engine.model.notice import DeliveryStatus, Notice
from engine.ports import UnitOfWork
from engine.rules.ledger import commitment, leaf_bytes
from engine.rules.proofs import completed
from engine.rules.telling import Telling, notice_for
from engine.rules.tree import edge_with, joined, leaf_hash, root_of
from engine.usecases.audit import Document, Finding, Register, Trail
from engine.usecases.telling import Directory

SLACK = timedelta(hours=1)
"""How long a rung may have been due before it is late: the sweep takes up a deadline it put off within this time."""
_MANY = 1000
_HASH_BYTES = 32
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
        dead = uow.deliveries.count().get(DeliveryStatus.DEAD, 0)
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
        trails: dict[ItemId, Trail] = {}
        yield from _log(uow, trails)
        items = yield from _rows(uow, trails)
        yield from _deadlines(uow, trails)
        yield from _firings(uow, trails, items)


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


def _log(uow: UnitOfWork, trails: dict[ItemId, Trail]) -> Iterator[Finding]:
    """Walk the log once: places, times, bytes, chains, and the replay of every item."""
    register, frontier, count, at = Register(uow), tuple[bytes, ...](), 0, None
    for entry in uow.history.scan():
        if entry.index != count:
            yield Finding("I4", f"第 {entry.index} 条", f"序号不连续，应为 {count}")
        if at is not None and entry.at < at:
            yield Finding("I10", f"第 {entry.index} 条", "时间早于前一条")
        yield from _sealed(entry)
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
    if leaf_hash(_leaf_of(entry)) != entry.leaf:
        yield Finding("I4", subject, "时间、人员、版本或次序被改过")


def _leaf_of(entry: Entry) -> bytes:
    """The bytes of the leaf; the stored commitment stands at their end, also where the payload was erased."""
    draft = EntryDraft(
        kind=entry.kind,
        what=entry.what,
        flags=entry.flags,
        item=entry.item,
        item_version=entry.item_version,
        actor=entry.actor,
        payload=b"",
        salt=bytes(_HASH_BYTES),
        previous=entry.previous,
    )
    return leaf_bytes(entry.index, entry.at, draft)[:-_HASH_BYTES] + entry.commitment


def _on_item(register: Register, trails: dict[ItemId, Trail], entry: Entry) -> Iterator[Finding]:
    if entry.item is None:
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
    elif entry.kind is EntryKind.FIRING:
        yield from _named(entry, payload.get("rung"))
        yield from trail.fire(entry, payload)
    elif entry.kind is EntryKind.OPERATIONS:
        yield from _named(entry, payload.get("type"))
        yield from trail.reproject(entry, payload)


def _payload(entry: Entry) -> Document | None:
    try:
        payload: Document | None = json.loads(entry.payload) if entry.payload else None
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


def _firings(
    uow: UnitOfWork, trails: Mapping[ItemId, Trail], items: Mapping[ItemId, Item]
) -> Iterator[Finding]:
    """Each fired rung in the log is claimed in the table and the other way round, and has told somebody once (I6)."""
    told = _told(uow, trails, items)
    directories: dict[date, Directory] = {}
    for firing in uow.deadlines.scan_firings():
        trail, item = trails.get(firing.item), items.get(firing.item)
        spot = (firing.clock, firing.revision, firing.rung)
        if trail is None or item is None or trail.fired.pop(spot, None) != firing.spoken_by:
            yield Finding("I6", f"{firing.item}", f"催办 {spot} 没有出处")
        elif firing.rung == firing.spoken_by and (firing.item, *spot) not in told:
            day = firing.fired_at.astimezone(LOCAL).date()
            directory = directories.setdefault(day, Directory(uow, firing.fired_at))
            rung = _rung(uow.definitions.get(item.definition), firing.clock, firing.rung)
            certain = [name for name in rung.tell if name in _CERTAIN] if rung else []
            if directory.recipients(item, certain):
                yield Finding("I6", item.number, f"催办 {spot} 没有通知任何人")
    for trail in trails.values():
        for spot in trail.fired:
            yield Finding("I6", trail.subject, f"催办 {spot} 没有登记")


Told = tuple[ItemId, str, int, str]


def _told(uow: UnitOfWork, trails: Mapping[ItemId, Trail], items: Mapping[ItemId, Item]) -> set[Told]:
    """The firings that told somebody, found again by the key of the notice."""
    told: set[Told] = set()
    for notice in uow.notices.scan():
        item, trail = items.get(notice.item), trails.get(notice.item)
        if item is None or trail is None or "rung" not in notice.facts:
            continue
        told |= {
            (item.id, *spot) for spot, speaker in trail.fired.items() if _is_of(notice, item, spot, speaker)
        }
    return told


def _is_of(notice: Notice, item: Item, spot: tuple[str, int, str], speaker: str) -> bool:
    clock, revision, rung = spot
    if rung != speaker:
        return False
    telling = Telling(kind=notice.kind, cause=("rung", clock, revision, rung), facts={})
    return notice_for(item, notice.recipient, telling, notice.written_at).key == notice.key


def _rung(definition: Definition, clock: str, name: str) -> Rung | None:
    ladder = definition.ladders_by_id.get(definition.clocks_by_id[clock].ladder)
    return next((rung for rung in ladder.rungs if rung.id == name), None) if ladder else None
