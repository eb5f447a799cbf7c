"""The words of a plan: read into rules, said again, and the days they name."""

from calendar import Calendar
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.dates import (
    DayRule,
    EachMonth,
    EachWeek,
    MonthEnd,
    Months,
    OnDate,
    Span,
    Third,
    Thirds,
    YearEnd,
)
from engine.rules.date_words import LONGEST_MONTHS, day_rule, due_days, next_due, period_of, said, spans
from workflows.campaign import read_campaign

PLAN = read_campaign(Path(__file__).parents[3] / "workflows" / "campaigns" / "fazhi-2020")
MONTHS = st.integers(1, 12)
ON_DATES = MONTHS.flatmap(
    lambda month: st.builds(
        OnDate,
        st.just(month),
        st.integers(1, LONGEST_MONTHS[month]),
        st.none() | st.integers(1992, 2999),
    )
)
THIRDS = st.sampled_from(
    [(one, one) for one in Third] + [(Third.EARLY, Third.MIDDLE), (Third.MIDDLE, Third.LATE)]
)
RULES: st.SearchStrategy[DayRule] = st.one_of(
    ON_DATES,
    st.builds(MonthEnd, st.none() | MONTHS),
    st.just(YearEnd()),
    st.builds(EachMonth, st.integers(1, 31)),
    st.builds(EachWeek, st.integers(0, 6)),
    st.builds(lambda month, thirds: Thirds(month, *thirds), st.none() | MONTHS, THIRDS),
    st.tuples(MONTHS, MONTHS).map(lambda pair: Months(*sorted(pair))),
)
DAYS = st.dates(date(1992, 1, 1), date(2998, 12, 31))


@given(RULES)
def test_what_is_said_of_a_rule_is_read_as_the_same_rule(rule: DayRule) -> None:
    assert day_rule(said(rule)) == rule


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("4月底前", MonthEnd(4)),
        ("5月底前", MonthEnd(5)),
        ("11月底前", MonthEnd(11)),
        ("12月5日前", OnDate(12, 5)),
        ("2020年12月5日前", OnDate(12, 5, 2020)),
        ("每月底", MonthEnd()),
        ("年底前", YearEnd()),
        ("4月上旬", Thirds(4, Third.EARLY, Third.EARLY)),
        ("4月中下旬", Thirds(4, Third.MIDDLE, Third.LATE)),
        ("4月至11月", Months(4, 11)),
        ("12月", Months(12, 12)),
        ("每月15日前", EachMonth(15)),
        ("每周五前", EachWeek(4)),
        ("每月上旬", Thirds(None, Third.EARLY, Third.EARLY)),
    ],
)
def test_the_words_of_plans_are_read_and_said_alike(words: str, rule: DayRule) -> None:
    assert day_rule(words) == rule
    assert said(rule) == words


@pytest.mark.parametrize(
    ("loose", "plain"),
    [
        ("每月底前", "每月底"),
        ("月底前", "每月底"),
        ("12月5日", "12月5日前"),
        ("每周天", "每周日前"),
        ("4月上旬前", "4月上旬"),
    ],
)
def test_loose_spellings_mean_the_same_rule(loose: str, plain: str) -> None:
    assert day_rule(loose) == day_rule(plain) is not None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "尽快",
        "13月底前",
        "2月30日前",
        "0月5日前",
        "每月32日前",
        "每周八前",
        "11月至4月",
        "12月05日前",
        "4月前",
        "1980年4月1日前",
    ],
)
def test_words_that_name_no_day_are_not_guessed(words: str) -> None:
    assert day_rule(words) is None


def test_every_due_date_of_the_plan_of_2020_is_what_its_words_say() -> None:
    rows = [row for duty in PLAN.duties for row in duty.dates]

    assert len(rows) == 10
    for row in rows:
        rule = day_rule(row.words)
        assert rule is not None
        assert said(rule) == row.words
        assert row.due_on in due_days(rule, PLAN.starts_on, PLAN.ends_on)


def test_every_phase_of_the_plan_of_2020_lasts_as_long_as_its_words_say() -> None:
    for phase in PLAN.phases:
        rule = day_rule(phase.words)
        assert rule is not None
        assert said(rule) == phase.words
        assert [*spans(rule, 2020)] == [Span(phase.starts_on, phase.ends_on)]


def test_the_monthly_duty_is_due_on_each_month_end_of_its_run() -> None:
    monthly = next(duty for duty in PLAN.duties if duty.code == "monthly")

    assert [row.due_on for row in monthly.dates] == due_days(MonthEnd(), date(2020, 4, 1), date(2020, 11, 30))


@pytest.mark.parametrize(
    ("words", "year", "day"),
    [
        ("2月底前", 2020, date(2020, 2, 29)),
        ("2月底前", 2021, date(2021, 2, 28)),
        ("2月29日前", 2020, date(2020, 2, 29)),
        ("2月29日前", 2021, date(2021, 2, 28)),
        ("2月下旬", 2100, date(2100, 2, 28)),
        ("年底前", 2020, date(2020, 12, 31)),
    ],
)
def test_short_months_and_leap_years_end_on_their_own_last_day(words: str, year: int, day: date) -> None:
    rule = day_rule(words)

    assert rule is not None
    assert [span.last for span in spans(rule, year)] == [day]


@given(st.integers(1992, 2998), st.integers(0, 6))
def test_a_weekly_rule_names_each_such_day_of_the_year(year: int, weekday: int) -> None:
    weeks = (week for month in range(1, 13) for week in Calendar().itermonthdays4(year, month))
    named = {date(*day[:3]) for day in weeks if day[3] == weekday and day[0] == year}

    assert [span.last for span in spans(EachWeek(weekday), year)] == sorted(named)


@given(RULES, DAYS)
def test_spans_of_a_year_are_in_order_and_within_it(rule: DayRule, day: date) -> None:
    found = [*spans(rule, day.year)]

    assert found == sorted(found)
    assert all(span.first.year == span.last.year == day.year and span.first <= span.last for span in found)


@given(RULES, DAYS)
def test_the_next_due_day_is_the_first_one_from_that_day_on(rule: DayRule, day: date) -> None:
    due = next_due(rule, day)

    if isinstance(rule, OnDate) and rule.year:
        assert due_days(rule, date(1992, 1, 1), date(2999, 12, 31)) == [due]
    else:
        assert due_days(rule, day, due) == [due]


@pytest.mark.parametrize(
    ("words", "day", "period"),
    [
        ("每月底", date(2020, 5, 31), "2020-05"),
        ("每月15日前", date(2020, 5, 15), "2020-05"),
        ("每月上旬", date(2020, 5, 10), "2020-05"),
        ("每周五前", date(2021, 1, 1), "2020-W53"),
        ("12月5日前", date(2020, 12, 5), "2020"),
    ],
)
def test_a_report_reports_on_the_week_the_month_or_the_year(words: str, day: date, period: str) -> None:
    rule = day_rule(words)

    assert rule is not None
    assert period_of(rule, day) == period
