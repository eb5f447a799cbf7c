"""Three-colour supervision orders: papers numbered in their own series, colours that rise for cause."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Role, system_actor
from engine.model.calendar import LOCAL
from engine.model.deadline import Deadline, Outcome
from engine.model.errors import Refused
from engine.model.ids import ItemId
from engine.model.item import Item, NewItem
from engine.model.reasons import ReasonCode
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item, open_items
from engine.usecases.queries import item_detail
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import House, definitions

PAPERS = ["2020-蓝-0001", "2020-黄-0001", "2020-红-0001"]


def at(day: str, hour: int = 9) -> datetime:
    """An hour of a day of May 2020 in China; the order is issued on Wednesday the 6th at noon."""
    midnight = datetime.fromisoformat(f"2020-05-{day}").replace(tzinfo=LOCAL)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def issued(house: House, level: str = "blue", post: str = "office") -> Item:
    new = NewItem(
        definition=definitions()["supervision_order"].ref,
        campaign="sample",
        unit=UNIT,
        title="限期整改",
        fields={"level": level, "demand": "请限期整改并回复"},
    )
    return open_items(house.begin(), NOON, [new], house.actor(post))[0]


def do(house: House, order: Item, verb: str, post: str, now: datetime, **asked: object) -> Item:
    attempt = an_attempt(verb, house.actor(post), **{"reason": "情况属实", **asked})
    key = f"{order.number}/{verb}/{now.isoformat()}"
    return move_item(house.begin(), now, replace(attempt, item=order.id, key=key))


def fresh(house: House, item: ItemId) -> Item:
    with house.begin() as uow:
        return uow.items.get([item])[item]


def swept(house: House, order: Item, now: datetime) -> Item:
    list(sweep(house.begin, now))
    return fresh(house, order.id)


def paper(order: Item) -> object:
    return order.fields["paper_number"]


def why_not(
    house: House, order: Item, verb: str, post: str, now: datetime, **asked: object
) -> list[ReasonCode]:
    with pytest.raises(Refused) as caught:
        do(house, order, verb, post, now, **asked)
    return [reason.code for reason in caught.value.reasons]


def clocks(house: House, order: Item) -> dict[str, Deadline]:
    """The newest revision of each clock of an order."""
    with house.begin() as uow:
        return {deadline.clock: deadline for deadline in uow.deadlines.latest_of([order.id])[order.id]}


def troubles(house: House) -> list[str]:
    return [f"{finding.code} {finding.text}" for finding in examine_deeply(house.begin())]


def test_each_colour_is_a_paper_with_the_next_number_of_its_own_series(house: House) -> None:
    order, other = issued(house), issued(house)

    for day in ("12", "18"):
        order = swept(house, order, at(day, 18))
        assert order.state == "issued"

    assert (paper(order), paper(fresh(house, other.id))) == ("2020-红-0001", "2020-红-0002")
    with house.begin() as uow:
        entries = uow.history.of_item(order.id)
    told = [number for number in PAPERS if any(number in (e.payload or b"").decode() for e in entries)]
    assert told == PAPERS
    assert troubles(house) == []


def test_a_red_order_cannot_rise_and_what_stays_overdue_is_a_candidate(house: House) -> None:
    order = issued(house)
    for day in range(7, 31):
        order = swept(house, order, at(f"{day:02}", 18))

    assert (order.fields["level"], paper(order)) == ("red", "2020-红-0001")
    with house.begin() as uow:
        (mark,) = uow.criticisms.of_item(order.id)
    assert mark.label == "红色督办逾期5个工作日"
    assert ReasonCode.LEVEL_AT_TOP in why_not(house, order, "escalate", "director", at("30", 18))
    assert ReasonCode.LEVEL_AT_TOP in why_not(house, order, "redden", "leader", at("30", 18))
    assert troubles(house) == []


def test_a_red_order_that_nobody_swept_speaks_once(house: House) -> None:
    """It cannot rise, so nothing is to be looked at again after the rung that would raise it."""
    order = issued(house, level="red", post="leader")

    fired = [one for one in sweep(house.begin, at("30", 18)) if one.deadline.clock == "answer"]

    assert [[rung.id for rung in one.reached.rungs] for one in fired] == [
        ["before_1", "due", "after_1", "after_5"]
    ]
    with house.begin() as uow:
        assert [mark.label for mark in uow.criticisms.of_item(order.id)] == ["红色督办逾期5个工作日"]
    assert troubles(house) == []


def test_signing_and_replying_have_a_clock_each(house: House) -> None:
    order = issued(house)

    now = clocks(house, order)
    assert now["sign_for"].due_at == at("07", 18)
    assert now["answer"].due_at == at("11", 18)
    order = do(house, order, "sign_for", "head", at("07"))
    now = clocks(house, order)
    assert now["sign_for"].outcome is Outcome.MET
    assert now["answer"].outcome is None


def test_what_was_not_signed_for_is_told_and_does_not_rise_by_that(house: House) -> None:
    order = swept(house, issued(house), at("08", 18))

    assert (order.fields["level"], order.state) == ("blue", "issued")
    detail = item_detail(house.begin(), at("08", 19), house.actor("head"), order.number)
    assert detail.signal.sentence.startswith("红灯：签收时限已逾期")


def test_a_reason_that_was_accepted_before_expiry_holds_the_colour_until_its_day(house: House) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))
    order = do(house, order, "apply_extension", "head", at("11"), due_on=date(2020, 5, 20))
    order = do(house, order, "grant_extension", "director", at("11", 15))

    order = swept(house, order, at("20", 17))
    assert (order.state, order.fields["level"], order.fields["extended_to"]) == (
        "excused",
        "blue",
        "2020-05-20",
    )

    order = swept(house, order, at("21", 18))
    assert (order.state, order.fields["level"], paper(order)) == ("issued", "yellow", "2020-黄-0001")
    assert troubles(house) == []


def test_a_reason_that_nobody_has_accepted_holds_nothing_and_lapses(house: House) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))
    order = do(house, order, "apply_extension", "head", at("11"), due_on=date(2020, 5, 20))

    order = swept(house, order, at("12", 18))

    assert (order.fields["level"], order.extension) == ("yellow", None)
    assert ReasonCode.WRONG_STATE in why_not(house, order, "grant_extension", "director", at("13"))
    assert troubles(house) == []


def test_a_reason_comes_before_expiry_with_a_later_day_and_is_not_for_its_author_to_accept(
    house: House,
) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))
    late, early = at("11", 18), {"due_on": date(2020, 5, 11)}

    assert ReasonCode.CLOCK_EXPIRED in why_not(
        house, order, "apply_extension", "head", late, due_on=date(2020, 5, 20)
    )
    assert why_not(house, order, "apply_extension", "head", at("08"), **early) == [
        ReasonCode.EXTENSION_NOT_LATER
    ]
    assert ReasonCode.REASON_MISSING in why_not(
        house, order, "apply_extension", "head", at("08"), due_on=date(2020, 5, 20), reason=""
    )
    order = do(house, order, "apply_extension", "head", at("08"), due_on=date(2020, 5, 20))
    assert why_not(house, order, "grant_extension", "head", at("08")) == [
        ReasonCode.NOT_STANDING,
        ReasonCode.NOT_INDEPENDENT,
        ReasonCode.EXTENSION_OWN,
    ]
    order = do(house, order, "refuse_extension", "director", at("08", 10))
    assert swept(house, order, at("12", 18)).fields["level"] == "yellow"


def test_nobody_raises_a_colour_before_its_time_is_up(house: House) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))

    assert why_not(house, order, "escalate", "director", at("11", 17)) == [ReasonCode.CLOCK_RUNNING]
    assert why_not(house, order, "escalate", "office", at("11", 18)) == [ReasonCode.NOT_STANDING]
    order = do(house, order, "escalate", "director", at("11", 18))
    assert (order.state, paper(order)) == ("issued", "2020-黄-0001")
    assert troubles(house) == []


def test_a_reply_that_is_returned_twice_raises_the_colour_at_once(house: House) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))
    for hour in (10, 14):
        order = do(house, order, "reply", "head", at("07", hour), fields={"answer": "已整改"})
        order = do(house, order, "return", "office", at("07", hour + 1))

    assert (order.state, order.fields["level"], paper(order)) == ("issued", "yellow", "2020-黄-0001")
    assert order.returned_count == 2
    with house.begin() as uow:
        entries = uow.history.of_item(order.id)
        assert [e.what for e in entries[-3:]] == ["return", "returned_2", "escalate_quality"]
        running = {d.clock: d for d in uow.deadlines.open_of([order.id])[order.id]}
    assert set(running) == {"sign_for", "answer"}
    assert (running["answer"].armed_at, running["answer"].due_at) == (at("07", 15), at("12", 18))
    assert troubles(house) == []


def test_four_returned_replies_raise_the_colour_twice(house: House) -> None:
    order = issued(house)
    for day in ("07", "08"):
        order = do(house, order, "sign_for", "head", at(day))
        for hour in (10, 14):
            order = do(house, order, "reply", "head", at(day, hour), fields={"answer": "已整改"})
            order = do(house, order, "return", "office", at(day, hour + 1))

    assert (order.state, paper(order)) == ("issued", "2020-红-0001")
    assert troubles(house) == []


@pytest.mark.parametrize("is_swept_in_time", [True, False])
def test_a_colour_that_rises_late_leaves_nothing_of_the_paper_before_it_to_be_fired(
    house: House, is_swept_in_time: bool
) -> None:
    """A blue paper that has risen is void: five days behind its limit it may mark nobody, however late is swept."""
    order = issued(house)
    if is_swept_in_time:
        order = swept(house, order, at("12", 18))
    order = swept(house, order, at("12", 18) if is_swept_in_time else at("29"))

    assert order.fields["level"] == "yellow"
    with house.begin() as uow:
        rungs = [one.rung for one in uow.deadlines.firings_of(order.id) if one.clock == "answer"]
        assert uow.criticisms.of_item(order.id) == []
    assert set(rungs) == {"before_1", "due", "after_1"}
    assert troubles(house) == []


def test_the_limits_of_a_paper_that_comes_late_begin_when_it_comes(house: House) -> None:
    """Nobody is late in signing for what he could not see."""
    order = swept(house, issued(house), at("29"))

    limits = clocks(house, order)
    assert {limits["sign_for"].armed_at, limits["answer"].armed_at} == {at("29")}
    assert limits["sign_for"].due_at > at("29")
    assert list(sweep(house.begin, at("29", 17))) == []


def test_a_leader_makes_an_order_red_directly_and_nobody_else(house: House) -> None:
    with pytest.raises(Refused) as caught:
        issued(house, "red", "director")
    assert [reason.code for reason in caught.value.reasons] == [ReasonCode.FIELD_RESERVED]
    with pytest.raises(Refused):
        issued(house, "yellow", "office")

    red, yellow, order = issued(house, "red", "leader"), issued(house, "yellow", "director"), issued(house)

    assert [paper(each) for each in (red, yellow, order)] == ["2020-红-0001", "2020-黄-0001", "2020-蓝-0001"]
    assert ReasonCode.NOT_STANDING in why_not(house, order, "redden", "director", at("07"))
    order = do(house, order, "redden", "leader", at("07"))
    assert (order.fields["level"], paper(order)) == ("red", "2020-红-0002")
    assert troubles(house) == []


def test_nobody_writes_the_number_of_a_paper(house: House) -> None:
    new = NewItem(
        definition=definitions()["supervision_order"].ref,
        campaign="sample",
        unit=UNIT,
        title="x",
        fields={"level": "blue", "demand": "x", "paper_number": "2020-蓝-0999"},
    )

    with pytest.raises(Refused) as caught:
        open_items(house.begin(), NOON, [new], house.actor("office"))
    assert [reason.code for reason in caught.value.reasons] == [ReasonCode.FIELD_NOT_SETTABLE]


def test_a_refused_rise_takes_no_number(house: House) -> None:
    order = issued(house)
    why_not(house, order, "escalate", "director", NOON)

    assert paper(swept(house, order, at("12", 18))) == "2020-黄-0001"


def test_numbers_begin_anew_with_the_year(house: House) -> None:
    issued(house)
    order = issued(house)
    new_year = datetime(2021, 1, 4, 1, tzinfo=UTC)
    clocked = do(house, order, "withdraw", "director", at("07"))

    assert (paper(order), clocked.state) == ("2020-蓝-0002", "withdrawn")
    later = NewItem(
        definition=order.definition,
        campaign="sample",
        unit=UNIT,
        title="x",
        fields={"level": "blue", "demand": "x"},
    )
    assert paper(open_items(house.begin(), new_year, [later], system_actor("sweep"))[0]) == "2021-蓝-0001"
    assert Role.LEADING_GROUP in definitions()["supervision_order"].openers
