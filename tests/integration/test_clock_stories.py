"""Every limit says why it falls when it does: its source, every date it has had, when it stood still, by whose hand."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.calendar import LOCAL
from engine.model.deadline import Cause, Outcome
from engine.model.errors import Refused
from engine.model.item import Item, NewItem
from engine.model.transition import Evidence
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.clock_stories import ClockStory, clock_stories
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item, open_items
from engine.usecases.queries import explain_clocks, item_detail
from engine.usecases.sweep import sweep
from notifications.render import render
from runtime.calendars import china_calendar
from runtime.entropy import SeededEntropy
from storage.dialects import open_database
from storage.schema import upgrade
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import House, definitions, person_in
from workflows.builder import definition_from_json
from workflows.campaign import read_campaign
from workflows.shipped import shipped_definitions

PLAN = Path(__file__).parents[2] / "workflows" / "campaigns" / "fazhi-2020"
PROOF = Evidence(sha256="c" * 64, name="照片.jpg", size=9)
LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查"}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def at(days: float) -> datetime:
    return NOON + timedelta(days=days)


def evening(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T18:00").replace(tzinfo=LOCAL).astimezone(UTC)


def do(house: House, item: Item, verb: str, post: str, days: float = 0, **asked: object) -> Item:
    attempt = an_attempt(verb, house.actor(post), **asked)
    key = f"{verb}/{item.number}/{item.version}"
    return move_item(house.begin(), at(days), replace(attempt, item=item.id, key=key))


def rectifying(house: House, due_on: str = "2020-06-30") -> Item:
    new = NewItem(
        definition=definitions()["item"].ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )
    item = open_items(house.begin(), NOON, [new], house.actor("officer"))[0]
    item = do(house, item, "submit", "officer")
    item = do(house, item, "list", "office", fields={**LISTING, "due_on": due_on})
    item = do(house, item, "assign", "head", assignee=person_in("officer"))
    return do(house, item, "sign_for", "officer")


def story(house: House, item: Item, clock: str, days: float = 0) -> ClockStory:
    told = explain_clocks(house.begin(), at(days), house.actor("office"), item.number)
    return next(each for each in told if each.clock.id == clock)


def test_a_suspension_is_kept_with_its_reason_its_hand_and_its_entries(house: House) -> None:
    item = do(house, rectifying(house), "suspend", "office", 2, reason="等待上级统一部署")
    while_it_lasts = story(house, item, "rectify", 5)
    do(house, item, "resume", "office", 12)
    (stop,) = story(house, item, "rectify", 20).suspensions

    assert (stop.began_at, stop.ended_at, stop.lost) == (at(2), at(12), "10 日")
    assert stop.origin
    assert stop.resumed
    assert (stop.origin.reason, stop.origin.who, stop.origin.verb) == (
        "等待上级统一部署",
        "示例office",
        "suspend",
    )
    assert (stop.origin.entry, stop.resumed.entry) == (5, 6)
    assert [(each.ended_at, each.lost) for each in while_it_lasts.suspensions] == [(None, "3 日")]
    assert item_detail(house.begin(), at(12), house.actor("officer"), item.number).stories[1].suspensions


def test_every_later_date_says_why_it_moved_and_the_first_one_stays(house: House) -> None:
    item = do(house, rectifying(house), "suspend", "office", 2, reason="等待部署")
    item = do(house, item, "resume", "office", 4)
    item = do(house, item, "apply_extension", "head", 5, due_on=date(2020, 8, 3), reason="设备未到")
    item = do(house, item, "grant_extension", "director", 6, reason="同意")
    item = do(house, item, "self_check", "head", 7, evidence=(PROOF,), fields={"result": "已改"})
    item = do(house, item, "submit_review", "head", 7)
    item = do(house, item, "return", "office", 9, target="returned", reason="佐证不足")
    told = story(house, item, "rectify", 9)

    assert [(change.cause, change.due_at) for change in told.changes] == [
        (Cause.START, evening("2020-06-30")),
        (Cause.SUSPENSION, evening("2020-07-02")),
        (Cause.EXTENSION, evening("2020-08-03")),
        (Cause.RETURN, evening("2020-08-03")),
    ]
    assert [change.origin and change.origin.reason for change in told.changes] == [
        None,
        None,
        "同意",
        "佐证不足",
    ]
    assert {each.original_due_at for each in told.revisions} == {evening("2020-06-30")}
    assert [each.outcome for each in told.revisions] == [
        Outcome.SUSPENDED, Outcome.REARMED, Outcome.MET, None,
    ]  # fmt: skip
    assert [*examine_deeply(house.begin())] == []


def test_the_first_date_stands_beside_the_later_one_wherever_that_is_shown(house: House) -> None:
    item = do(
        house, rectifying(house), "apply_extension", "head", 5, due_on=date(2020, 8, 3), reason="设备未到"
    )
    item = do(house, item, "grant_extension", "director", 6, reason="同意")
    [*sweep(house.begin, evening("2020-08-04"))]

    with house.begin() as uow:
        rows = uow.notices.rows(person_in("officer"), item.id, None, 9)
        notice = uow.notices.get(next(row.key for row in rows if row.kind == "overdue"))
    assert notice is not None
    assert "整改时限：2020-08-03 18:00（原定 2020-06-30 18:00）" in render(notice).text
    detail = item_detail(house.begin(), evening("2020-08-04"), house.actor("officer"), item.number)
    assert "（2020-08-03 18:00 到期，原定 2020-06-30 18:00）" in detail.signal.sentence


def test_an_application_must_be_later_than_the_date_of_the_very_limit(house: House) -> None:
    item = do(house, rectifying(house), "suspend", "office", 2, reason="等待部署")
    item = do(house, item, "resume", "office", 4)

    with pytest.raises(Refused, match="申请的日期不晚于现时限"):
        do(house, item, "apply_extension", "head", 5, due_on=date(2020, 7, 2), reason="设备未到")
    do(house, item, "apply_extension", "head", 5, due_on=date(2020, 7, 3), reason="设备未到")


def test_an_undecided_application_has_a_limit_of_its_own_and_escalates(house: House) -> None:
    item = rectifying(house)
    item = do(house, item, "apply_extension", "head", due_on=date(2020, 8, 3), reason="设备未到")
    (running,) = story(house, item, "extension").revisions

    assert running.due_at == evening("2020-05-08")
    assert [e.reached.speaker.id for e in sweep(house.begin, at(1.9))] == []
    fired = [*sweep(house.begin, evening("2020-05-12"))]
    assert [(e.deadline.clock, [rung.id for rung in e.reached.rungs]) for e in fired] == [
        ("extension", ["due", "after_1"])
    ]
    with house.begin() as uow:
        told = {
            row.recipient_name for row in uow.notices.rows(None, item.id, None, 9) if row.kind == "escalated"
        }
    assert told == {"示例director", "示例leader"}


@pytest.mark.parametrize("verb", ["grant_extension", "refuse_extension"])
def test_a_decision_meets_the_limit_of_the_application(house: House, verb: str) -> None:
    item = rectifying(house)
    item = do(house, item, "apply_extension", "head", due_on=date(2020, 8, 3), reason="设备未到")
    item = do(house, item, verb, "director", 1, reason="酌情")

    assert [each.outcome for each in story(house, item, "extension").revisions] == [Outcome.MET]
    assert [*sweep(house.begin, evening("2020-05-20"))] == []
    again = do(house, item, "apply_extension", "head", 2, due_on=date(2020, 9, 3), reason="再延")
    assert [each.outcome for each in story(house, again, "extension").revisions] == [Outcome.MET, None]


def test_the_limit_of_an_application_goes_on_while_the_item_is_suspended(house: House) -> None:
    item = rectifying(house)
    item = do(house, item, "apply_extension", "head", due_on=date(2020, 8, 3), reason="设备未到")
    item = do(house, item, "suspend", "office", reason="等待部署")

    assert [each.outcome for each in story(house, item, "extension").revisions] == [None]
    assert [each.outcome for each in story(house, item, "rectify").revisions] == [Outcome.SUSPENDED]


def test_another_owner_restarts_the_limit_to_sign_and_says_so(house: House) -> None:
    item = do(house, rectifying(house), "assign", "head", 1, assignee=person_in("legal"))
    item = do(house, item, "assign", "head", 2, assignee=person_in("officer"))
    told = story(house, item, "sign_for", 2)

    assert [change.cause for change in told.changes] == [Cause.START, Cause.REASSIGNMENT, Cause.REASSIGNMENT]
    assert [each.outcome for each in told.revisions] == [Outcome.MET, Outcome.REARMED, None]


def test_an_erased_entry_leaves_the_date_and_takes_the_reason(house: House) -> None:
    item = do(house, rectifying(house), "suspend", "office", 2, reason="等待部署")
    with house.database.engine.begin() as connection:
        for (name,) in connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
        ).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql("UPDATE entry SET payload = NULL, salt = NULL WHERE what = 'suspend'")
    (stop,) = story(house, item, "rectify", 5).suspensions

    assert (stop.began_at, stop.origin) == (at(2), None)


def test_every_limit_of_the_plan_of_2020_explains_itself_with_its_source(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'plan.db'}")
    upgrade(database)

    def begin() -> SqlUnitOfWork:
        return SqlUnitOfWork(database, SeededEntropy(1), china_calendar(), definition_from_json)

    loaded = datetime(2020, 4, 20, 8, 30, tzinfo=LOCAL).astimezone(UTC)
    opened = load_campaign(begin(), loaded, LoadCampaign(read_campaign(PLAN), shipped_definitions()))
    with begin() as uow:
        told = [story for item in opened for story in clock_stories(uow, loaded, item)]
    database.close()

    assert len(told) > 60
    for each in told:
        last = each.revisions[-1]
        assert each.sources, each.clock.id
        assert re.search(f"{last.due_at.astimezone(LOCAL):%Y-%m-%d %H:%M}( 待核)?$", last.proof)
        assert each.changes[0].cause is Cause.START
        assert each.changes[0].origin is not None
