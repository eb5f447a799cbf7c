"""A calendar changes: what falls otherwise is told beforehand, moved with an entry, and found again by doctor."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Actor, Role
from engine.model.calendar import LOCAL, CalendarOverride, SpecialDays
from engine.model.deadline import Deadline, Outcome
from engine.model.entry import EntryKind
from engine.model.errors import Conflict, NotPermitted
from engine.model.item import Item, NewItem
from engine.usecases import calendars
from engine.usecases.calendars import (
    LoadCalendar,
    load_calendar,
    reproject,
)
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item, open_items
from engine.usecases.sweep import sweep
from engine.usecases.telling import Rescheduling
from notifications.render import render
from tests.builders import BUREAU, NOON, UNIT, an_actor, an_attempt
from tests.integration.house import House, a_campaign, definitions, person_in

ADMINISTRATOR = an_actor(8, Role.ADMINISTRATOR, unit=BUREAU)
HOLIDAY = SpecialDays(first=date(2020, 6, 29), last=date(2020, 6, 30), works=False, label="建县纪念日")
COUNTY = CalendarOverride(
    id="county", version=1, label="放假安排", source="县政府通知", days=(HOLIDAY,), sha256="1" * 64
)
NEXT_YEAR = replace(
    COUNTY,
    id="notice",
    days=(SpecialDays(first=date(2021, 2, 11), last=date(2021, 2, 17), works=False, label="春节"),),
)
SETTLED = replace(NEXT_YEAR, covers=2021)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, replace(a_campaign(), hard_stop_on=date(2021, 12, 31)))


def assigned(house: House, due_on: str = "2020-06-30") -> Item:
    """An item given to its owner at noon of 6 May: two clocks run."""
    new = NewItem(
        definition=definitions()["item"].ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )
    item = open_items(house.begin(), NOON, [new], house.actor("officer"))[0]
    listing = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": due_on}
    item = do(house, item, "submit", "officer")
    item = do(house, item, "list", "office", fields=listing)
    return do(house, item, "assign", "head", assignee=person_in("officer"))


def rectifying(house: House, due_on: str = "2020-06-30") -> Item:
    """An item signed for by its owner: one clock runs."""
    return do(house, assigned(house, due_on), "sign_for", "officer")


def do(house: House, item: Item, verb: str, post: str, at: datetime = NOON, **asked: object) -> Item:
    attempt = an_attempt(verb, house.actor(post), **asked)
    return move_item(
        house.begin(), at, replace(attempt, item=item.id, key=f"{verb}/{item.number}/{item.version}")
    )


def load(house: House, override: CalendarOverride, actor: Actor = ADMINISTRATOR) -> None:
    load_calendar(house.begin(), NOON, LoadCalendar(override, actor))


def moved(house: House, now: datetime = NOON) -> list[Rescheduling]:
    return list(reproject(house.begin, now, ADMINISTRATOR))


def running(house: House, item: Item) -> Deadline:
    with house.begin() as uow:
        (deadline,) = uow.deadlines.open_of([item.id])[item.id]
        return deadline


def findings(house: House) -> list[object]:
    return list(examine_deeply(house.begin()))


def evening(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T18:00").replace(tzinfo=LOCAL).astimezone(UTC)


def test_loading_a_calendar_changes_no_deadline_by_itself(house: House) -> None:
    item = rectifying(house)
    before = running(house, item)
    load(house, COUNTY)

    assert running(house, item) == before
    assert findings(house) == []


def test_a_moved_deadline_is_a_new_revision_with_an_entry_of_both_dates(house: House) -> None:
    item = rectifying(house)
    before = running(house, item)
    load(house, COUNTY)

    (change,) = moved(house)

    after = running(house, item)
    assert after == change.after
    assert (after.due_at, after.original_due_at) == (evening("2020-06-26"), evening("2020-06-30"))
    assert (after.revision, after.calendar) == (before.revision + 1, "plain+county@1")
    assert (after.next_rung, before.next_rung) == ("elapsed_50", "elapsed_50")
    assert after.next_at is not None
    assert before.next_at is not None
    assert before.next_at - after.next_at == (before.due_at - after.due_at) / 2
    with house.begin() as uow:
        entry = uow.history.of_item(item.id)[-1]
        (closed,) = [
            d
            for d in uow.deadlines.of_item(item.id)
            if d.revision == before.revision and d.clock == "rectify"
        ]
    payload = json.loads(entry.payload or b"")
    assert (entry.kind, entry.what, entry.actor) == (EntryKind.OPERATIONS, "reproject", ADMINISTRATOR.person)
    assert payload["due"] == ["2020-06-30T10:00:00.000000Z", "2020-06-26T10:00:00.000000Z"]
    assert payload["calendar"] == ["plain", "plain+county@1"]
    assert closed.outcome is Outcome.REARMED


def test_the_owner_is_told_the_old_and_the_new_date_once(house: House) -> None:
    item = rectifying(house)
    load(house, COUNTY)
    moved(house)
    moved(house)

    with house.begin() as uow:
        told = [
            row
            for row in uow.notices.rows(person_in("officer"), item.id, None, 20)
            if row.kind == "rescheduled"
        ]
        notice = uow.notices.get(told[0].key)
    assert len(told) == 1
    assert notice is not None
    message = render(notice)
    assert message.subject == f"时限调整：“记录不全”（{item.number}）"
    assert "整改时限 2020-06-30 18:00 → 2020-06-26 18:00。请按新的时限办理" in message.text


def test_doctor_finds_every_reprojection_in_order(house: House) -> None:
    for _ in range(3):
        rectifying(house)
    load(house, COUNTY)
    moved(house)

    assert findings(house) == []


def test_doctor_sees_a_date_that_no_entry_moved(house: House) -> None:
    item = rectifying(house)
    load(house, COUNTY)
    moved(house)
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE deadline SET due_at = due_at + 1 WHERE item = '{item.id}' AND outcome IS NULL"
        )

    assert [finding.code for finding in examine_deeply(house.begin())] == ["I2"]


def test_two_limits_of_one_item_are_two_entries_that_follow_each_other(house: House) -> None:
    item = assigned(house)
    friday = SpecialDays(first=date(2020, 5, 8), last=date(2020, 5, 8), works=False, label="停电")
    load(house, replace(COUNTY, days=(HOLIDAY, friday)))

    changes = moved(house)

    assert {change.sentence for change in changes} == {
        "签收时限 2020-05-08 18:00 → 2020-05-11 18:00",
        "整改时限 2020-06-30 18:00 → 2020-06-26 18:00",
    }
    with house.begin() as uow:
        assert [entry.what for entry in uow.history.of_item(item.id)][-2:] == ["reproject", "reproject"]
    assert findings(house) == []


def test_to_reproject_again_changes_nothing(house: House) -> None:
    rectifying(house)
    load(house, COUNTY)

    assert len(moved(house)) == 1
    assert moved(house) == []


def test_many_pages_are_each_a_transaction_and_the_rest_is_taken_up_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "PAGE", 2)
    for _ in range(5):
        rectifying(house)
    load(house, COUNTY)
    begun = reproject(house.begin, NOON, ADMINISTRATOR)
    interrupted = [next(begun), next(begun)]
    begun.close()

    rest = moved(house)

    assert len({change.item.number for change in [*interrupted, *rest]}) == 5
    assert findings(house) == []


def test_a_date_beyond_the_last_notice_is_settled_when_the_notice_comes(house: House) -> None:
    item = rectifying(house, "2021-03-31")
    assert running(house, item).is_provisional

    load(house, NEXT_YEAR)
    assert moved(house) == []  # days alone settle nothing
    load(house, replace(SETTLED, version=2, sha256="2" * 64))
    (change,) = moved(house)

    with house.begin() as uow:
        assert "rescheduled" not in [row.kind for row in uow.notices.rows(None, item.id, None, 20)]
    assert change.sentence == "整改时限 2021-03-31 18:00 不再待核"
    assert not running(house, item).is_provisional
    assert "待核" not in running(house, item).proof


def test_a_suspended_and_resumed_clock_keeps_its_prolongation(house: House) -> None:
    item = rectifying(house, "2020-06-19")
    item = do(house, item, "suspend", "office", reason="等待鉴定")
    do(house, item, "resume", "office", at=NOON + timedelta(days=10))
    before = running(house, item)
    load(house, COUNTY)

    (change,) = moved(house, NOON + timedelta(days=11))

    assert before.due_at == evening("2020-06-29")
    assert change.after.due_at == evening("2020-06-26")
    assert "中止 10 日 → 2020-06-29 周一 → 内部报送：提前" in change.after.proof
    assert findings(house) == []


def test_what_is_overdue_either_way_is_not_reminded_of_again(house: House) -> None:
    rectifying(house)
    load(house, COUNTY)

    assert moved(house, evening("2020-06-30") + timedelta(seconds=1)) == []


def test_a_rung_the_sweep_has_not_come_to_is_not_lost(house: House) -> None:
    item = rectifying(house)
    list(sweep(house.begin, evening("2020-06-20")))
    load(house, COUNTY)
    late = evening("2020-06-23") + timedelta(hours=1)  # before_7 of the old date is due and not swept yet
    moved(house, late)

    (escalation,) = sweep(house.begin, late)

    assert escalation.item.number == item.number
    assert [rung.id for rung in escalation.reached.rungs] == ["before_3"]


def test_a_version_is_loaded_once_and_never_with_another_content(house: House) -> None:
    load(house, COUNTY)
    load(house, COUNTY)

    with pytest.raises(Conflict, match="已载入过不同的内容"):
        load(house, replace(COUNTY, sha256="2" * 64))
    load(house, replace(COUNTY, version=3, sha256="3" * 64))
    with pytest.raises(Conflict, match="已有更新的 county@3"):
        load(house, replace(COUNTY, version=2, sha256="2" * 64))
    with house.begin() as uow:
        published = [entry for entry in uow.history.scan() if entry.what == "publish_calendar"]
    assert len(published) == 2


def test_a_year_between_may_not_be_left_out(house: House) -> None:
    with pytest.raises(Conflict, match="2022 年没有一天放假安排"):
        load(house, replace(SETTLED, covers=2022))


def test_only_the_administrator_changes_the_calendar(house: House) -> None:
    office = house.actor("office")

    with pytest.raises(NotPermitted):
        load(house, COUNTY, office)
    with pytest.raises(NotPermitted):
        next(reproject(house.begin, NOON, office))
