"""When a period begins, and from when its report is asked for."""

from datetime import date

import pytest

from engine.model.campaign import Duty, DutyDate
from engine.model.clock import Roll
from engine.rules.duties import NIL_STATES, RETURNED, first_day, opens_on, sections_missing
from tests.integration.house import definitions


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2020", date(2020, 1, 1)),
        ("2020-05", date(2020, 5, 1)),
        ("2020-W01", date(2019, 12, 30)),
        ("2020-W53", date(2020, 12, 28)),
        ("2020-Q3", date(2020, 7, 1)),
        ("2020-H2", date(2020, 7, 1)),
        ("2020-13", None),
        ("2021-W53", None),
        ("上半年", None),
        ("", None),
    ],
)
def test_a_period_begins_on_the_first_of_its_days(period: str, day: date | None) -> None:
    assert first_day(period) == day


def a_duty(period: str, ahead: int | None) -> tuple[Duty, DutyDate]:
    row = DutyDate(period=period, due_on=date(2020, 3, 5), words="3月5日前", roll=Roll.BACK)
    return Duty(code="d", label="报", quote="", sections=(), dates=(row,), ahead=ahead), row


@pytest.mark.parametrize(
    ("period", "ahead", "day"),
    [
        ("2020-02", None, date(2020, 2, 1)),
        ("2020-02", 10, date(2020, 2, 24)),
        ("2020-02", 0, date(2020, 3, 5)),
        ("首月", None, date.min),
        ("首月", 5, date(2020, 2, 29)),
    ],
)
def test_a_report_is_opened_ahead_as_its_duty_says(period: str, ahead: int | None, day: date) -> None:
    assert opens_on(*a_duty(period, ahead)) == day


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", ("开展情况", "主要成效")),
        ("一、开展情况\n已部署\n二、主要成效\n有", ()),
        ("（一）开展情况：已部署\n（二）主要成效：有", ()),
        ("## 开展情况\n1. 主要成效 有", ()),
        ("开展情况良好，主要成效明显", ("主要成效",)),
        ("  开展情况\n\n主要 成效", ("主要成效",)),
        ("三十、开展情况\n12)主要成效", ()),
    ],
)
def test_each_part_begins_a_line_whatever_its_numbering(text: str, missing: tuple[str, ...]) -> None:
    assert sections_missing(text, ("开展情况", "主要成效")) == missing
    assert sections_missing(text, ()) == ()


def test_a_part_whose_name_begins_with_a_number_is_found() -> None:
    assert sections_missing("三色督办情况\n一票否决", ("三色督办情况", "一票否决")) == ()


def test_the_shipped_report_has_the_states_that_the_matrix_reads() -> None:
    assert {*NIL_STATES, RETURNED} <= {state.id for state in definitions()["report"].states}
