"""催办 by a person, posts that nobody holds, and what was given up sent again."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Actor, Role
from engine.model.channel import Manner
from engine.model.entry import EntryKind
from engine.model.errors import Invalid, NotFound, NotPermitted, Refused
from engine.model.notice import DeliveryStatus
from engine.model.reasons import ReasonCode
from engine.model.transition import Evidence
from engine.usecases.doctor import examine_deeply
from engine.usecases.outbox import channel_standings, given_up, resend, resend_one
from engine.usecases.urge import INTERVAL, Urge, urge
from notifications.render import render
from tests.builders import NOON, UNIT, a_person, an_actor
from tests.integration.house import POSTS, person_in
from tests.integration.test_delivery import Box, Outbox
from tests.integration.test_letters import Life

KEEPER = an_actor(31, Role.ADMINISTRATOR, unit="bureau")


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def told(life: Life, kind: str) -> list[str]:
    """Who has a notice of a kind in the inbox, by post."""
    posts = {person_in(code): code for code, *_ in POSTS}
    with life.begin() as uow:
        rows = uow.notices.rows(None, life.item, None, 200)
        return sorted(posts.get(row.recipient, row.recipient) for row in rows if row.kind == kind)


def urging(life: Life, post: str, hours: float = 0, words: str | None = None) -> tuple[str, ...]:
    command = Urge(item=life.item, actor=life.house.actor(post), words=words)
    return urge(life.begin(), NOON + timedelta(hours=hours), command).told


def test_the_office_reminds_whoever_has_to_act_and_it_is_kept(life: Life) -> None:
    assert urging(life, "office", words="请抓紧") == (person_in("officer"),)

    assert told(life, "urged") == ["officer"]
    with life.begin() as uow:
        (entry,) = [one for one in uow.history.of_item(life.item) if one.what == "urge"]
        (row,) = [one for one in uow.notices.rows(None, life.item, None, 99) if one.kind == "urged"]
        item = uow.items.get([life.item])[life.item]
    assert (entry.kind, entry.actor) == (EntryKind.COMMENT, person_in("office"))
    assert json.loads(entry.payload or b"{}")["reason"] == "请抓紧"
    assert (row.facts["by"], row.facts["reason"]) == ("示例office", "请抓紧")
    assert row.deliveries == {"mail": "pending"}
    assert (item.head, item.version) == (entry.leaf, entry.item_version)
    assert list(examine_deeply(life.house.begin())) == []


def test_nobody_is_reminded_twice_within_a_day(life: Life) -> None:
    urging(life, "office")

    with pytest.raises(Refused) as caught:
        urging(life, "head", hours=23)
    assert [one.code for one in caught.value.reasons] == [ReasonCode.URGED_LATELY]
    assert "05-06 12:00 已催办过" in caught.value.reasons[0].why
    assert urging(life, "head", hours=INTERVAL.total_seconds() / 3600)


def test_whoever_waits_may_remind_and_a_stranger_may_not(life: Life) -> None:
    life.move("sign_for", "officer")
    proof = (Evidence(sha256="ef" * 32, name="记录.jpg", size=5),)
    life.move("self_check", "head", fields={"result": "已整改"}, evidence=proof)
    life.move("submit_review", "head")

    assert urging(life, "officer") == (person_in("office"),)
    stranger = Urge(item=life.item, actor=an_actor(30, Role.OFFICER))
    with pytest.raises(NotPermitted):
        urge(life.begin(), NOON, stranger)


def test_nobody_reminds_only_themselves_or_a_closed_item(life: Life) -> None:
    with pytest.raises(Refused) as caught:
        urging(life, "officer")
    assert [one.code for one in caught.value.reasons] == [ReasonCode.NOBODY_TO_URGE]
    life.move("void", "director", reason="情况有变")
    with pytest.raises(Refused):
        urging(life, "office", hours=1)
    assert told(life, "urged") == []


def without(life: Life, *posts: str) -> None:
    """From the next day on nobody holds these posts any more."""
    connection = life.house.database.engine.raw_connection()
    cursor = connection.cursor()
    for post in posts:
        cursor.execute("UPDATE holding SET until_on = '2020-05-07' WHERE post = ?", (post,))
    connection.commit()
    connection.close()


def test_a_vacancy_climbs_and_calls_whoever_can_fill_it_once_a_day(life: Life) -> None:
    life.move("sign_for", "officer")
    without(life, "head")

    life.sweep(60)

    vacancies = told(life, "vacancy")
    assert vacancies == ["office"]
    with life.begin() as uow:
        (row,) = [one for one in uow.notices.rows(None, life.item, None, 99) if one.kind == "vacancy"]
    assert (row.facts["post"], row.facts["unit"]) == ("unit_head", UNIT)
    life.sweep(60.1)
    assert told(life, "vacancy") == vacancies


def test_on_another_day_a_vacancy_is_told_again(life: Life) -> None:
    life.move("sign_for", "officer")
    without(life, "head")
    days = [1 + step for step in range(120)]

    fired = [day for day in days if life.sweep(day)]

    on = {(NOON + timedelta(days=day)).date() for day in fired}
    with life.begin() as uow:
        rows = [one for one in uow.notices.rows(None, life.item, None, 99) if one.kind == "vacancy"]
    assert len({(row.recipient, row.written_at.date()) for row in rows}) == len(rows)
    assert 1 < len({row.written_at.date() for row in rows}) <= len(on)


def test_an_owner_who_has_left_is_stood_in_for_and_named_to_whoever_can_name_another(life: Life) -> None:
    life.move("sign_for", "officer")
    without(life, "officer")

    life.sweep(48.5)

    assert told(life, "due_soon") == ["legal"]
    assert told(life, "vacancy") == ["office"]
    with life.begin() as uow:
        (row,) = [one for one in uow.notices.rows(None, life.item, None, 99) if one.kind == "vacancy"]
        notice = uow.notices.get(row.key)
    assert notice is not None
    message = render(notice)
    assert message.subject.startswith("岗位空缺提醒：责任人示例officer已不在岗")
    assert list(examine_deeply(life.house.begin())) == []


def test_an_owner_who_has_left_is_not_urged_but_whoever_stands_in(life: Life) -> None:
    without(life, "officer")

    assert urging(life, "office", hours=48) == (person_in("legal"),)


def test_an_office_that_nobody_holds_is_told_to_nobody_and_nothing_breaks(life: Life) -> None:
    life.move("sign_for", "officer")
    without(life, "head", "office", "director", "leader")

    life.sweep(60)

    assert told(life, "vacancy") == []
    assert list(examine_deeply(life.house.begin())) == []


def test_what_was_given_up_is_seen_and_sent_again_alone(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")
    outbox.deliver(Box(faults={"甲": Invalid("坏", ()), "乙": Invalid("坏", ())}))
    dead = given_up(outbox.house.begin(), KEEPER, 10)
    assert sorted(str(one.notice.facts["title"]) for one in dead) == ["乙", "甲"]
    one = next(each for each in dead if each.notice.facts["title"] == "甲")

    again = resend_one(outbox.house.begin, NOON, KEEPER, one.notice.key[:10])
    box = Box()
    outbox.deliver(box)

    assert [each.status for each in again] == [DeliveryStatus.PENDING]
    assert box.titles == ["甲"]
    with outbox.house.begin() as uow:
        entry = list(uow.history.scan())[-1]
    assert (entry.what, entry.actor) == ("resend", a_person(31))
    assert json.loads(entry.payload or b"{}")["deliveries"] == [[one.notice.key, "mail"]]


def test_all_that_was_given_up_is_sent_again(outbox: Outbox) -> None:
    titles = [f"第{number}件" for number in range(450)]
    outbox.tell(*titles)
    outbox.deliver(
        Box(faults=dict.fromkeys(titles, Invalid("坏", ())), manner=Manner(at_once=200)), limit=999
    )

    again = list(resend(outbox.house.begin, NOON, KEEPER))
    box = Box(manner=Manner(at_once=200))
    outbox.deliver(box, limit=999)

    assert (len(again), len(box.titles)) == (450, 450)
    assert list(resend(outbox.house.begin, NOON, KEEPER)) == []


def test_nothing_else_can_be_sent_again(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    outbox.deliver(Box(faults={"乙": ValueError("稍后")}))

    with pytest.raises(NotFound):
        resend_one(outbox.house.begin, NOON, KEEPER, outbox.rows()[0]["notice"])
    with pytest.raises(NotFound):
        resend_one(outbox.house.begin, NOON, KEEPER, outbox.rows()[1]["notice"])
    with pytest.raises(NotFound):
        resend_one(outbox.house.begin, NOON, KEEPER, "")


@pytest.mark.parametrize("role", [Role.OFFICER, Role.UNIT_HEAD, Role.LEADING_GROUP])
def test_who_does_not_look_after_the_outbox_sees_and_does_nothing(outbox: Outbox, role: Role) -> None:
    actor: Actor = an_actor(32, role)

    with pytest.raises(NotPermitted):
        resend_one(outbox.house.begin, NOON, actor, "a")
    with pytest.raises(NotPermitted):
        list(resend(outbox.house.begin, NOON, actor))
    with pytest.raises(NotPermitted):
        channel_standings(outbox.house.begin(), actor, {})
    with pytest.raises(NotPermitted):
        given_up(outbox.house.begin(), actor, 1)
    with pytest.raises(NotPermitted):
        resend_one(outbox.house.begin, NOON, replace(KEEPER, posts=an_actor(1, Role.AUDITOR).posts), "a")


def test_every_channel_tells_how_it_stands(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", channels=("mail", "gone"))
    outbox.deliver(Box(faults={"甲": Invalid("坏", ())}))

    standings = {
        one.name: one
        for one in channel_standings(outbox.house.begin(), KEEPER, {"mail": Manner(hours=(0, 1440))})
    }

    mail, gone = standings["mail"], standings["gone"]
    assert {status: one.count for status, one in mail.backlog.items()} == {"dead": 1}
    assert {status: one.count for status, one in gone.backlog.items()} == {"pending": 2}
    assert (gone.manner, gone.is_open, gone.opens_at) == (None, False, None)
    assert mail.opens_at is not None
    assert date(2020, 1, 1) < mail.opens_at.date()
