"""The columns of a history as a table: the same in CSV and in a workbook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.model.calendar import LOCAL
from engine.model.definition import Definition
from engine.rules.ledger import Json
from engine.rules.past import Past
from engine.usecases.exporting import Event
from runtime.exports.workbook import Cell
from runtime.inspection_words import BESIDE, ENTRY_KINDS, change_told, worth_showing
from runtime.words import KINDS, MARKS, PEOPLE, STAGES, marks_of, named


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width in characters, and the cell of an event."""

    head: str
    width: int
    cell: Callable[[Event], Cell]


def cells_of(event: Event) -> list[Cell]:
    """The cells of an event, in the order of the columns."""
    return [column.cell(event) for column in COLUMNS]


def state_label(past: Past, definition: Definition | None) -> str:
    """What the state of an item is called; its own name where the definition has none such."""
    name = past.text("state")
    state = definition.states_by_id.get(name) if definition else None
    return state.label if state else name


def event_label(event: Event) -> str:
    """What an event is called."""
    return event.label if event.definition else named(event.label, BESIDE)


def told(payload: Mapping[str, Json], name: str) -> str:
    """What a payload says under a name, as text; empty where it says nothing."""
    value = payload.get(name)
    return "" if value is None else f"{value}"


def _at(event: Event) -> datetime:
    return event.entry.at.astimezone(LOCAL).replace(tzinfo=None)


def _kind(event: Event) -> str:
    return named(event.after.text("definition").partition("@")[0], KINDS)


def _principal(event: Event) -> str:
    return event.names.get(event.principal or "", event.principal or "")


def _changes(event: Event) -> str:
    shown = worth_showing(event.changes)
    return "；".join(change_told(change, event.definition, event.names) for change in shown)


def _evidence(event: Event) -> int | None:
    pieces = event.payload.get("evidence")
    return len(pieces) or None if isinstance(pieces, list) else None


def _text(event: Event) -> str:
    """That a payload was erased; nothing otherwise."""
    return "内容已抹去" if event.entry.payload is None else ""


COLUMNS: Final = (
    Column("序号", 8, lambda event: event.entry.index),
    Column("时间", 18, _at),
    Column("记录类别", 10, lambda event: ENTRY_KINDS.get(event.entry.kind, event.entry.kind.name)),
    Column("动作", 14, event_label),
    Column("动作标识", 14, lambda event: event.entry.what),
    Column("事项编号", 18, lambda event: event.item.number if event.item else ""),
    Column("标题", 30, lambda event: event.item.title if event.item else ""),
    Column("事项类别", 10, _kind),
    Column("流程版本", 12, lambda event: event.after.text("definition")),
    Column("版本", 6, lambda event: event.entry.item_version or None),
    Column("单位", 18, lambda event: event.names.get(event.unit, event.unit)),
    Column("办理人", 12, lambda event: event.actor_name),
    Column("身份", 14, lambda event: named(event.standing or "", PEOPLE)),
    Column("代谁办理", 12, _principal),
    Column("前状态", 12, lambda event: state_label(event.before, event.definition)),
    Column("后状态", 12, lambda event: state_label(event.after, event.definition)),
    Column("环节", 8, lambda event: named(event.after.text("stage"), STAGES)),
    Column("前状态历时（秒）", 16, lambda event: event.waited),
    Column("自报日期", 12, lambda event: told(event.payload, "claimed_on")),
    Column("理由", 30, lambda event: told(event.payload, "reason")),
    Column("标记", 10, lambda event: "、".join(MARKS[name] for name in marks_of(event.entry.flags))),
    Column("变更", 50, _changes),
    Column("佐证份数", 10, _evidence),
    Column("备注", 12, _text),
    Column("叶散列", 68, lambda event: event.entry.leaf.hex()),
)
