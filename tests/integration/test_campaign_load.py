"""Loading a campaign opens one item for each row of the plan, late ones without a burst."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.campaign import (
    Campaign,
    Duty,
    DutyDate,
    PhaseLevel,
    PlannedMeasure,
    PlannedPhase,
    PlannedTask,
)
from engine.model.clock import Roll
from engine.model.errors import Conflict
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.duties import open_duties
from engine.usecases.sweep import sweep
from tests.builders import BUREAU, UNIT
from tests.integration.house import House, a_campaign, definitions

LOADED = datetime(2020, 4, 20, 1, tzinfo=UTC)


def a_phase(
    code: str, starts_on: date, ends_on: date, follows: str | None, level: PhaseLevel
) -> PlannedPhase:
    return PlannedPhase(
        code=code,
        label=code,
        level=level,
        starts_on=starts_on,
        ends_on=ends_on,
        words="4月",
        quote="样例",
        follows=follows,
    )


def a_plan() -> Campaign:
    measure = PlannedMeasure(code="1.1", label="措施", quote="样例", due_on=date(2020, 9, 30))
    return replace(
        a_campaign(),
        id="plan",
        phases=(
            a_phase("mobilise", date(2020, 4, 1), date(2020, 4, 10), None, PhaseLevel.UNIT),
            a_phase("find", date(2020, 4, 11), date(2020, 4, 30), "mobilise", PhaseLevel.CAMPAIGN),
        ),
        tasks=(
            PlannedTask(
                code="1", label="任务", quote="样例", lead=UNIT, assisting=(BUREAU,), measures=(measure,)
            ),
        ),
        duties=(
            Duty(
                code="monthly",
                label="月报",
                quote="样例",
                sections=("情况",),
                dates=(DutyDate(period="2020-05", due_on=date(2020, 5, 31), words="每月底", roll=Roll.BACK),),
            ),
        ),
    )


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, campaign=None)


def load(house: House) -> None:
    load_campaign(house.begin(), LOADED, LoadCampaign(a_plan(), tuple(definitions().values())))


def test_each_row_of_the_plan_becomes_an_item(house: House) -> None:
    load(house)

    with house.begin() as uow:
        kinds = {kind: uow.items.of_campaign("plan", kind) for kind in ("phase", "task", "report")}
    assert [(p.duty, p.unit, p.as_of) for p in kinds["phase"]] == [
        ("mobilise", UNIT, date(2020, 4, 1)),
        ("find", BUREAU, date(2020, 4, 11)),
    ]
    assert [(t.duty, t.parent is not None) for t in kinds["task"]] == [("1", False), ("1.1", True)]
    assert kinds["report"] == []


def test_a_sunday_is_rolled_back_to_friday_evening(house: House) -> None:
    load(house)
    (report,) = open_duties(house.begin, LOADED + timedelta(days=15))

    with house.begin() as uow:
        (deadline,) = uow.deadlines.of_item(report.id)
    assert deadline.due_at == datetime(2020, 5, 29, 10, tzinfo=UTC)
    assert "2020-05-31" in deadline.proof


def test_a_phase_that_ended_before_the_load_makes_no_burst(house: House) -> None:
    load(house)

    assert list(sweep(house.begin, LOADED + timedelta(hours=1))) == []
    later = list(sweep(house.begin, LOADED + timedelta(days=3)))
    assert [(e.item.duty, e.reached.speaker.id) for e in later] == [("mobilise", "after_3")]


def test_a_campaign_is_loaded_once(house: House) -> None:
    load(house)

    with pytest.raises(Conflict):
        load(house)
    with house.begin() as uow:
        assert len(uow.items.of_campaign("plan", "phase")) == 2
