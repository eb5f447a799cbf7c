"""Overdue work escalates by itself: once, coalesced after downtime, with its declared effects."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.calendar import Calendar
from engine.model.clock import Ladder
from engine.model.deadline import Deadline
from engine.model.errors import Unavailable
from engine.model.item import Item, NewItem
from engine.model.transition import Evidence
from engine.rules.escalation import Reached, reached
from engine.usecases.doctor import examine_deeply
from engine.usecases.escalating import SUPERVISES
from engine.usecases.firing import Escalation
from engine.usecases.items import move_item, open_items
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import POSTS, House, definitions, person_in

LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": "2020-06-30"}
PROOF = Evidence(sha256="ab" * 32, name="照片.jpg", size=3)
DUE = datetime(2020, 6, 30, 10, tzinfo=UTC)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def rectifying(house: House) -> Item:
    """An item signed for by its owner, due on 30 June at 18:00."""
    new = NewItem(
        definition=definitions()["item"].ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )
    item = open_items(house.begin(), NOON, [new], house.actor("officer"))[0]
    steps = (
        ("submit", "officer", {}),
        ("list", "office", {"fields": LISTING}),
        ("assign", "head", {"assignee": person_in("officer")}),
        ("sign_for", "officer", {}),
    )
    for verb, post, asked in steps:
        attempt = replace(
            an_attempt(verb, house.actor(post), **asked), item=item.id, key=f"{verb}/{item.number}"
        )
        item = move_item(house.begin(), NOON, attempt)
    return item


def fired(escalations: list[Escalation]) -> list[tuple[str, ...]]:
    return [tuple(rung.id for rung in escalation.reached.rungs) for escalation in escalations]


def test_nothing_fires_before_its_instant(house: House) -> None:
    rectifying(house)
    half = NOON + (DUE - NOON) / 2

    assert list(sweep(house.begin, half - timedelta(seconds=1))) == []
    assert len(list(sweep(house.begin, half))) == 1
    assert list(sweep(house.begin, DUE - timedelta(days=7, seconds=1))) != []
    assert list(sweep(house.begin, DUE - timedelta(days=7, seconds=1))) == []


def test_each_rung_fires_once_however_often_is_swept(house: House) -> None:
    item, seen = rectifying(house), []

    for hour in range(24 * 20):
        now = DUE - timedelta(days=8) + timedelta(hours=hour)
        seen += fired([e for e in sweep(house.begin, now) if e.item.id == item.id])

    assert seen == [
        ("elapsed_50", "elapsed_75"),
        ("before_7",),
        ("before_3",),
        ("before_1",),
        ("due",),
        ("after_1",),
        ("after_3",),
        ("after_7",),
    ]


def test_downtime_is_coalesced_to_one_voice_that_names_the_others(house: House) -> None:
    item = rectifying(house)

    escalations = list(sweep(house.begin, DUE + timedelta(days=2)))

    early = ("elapsed_50", "elapsed_75", "before_7", "before_3", "before_1")
    assert fired(escalations) == [(*early, "due", "after_1")]
    with house.begin() as uow:
        notices = [row for row in uow.notices.rows(None, item.id, None, 50) if row.kind == "overdue"]
        assert {row.recipient for row in notices} == set(map(person_in, ("officer", "head", "office")))
        assert "到期前7天" in str(notices[0].facts["skipped"])
        assert len(uow.deadlines.firings_of(item.id)) == 7


def test_after_downtime_each_person_is_told_once_by_the_highest_rung_that_is_meant_for_them(
    house: House,
) -> None:
    item = rectifying(house)

    list(sweep(house.begin, DUE + timedelta(days=15)))

    assert heard_on(house, item) == {
        "officer": [("overdue", "逾期1天", "逾期15天")],
        "head": [("escalated", "逾期7天", "逾期15天")],
        "office": [("escalated", "逾期7天", "逾期15天")],
        "director": [("escalated", "逾期15天", None)],
        "leader": [("escalated", "逾期15天", None)],
    }
    assert [*examine_deeply(house.begin())] == []


def test_whom_only_a_rung_before_the_limit_is_meant_for_hears_that_it_is_over(house: House) -> None:
    item = rectifying(house)

    list(sweep(house.begin, DUE + timedelta(days=1)))

    told = heard_on(house, item)
    assert told["office"] == [("overdue", "逾期1天", None)]  # by the ladder: 用时四分之三进度严重落后
    assert told["officer"] == told["head"] == told["office"]


def test_a_notice_that_is_gone_from_under_a_coalesced_rung_is_missed(house: House) -> None:
    item = rectifying(house)
    list(sweep(house.begin, DUE + timedelta(days=15)))

    with house.database.engine.connect() as connection:
        gone = (item.id, person_in("officer"))
        text = "DELETE FROM notice WHERE item = ? AND recipient = ? AND kind = 'overdue'"
        assert connection.exec_driver_sql(text, gone).rowcount == 1

    (found,) = examine_deeply(house.begin())
    assert (found.code, found.subject) == ("I6", item.number)
    assert "after_1" in found.text


def heard_on(house: House, item: Item) -> dict[str, list[tuple[object, ...]]]:
    """What each post heard of rungs of the item: the kind of notice, its rung, and how far it has come since."""
    posts = {person_in(code): code for code, *_ in POSTS}
    found: dict[str, list[tuple[object, ...]]] = {}
    with house.begin() as uow:
        for row in uow.notices.rows(None, item.id, None, 100):
            if "rung" in row.facts:
                told = (row.kind, row.facts["rung"], row.facts.get("reached"))
                found.setdefault(posts[row.recipient], []).append(told)
    return found


def test_three_days_over_opens_one_supervision_order_that_rises_by_itself(house: House) -> None:
    item = rectifying(house)

    list(sweep(house.begin, DUE + timedelta(days=3)))
    list(sweep(house.begin, DUE + timedelta(days=3)))

    with house.begin() as uow:
        orders = [child for child in uow.items.children(item.id) if child.link == SUPERVISES]
        assert [order.fields["level"] for order in orders] == ["blue"]

    for day in range(4, 40):
        list(sweep(house.begin, DUE + timedelta(days=day)))
    with house.begin() as uow:
        orders = uow.items.children(item.id)
        assert [order.fields["level"] for order in orders] == ["red"]
        entries = uow.history.of_item(orders[0].id)
        assert {entry.actor for entry in entries} == {"0" * 32}


def test_each_rung_tells_whom_it_declares_from_the_owner_up_to_the_leading_group(house: House) -> None:
    item = rectifying(house)
    told: dict[int, set[str]] = {}
    list(sweep(house.begin, DUE - timedelta(days=8)))
    for days in (-7, -1, 0, 1, 3, 7, 15):
        before = notices_about(house, item)
        list(sweep(house.begin, DUE + timedelta(days=days)))
        told[days] = {post for key, post in notices_about(house, item).items() if key not in before}

    assert told == {
        -7: {"officer"},
        -1: {"officer", "head"},
        0: {"officer", "head"},
        1: {"officer", "head"},
        3: {"head", "office"},
        7: {"head", "office", "director"},
        15: {"director", "leader"},
    }


def notices_about(house: House, item: Item) -> dict[str, str]:
    """Whom each notice on a rung of the item went to, by its key."""
    posts = {person_in(code): code for code, *_ in POSTS}
    with house.begin() as uow:
        rows = uow.notices.rows(None, item.id, None, 100)
        return {row.key: posts[row.recipient] for row in rows if "rung" in row.facts}


def test_a_firing_moves_the_head_and_leaves_the_version(house: House) -> None:
    item = rectifying(house)

    list(sweep(house.begin, DUE))

    with house.begin() as uow:
        after = uow.items.get([item.id])[item.id]
        newest = uow.history.of_item(item.id)[-1]
    assert (after.version, after.head) == (item.version, newest.leaf)
    assert newest.previous == item.head


def test_work_handed_in_on_time_is_never_called_overdue(house: House) -> None:
    item = rectifying(house)
    asked = {"evidence": (PROOF,), "fields": {"result": "到位"}}
    check = an_attempt("self_check", house.actor("head"), **asked)
    review = an_attempt("submit_review", house.actor("head"))
    for attempt in (check, review):
        move_item(house.begin(), NOON, replace(attempt, item=item.id))

    later = sweep(house.begin, DUE + timedelta(days=30))

    assert {escalation.deadline.clock for escalation in later} == {"review"}


@pytest.mark.parametrize(
    ("error", "wait"),
    [(ZeroDivisionError(), timedelta(hours=1)), (Unavailable("占用太久"), timedelta(minutes=1))],
)
def test_a_poisoned_deadline_does_not_hold_up_its_neighbour_and_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception, wait: timedelta
) -> None:
    poisoned, healthy = rectifying(house), rectifying(house)
    told: list[tuple[str, Exception]] = []

    def failing(ladder: Ladder, deadline: Deadline, now: datetime, calendar: Calendar) -> Reached | None:
        if deadline.item == poisoned.id:
            raise error
        return reached(ladder, deadline, now, calendar)

    monkeypatch.setattr("engine.usecases.firing.reached", failing)
    fired = sweep(house.begin, DUE, tell=lambda *what: told.append(what))

    assert [escalation.item.id for escalation in fired] == [healthy.id]
    assert told == [(poisoned.id, error)]
    with house.begin() as uow:
        assert uow.deadlines.open_of([poisoned.id])[poisoned.id][0].next_at == DUE + wait


def test_a_sweep_that_is_told_to_stop_leaves_the_rest_to_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    items, answers = {rectifying(house).id for _ in range(3)}, [True, False]
    monkeypatch.setattr("engine.usecases.sweep.CHUNK", 1)

    first = [escalation.item.id for escalation in sweep(house.begin, DUE, lambda: answers.pop(0))]
    rest = [escalation.item.id for escalation in sweep(house.begin, DUE)]

    assert (len(first), len(rest), {*first, *rest}) == (1, 2, items)


def test_a_move_first_fires_what_came_due_before_it(house: House) -> None:
    item = rectifying(house)
    late = DUE + timedelta(days=3, hours=1)
    asked = {"evidence": (PROOF,), "fields": {"result": "到位"}}
    check = replace(an_attempt("self_check", house.actor("head"), **asked), item=item.id)

    moved = move_item(house.begin(), late, check)
    again = move_item(house.begin(), late, check)

    assert (moved.version, again.version) == (item.version + 1, item.version + 1)
    assert list(sweep(house.begin, late)) == []
    with house.begin() as uow:
        rungs = {firing.rung for firing in uow.deadlines.firings_of(item.id)}
        orders = [child for child in uow.items.children(item.id) if child.link == SUPERVISES]
        kinds = [entry.what for entry in uow.history.of_item(item.id)][-2:]
    assert {"due", "after_1", "after_3"} <= rungs
    assert (len(orders), kinds) == (1, ["after_3", "self_check"])
    assert [*examine_deeply(house.begin())] == []


def an_order_by_hand(house: House, item: Item, now: datetime) -> Item:
    new = NewItem(
        definition=definitions()["supervision_order"].ref,
        campaign="sample",
        unit=UNIT,
        title="督办",
        fields={"level": "blue", "demand": "请限期整改"},
        parent=item.id,
        link=SUPERVISES,
    )
    return open_items(house.begin(), now, [new], house.actor("office"))[0]


def orders_on(house: House, item: Item) -> list[Item]:
    with house.begin() as uow:
        return [child for child in uow.items.children(item.id) if child.link == SUPERVISES]


@pytest.mark.parametrize(("issued_after", "count"), [(timedelta(days=2), 1), (timedelta(days=4), 2)])
def test_the_clock_adds_no_order_to_one_that_a_person_had_issued_when_it_was_due(
    house: House, issued_after: timedelta, count: int
) -> None:
    item = rectifying(house)
    an_order_by_hand(house, item, DUE + issued_after)

    list(sweep(house.begin, DUE + timedelta(days=6)))

    assert len(orders_on(house, item)) == count


def test_each_failing_opens_its_own_order_whether_or_not_the_one_before_still_runs(house: House) -> None:
    """Else how many there are would hang on how late the first was opened."""
    item = rectifying(house)
    list(sweep(house.begin, DUE + timedelta(days=3)))
    at = DUE + timedelta(days=3, hours=14)
    asked = {"evidence": (PROOF,), "fields": {"result": "到位"}}
    steps = (
        ("self_check", "head", asked),
        ("submit_review", "head", {}),
        ("return", "office", {"reason": "不足", "target": "returned"}),
    )
    for verb, post, more in steps:
        attempt = replace(an_attempt(verb, house.actor(post), **more), item=item.id, key=verb)
        item = move_item(house.begin(), at, attempt)

    list(sweep(house.begin, at + timedelta(days=3)))

    assert len(orders_on(house, item)) == 2
    assert [*examine_deeply(house.begin())] == []
