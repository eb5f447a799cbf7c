"""Periods of law and of plans, each with the paragraph behind it: one vector a rule, over the holidays of 2020."""

from datetime import date, datetime

import pytest

from engine.model.calendar import LOCAL
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.periods import due_at
from runtime.calendars import china_calendar

ADMINISTRATIVE = "公安机关办理行政案件程序规定"
CRIMINAL = "公安机关办理刑事案件程序规定"
ACCEPTANCE = "关于改革完善受案立案制度的意见（公通字〔2015〕32号）"


def hours(length: int, source: str) -> DueRule:
    return DueRule(anchor=Anchor.ENTRY, length=length, measure=Measure.HOUR, source=source)


def days(length: int, roll: Roll, source: str) -> DueRule:
    return DueRule(anchor=Anchor.ENTRY, length=length, roll=roll, source=source)


@pytest.mark.parametrize(
    ("rule", "event", "due"),
    [
        # the hour of the event is left out; hours run over night and holiday
        (hours(24, f"{ACCEPTANCE} 受案审查"), "2020-04-30T10:20", "2020-05-01T11:00"),
        (hours(48, f"{ADMINISTRATIVE} §47 快速办理"), "2020-09-30T23:59", "2020-10-03T00:00"),
        (hours(12, f"{CRIMINAL} §80 拘传"), "2020-04-30T20:00", "2020-05-01T09:00"),
        # the text is silent on rest days: the stricter reading warns earlier
        (days(3, Roll.NONE, f"{ACCEPTANCE} 立案审查"), "2020-04-30T10:00", "2020-05-04T00:00"),
        # the last day of the period is a holiday: the first working day after it
        (days(30, Roll.FORWARD, f"{ADMINISTRATIVE} §165、§35"), "2020-04-01T10:00", "2020-05-07T00:00"),
        (days(7, Roll.FORWARD, f"{ADMINISTRATIVE} §110、§35"), "2020-04-24T10:00", "2020-05-07T00:00"),
        (
            days(7, Roll.FORWARD, f"{CRIMINAL} §179"),
            "2020-06-18T10:00",
            "2020-06-29T00:00",
        ),  # a worked Sunday
        (days(3, Roll.FORWARD, f"{CRIMINAL} §178"), "2020-04-23T10:00", "2020-04-27T00:00"),  # another one
        # custody is never prolonged by a rest day (刑事诉讼法 §105)
        (days(3, Roll.NONE, f"{CRIMINAL} §129 提请批准逮捕"), "2020-04-30T10:00", "2020-05-04T00:00"),
        (
            days(30, Roll.NONE, f"{CRIMINAL} §129 流窜、多次、结伙作案"),
            "2020-09-01T10:00",
            "2020-10-02T00:00",
        ),
    ],
)
def test_a_period_of_law_ends_when_its_paragraph_says(rule: DueRule, event: str, due: str) -> None:
    at = datetime.fromisoformat(event).replace(tzinfo=LOCAL)

    assert due_at(rule, at, None, china_calendar()).at == datetime.fromisoformat(due).replace(tzinfo=LOCAL)


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2020-04-30", "2020-04-30"),
        ("2020-05-31", "2020-05-29"),  # a Sunday
        ("2020-10-31", "2020-10-30"),  # a Saturday
        ("2020-12-05", "2020-12-04"),  # a Saturday
        ("2020-06-28", "2020-06-28"),  # a Sunday that is worked
        ("2020-10-08", "2020-09-30"),  # the end of the long holiday
    ],
)
def test_a_date_of_the_plan_is_kept_on_the_last_working_day(written: str, due: str) -> None:
    rule = DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK, cutoff_minutes=18 * 60)
    any_time = datetime(2020, 4, 20, 8, 30, tzinfo=LOCAL)
    at = due_at(rule, any_time, date.fromisoformat(written), china_calendar()).at

    assert at == datetime.fromisoformat(f"{due}T18:00").replace(tzinfo=LOCAL)
