"""Ladders by progress and by quality: what speaks, what stays silent, what follows, each once and in the history."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.model.clock import Lamp
from engine.model.criticism import Verdict
from engine.model.entry import Entry, EntryKind
from engine.model.errors import NotFound, NotPermitted, Refused
from engine.model.item import Item
from engine.model.reasons import ReasonCode
from engine.usecases.assessment import score_sheets
from engine.usecases.criticism import DecideCriticism, decide_criticism, list_candidates
from engine.usecases.doctor import examine_deeply
from engine.usecases.escalating import SUPERVISES
from engine.usecases.items import move_item
from engine.usecases.queries import item_detail, item_history
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import House, a_campaign
from tests.integration.test_sweep import DUE, PROOF, rectifying
from tests.unit.rules.test_assessment import a_scheme

HALF = NOON + (DUE - NOON) / 2


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, replace(a_campaign(), scheme=a_scheme("escalations", points=10, per_case=100)))


def do(house: House, item: Item, verb: str, post: str, at: datetime = NOON, **asked: object) -> Item:
    attempt = an_attempt(verb, house.actor(post), **{"reason": "佐证不足", **asked})
    return move_item(house.begin(), at, replace(attempt, item=item.id, key=f"{verb}/{item.version}"))


def returned(house: House, item: Item, at: datetime = NOON) -> Item:
    """The same item, handed in and returned once more."""
    if item.state == "returned":
        item = do(house, item, "take_up", "officer", at)
    item = do(house, item, "self_check", "head", at, evidence=(PROOF,), fields={"result": "到位"})
    item = do(house, item, "submit_review", "head", at)
    return do(house, item, "return", "office", at, target="returned")


def reported(house: House, item: Item, percent: int) -> Item:
    return do(house, item, "progress", "officer", fields={"progress": "已培训", "progress_percent": percent})


def entries(house: House, item: Item, kind: EntryKind) -> list[Entry]:
    with house.begin() as uow:
        return [entry for entry in uow.history.of_item(item.id) if entry.kind is kind]


def told(house: House, item: Item, kind: str) -> int:
    with house.begin() as uow:
        return sum(row.kind == kind for row in uow.notices.rows(None, item.id, None, 99))


def sound(house: House) -> bool:
    return [finding.text for finding in examine_deeply(house.begin())] == []


def test_work_behind_its_time_is_told_with_its_numbers(house: House) -> None:
    item = reported(house, rectifying(house), 30)

    (escalation,) = sweep(house.begin, HALF)

    assert escalation.reached.speaker.id == "elapsed_50"
    with house.begin() as uow:
        facts = [dict(row.facts) for row in uow.notices.rows(None, item.id, None, 99) if row.kind == "behind"]
    assert facts
    assert {each["pace"] for each in facts} == {"已用时 50%，应完成 50%，实际 30%，落后 20 个百分点"}
    assert sound(house)


def test_work_that_keeps_pace_is_left_in_peace_and_the_rung_counts_as_reached(house: House) -> None:
    item = reported(house, rectifying(house), 45)

    assert list(sweep(house.begin, HALF)) == []
    assert list(sweep(house.begin, HALF)) == []

    with house.begin() as uow:
        (firing,) = uow.deadlines.firings_of(item.id)
    (entry,) = entries(house, item, EntryKind.FIRING)
    assert (firing.rung, firing.spoken_by, told(house, item, "behind")) == ("elapsed_50", "", 0)
    assert json.loads(entry.payload or b"")["silent"] == ["elapsed_50"]
    labels = [line.label for line in item_history(house.begin(), house.actor("head"), item.number)]
    assert labels[-1] == "用时过半进度落后（进度正常，不提醒）"
    assert sound(house)


def test_a_sweep_that_comes_late_asks_what_was_expected_at_the_share_itself(house: House) -> None:
    item = reported(house, rectifying(house), 45)

    (escalation,) = sweep(house.begin, DUE)

    assert escalation.reached.silent == {"elapsed_50", "elapsed_75"}
    assert escalation.reached.speaker.id == "due"
    with house.begin() as uow:
        spoken = {firing.rung: firing.spoken_by for firing in uow.deadlines.firings_of(item.id)}
    assert (spoken["elapsed_75"], spoken["before_1"]) == ("", "due")
    assert sound(house)


def test_the_second_return_raises_a_level_at_once_and_only_once(house: House) -> None:
    item = returned(house, rectifying(house))
    assert entries(house, item, EntryKind.FIRING) == []

    item = returned(house, item)

    (entry,) = entries(house, item, EntryKind.FIRING)
    payload = json.loads(entry.payload or b"")
    assert (entry.what, payload["returned"], entry.item_version) == ("returned_2", 2, item.version)
    assert payload["effects"] == ["count_for_assessment"]
    assert told(house, item, "poor_quality") == 3
    with house.begin() as uow:
        assert uow.items.get([item.id])[item.id] == item
        assert [new.level for new in uow.levels.raised_on([item.id])[item.id]] == ["returned_2"]
    item = returned(house, item)
    assert [entry.what for entry in entries(house, item, EntryKind.FIRING)] == ["returned_2", "returned_3"]
    assert sound(house)


def test_a_return_that_is_sent_again_raises_nothing_again(house: House) -> None:
    item = returned(house, rectifying(house))
    item = do(house, item, "take_up", "officer")
    item = do(house, item, "self_check", "head", evidence=(PROOF,), fields={"result": "到位"})
    item = do(house, item, "submit_review", "head")
    again = replace(
        an_attempt("return", house.actor("office"), reason="不足", target="returned"), item=item.id
    )

    first = move_item(house.begin(), NOON, again)
    second = move_item(house.begin(), NOON, again)

    assert first == second
    assert len(entries(house, item, EntryKind.FIRING)) == 1


def test_the_third_return_opens_an_order_and_holds_the_lamp_red_until_a_limit_is_kept(house: House) -> None:
    item = rectifying(house)
    for _ in range(3):
        item = returned(house, item)

    with house.begin() as uow:
        (order,) = [child for child in uow.items.children(item.id) if child.link == SUPERVISES]
    assert "第三次退回" in str(order.fields["demand"])
    later = NOON + timedelta(days=1)
    signal = item_detail(house.begin(), later, house.actor("head"), item.number).signal
    assert (signal.lamp, "已升级" in signal.sentence) == (Lamp.RED, True)

    item = do(house, item, "take_up", "officer", later)
    item = do(house, item, "self_check", "head", later, fields={"result": "到位"})
    item = do(house, item, "submit_review", "head", later)

    signal = item_detail(house.begin(), later, house.actor("head"), item.number).signal
    assert (signal.lamp, signal.sentence) == (Lamp.YELLOW, "黄灯：已退回 3 次")


def test_what_is_long_overdue_becomes_a_candidate_and_a_person_decides(house: House) -> None:
    item = rectifying(house)
    list(sweep(house.begin, DUE + timedelta(days=15)))
    at = DUE + timedelta(days=16)

    (candidate,) = list_candidates(house.begin(), house.actor("director"))
    (entry,) = entries(house, item, EntryKind.OPERATIONS)

    assert (candidate.number, candidate.label, entry.what) == (item.number, "逾期15天", "mark_criticism")
    assert json.loads(entry.payload or b"")["cause"] == candidate.cause == "rectify/1/after_15"
    decide = DecideCriticism(
        number=item.number, verdict=Verdict.ISSUED, reason="多次催办未果", actor=house.actor("director")
    )
    (mark,) = decide_criticism(house.begin(), at, decide)
    assert (mark.verdict, mark.decided_at) == (Verdict.ISSUED, at)
    assert list_candidates(house.begin(), house.actor("director")) == []
    assert item_detail(house.begin(), at, house.actor("head"), item.number).marks == (mark,)
    assert [entry.what for entry in entries(house, item, EntryKind.OPERATIONS)][-1] == "criticism_issued"
    with pytest.raises(Refused) as caught:
        decide_criticism(house.begin(), at, decide)
    assert [each.code for each in caught.value.reasons] == [ReasonCode.NO_CANDIDATE]
    assert sound(house)


def test_only_a_leader_decides_with_a_reason_on_what_is_there_to_be_seen(house: House) -> None:
    item = rectifying(house)
    list(sweep(house.begin, DUE + timedelta(days=15)))

    def asked(post: str, reason: str = "理由", number: str = item.number) -> None:
        command = DecideCriticism(
            number=number, verdict=Verdict.DROPPED, reason=reason, actor=house.actor(post)
        )
        decide_criticism(house.begin(), DUE + timedelta(days=16), command)

    with pytest.raises(NotPermitted):
        asked("head")
    with pytest.raises(Refused) as caught:
        asked("leader", reason=" ")
    assert [each.code for each in caught.value.reasons] == [ReasonCode.REASON_MISSING]
    with pytest.raises(NotFound):
        asked("leader", number="ZG-2020-009999")
    asked("leader")
    assert sound(house)


def test_steps_that_count_stand_on_the_score_sheet_with_the_entry_behind_each(house: House) -> None:
    item = returned(house, returned(house, rectifying(house)))
    list(sweep(house.begin, DUE + timedelta(days=7)))

    (sheet,) = score_sheets(house.begin(), DUE + timedelta(days=8), "sample")

    (line,) = sheet.lines
    assert sheet.unit == UNIT
    assert [(lapse.number, lapse.text) for lapse in line.lapses] == [
        (item.number, "升级：第二次退回"),
        (item.number, "升级：逾期7天"),
    ]
    fired = [entry.index for entry in entries(house, item, EntryKind.FIRING)]
    assert {index for lapse in line.lapses for index in lapse.entries} <= set(fired)
    assert line.lost == 200
