"""Suppositions on what runs: each says beforehand what would then happen, and writes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Grant, Role
from engine.model.calendar import LOCAL
from engine.model.clock import Lamp, Measure
from engine.model.deadline import Deadline
from engine.model.ids import ItemId, PostCode, UnitCode
from engine.model.item import Item
from engine.rules.calendars import overridden
from engine.rules.supposing import Supposition, as_it_is, granted, prolonged, stopped, under
from engine.usecases.calendars import reproject
from engine.usecases.lamps import signals_of
from engine.usecases.what_if import Forecast, Outlook, Question, forecast, left_vacant
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.builders import NOON, UNIT, an_actor
from tests.contract.stores import fresh
from tests.faults.traps import contents
from tests.integration.house import CALENDAR, House, a_campaign, person_in
from tests.integration.test_calendar_change import (
    ADMINISTRATOR,
    COUNTY,
    assigned,
    do,
    evening,
    load,
    rectifying,
)

OTHER = overridden(CALENDAR, COUNTY)
MONDAY = datetime(2020, 5, 11, 9, tzinfo=LOCAL)
BACK = datetime(2020, 5, 25, 9, tzinfo=LOCAL)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, replace(a_campaign(), hard_stop_on=date(2021, 12, 31)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    is_file = request.param == "sqlite"
    url = (
        f"sqlite:///{tmp_path / 'duban.db'}" if is_file else fresh(request.getfixturevalue("postgres_server"))
    )
    made = Stage(open_database(url))
    made.fill(5)
    yield made
    made.database.close()


def asked(supposition: Supposition, at: datetime = NOON) -> Question:
    return Question(supposition=supposition, since=at, until=at)


def foreseen(house: House, supposition: Supposition, now: datetime = NOON) -> Outlook:
    (outlook,) = forecast(house.begin(), now, house.actor("office"), asked(supposition, now)).shown
    return outlook


def limits(outlook: Outlook) -> dict[str, Deadline]:
    return {limit.after.clock: limit.after for limit in outlook.limits}


def running(house: House, item: Item) -> dict[str, Deadline]:
    with house.begin() as uow:
        return {each.clock: each for each in uow.deadlines.open_of([item.id])[item.id]}


def lamp(house: House, item: Item, at: datetime) -> str:
    with house.begin() as uow:
        return signals_of(uow, at, [uow.items.get([item.id])[item.id]])[item.id].sentence


SUPPOSED = {
    "calendar": under(OTHER),
    "more time": prolonged(7, Measure.NATURAL_DAY),
    "granted": granted,
    "stopped": stopped(MONDAY, BACK),
    "nothing": as_it_is,
}


@pytest.mark.parametrize("name", SUPPOSED)
def test_a_supposition_writes_nothing(stage: Stage, name: str) -> None:
    before = contents(stage)
    question = replace(asked(SUPPOSED[name]), since=NOON, until=NOON + timedelta(days=90))

    found = forecast(stage.begin(), NOON, stage.actor("office"), question)

    assert (found.reckoned, found.touched) == (5, 5)
    assert contents(stage) == before


def test_a_file_stays_the_same_to_the_byte(house: House, tmp_path: Path) -> None:
    rectifying(house)
    house.database.close()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    for supposition in SUPPOSED.values():
        forecast(house.begin(), NOON, house.actor("office"), asked(supposition))
    house.database.close()

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_calendar_is_foreseen_as_it_then_comes(house: House) -> None:
    item = assigned(house)
    outlook = foreseen(house, under(OTHER))
    load(house, COUNTY)
    list(reproject(house.begin, NOON, ADMINISTRATOR))

    assert [limit.sentence for limit in outlook.limits] == ["整改时限 2020-06-30 18:00 → 2020-06-26 18:00"]
    assert limits(outlook)["rectify"] == running(house, item)["rectify"]
    assert outlook.after.sentence == lamp(house, item, NOON)


def test_an_extension_is_foreseen_as_it_is_then_granted(house: House) -> None:
    item = rectifying(house)
    item = do(house, item, "apply_extension", "head", reason="鉴定未出", due_on=date(2020, 7, 15))
    outlook = foreseen(house, granted)
    do(house, item, "grant_extension", "director", reason="同意")

    assert limits(outlook)["rectify"] == running(house, item)["rectify"]
    assert outlook.after.sentence == lamp(house, item, NOON)
    assert "extension" not in running(house, item)


@pytest.mark.parametrize(
    ("length", "measure", "day"),
    [
        (7, Measure.NATURAL_DAY, "2020-07-07"),
        (5, Measure.WORKING_DAY, "2020-07-07"),
        (5, Measure.NATURAL_DAY, "2020-07-03"),
    ],
)
def test_a_general_extension_counts_from_the_day_that_is_written(
    house: House, length: int, measure: Measure, day: str
) -> None:
    rectifying(house)
    (limit,) = foreseen(house, prolonged(length, measure)).limits

    assert (limit.after.due_at, limit.after.original_due_at) == (evening(day), evening("2020-06-30"))


def test_what_is_over_is_no_longer_extended(house: House) -> None:
    rectifying(house)

    assert counted(house, prolonged(7, Measure.NATURAL_DAY), evening("2020-06-30")).touched == 0


@pytest.mark.parametrize(("due_on", "days"), [("2020-06-30", (4, 6)), ("2020-07-03", (1, 3))])
def test_a_general_extension_tells_what_would_go_on_beyond_the_plan(
    tmp_path: Path, due_on: str, days: tuple[int, int]
) -> None:
    house = House(tmp_path, replace(a_campaign(), hard_stop_on=date(2020, 7, 3)))
    rectifying(house, due_on)

    within, beyond = (counted(house, prolonged(each, Measure.NATURAL_DAY)) for each in days)
    assert (within.beyond, beyond.beyond) == (0, 1)  # the shorter one rolls back to Friday
    assert beyond.shown[0].hard_stop_on == date(2020, 7, 3)


def test_an_item_with_more_time_is_foreseen_in_its_new_colour(house: House) -> None:
    item = rectifying(house, "2020-05-08")
    later = foreseen(house, prolonged(30, Measure.NATURAL_DAY))

    assert (later.before.lamp, later.after.lamp) == (Lamp.BLUE, Lamp.GREEN)
    assert lamp(house, item, NOON) == later.before.sentence


def test_a_stopped_clock_is_foreseen_as_it_then_goes_on(house: House) -> None:
    item = rectifying(house)
    outlook = foreseen(house, stopped(MONDAY, BACK))
    item = do(house, item, "suspend", "office", MONDAY, reason="请假")
    do(house, item, "resume", "office", BACK)

    assert limits(outlook)["rectify"] == running(house, item)["rectify"]


def test_a_clock_that_cannot_be_stopped_runs_on(house: House) -> None:
    assigned(house)  # nobody suspends what is not signed for

    assert counted(house, stopped(MONDAY, BACK)).touched == 0


def counted(house: House, supposition: Supposition, now: datetime = NOON) -> Forecast:
    return forecast(house.begin(), now, house.actor("office"), asked(supposition, now))


def test_a_leave_shows_the_lamps_at_its_end_if_nobody_acts(house: House) -> None:
    item = assigned(house)
    question = replace(asked(as_it_is), since=NOON, until=BACK, person=person_in("officer"))

    (outlook,) = forecast(house.begin(), NOON, house.actor("office"), question).shown

    assert (outlook.before.lamp, outlook.after.lamp, outlook.limits) == (Lamp.GREEN, Lamp.RED, ())
    assert "签收时限已逾期 17 天" in outlook.after.sentence
    other = replace(question, person=person_in("legal"))
    assert forecast(house.begin(), NOON, house.actor("office"), other).reckoned == 0
    do(house, item, "sign_for", "officer")
    do(
        house,
        item,
        "delegate",
        "officer",
        assignee=person_in("legal"),
        until_on=date(2020, 6, 1),
        reason="请假",
    )
    assert forecast(house.begin(), NOON, house.actor("office"), other).reckoned == 1


def test_a_leave_names_the_posts_that_nobody_else_holds(house: House) -> None:
    first, last = date(2020, 6, 1), date(2020, 6, 5)
    (gap,) = left_vacant(house.begin(), person_in("head"), first, last)
    assert (gap.role, gap.unit_name, gap.since) == (Role.UNIT_HEAD, "示例一队", first)

    with house.begin() as uow:
        stands_in = Grant(
            person=person_in("legal"),
            post=PostCode("head"),
            from_on=first,
            until_on=date(2020, 6, 4),
            on_behalf_of=person_in("head"),
        )
        uow.people.grant(stands_in)
        uow.commit()
    (gap,) = left_vacant(house.begin(), person_in("head"), first, last)
    assert gap.since == date(2020, 6, 4)


def test_only_what_the_asker_may_see_is_looked_at(house: House) -> None:
    rectifying(house)
    stranger = an_actor(7, Role.UNIT_HEAD, unit="elsewhere")

    assert forecast(house.begin(), NOON, stranger, asked(under(OTHER))).reckoned == 0


def test_a_question_is_narrowed_and_only_the_first_are_shown(house: House) -> None:
    for _ in range(3):
        rectifying(house)
    question, office = asked(under(OTHER)), house.actor("office")

    found = forecast(house.begin(), NOON, office, replace(question, limit=2))
    assert (found.reckoned, found.touched, found.limits, len(found.shown)) == (3, 3, 3, 2)
    for narrow in ({"kind": "task"}, {"unit": UnitCode("elsewhere")}, {"campaign": "other"}):
        assert forecast(house.begin(), NOON, office, replace(question, **narrow)).reckoned == 0  # type: ignore[arg-type]
    same = {"kind": "item", "unit": UNIT, "campaign": "sample"}
    assert forecast(house.begin(), NOON, office, replace(question, **same)).reckoned == 3  # type: ignore[arg-type]


def test_many_pages_are_looked_at(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.usecases.what_if.PAGE", 2)
    made = [rectifying(house).id for _ in range(5)]
    found = forecast(house.begin(), NOON, house.actor("office"), asked(under(OTHER)))

    assert {ItemId(each.item.id) for each in found.shown} == set(made)
    assert found.lamps == ()
