"""Score sheets: each lapse costs what the scheme says, is capped, and names the entries behind it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from engine.model.campaign import Criterion, Scheme
from engine.model.deadline import Deadline, Outcome
from engine.model.entry import Entry, EntryFlag, EntryKind
from engine.model.ids import DefinitionRef
from engine.model.item import Item
from engine.rules.assessment import INDICATORS, Record, days_over, sheet_of
from tests.builders import NOON, UNIT, an_item

DAY = timedelta(days=1)


def a_scheme(indicator: str, points: int = 20, per_case: int = 200) -> Scheme:
    line = Criterion(
        code=indicator, label=indicator, indicator=indicator, points=points, per_case=per_case, quote="样例"
    )
    return Scheme(full_marks=100, criteria=(line,), source="样例")


def a_deadline(clock: str, ended_at: datetime | None, outcome: Outcome | None = None) -> Deadline:
    return Deadline(
        item=an_item().id,
        clock=clock,
        revision=1,
        armed_at=NOON - 30 * DAY,
        started_at=NOON - 30 * DAY,
        counts_from=NOON - 30 * DAY,
        due_at=NOON,
        original_due_at=NOON,
        proof="",
        is_provisional=False,
        calendar="plain",
        next_rung=None,
        next_at=None,
        outcome=outcome or (None if ended_at is None else Outcome.MET),
        ended_at=ended_at,
    )


def an_entry(index: int, what: str, at: datetime) -> Entry:
    return Entry(
        index=index,
        at=at,
        kind=EntryKind.TRANSITION,
        what=what,
        flags=EntryFlag.NONE,
        item=an_item().id,
        item_version=1,
        actor=an_item().opener,
        previous=b"",
        commitment=b"",
        leaf=b"",
        payload=None,
        salt=None,
    )


def kind(name: str) -> Item:
    return an_item(definition=DefinitionRef(name, 1))


def lost(indicator: str, record: Record, **scheme: int) -> int:
    return (
        sheet_of(a_scheme(indicator, **scheme), (UNIT, "示例一队"), [record], NOON + 10 * DAY).lines[0].lost
    )


def test_closing_late_costs_once_and_each_day_costs_by_the_day() -> None:
    late = Record(item=kind("item"), deadlines=[a_deadline("rectify", NOON + 3 * DAY)], entries=[])

    assert lost("on_time_closure", late) == 200
    assert lost("overdue_days", late, per_case=50) == 150


def test_closing_in_time_or_while_suspended_costs_nothing() -> None:
    kept = a_deadline("rectify", NOON)
    stopped = a_deadline("rectify", NOON + 3 * DAY, Outcome.SUSPENDED)

    assert lost("on_time_closure", Record(item=kind("item"), deadlines=[kept, stopped], entries=[])) == 0


def test_what_is_still_open_counts_until_now() -> None:
    still = Record(item=kind("report"), deadlines=[a_deadline("report", None)], entries=[])

    sheet = sheet_of(a_scheme("report_lateness"), (UNIT, "示例一队"), [still], NOON + 10 * DAY)

    assert sheet.lines[0].lapses[0].text == "样例事项未报送10天"
    assert (sheet.total, sheet.report_count, sheet.item_count) == (9800, 1, 0)


def test_a_return_names_its_entry() -> None:
    record = Record(
        item=kind("item"), deadlines=[], entries=[an_entry(7, "approve", NOON), an_entry(9, "return", NOON)]
    )

    sheet = sheet_of(a_scheme("returned"), (UNIT, "示例一队"), [record], NOON)

    assert [lapse.entries for lapse in sheet.lines[0].lapses] == [(9,)]


def test_lateness_names_the_entries_that_armed_and_ended_the_clock() -> None:
    deadline = a_deadline("rectify", NOON + DAY)
    entries = [
        an_entry(1, "assign", deadline.armed_at),
        an_entry(2, "progress", NOON),
        an_entry(3, "submit", NOON + DAY),
    ]
    record = Record(item=kind("item"), deadlines=[deadline], entries=entries)

    sheet = sheet_of(a_scheme("on_time_closure"), (UNIT, "示例一队"), [record], NOON + DAY)

    assert sheet.lines[0].lapses[0].entries == (1, 3)


def test_a_criterion_never_takes_more_than_its_points() -> None:
    late = Record(item=kind("item"), deadlines=[a_deadline("rectify", NOON + 300 * DAY)], entries=[])

    assert lost("overdue_days", late, per_case=50) == 2000


def test_time_before_a_deadline_was_recorded_is_not_held_against_anybody() -> None:
    recorded_late = replace(a_deadline("rectify", NOON + 5 * DAY), armed_at=NOON + 3 * DAY)

    assert days_over(recorded_late, NOON + 9 * DAY) == 2


@pytest.mark.parametrize("name", ["发案数", "破案率", "罚没款数额", "拘留数", "退查率"])
def test_a_forbidden_indicator_is_not_to_be_had(name: str) -> None:
    assert name not in INDICATORS
