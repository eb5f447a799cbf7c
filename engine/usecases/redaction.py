"""Erases words of people from the history and everywhere beside it, and enters who did so, why and by what right.

The leaves stay, so that every proof goes on to hold. Nobody erases what they entered themselves: it would hide an act.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.model.actor import Actor, Role
from engine.model.entry import Entry, EntryKind
from engine.model.errors import Conflict, Invalid, NotFound, NotPermitted, Problem, Refused
from engine.model.ids import ItemId
from engine.model.inspection import Stretch
from engine.model.item import Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.redaction import Erasure, Words
from engine.ports import UnitOfWork
from engine.rules.ledger import Json, canonical
from engine.rules.redaction import ERASABLE, SHORTEST, files_erased, remains_of, taken_out, words_in
from engine.rules.standing import require
from engine.usecases.again import again
from engine.usecases.beside import beside_items
from engine.usecases.retention import holds

REDACTION: Final = "redaction"
EVERYTHING: Final = "*"
ERASERS: Final = (Role.SECURITY_OFFICER,)
"""Who may erase: neither who runs the server nor who inspects."""
_DIGEST: Final = 8
"""So many digits name a file of evidence."""
_MANY: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Redact:
    """What is to be erased, why, and by what right (`basis`).

    `target` is an entry (`12`), a field of an item by its name or label (`ZG-2020-000001:problem`, also `title`), a
    file of evidence of an item (`ZG-2020-000001:` and the first digits of its SHA-256), or all of an item
    (`ZG-2020-000001:*`). Without
    `words` everything somebody wrote there is erased, on this item and on those opened from it; given words are erased
    wherever they stand.
    """

    target: str
    reason: str
    basis: str
    actor: Actor
    words: tuple[str, ...] = ()


class NothingLeft(Conflict):
    """Whatever could be erased has been."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which words go, where the target holds them, and which files of evidence go with them."""

    words: Words
    target: tuple[Entry, ...]
    files: tuple[str, ...] = ()


@again
def redact(uow: UnitOfWork, now: datetime, command: Redact) -> Erasure:
    """Erase, and enter it. Raises NotPermitted, Refused, NotFound, Invalid, NothingLeft, Conflict."""
    with uow:
        done = _erased(uow, now, command)
        uow.commit()
    return done


@again
def try_redaction(uow: UnitOfWork, now: datetime, command: Redact) -> Erasure:
    """What `redact` would do; it is done and taken back. Raises as `redact`."""
    with uow:
        return _erased(uow, now, command)


def require_eraser(actor: Actor) -> None:
    """Raises NotPermitted unless the actor may erase."""
    require(actor, ERASERS, "不能抹去内容")


def _erased(uow: UnitOfWork, now: datetime, command: Redact) -> Erasure:
    require_eraser(command.actor)
    _require_reasons(command)
    uow.history.append([], now)  # from here on nobody enters anything that would be overlooked
    plan = _planned(uow, command)
    _require_silence(command, plan.words)
    found = {entry.index: entry for entry in [*plan.target, *uow.redactions.holding(plan.words)]}
    remains = {
        n: left for n, entry in sorted(found.items()) if (left := remains_of(entry, plan.words)) is not None
    }
    _require_erasable([found[index] for index in remains], command)
    touched = [*plan.target, *(found[index] for index in remains)]
    _require_free(uow, {entry.item for entry in touched if entry.item})
    remains |= _told_anew(uow, plan.words)
    if not remains and not plan.files:
        raise NothingLeft("没有可抹去的内容", hint="它可能已经抹去，请看这一条现在的样子")
    draft = beside_items(
        uow, EntryKind.REDACTION, REDACTION, command.actor, _facts(command, remains, plan.files)
    )
    (entry,) = uow.history.append([draft], now)
    uow.redactions.erase(entry.index, remains)
    rows = uow.redactions.rewrite(plan.words)
    backups = _backups_since(uow, min(remains, default=entry.index))
    return Erasure(entry=entry.index, indexes=tuple(remains), files=plan.files, rows=rows, backups=backups)


def _facts(command: Redact, remains: Mapping[int, bytes], files: tuple[str, ...]) -> dict[str, Json]:
    return {
        "why": command.reason,
        "basis": command.basis,
        "indexes": [*remains],
        "files": [*files],
        "remains": {f"{index}": json.loads(left) for index, left in remains.items()},
    }


def _told_anew(uow: UnitOfWork, words: Words) -> dict[int, bytes]:
    """What earlier erasures say from now on of entries of these items; of other items they say the same as before.

    Given words are looked for everywhere, also in what erasures say. Raises Conflict where one was told anew before.
    """
    entries = [entry for item in words.items or () for entry in uow.history.of_item(item)]
    own = {f"{entry.index}" for entry in entries if entry.payload is None}
    anew: dict[int, bytes] = {}
    for entry in uow.redactions.told() if own else ():
        told = json.loads(entry.told or b"{}")
        remains = told.get("remains", {})
        left = {n: taken_out(each, words) if n in own else each for n, each in remains.items()}
        if left != remains and entry.payload is None:
            raise Conflict(f"第 {entry.index} 条抹去后又改述过", hint="请写明还要抹去的词")
        if left != remains:
            anew[entry.index] = canonical({**told, "remains": left})
    return anew


def _require_reasons(command: Redact) -> None:
    if not command.reason.strip():
        raise Refused("不能抹去内容", (reason(ReasonCode.REASON_MISSING),))
    if not command.basis.strip():
        raise Refused("不能抹去内容", (reason(ReasonCode.BASIS_MISSING),))
    short = [word for word in command.words if len(word.strip()) < SHORTEST]
    if short:
        told = f"“{short[0]}”太短，会抹去无关的内容"
        raise Invalid("抹去内容", (Problem(where="词", text=told, hint=f"至少 {SHORTEST} 个字"),))


def _require_silence(command: Redact, words: Words) -> None:
    """The reason is kept for ever: it must not say again what is to be erased."""
    for where, text in (("理由", command.reason), ("依据", command.basis)):
        if words.taken_out(text) != text:
            told = "里有要抹去的词，它会永远留在历史里"
            raise Invalid("抹去内容", (Problem(where=where, text=told, hint="请换一个说法"),))


def _require_erasable(entries: list[Entry], command: Redact) -> None:
    own = [
        entry.index
        for entry in entries
        if entry.actor == command.actor.person and entry.kind is not EntryKind.REDACTION
    ]
    fixed = [entry.index for entry in entries if entry.kind not in ERASABLE]
    reasons: list[Reason] = []
    if fixed:
        reasons.append(reason(ReasonCode.NOT_ERASABLE, index=fixed[0]))
    if own:
        reasons.append(reason(ReasonCode.OWN_ENTRY, index=own[0]))
    if reasons:
        raise (Refused if fixed else NotPermitted)("不能抹去内容", tuple(reasons))


def _require_free(uow: UnitOfWork, items: Collection[ItemId]) -> None:
    """Raises Refused where one of these items belongs to a campaign that must not lose anything."""
    held = holds(uow)
    touched = uow.items.get(sorted(items)).values() if held else ()
    for item in touched:
        if item.campaign in held:
            raise Refused(
                "不能抹去内容", (reason(ReasonCode.HELD, campaign=item.campaign, why=held[item.campaign]),)
            )


def _planned(uow: UnitOfWork, command: Redact) -> _Plan:
    number, colon, part = command.target.partition(":")
    if not colon:
        return _of_entry(uow, command)
    item = _item(uow, number)
    entries = uow.history.of_item(item.id)
    if part == EVERYTHING:
        return _of_item(uow, command, item, entries)
    if part and len(part) >= _DIGEST and set(part) <= set("0123456789abcdef"):
        return _of_file(uow, command, item, part)
    name = _name_of_field(uow, item, part)
    told = [text for entry in entries for text in _values(entry, name)]
    texts = command.words or tuple(dict.fromkeys(text for value in told for text in words_in(value)))
    if not told or not texts or not any(text in f"{told}" for text in texts):
        raise NotFound(f"{number} 的“{part}”里没有可抹去的内容", hint="请看这个事项的历史里各栏写过什么")
    return _Plan(_words(uow, command, texts, item.id), tuple(entries))


def _of_entry(uow: UnitOfWork, command: Redact) -> _Plan:
    index = int(command.target) if command.target.isdecimal() else -1
    found = [*uow.history.scan(index, index + 1)] if index >= 0 else []
    if not found:
        raise NotFound(f"没有第 {command.target} 条历史", hint="请给序号，或 编号:栏目")
    (entry,) = found
    texts = command.words or tuple(dict.fromkeys(words_in(json.loads(entry.told or b"{}"))))
    return _Plan(_words(uow, command, texts, entry.item), (entry,))


def _of_item(uow: UnitOfWork, command: Redact, item: Item, entries: list[Entry]) -> _Plan:
    told = [json.loads(entry.told or b"{}") for entry in entries]
    texts = command.words or tuple(dict.fromkeys(text for each in told for text in words_in(each)))
    known = files_erased(uow.redactions.told())
    files = tuple(piece.sha256 for piece in uow.evidence.of_item(item.id) if piece.sha256 not in known)
    if not texts and not files:
        raise NothingLeft(f"{item.number} 没有可抹去的内容", hint="它可能已经抹去")
    return _Plan(_words(uow, command, texts, item.id), tuple(entries), files)


def _of_file(uow: UnitOfWork, command: Redact, item: Item, digits: str) -> _Plan:
    pieces = [piece for piece in uow.evidence.of_item(item.id) if piece.sha256.startswith(digits)]
    if len(pieces) != 1:
        raise NotFound(f"{item.number} 没有散列以 {digits} 开头的佐证", hint="duban item show 编号 列出佐证")
    (piece,) = pieces
    files = () if piece.sha256 in files_erased(uow.redactions.told()) else (piece.sha256,)
    words = _words(uow, command, (piece.name, *command.words), item.id)
    return _Plan(words, tuple(uow.history.of_item(item.id)), files)


def _words(uow: UnitOfWork, command: Redact, texts: tuple[str, ...], item: ItemId | None) -> Words:
    """Given words everywhere. Whole texts on the item and its kin, or on no item but in the entry alone."""
    if command.words:
        return Words(texts)
    return Words(texts, () if item is None else _kin(uow, item))


def _name_of_field(uow: UnitOfWork, item: Item, part: str) -> str:
    """The field that people call so; what they wrote where no label of the definition is so."""
    labels = {"标题": "title"} | {each.label: each.id for each in uow.definitions.get(item.definition).fields}
    return labels.get(part, part)


def _values(entry: Entry, name: str) -> Iterator[Json]:
    """What a field of an item was, before and after an entry."""
    changes = json.loads(entry.told or b"{}").get("changes", {})
    yield from changes.get(name if name == "title" else f"field:{name}", [])


def _kin(uow: UnitOfWork, item: ItemId) -> tuple[ItemId, ...]:
    """An item and whatever was opened from it, directly or not: their texts repeat its own."""
    return (item, *(each for child in uow.items.children(item) for each in _kin(uow, child.id)))


def _item(uow: UnitOfWork, number: str) -> Item:
    ids = uow.items.by_numbers([number])
    if number not in ids:
        raise NotFound(f"没有事项 {number}", hint="请核对编号")
    return uow.items.get([ids[number]])[ids[number]]


def _backups_since(uow: UnitOfWork, first: int) -> int:
    size = uow.history.head().size
    return len(uow.history.search(Stretch(first=first, before=size, what="backup", limit=_MANY)))
