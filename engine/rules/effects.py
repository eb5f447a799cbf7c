"""What a move does to an item besides its state, and what an attempt must bring for it."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from engine.model.calendar import LOCAL
from engine.model.clock import Anchor
from engine.model.definition import Definition, Effect
from engine.model.item import Delegation, ExtensionRequest, FieldValue, Item
from engine.model.reasons import Reason, ReasonCode, reason
from engine.model.transition import Attempt, Surroundings
from engine.rules.copies import changed

LEVELS = ("blue", "yellow", "red")

_NEEDS: dict[Effect, tuple[tuple[str, str, str], ...]] = {
    Effect.ASSIGN_OWNER: (("assignee", "责任人", "--assignee"),),
    Effect.ASSIGN_REVIEWER: (("assignee", "复核人", "--assignee"),),
    Effect.DELEGATE: (("assignee", "受托人", "--assignee"), ("until_on", "委托截止日", "--until")),
    Effect.TRANSFER_UNIT: (("unit", "接收单位", "--unit"),),
    Effect.APPLY_EXTENSION: (("due_on", "申请延至", "--due"),),
    Effect.SPLIT: (("parts", "拆分内容", "--part"),),
    Effect.MERGE: (("other", "并入事项", "--other"),),
}


def input_reasons(
    definition: Definition, effects: tuple[Effect, ...], item: Item, attempt: Attempt, around: Surroundings
) -> Iterator[Reason]:
    """What the attempt lacks for these effects, or brings wrongly."""
    for effect in effects:
        for name, label, option in _NEEDS.get(effect, ()):
            if not getattr(attempt, name):
                yield reason(ReasonCode.INPUT_MISSING, input=label, option=option)
    if attempt.assignee and not around.assignee_exists:
        yield reason(ReasonCode.INPUT_UNKNOWN, value=attempt.assignee, option="--assignee")
    if attempt.unit and not around.unit_exists:
        yield reason(ReasonCode.INPUT_UNKNOWN, value=attempt.unit, option="--unit")
    if _is_at_top(effects, item):
        yield reason(ReasonCode.LEVEL_AT_TOP)
    if Effect.APPLY_EXTENSION in effects:
        yield from _extension_reasons(definition, attempt, around)


def _is_at_top(effects: tuple[Effect, ...], item: Item) -> bool:
    """Whether the colour would have to rise above the highest."""
    is_raised = not {Effect.LEVEL_UP, Effect.LEVEL_TOP}.isdisjoint(effects)
    return is_raised and item.fields.get("level") == LEVELS[-1]


def leads_on(definition: Definition, item: Item, verb: str) -> bool:
    """Whether an item stands where a verb can be made by whoever may: not where a colour cannot rise any more."""
    move = definition.moves_by_place.get((item.state, verb))
    return move is not None and not _is_at_top(move.effects, item)


def _extension_reasons(definition: Definition, attempt: Attempt, around: Surroundings) -> Iterator[Reason]:
    due = around.due_at.get(extendable_clock(definition), max(around.due_at.values(), default=None))
    if due is None or attempt.due_on is None:
        return
    due_on = (due - timedelta(microseconds=1)).astimezone(LOCAL).date()
    if attempt.due_on <= due_on:
        yield reason(ReasonCode.EXTENSION_NOT_LATER, day=due_on.isoformat())


def after_effects(definition: Definition, effects: tuple[Effect, ...], item: Item, attempt: Attempt) -> Item:
    """The item once every effect has been applied in order. SPLIT and RELAPSE change other items, not this one."""
    for effect in effects:
        if apply := _APPLY.get(effect):
            item = apply(definition, item, attempt)
    return item


def _assign_owner(_: Definition, item: Item, attempt: Attempt) -> Item:
    return changed(item, owner=attempt.assignee, delegation=None)


def _assign_reviewer(_: Definition, item: Item, attempt: Attempt) -> Item:
    return changed(item, reviewer=attempt.assignee)


def _transfer(_: Definition, item: Item, attempt: Attempt) -> Item:
    return changed(item, unit=attempt.unit or item.unit, owner=None, delegation=None)


def _count_return(_: Definition, item: Item, _attempt: Attempt) -> Item:
    return changed(item, returned_count=item.returned_count + 1)


def _merge(_: Definition, item: Item, attempt: Attempt) -> Item:
    return changed(item, parent=attempt.other, link="merged_into")


def _level_up(_: Definition, item: Item, _attempt: Attempt) -> Item:
    return _with_field(item, "level", next_level(item.fields.get("level")))


def _level_top(_: Definition, item: Item, _attempt: Attempt) -> Item:
    return _with_field(item, "level", LEVELS[-1])


def _delegate(_: Definition, item: Item, attempt: Attempt) -> Item:
    if attempt.assignee is None or attempt.until_on is None:
        return item
    return changed(item, delegation=Delegation(attempt.assignee, attempt.until_on))


def _apply_extension(definition: Definition, item: Item, attempt: Attempt) -> Item:
    if attempt.due_on is None:
        return item
    clock = extendable_clock(definition)
    return changed(item, extension=ExtensionRequest(clock, attempt.due_on, attempt.actor.person))


def _grant_extension(definition: Definition, item: Item, _: Attempt) -> Item:
    if item.extension is None:
        return item
    field = definition.clocks_by_id[item.extension.clock].due.field
    granted = item if field is None else _with_field(item, field, item.extension.due_on.isoformat())
    return changed(granted, extension=None)


def _refuse_extension(_: Definition, item: Item, _attempt: Attempt) -> Item:
    return changed(item, extension=None)


_APPLY: dict[Effect, Callable[[Definition, Item, Attempt], Item]] = {
    Effect.ASSIGN_OWNER: _assign_owner,
    Effect.ASSIGN_REVIEWER: _assign_reviewer,
    Effect.TRANSFER_UNIT: _transfer,
    Effect.DELEGATE: _delegate,
    Effect.COUNT_RETURN: _count_return,
    Effect.APPLY_EXTENSION: _apply_extension,
    Effect.GRANT_EXTENSION: _grant_extension,
    Effect.REFUSE_EXTENSION: _refuse_extension,
    Effect.MERGE: _merge,
    Effect.LEVEL_UP: _level_up,
    Effect.LEVEL_TOP: _level_top,
}


def extendable_clock(definition: Definition) -> str:
    """The clock an extension moves: the first one that takes its due date from a field of the item."""
    return next(clock.id for clock in definition.clocks if clock.due.anchor is Anchor.FIELD)


def _with_field(item: Item, name: str, value: FieldValue) -> Item:
    return changed(item, fields={**item.fields, name: value})


def next_level(level: object) -> str:
    """The colour above this one; red stays red, and what has none begins at blue."""
    place = LEVELS.index(f"{level}") if level in LEVELS else 0
    return LEVELS[min(place + 1, len(LEVELS) - 1)]
