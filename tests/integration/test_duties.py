"""Reports come ahead of their time, each once, also after an outage; late is not missing, and the silent are named."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.model.actor import Actor
from engine.model.deadline import Outcome
from engine.model.errors import Conflict, NotFound, NotPermitted, Refused
from engine.model.item import Item, NewItem
from engine.rules.duties import Standing
from engine.usecases.doctor import examine_deeply
from engine.usecases.duties import (
    Matrix,
    NilReturn,
    Part,
    missing_reports,
    open_duties,
    report_matrix,
    sign_nil,
)
from engine.usecases.items import open_items
from engine.usecases.sweep import sweep
from tests.builders import BUREAU
from tests.integration.duties import SECOND, THIRD, UNIT, a_plan, at, do, loaded, report, reports, with_unit
from tests.integration.house import House

TOLD = {"content": "情况：已部署"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return loaded(tmp_path)


def who(house: House, login: str) -> Actor:
    with house.begin() as uow:
        return uow.people.actor(uow.people.by_login([login])[login].id, date(2020, 5, 6))


def opened(house: House, when: str) -> list[tuple[str, str]]:
    return [(str(item.period), item.unit) for item in open_duties(house.begin, at(when))]


def matrix(house: House, when: str, login: str = "office", duty: str | None = "monthly") -> Matrix:
    return report_matrix(house.begin(), at(when), who(house, login), Part(duty=duty))


def told(found: Matrix, unit: str) -> list[Standing]:
    return [cell.standing for cell in found.cells if cell.unit == unit]


def test_a_load_opens_the_periods_that_have_come_and_the_sweep_the_others_on_their_first_day(
    house: House,
) -> None:
    assert [(r.unit, r.period) for r in reports(house)] == [(UNIT, "2020-04"), (SECOND, "2020-04")]
    assert opened(house, "2020-04-30T23:59") == []
    assert opened(house, "2020-05-01T00:00") == [("2020-05", UNIT), ("2020-05", SECOND)]
    assert opened(house, "2020-05-01T00:00") == []
    assert opened(house, "2020-11-24T23:59") == [
        (f"2020-{m}", u) for m in ("06", "07") for u in (UNIT, SECOND)
    ]
    assert opened(house, "2020-11-25T00:00") == [
        ("2020", UNIT),
        ("2020", SECOND),
    ]  # ten days ahead, as it says


def test_a_report_opened_ahead_runs_to_the_date_of_the_plan(house: House) -> None:
    opened(house, "2020-05-01T08:00")
    item = report(house, UNIT, "2020-05")
    with house.begin() as uow:
        (deadline,) = uow.deadlines.of_item(item.id)

    assert deadline.due_at == at("2020-05-29T18:00")
    assert deadline.proof.endswith("2020-05-31 周日 → 内部报送：提前 → 2020-05-29 18:00")


def test_after_a_month_of_downtime_what_was_missed_comes_in_order_and_without_a_burst(house: House) -> None:
    assert opened(house, "2020-07-02T09:00") == [
        (f"2020-{month}", unit) for month in ("05", "06", "07") for unit in (UNIT, SECOND)
    ]
    backfilled = {str(r.period): r.as_of for r in reports(house) if r.unit == UNIT}
    assert backfilled == {
        "2020-04": None,
        "2020-05": date(2020, 5, 31),
        "2020-06": date(2020, 6, 30),
        "2020-07": None,
    }
    fired = {str(e.item.period) for e in sweep(house.begin, at("2020-07-02T09:00"))}
    assert fired == {"2020-04"}  # it was there before the outage; the others have just been told
    later = [e for e in sweep(house.begin, at("2020-07-03T09:00")) if e.item.period == "2020-05"]
    assert {e.reached.speaker.id for e in later} == {"after_1"}
    assert [*examine_deeply(house.begin())] == []


def test_a_late_load_records_what_is_past_and_escalates_nothing_for_it(tmp_path: Path) -> None:
    house = loaded(tmp_path, "2020-06-10T09:00")
    past = {str(r.period): r.as_of for r in reports(house) if r.unit == SECOND}

    assert past == {"2020-04": date(2020, 4, 30), "2020-05": date(2020, 5, 31), "2020-06": None}
    assert [*sweep(house.begin, at("2020-06-10T09:00"))] == []
    cells = {cell.period: cell for cell in matrix(house, "2020-06-10T10:00").cells if cell.unit == UNIT}
    assert (cells["2020-04"].standing, cells["2020-04"].is_backfilled) == (Standing.MISSING, True)
    done = do(house, report(house, UNIT, "2020-04"), "submit", "head", "2020-06-10T11:00",
              fields=TOLD, claimed_on=date(2020, 4, 29))  # fmt: skip
    cells = {cell.number: cell for cell in matrix(house, "2020-06-10T12:00").cells}
    assert (cells[done.number].standing, cells[done.number].is_late) == (Standing.REPORTED, False)


def test_a_unit_that_comes_later_reports_from_then_on(house: House) -> None:
    opened(house, "2020-05-01T08:00")
    with house.begin() as uow:
        uow.people.add(with_unit(a_plan().roster, THIRD, 4))
        uow.commit()

    assert opened(house, "2020-05-11T08:00") == [("2020-05", THIRD)]
    assert opened(house, "2020-06-01T08:00") == [("2020-06", UNIT), ("2020-06", SECOND), ("2020-06", THIRD)]
    assert told(matrix(house, "2020-06-02T08:00"), THIRD) == [
        Standing.EXEMPT, Standing.MISSING, Standing.NOT_DUE, Standing.NOT_DUE,
    ]  # fmt: skip
    assert told(matrix(house, "2020-06-02T08:00", login="head_unit_c"), THIRD)[0] is Standing.EXEMPT
    assert [each.asked for each in matrix(house, "2020-06-02T08:00").periods] == [2, 3, 3, 3]
    assert matrix(house, "2020-06-02T08:00").units == (
        (UNIT, "示例一队"), (SECOND, "示例unit_b"), (THIRD, "示例unit_c"),
    )  # fmt: skip


def test_a_report_belongs_to_its_period_whenever_it_is_handed_in(house: House) -> None:
    opened(house, "2020-05-01T08:00")
    do(house, report(house, UNIT, "2020-05"), "submit", "head", "2020-05-20T10:00", fields=TOLD)
    do(house, report(house, UNIT, "2020-04"), "submit", "head", "2020-05-20T11:00", fields=TOLD)
    found = matrix(house, "2020-05-31T10:00")

    assert told(found, UNIT)[:2] == [Standing.LATE, Standing.REPORTED]
    assert told(found, SECOND)[:2] == [Standing.MISSING, Standing.MISSING]
    assert told(found, UNIT)[2:] == [Standing.NOT_DUE, Standing.NOT_DUE]
    silent = missing_reports(house.begin(), at("2020-05-31T10:00"), who(house, "office"))
    assert [(cell.unit, cell.period) for cell in silent.cells] == [(SECOND, "2020-04"), (SECOND, "2020-05")]


def test_each_period_is_counted_over_the_units_that_are_seen(house: House) -> None:
    opened(house, "2020-05-01T08:00")
    do(house, report(house, UNIT, "2020-04"), "submit", "head", "2020-05-20T11:00", fields=TOLD)
    found = matrix(house, "2020-05-31T10:00")
    april, may, june, _ = found.periods

    assert (april.period, april.asked, april.counts) == (
        "2020-04",
        2,
        {Standing.LATE: 1, Standing.MISSING: 1},
    )
    assert (may.due_at, may.counts) == (at("2020-05-29T18:00"), {Standing.MISSING: 2})
    assert june.counts == {Standing.NOT_DUE: 2}
    (own, *_) = matrix(house, "2020-05-31T10:00", "head_unit_b").periods
    assert (own.asked, own.counts) == (1, {Standing.MISSING: 1})


def test_a_part_of_the_matrix_may_be_asked_for(house: House) -> None:
    part = Part(duty="monthly", unit=SECOND, from_on=date(2020, 5, 1), until_on=date(2020, 6, 30))
    found = report_matrix(house.begin(), at("2020-05-31T10:00"), who(house, "office"), part)
    silent = missing_reports(house.begin(), at("2020-05-31T10:00"), who(house, "office"), part)

    assert [(cell.unit, cell.period) for cell in found.cells] == [(SECOND, "2020-05"), (SECOND, "2020-06")]
    assert [(cell.unit, cell.period) for cell in silent.cells] == [(SECOND, "2020-05")]
    nothing = replace(part, from_on=date(2021, 1, 1), until_on=None)
    assert report_matrix(house.begin(), at("2020-05-31T10:00"), who(house, "office"), nothing).cells == ()


def test_a_report_handed_in_at_the_very_instant_is_in_time(house: House) -> None:
    do(house, report(house, UNIT, "2020-04"), "submit", "head", "2020-04-30T18:00", fields=TOLD)

    assert told(matrix(house, "2020-05-02T10:00"), UNIT)[0] is Standing.REPORTED


def test_the_first_time_counts_and_a_returned_report_says_so(house: House) -> None:
    item = do(house, report(house, UNIT, "2020-04"), "submit", "head", "2020-04-29T10:00", fields=TOLD)
    item = do(house, item, "return", "office", "2020-04-29T11:00", reason="缺数据")
    cell = next(c for c in matrix(house, "2020-05-07T10:00").cells if c.number == item.number)
    assert (cell.standing, cell.is_returned) == (Standing.REPORTED, True)

    do(house, item, "submit", "head", "2020-05-08T10:00", fields=TOLD)
    cell = next(c for c in matrix(house, "2020-05-09T10:00").cells if c.number == item.number)
    assert (cell.standing, cell.is_returned, cell.is_late) == (Standing.REPORTED, False, False)


def test_a_report_without_a_part_that_the_plan_names_is_refused_with_the_part(house: House) -> None:
    item = report(house, UNIT, "2020-04")

    with pytest.raises(Refused, match="“报送内容”缺少方案要求的部分：情况"):
        do(house, item, "submit", "head", "2020-04-29T10:00", fields={"content": "已部署，情况良好"})
    assert (
        do(house, item, "submit", "head", "2020-04-29T10:00", fields={"content": "一、情况\n良好"}).version
        == 2
    )


def nil(house: House, period: str, when: str, login: str = "head", **more: str) -> str:
    command = NilReturn(
        campaign="plan",
        duty=more.get("duty", "monthly"),
        unit=UNIT,
        period=period,
        actor=who(house, login),
        key=more.get("key", "k"),
    )
    return sign_nil(house.begin(), at(when), command).number


def test_a_head_signs_a_nil_return_for_any_period_and_it_counts_as_reported(house: House) -> None:
    number = nil(house, "2020-04", "2020-05-03T10:00")
    cell = next(c for c in matrix(house, "2020-05-04T10:00").cells if c.number == number)

    assert (cell.standing, cell.is_late) == (Standing.NIL, True)
    item = do(house, report(house, UNIT, "2020-04"), "receive", "office", "2020-05-04T11:00")
    assert item.state == "nil_received"
    assert told(matrix(house, "2020-05-05T10:00"), UNIT)[0] is Standing.NIL
    assert [*examine_deeply(house.begin())] == []


def test_only_the_head_of_the_unit_signs_a_nil_return(house: House) -> None:
    for login in ("legal", "officer", "head_unit_b", "office"):
        with pytest.raises(NotPermitted):
            nil(house, "2020-04", "2020-04-21T10:00", login)


def test_a_nil_return_without_a_date_is_opened_and_signed_at_once_and_once(house: House) -> None:
    number = nil(house, "2020-04", "2020-04-21T10:00", duty="nil_return")

    assert nil(house, "2020-04", "2020-04-21T10:05", duty="nil_return") == number
    with house.begin() as uow:
        assert uow.items.units_with("plan", "report", "nil_return") == {UNIT}


def test_a_nil_return_for_a_period_that_has_not_come_is_refused_with_the_periods(house: House) -> None:
    with pytest.raises(NotFound, match="还没有 2020-07 这一期"):
        nil(house, "2020-07", "2020-04-21T10:00")
    with pytest.raises(NotFound, match="没有报送任务 weekly"):
        nil(house, "2020-07", "2020-04-21T10:00", duty="weekly")


def test_a_place_is_taken_once(house: House) -> None:
    taken = report(house, UNIT, "2020-04")
    again = NewItem(
        definition=taken.definition,
        campaign="plan",
        unit=UNIT,
        title="又一份",
        duty="monthly",
        period="2020-04",
    )

    with pytest.raises(Conflict):
        open_items(house.begin(), at("2020-04-21T10:00"), [again], who(house, "office"))


def test_a_head_sees_the_own_unit_and_the_office_all_in_the_order_of_the_annex(house: House) -> None:
    assert [code for code, _ in matrix(house, "2020-05-02T10:00").units] == [UNIT, SECOND]
    assert [code for code, _ in matrix(house, "2020-05-02T10:00", "head_unit_b").units] == [SECOND]
    with pytest.raises(NotFound, match="没有定期的报送任务 weekly"):
        matrix(house, "2020-05-02T10:00", duty="weekly")


def test_periods_nobody_has_been_asked_for_yet_are_missing_once_their_time_is_up(house: House) -> None:
    assert told(matrix(house, "2020-08-01T10:00"), SECOND) == [Standing.MISSING] * 4


def test_a_nil_return_ends_the_limit_and_nothing_escalates(house: House) -> None:
    nil(house, "2020-04", "2020-04-28T10:00")
    item = report(house, UNIT, "2020-04")
    with house.begin() as uow:
        (deadline,) = uow.deadlines.of_item(item.id)

    assert deadline.outcome is Outcome.MET
    fired = [e.item.unit for e in sweep(house.begin, at("2020-05-02T10:00"))]
    assert fired == [SECOND]


def important(house: House, when: str) -> Item:
    new = NewItem(
        definition=a_plan().definitions["special_report"],
        campaign="plan",
        unit=UNIT,
        title="突发情况",
        fields={"content": "样例"},
    )
    return open_items(house.begin(), at(when), [new], who(house, "officer"))[0]


def test_something_important_is_told_to_office_and_leaders_in_the_same_instant(house: House) -> None:
    item = important(house, "2020-05-02T03:10")
    with house.begin() as uow:
        rows = uow.notices.rows(None, item.id, None, 9)

    assert {row.recipient_name for row in rows} == {"示例head", "示例office", "示例director", "示例leader"}
    assert {(row.kind, row.written_at) for row in rows} == {("special_report", at("2020-05-02T03:10"))}
    unsigned = [*sweep(house.begin, at("2020-05-02T06:00"))]
    assert [(e.deadline.clock, e.reached.speaker.id) for e in unsigned if e.item.id == item.id] == [
        ("receive", "after_1")
    ]


def test_an_important_report_is_received_instructed_answered_and_closed(house: House) -> None:
    item = important(house, "2020-05-02T03:10")
    item = do(house, item, "receive", "office", "2020-05-02T03:30")
    item = do(house, item, "instruct", "leader", "2020-05-02T09:00", fields={"instruction": "妥处"})
    item = do(house, item, "answer", "head", "2020-05-04T09:00", fields={"answer": "已办"})
    item = do(house, item, "close_out", "office", "2020-05-05T09:00")

    assert item.closed_at == at("2020-05-05T09:00")
    assert [*examine_deeply(house.begin())] == []


def test_a_campaign_that_pins_no_reports_opens_none(tmp_path: Path) -> None:
    plan = a_plan()
    pinned = {kind: ref for kind, ref in plan.definitions.items() if kind != "report"}
    house = House(tmp_path, replace(plan, definitions=pinned))

    assert opened(house, "2020-12-31T08:00") == []
    assert plan.bureau == BUREAU
