"""One item as it is printed: its facts, its clocks, and what the asker may do with it."""

from collections.abc import Iterator, Mapping
from typing import Any

from cli.errors import reason_told
from cli.limits import change_lines, suspension_lines
from cli.text import pairs
from cli.values import local, plain
from engine.model.criticism import Mark
from engine.model.deadline import Outcome
from engine.model.ids import PersonId
from engine.model.item import Item
from engine.usecases.clock_stories import ClockStory
from engine.usecases.queries import Choice, ItemDetail
from runtime.words import STAGES, VERDICTS


def standing(item: Item) -> dict[str, object]:
    """How an item stands, for programs."""
    return {
        "number": item.number,
        "title": item.title,
        "state": item.state,
        "stage": item.stage.value,
        "version": item.version,
    }


def detail_text(detail: ItemDetail) -> str:
    """Everything about an item, for readers."""
    return "\n\n".join(part for part in _detail_parts(detail) if part)


def detail_told(detail: ItemDetail) -> dict[str, Any]:
    """Everything about an item, for programs."""
    item: dict[str, Any] = plain(detail.item)
    return {
        **item,
        "state_label": detail.definition.states_by_id[detail.item.state].label,
        "names": dict(detail.names),
        "lamp": detail.signal.lamp.value,
        "sentence": detail.signal.sentence,
        "deadlines": plain(detail.deadlines),
        "changes": {story.clock.id: plain(story.changes) for story in detail.stories},
        "suspensions": {story.clock.id: plain(story.suspensions) for story in detail.stories},
        "criticism": plain(detail.marks),
        "evidence": plain(detail.evidence),
        "children": [standing(child) for child in detail.children],
        "moves": choices_told(detail),
    }


def choices_told(detail: ItemDetail) -> list[dict[str, Any]]:
    """The moves of the asker, for programs."""
    return [
        {
            "verb": choice.move.verb,
            "label": choice.move.label,
            "to": [*choice.move.to],
            "is_open": choice.is_open,
            "needs": [reason_told(each) for each in choice.needs],
            "against": [reason_told(each) for each in choice.against],
        }
        for choice in detail.choices
    ]


def _detail_parts(detail: ItemDetail) -> Iterator[str]:
    yield f"{detail.item.number} {detail.item.title}\n{detail.signal.sentence}"
    yield pairs(_facts(detail))
    labels = detail.definition.fields_by_id
    yield pairs((labels[name].label, value) for name, value in detail.item.fields.items() if name in labels)
    yield "\n".join(line for story in detail.stories for line in _limit(story))
    yield "\n".join(f"通报批评：{_mark(mark)}" for mark in detail.marks)
    yield "\n".join(f"佐证：{e.name}（{e.size} 字节，SHA-256 {e.sha256[:12]}…）" for e in detail.evidence)
    yield "\n".join(f"下级：{child.number} {child.title}" for child in detail.children)
    yield choices_text(detail)


def _limit(story: ClockStory) -> Iterator[str]:
    """The date a clock runs to, with every date before it and every time it stood still."""
    label, last = story.clock.label, story.revisions[-1]
    if last.outcome is None:
        yield f"{label}：{local(last.due_at)}（{last.proof}）"
    if last.outcome is not Outcome.MET:
        yield from (f"{label}变更：{line}" for line in change_lines(story))
        yield from (f"{label}中止：{line}" for line in suspension_lines(story))


def _facts(detail: ItemDetail) -> Iterator[tuple[str, object]]:
    item, names = detail.item, detail.names
    state = detail.definition.states_by_id[item.state]
    yield "类别", f"{detail.definition.label}（{item.definition}）"
    yield "单位", names.get(item.unit, item.unit)
    yield "状态", f"{state.label}（{STAGES[state.stage.value]}）"
    yield "责任人", _name(names, item.owner)
    yield "受托人", item.delegation and f"{names[item.delegation.person]}（至 {item.delegation.until_on}）"
    yield "复核人", _name(names, item.reviewer)
    yield "协办单位", "、".join(names.get(unit, unit) for unit in item.assisting)
    yield "填报", f"{_name(names, item.opener) or '系统'}，{local(item.opened_at)}"
    yield "补录日期", item.as_of
    yield "退回次数", item.returned_count or None
    yield "待批延期", item.extension and f"至 {item.extension.due_on}"
    yield "版本", item.version


def _mark(mark: Mark) -> str:
    said = f"已决定{VERDICTS[mark.verdict]}" if mark.verdict else "候选，待决定"
    return f"{mark.label}（{local(mark.marked_at)} 列入），{said}"


def _name(names: Mapping[str, str], person: PersonId | None) -> str | None:
    return names.get(person) if person else None


def choices_text(detail: ItemDetail) -> str:
    """What the asker may do, and why the rest is shut."""
    is_open = [choice for choice in detail.choices if choice.is_open]
    shut = [choice for choice in detail.choices if not choice.is_open]
    lines = [f"可办：{_verb(c)}{_needs(c)}" for c in is_open]
    lines += [f"不可办：{_verb(c)}：{_against(c)}" for c in shut]
    return "\n".join(lines)


def _verb(choice: Choice) -> str:
    return f"{choice.move.label}（{choice.move.verb}）"


def _needs(choice: Choice) -> str:
    told = [reason_told(each) for each in choice.needs]
    return f"，还需：{'；'.join(each['hint'] for each in told)}" if told else ""


def _against(choice: Choice) -> str:
    return "；".join(f"{each['text']}（{each['hint']}）" for each in map(reason_told, choice.against))
