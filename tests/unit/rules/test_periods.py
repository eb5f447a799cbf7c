"""Due instants: three arithmetics, the roll, the cutoff, and the sentence that shows how."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from engine.model.calendar import LOCAL, Calendar
from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.rules.periods import due_at, shift, working_days_between

RESTS = [
    *(date(2020, 1, day) for day in (1, 24, 27, 28, 29, 30, 31)),
    *(date(2020, 5, day) for day in (1, 4, 5)),
    *(date(2020, 6, day) for day in (25, 26)),
    *(date(2020, 10, day) for day in (1, 2, 5, 6, 7, 8)),
]
WORKED = [date(2020, *day) for day in ((1, 19), (4, 26), (5, 9), (6, 28), (9, 27), (10, 10))]
CALENDAR = Calendar(
    id="2020",
    exceptions={**dict.fromkeys(RESTS, False), **dict.fromkeys(WORKED, True)},
    covered_until=date(2020, 12, 31),
)
EVENING = 18 * 60


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL)


def fixed(
    day: str, roll: Roll = Roll.BACK, cutoff: int = EVENING, words: str = ""
) -> tuple[datetime, str, bool]:
    rule = DueRule(anchor=Anchor.FIELD, field="due_on", roll=roll, cutoff_minutes=cutoff, words=words)
    due = due_at(rule, local("2020-04-20T09:00"), date.fromisoformat(day), CALENDAR)
    return due.at, due.proof, due.is_provisional


def counted(start: str, length: int, measure: Measure, roll: Roll = Roll.NONE) -> datetime:
    rule = DueRule(anchor=Anchor.ENTRY, length=length, measure=measure, roll=roll)
    return due_at(rule, local(start), None, CALENDAR).at


def naive_working_day(start: date, length: int) -> date:
    """Independent of the product: list the working days after the start, one year and more, and take the n-th."""
    days = (start + timedelta(days=n) for n in range(1, 3 * length + 40))
    works = [day for day in days if day in WORKED or (day.isoweekday() not in {6, 7} and day not in RESTS)]
    return works[length - 1]


@pytest.mark.parametrize(
    ("day", "roll", "due"),
    [
        ("2020-05-31", Roll.BACK, "2020-05-29T18:00"),
        ("2020-12-05", Roll.BACK, "2020-12-04T18:00"),
        ("2020-12-05", Roll.FORWARD, "2020-12-07T18:00"),
        ("2020-12-05", Roll.NONE, "2020-12-05T18:00"),
        ("2020-10-05", Roll.BACK, "2020-09-30T18:00"),
        ("2020-10-01", Roll.FORWARD, "2020-10-09T18:00"),
        ("2020-09-27", Roll.BACK, "2020-09-27T18:00"),
        ("2020-06-27", Roll.FORWARD, "2020-06-28T18:00"),
    ],
)
def test_a_date_of_the_plan_rolls_over_rest_days(day, roll, due):
    assert fixed(day, roll)[0] == local(due)


def test_the_proof_names_every_step():
    at, proof, is_provisional = fixed("2020-12-05", words="12月5日前")

    assert at == datetime(2020, 12, 4, 10, tzinfo=UTC)
    assert at.tzinfo is UTC
    assert proof == "12月5日前 → 2020-12-05 周六 → 内部报送：提前 → 2020-12-04 18:00"
    assert not is_provisional


def test_a_working_day_needs_no_roll_in_the_proof():
    assert fixed("2020-12-04")[1] == "12月4日前 → 2020-12-04 周五 → 2020-12-04 18:00"


def test_a_day_beyond_the_calendar_is_provisional():
    _, proof, is_provisional = fixed("2021-01-02", words="1月2日前")

    assert proof == "1月2日前 → 2021-01-02 周六 → 内部报送：提前 → 2021-01-01 18:00 待核"
    assert is_provisional


def test_a_day_rolled_out_of_the_calendar_is_provisional_too():
    nearer = Calendar(id="near", exceptions={}, covered_until=date(2020, 12, 5))
    rule = DueRule(anchor=Anchor.FIELD, field="due_on", roll=Roll.FORWARD)

    assert due_at(rule, local("2020-04-20T09:00"), date(2020, 12, 5), nearer).is_provisional


def test_the_end_of_the_day_is_the_next_midnight():
    at, proof, _ = fixed("2020-12-04", cutoff=1440)

    assert at == local("2020-12-05T00:00")
    assert proof.endswith("2020-12-04 24:00")


@pytest.mark.parametrize(
    ("start", "length", "measure", "roll", "due"),
    [
        ("2020-04-20T09:00", 10, Measure.NATURAL_DAY, Roll.NONE, "2020-05-01T00:00"),
        ("2020-04-21T09:00", 10, Measure.NATURAL_DAY, Roll.FORWARD, "2020-05-07T00:00"),
        ("2020-04-20T00:00", 1, Measure.NATURAL_DAY, Roll.NONE, "2020-04-22T00:00"),
        ("2020-04-20T23:59", 1, Measure.NATURAL_DAY, Roll.NONE, "2020-04-22T00:00"),
        ("2020-04-24T09:00", 1, Measure.WORKING_DAY, Roll.NONE, "2020-04-27T00:00"),
        ("2020-04-30T09:00", 3, Measure.WORKING_DAY, Roll.NONE, "2020-05-09T00:00"),
        ("2020-04-20T10:20", 24, Measure.HOUR, Roll.NONE, "2020-04-21T11:00"),
        ("2020-04-30T10:00", 24, Measure.HOUR, Roll.FORWARD, "2020-05-01T11:00"),
    ],
)
def test_a_length_is_counted_from_the_entry(start, length, measure, roll, due):
    assert counted(start, length, measure, roll) == local(due)


def test_the_local_day_counts_and_not_the_day_in_utc():
    rule = DueRule(anchor=Anchor.ENTRY, length=1)
    evening = datetime(2020, 4, 20, 17, tzinfo=UTC)

    assert due_at(rule, evening, None, CALENDAR).at == local("2020-04-23T00:00")


@pytest.mark.parametrize(
    ("rule", "proof"),
    [
        (
            DueRule(anchor=Anchor.ENTRY, length=3, measure=Measure.WORKING_DAY),
            "3个工作日内 → 自 2020-04-30 起，当日不计 → 2020-05-08 周五 → 2020-05-08 24:00",
        ),
        (
            DueRule(anchor=Anchor.ENTRY, length=1, words="一日内"),
            "一日内 → 自 2020-04-30 起，当日不计 → 2020-05-01 周五 → 休息日不调整 → 2020-05-01 24:00",
        ),
        (
            DueRule(anchor=Anchor.ENTRY, length=24, measure=Measure.HOUR),
            "24小时内 → 自 2020-04-30 10:20 起，当时不计 → 2020-05-01 11:00",
        ),
    ],
)
def test_the_proof_says_from_where_it_counts(rule, proof):
    assert due_at(rule, local("2020-04-30T10:20"), None, CALENDAR).proof == proof


@pytest.mark.parametrize(("measure", "day"), [(Measure.NATURAL_DAY, None), (Measure.HOUR, date(2020, 5, 1))])
def test_a_field_rule_needs_a_date_and_days(measure, day):
    rule = DueRule(anchor=Anchor.FIELD, field="due_on", measure=measure)

    with pytest.raises(ValueError, match=r"."):
        due_at(rule, local("2020-04-20T09:00"), day, CALENDAR)


@pytest.mark.parametrize(
    ("at", "offset", "measure", "moved"),
    [
        ("2020-05-06T18:00", -3, Measure.NATURAL_DAY, "2020-05-03T18:00"),
        ("2020-05-06T18:00", -1, Measure.WORKING_DAY, "2020-04-30T18:00"),
        ("2020-04-30T18:00", 1, Measure.WORKING_DAY, "2020-05-06T18:00"),
        ("2020-05-02T18:00", 0, Measure.WORKING_DAY, "2020-05-02T18:00"),
        ("2020-05-06T18:00", -49, Measure.HOUR, "2020-05-04T17:00"),
        ("2020-12-05T00:00", 1, Measure.WORKING_DAY, "2020-12-08T00:00"),
        ("2020-12-08T00:00", -1, Measure.WORKING_DAY, "2020-12-05T00:00"),
    ],
)
def test_a_rung_stands_so_many_units_from_the_due_instant(at, offset, measure, moved):
    assert shift(local(at), offset, measure, CALENDAR) == local(moved)
    assert shift(local(at), offset, measure, CALENDAR).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("04-30", "05-06", 1),
        ("05-06", "04-30", -1),
        ("04-25", "04-25", 0),
        ("04-25", "04-26", 1),
        ("09-30", "10-10", 2),
    ],
)
def test_working_days_are_counted_behind_the_start(start, end, count):
    days = (date.fromisoformat(f"2020-{day}") for day in (start, end))

    assert working_days_between(*days, CALENDAR) == count


def test_ten_thousand_working_day_limits_agree_with_a_naive_list():
    random = Random(20200420)
    for _ in range(10_000):
        start = date(2020, 1, 1) + timedelta(days=random.randrange(366))
        length = random.randint(1, 60)
        expected = naive_working_day(start, length)
        due = counted(f"{start}T{random.randrange(24):02}:30", length, Measure.WORKING_DAY)

        assert due == datetime.combine(expected + timedelta(days=1), datetime.min.time(), LOCAL)
        assert working_days_between(start, expected, CALENDAR) == length


def test_working_days_between_any_two_days_are_those_of_a_count_day_by_day():
    random = Random(1)
    for _ in range(300):
        start = date(2018, 1, 1) + timedelta(days=random.randrange(2_000))
        end = start + timedelta(days=random.randrange(1_500))
        counted = sum(CALENDAR.works_on(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

        assert working_days_between(start, end, CALENDAR) == counted
        assert working_days_between(end, start, CALENDAR) == -counted
