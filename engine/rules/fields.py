"""Whether a value fits the field it is meant for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from engine.model.definition import Definition, FieldDef, FieldType
from engine.model.item import FieldValue
from engine.model.reasons import Reason, ReasonCode, reason


def field_reasons(
    definition: Definition, settable: tuple[str, ...], given: Mapping[str, FieldValue]
) -> Iterator[Reason]:
    """Why these values may not be written: unknown, not settable by this move, or of the wrong form."""
    known = definition.fields_by_id
    for name, value in given.items():
        if name not in known:
            yield reason(ReasonCode.FIELD_UNKNOWN, field=name, allowed="、".join(settable) or "无")
        elif name not in settable:
            yield reason(
                ReasonCode.FIELD_NOT_SETTABLE, field=known[name].label, allowed="、".join(settable) or "无"
            )
        elif problem := misfit(known[name], value):
            yield reason(ReasonCode.FIELD_INVALID, field=known[name].label, problem=problem)


def field_named(definition: Definition, attribute: str) -> FieldDef | None:
    """The field behind an attribute of an item as entries name it (`field:…`); None where it is none."""
    name = attribute.removeprefix("field:")
    return definition.fields_by_id.get(name) if name != attribute else None


def reserved_reasons(
    definition: Definition, given: Mapping[str, FieldValue], may: Callable[[Sequence[str]], bool]
) -> Iterator[Reason]:
    """Why these choices may not be written by whoever asks; `may` tells whether they have one of some roles."""
    for name, value in given.items():
        field = definition.fields_by_id.get(name)
        roles = field.reserved.get(f"{value}", ()) if field else ()
        if field and roles and not may(roles):
            yield reason(ReasonCode.FIELD_RESERVED, field=field.label, value=value, who="、".join(roles))


def writable(definition: Definition) -> tuple[str, ...]:
    """The fields that people may write: all but the number of the paper, which is given."""
    given = definition.paper.field if definition.paper else None
    return tuple(name for name in definition.fields_by_id if name != given)


def misfit(field: FieldDef, value: FieldValue) -> str | None:
    """What is wrong with the value, in a Chinese phrase; None when it fits."""
    if field.type is FieldType.INTEGER:
        return _integer_misfit(field, value)
    if not isinstance(value, str):
        return "应为文字"
    if field.type is FieldType.DATE:
        return None if _is_date(value) else "应为 YYYY-MM-DD 格式的日期"
    if field.type is FieldType.CHOICE:
        return None if value in field.choices else f"应为{'、'.join(field.choices)}之一"
    return None if len(value) <= field.max_length else f"不得超过 {field.max_length} 字"


def _integer_misfit(field: FieldDef, value: FieldValue) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "应为整数"
    return (
        None if field.minimum <= value <= field.maximum else f"应在 {field.minimum} 至 {field.maximum} 之间"
    )


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False
