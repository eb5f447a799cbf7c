"""What an inspection found, as text for readers and as objects for programs."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.text import pairs, table
from cli.values import local, plain
from engine.model.entry import Entry
from engine.model.ids import UnitCode
from engine.rules.past import Past
from engine.usecases.inspection import ItemRecord, LogLine, LogPage
from engine.usecases.past import BoardDiff, ItemDiff, PastBoard, PastCount, PastItem
from engine.usecases.suspicion import Findings
from runtime.inspection_words import (
    attribute,
    change_told,
    ended_told,
    held_told,
    label_told,
    lasted,
    question_told,
    value,
    worth_showing,
)
from runtime.words import KINDS, MARKS, STAGES, marks_of, named

Names = Mapping[str, str]
WIDE = 90
_SHOWN = 12
"""How many entries a question lists; the rest is counted."""


def line_told(line: LogLine) -> dict[str, Any]:
    """An entry, for programs."""
    entry = line.entry
    return {
        "index": entry.index,
        "at": plain(entry.at),
        "kind": entry.kind.name.lower(),
        "what": entry.what,
        "label": label_told(line),
        "number": line.number,
        "version": entry.item_version,
        "actor": entry.actor,
        "actor_name": line.actor_name,
        "standing": line.standing,
        "for": line.principal,
        "rules": f"{line.definition.ref}" if line.definition else None,
        "flags": marks_of(entry.flags),
        "changes": plain(line.changes),
        "ended": plain(line.ended),
        "leaf": entry.leaf.hex(),
        "payload": plain(line.payload),
    }


def log_text(page: LogPage) -> str:
    """A page of entries; under each what it changed."""
    return "\n".join(text for line in page.lines for text in _line(line, page.names))


def record_text(record: ItemRecord) -> str:
    """An item's record, oldest first, and where it spent its time."""
    lines = [text for line in record.lines for text in _line(line, record.names)]
    rows = [
        (
            s.label,
            held_told(s, record.names),
            local(s.began_at),
            local(s.ended_at),
            lasted(s.seconds),
            s.working_days,
        )
        for s in record.spells
    ]
    heads = ("状态", "在谁手里", "从", "到", "历时", "工作日")
    return "\n".join([f"{record.number} {record.title}", *lines, "", table(heads, rows)])


def entry_text(page: LogPage) -> str:
    """One entry in full."""
    (line,) = page.lines
    entry = line.entry
    rows: list[tuple[str, object]] = [
        ("序号", entry.index),
        ("时间", local(entry.at)),
        ("动作", f"{label_told(line)}（{entry.what}）"),
        ("事项", line.number),
        ("版本", entry.item_version or None),
        ("办理人", _who(line, page.names)),
        ("流程", line.definition.ref if line.definition else None),
        ("理由", line.payload.get("reason")),
        ("自报日期", line.payload.get("claimed_on")),
        ("标记", "、".join(MARKS[name] for name in marks_of(entry.flags))),
        ("前一状态", ended_told(line, page.names)),
        ("叶散列", entry.leaf.hex()),
        ("前一条", entry.previous.hex() if any(entry.previous) else "（首条）"),
        ("承诺", entry.commitment.hex()),
        ("原文", _original(entry)),
    ]
    changes = [change_told(change, line.definition, page.names) for change in line.changes]
    return "\n".join([pairs(rows), *changes])


def _original(entry: Entry) -> str:
    """The payload, or who erased it and what is left."""
    if entry.payload is not None:
        return entry.payload.decode()
    if entry.remains is None:
        return "（已抹去，没有抹去的记录）"
    return f"（由第 {entry.erased_by} 条抹去，余下：{entry.remains.decode()}）"


def past_told(found: PastItem) -> dict[str, Any]:
    """A past item, for programs."""
    past = found.past
    return {
        "entry": found.entry,
        "version": past.version,
        "is_whole": past.is_whole,
        "document": plain(past.document),
        "clocks": plain(past.clocks),
    }


def past_text(found: PastItem) -> str:
    """A past item."""
    past, definition = found.past, found.definition
    rows = [
        (attribute(name, definition), value(name, given, definition, found.names))
        for name, given in past.document.items()
        if given not in (None, [])
    ]
    clocks = [
        f"时限 {name}：{value('due_at', facts.get('due'), None, {})}" for name, facts in past.clocks.items()
    ]
    return "\n".join(
        [pairs([("截至第几条", found.entry), ("版本", past.version), *rows]), *clocks, *_gap(past)]
    )


def _gap(past: Past) -> list[str]:
    return [] if past.is_whole else ["注意：此前有记录的内容已抹去，只由它说明的部分无法还原"]


def board_text(board: PastBoard) -> str:
    """A past board: the numbers, then the items."""
    rows = [
        (r.number, board.names.get(r.unit, r.unit), r.title, r.label, board.names.get(r.owner, ""))
        for r in board.rows
    ]
    items = table(("编号", "单位", "事项", "状态", "责任人"), rows) if rows else "当时还没有事项"
    return f"由前 {board.entries} 条历史重建\n\n{_counts(board.names, board.counts)}\n\n{items}"


def _counts(names: Names, *boards: Iterable[PastCount]) -> str:
    """Counts of one board, or of two beside each other."""
    known = [{(c.kind, c.unit, c.stage): c.count for c in counts} for counts in boards]
    places: list[tuple[str, UnitCode, str]] = sorted({place for counts in known for place in counts})
    rows = [
        (
            named(kind, KINDS),
            names.get(unit, unit),
            named(stage, STAGES),
            " → ".join(f"{counts.get((kind, unit, stage), 0)}" for counts in known),
        )
        for kind, unit, stage in places
    ]
    return table(("类别", "单位", "环节", "件数"), rows)


def item_diff_text(found: ItemDiff) -> str:
    """What changed of an item."""
    lines = [change_told(change, found.definition, found.names) for change in found.changes]
    entries = "、".join(f"{index}" for index in found.entries)
    return "\n".join([*lines, f"其间的记录：第 {entries} 条"]) if lines or entries else "没有变化"


def diff_text(found: BoardDiff) -> str:
    """How two boards differ."""
    rows = [
        (
            each.after.number,
            found.names.get(each.after.unit, each.after.unit),
            each.after.title,
            f"{each.before.label if each.before else '（无）'} → {each.after.label}",
            each.entries,
        )
        for each in found.moved
    ]
    items = table(("编号", "单位", "事项", "状态", "办理次数"), rows) if rows else "没有事项动过"
    return f"{_counts(found.names, found.before, found.after)}\n\n{items}"


def findings_text(found: Findings) -> str:
    """The questions, each with the entries behind it."""
    lines = [text for question in found.questions for text in _question(found, question.entries, question)]
    if not lines:
        return "没有需要询问的迹象"
    return "\n".join([f"疑问 {found.altogether} 项。以下只是疑问，不是结论；请结合记录询问当事人。", *lines])


def _question(found: Findings, entries: tuple[int, ...], question: Any) -> Iterator[str]:
    yield f"？ {question_told(question, found.names)}"
    shown = "、".join(
        f"{index}（{found.numbers[index]}）" for index in entries[:_SHOWN] if index in found.numbers
    )
    rest = f" 等 {len(entries)} 条" if len(entries) > _SHOWN else ""
    yield f"   依据记录：{shown}{rest}"


def _line(line: LogLine, names: Names) -> Iterator[str]:
    marks = "".join(f"【{MARKS[name]}】" for name in marks_of(line.entry.flags))
    rules = f"  {line.definition.ref}" if line.definition else ""
    parts = [
        f"{line.entry.index}",
        local(line.entry.at),
        line.number or "",
        f"{label_told(line)}{marks}",
        _who(line, names),
    ]
    yield "  ".join(part for part in parts if part) + rules
    if reason := line.payload.get("reason"):
        yield f"      理由：{reason}"
    if ended := ended_told(line, names):
        yield f"      {ended}"
    shown = worth_showing(line.changes)
    yield from (f"      {change_told(each, line.definition, names)}" for each in shown)


def _who(line: LogLine, names: Names) -> str:
    standing = f"（{named(line.standing)}）" if line.standing and line.standing != "system" else ""
    principal = f"，代{names.get(line.principal, line.principal)}" if line.principal else ""
    return f"{line.actor_name}{standing}{principal}"
