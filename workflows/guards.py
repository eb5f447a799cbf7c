"""Builds the guards of a move from what the document says."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from engine.model.actor import Capacity, Role
from engine.model.guards import (
    AfterExpiry,
    BeforeExpiry,
    BeforeHardStop,
    BeyondHardStop,
    ChildrenClosed,
    Countersign,
    CountersignMode,
    EverySection,
    EveryUnitReported,
    ExtensionPending,
    Guard,
    Independent,
    NoExtensionPending,
    NotAfter,
    NotBefore,
    PredecessorStarted,
    RequiredEvidence,
    RequiredFields,
)
from workflows.cursor import Cursor
from workflows.vocabulary import BARE, SIGNERS, GuardName

_FAR = date(9999, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The ids a document declares, for checking what refers to them."""

    fields: tuple[str, ...]
    dates: tuple[str, ...]
    numbers: tuple[str, ...]
    states: tuple[str, ...]
    verbs: tuple[str, ...]
    clocks: tuple[str, ...]
    ladders: tuple[str, ...]


def build_guard(entry: Cursor, names: Names) -> Guard | None:
    """The guard of this entry: a word alone, or a mapping of one name to its setting."""
    if isinstance(entry.value, str):
        return _bare(entry)
    if not isinstance(entry.value, dict) or len(entry.value) != 1:
        entry.complain("条件应为一个词，或“名称: 设定”", "每行一个条件")
        return None
    name = next(iter(entry.value))
    entry.closed((), tuple(GuardName))
    build = _BUILD.get(name)
    if build is None and name in tuple(GuardName):
        entry.complain(f"{name} 不带设定", f"只写 {name}")
    return build(entry, names) if build else None


def _bare(entry: Cursor) -> Guard | None:
    word = entry.known(tuple(GuardName), "条件")
    if word in BARE:
        return _BARE[GuardName(word)]
    if word in tuple(GuardName):
        entry.complain(f"{word} 需要设定", f"写成 {word}: …")
    return None


_BARE: dict[GuardName, Guard] = {
    GuardName.INDEPENDENT: Independent(),
    GuardName.CHILDREN_CLOSED: ChildrenClosed(),
    GuardName.PREDECESSOR_STARTED: PredecessorStarted(),
    GuardName.EXTENSION_PENDING: ExtensionPending(),
    GuardName.NO_EXTENSION_PENDING: NoExtensionPending(),
}


def _required_fields(entry: Cursor, names: Names) -> Guard:
    return RequiredFields(entry.words(GuardName.REQUIRED_FIELDS, names.fields, "字段"))


def _required_evidence(entry: Cursor, _: Names) -> Guard:
    return RequiredEvidence(entry.integer(GuardName.REQUIRED_EVIDENCE, 1, 1, 1000))


def _independent(entry: Cursor, _: Names) -> Guard:
    return Independent(entry.choices(GuardName.INDEPENDENT, Capacity, "参与方式"))


def _before_hard_stop(entry: Cursor, names: Names) -> Guard:
    return BeforeHardStop(entry.one_of(GuardName.BEFORE_HARD_STOP, names.dates, "日期字段"))


def _beyond_hard_stop(entry: Cursor, _: Names) -> Guard:
    return BeyondHardStop(entry.choices(GuardName.BEYOND_HARD_STOP, Role, "角色"))


def _every_section(entry: Cursor, names: Names) -> Guard:
    return EverySection(entry.one_of(GuardName.EVERY_SECTION, names.fields, "字段"))


def _before_expiry(entry: Cursor, names: Names) -> Guard:
    return BeforeExpiry(entry.one_of(GuardName.BEFORE_EXPIRY, names.clocks, "时限"))


def _after_expiry(entry: Cursor, names: Names) -> Guard:
    return AfterExpiry(entry.words(GuardName.AFTER_EXPIRY, names.clocks, "时限"))


def _every_unit_reported(entry: Cursor, _: Names) -> Guard:
    setting = entry.at(GuardName.EVERY_UNIT_REPORTED).closed(("kind", "nil_duty"))
    return EveryUnitReported(setting.at("kind").as_id(), setting.at("nil_duty").as_id())


def _countersign(entry: Cursor, _: Names) -> Guard:
    setting = entry.at(GuardName.COUNTERSIGN).closed(("mode", "of"), ("quorum",))
    mode = setting.choice("mode", CountersignMode, "会签方式", CountersignMode.ALL)
    if (mode is CountersignMode.QUORUM) != setting.has("quorum"):
        setting.complain("quorum 与 mode: quorum 必须同时出现")
    return Countersign(mode, setting.words("of", SIGNERS, "会签方"), setting.integer("quorum", 1, 1, 100))


def _day(entry: Cursor, name: GuardName) -> date:
    text = entry.text(name)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = _FAR
    if day.isoformat() != text:
        entry.at(name).complain("应为 YYYY-MM-DD 格式的日期")
    return day


_BUILD: dict[str, Callable[[Cursor, Names], Guard]] = {
    GuardName.REQUIRED_FIELDS: _required_fields,
    GuardName.REQUIRED_EVIDENCE: _required_evidence,
    GuardName.INDEPENDENT: _independent,
    GuardName.NOT_BEFORE: lambda entry, _: NotBefore(_day(entry, GuardName.NOT_BEFORE)),
    GuardName.NOT_AFTER: lambda entry, _: NotAfter(_day(entry, GuardName.NOT_AFTER)),
    GuardName.BEFORE_HARD_STOP: _before_hard_stop,
    GuardName.BEYOND_HARD_STOP: _beyond_hard_stop,
    GuardName.EVERY_SECTION: _every_section,
    GuardName.BEFORE_EXPIRY: _before_expiry,
    GuardName.AFTER_EXPIRY: _after_expiry,
    GuardName.EVERY_UNIT_REPORTED: _every_unit_reported,
    GuardName.COUNTERSIGN: _countersign,
}
