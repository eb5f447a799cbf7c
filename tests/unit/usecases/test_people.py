"""Who asks, who is put in which post, and who publishes definitions."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Actor, Grant, Role
from engine.model.definition import Definition
from engine.model.errors import Conflict, Invalid, NotFound, NotPermitted, Refused
from engine.model.ids import DefinitionRef, PostCode
from engine.model.reasons import ReasonCode
from engine.usecases.definitions import (
    check_soundness,
    find_definition,
    list_definitions,
    pinned,
    publish_definitions,
)
from engine.usecases.operations import note_operation
from engine.usecases.people import Recall, grant_post, identify, persons_of, recall_post, tenures_of
from tests.builders import NOON, a_person, an_actor
from tests.integration.house import House, person_in
from workflows.builder import definition_from_json

GUARDIAN = an_actor(90, Role.SECURITY_OFFICER)
ADMINISTRATOR = an_actor(91, Role.ADMINISTRATOR)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def a_grant(**changes: object) -> Grant:
    grant = Grant(
        person=person_in("officer"),
        post=PostCode("head"),
        from_on=date(2020, 5, 1),
        until_on=date(2020, 6, 1),
        on_behalf_of=person_in("head"),
    )
    return replace(grant, **changes)


def posts(house: House, day: int = 6, month: int = 5) -> set[str]:
    now = NOON.replace(day=day, month=month)
    actor: Actor = identify(house.begin(), now, "officer").actor
    return {held.post for held in actor.posts}


def test_a_person_is_known_by_login_with_the_posts_of_the_day(house: House):
    identity = identify(house.begin(), NOON, "officer")

    assert identity.person.id == person_in("officer")
    assert posts(house) == {"officer"}
    assert persons_of(house.begin(), ["head", "office"]) == {
        "head": person_in("head"),
        "office": person_in("office"),
    }
    for asked in (
        lambda: identify(house.begin(), NOON, "no"),
        lambda: persons_of(house.begin(), ["head", "no"]),
    ):
        with pytest.raises(NotFound, match="no"):
            asked()


def test_a_substitute_holds_the_post_between_two_days_and_the_history_knows(house: House):
    grant_post(house.begin(), NOON, a_grant(), GUARDIAN)

    assert posts(house) == {"officer", "head"}
    assert posts(house, day=1, month=6) == {"officer"}
    with house.begin() as uow:
        assert [entry.what for entry in uow.history.scan()] == ["grant_post"]


def test_a_grant_that_was_made_is_not_changed_by_another(house: House):
    grant_post(house.begin(), NOON, a_grant(), GUARDIAN)

    with pytest.raises(Conflict, match="起已有这一岗位"):
        grant_post(house.begin(), NOON, replace(a_grant(), until_on=None), GUARDIAN)

    assert posts(house, day=1, month=6) == {"officer"}
    with house.begin() as uow:
        assert len(list(uow.history.scan())) == 1


def test_only_the_security_officer_grants_and_only_to_people_who_are_there(house: House):
    with pytest.raises(NotPermitted):
        grant_post(house.begin(), NOON, a_grant(), ADMINISTRATOR)
    with pytest.raises(NotFound):
        grant_post(house.begin(), NOON, a_grant(person=a_person(99)), GUARDIAN)

    assert posts(house) == {"officer"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until_on": date(2020, 5, 1)}, ReasonCode.FIELD_INVALID),
        ({"on_behalf_of": person_in("officer")}, ReasonCode.FIELD_INVALID),
        ({"person": person_in("leader"), "on_behalf_of": None}, ReasonCode.OWN_POST),
    ],
)
def test_a_post_is_not_granted(house: House, changes: dict[str, object], code: ReasonCode):
    """Held on no day, held for oneself as a substitute, granted to oneself."""
    with pytest.raises(Refused) as refused:
        grant_post(house.begin(), NOON, a_grant(**changes), an_actor(6, Role.SECURITY_OFFICER))

    assert [each.code for each in refused.value.reasons] == [code]
    with house.begin() as uow:
        assert list(uow.history.scan()) == []


@pytest.mark.parametrize("post", ["", "nowhere"])
def test_a_post_that_is_not_there_is_not_granted(house: House, post: str):
    with pytest.raises(NotFound, match="没有岗位"):
        grant_post(house.begin(), NOON, a_grant(post=PostCode(post)), GUARDIAN)

    with house.begin() as uow:
        assert list(uow.history.scan()) == []


def a_recall(**changes: object) -> Recall:
    return replace(Recall(grant=a_grant(), until_on=NOON.date(), reason="代理结束"), **changes)


def test_a_post_that_is_taken_back_is_gone_at_once_and_the_history_knows_why(house: House):
    grant_post(house.begin(), NOON, a_grant(), GUARDIAN)

    recall_post(house.begin(), NOON, a_recall(), GUARDIAN)

    assert posts(house) == {"officer"}
    with house.begin() as uow:
        *_, entry = uow.history.scan()
    told = json.loads(entry.payload)
    assert (entry.what, told["until"], told["reason"]) == ("recall_post", "2020-05-06", "代理结束")
    with pytest.raises(Conflict, match="到那天已经为止"):
        recall_post(house.begin(), NOON, a_recall(), GUARDIAN)


def test_a_post_may_be_taken_back_on_a_later_day(house: House):
    grant_post(house.begin(), NOON, a_grant(), GUARDIAN)

    recall_post(house.begin(), NOON, a_recall(until_on=date(2020, 5, 20)), GUARDIAN)

    assert (posts(house, day=19), posts(house, day=20)) == ({"officer", "head"}, {"officer"})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": " "}, ReasonCode.REASON_MISSING),
        ({"until_on": date(2020, 5, 5)}, ReasonCode.DAY_OVER),
        ({"grant": a_grant(person=GUARDIAN.person)}, ReasonCode.OWN_POST),
    ],
)
def test_a_post_is_not_taken_back(house: House, changes: dict[str, object], code: ReasonCode):
    grant_post(house.begin(), NOON, a_grant(), GUARDIAN)

    with pytest.raises(Refused) as refused:
        recall_post(house.begin(), NOON, a_recall(**changes), GUARDIAN)

    assert [each.code for each in refused.value.reasons] == [code]
    assert posts(house) == {"officer", "head"}


def test_only_the_security_officer_takes_posts_back_and_looks_them_up(house: House):
    for actor in (ADMINISTRATOR, an_actor(92, Role.AUDITOR), an_actor(93, Role.LEADING_GROUP)):
        with pytest.raises(NotPermitted):
            recall_post(house.begin(), NOON, a_recall(), actor)
        with pytest.raises(NotPermitted):
            tenures_of(house.begin(), NOON, "officer", actor)
    with pytest.raises(NotFound, match="nobody"):
        tenures_of(house.begin(), NOON, "nobody", GUARDIAN)

    person, tenures = tenures_of(house.begin(), NOON, "officer", GUARDIAN)
    assert (person.login, [one.grant.post for one in tenures]) == ("officer", ["officer"])


def newer(house: House, version: int, label: str = "阶段") -> Definition:
    document = find_definition(house.begin(), "phase").document
    text = document.replace('"version":1', f'"version":{version}').replace(
        '"label":"阶段"', f'"label":"{label}"'
    )
    return definition_from_json(text)


def test_a_new_version_is_published_once_and_never_changed(house: House):
    second = newer(house, 2)

    assert publish_definitions(house.begin(), NOON, [second], ADMINISTRATOR) == [DefinitionRef("phase", 2)]
    assert publish_definitions(house.begin(), NOON, [second], ADMINISTRATOR) == []
    with pytest.raises(Conflict):
        publish_definitions(house.begin(), NOON, [newer(house, 2, "别的")], ADMINISTRATOR)
    with pytest.raises(NotPermitted):
        publish_definitions(house.begin(), NOON, [newer(house, 3)], GUARDIAN)

    assert find_definition(house.begin(), "phase").ref.version == 2
    assert find_definition(house.begin(), "phase", 1).ref.version == 1
    assert pinned(house.begin(), "phase").ref.version == 1
    assert len(list_definitions(house.begin())) == 7


def test_an_unsound_definition_is_not_published(house: House):
    endless = replace(newer(house, 2), states=())

    with pytest.raises(Invalid):
        check_soundness([endless])


def test_a_kind_is_pinned_by_the_campaign(house: House):
    assert pinned(house.begin(), "report", "sample").campaign == "sample"
    for kind, campaign in (("report", "none"), ("nothing", None)):
        with pytest.raises(NotFound):
            pinned(house.begin(), kind, campaign)


def test_an_operation_is_entered(house: House):
    note_operation(house.begin(), NOON + timedelta(hours=1), "restore", {"entries": 3})

    with house.begin() as uow:
        (entry,) = uow.history.scan()
    assert (entry.what, entry.item) == ("restore", None)
