"""The organisation: units, posts, persons, grants."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import Roster
from engine.model.errors import Broken, Conflict, NotFound
from tests.contract.values import ANNA, BERT, DAY, ROSTER

CORA, DORA = "c" * 32, "d" * 32
NOTHING = Roster(units=(), posts=(), persons=(), grants=())
OFFICER = frozenset({Role.OFFICER})


@pytest.fixture
def people(begin):
    with begin() as uow:
        uow.people.add(ROSTER)
        yield uow.people


def a_unit(code, parent=None, ordinal=9):
    return Unit(code=code, name=code, parent=parent, ordinal=ordinal, handles_cases=False)


def a_post(code, scope, roles=OFFICER):
    return Post(code=code, unit=scope, scope=scope, title=code, roles=roles)


def a_grant(person, post, **more):
    return Grant(**({"person": person, "post": post, "from_on": DAY, "until_on": None} | more))


def test_persons_are_found_by_login_and_by_id(people):
    anna, bert = ROSTER.persons

    assert people.by_login(["bert", "nobody"]) == {"bert": bert}
    assert people.by_id([ANNA, CORA, BERT]) == {ANNA: anna, BERT: bert}
    assert people.by_login([]) == people.by_id([]) == {}


def test_an_actor_holds_the_posts_of_the_day(people):
    anna = people.actor(ANNA, DAY)

    assert (anna.person, anna.name, anna.system) == (ANNA, "安", None)
    (held,) = anna.posts
    assert (held.post, held.unit, held.scope, held.on_behalf_of) == ("p0", "u0", "u0", None)
    assert held.roles == {Role.OFFICE, Role.OFFICER}


@pytest.mark.parametrize(
    ("day", "held"),
    [
        (DAY - timedelta(days=1), []),
        (DAY, [("p0", ANNA), ("p1", None)]),
        (date(2020, 4, 30), [("p0", ANNA), ("p1", None)]),
        (date(2020, 5, 1), [("p0", ANNA)]),
    ],
)
def test_a_grant_runs_from_its_first_day_to_the_day_before_its_last(people, day, held):
    assert [(post.post, post.on_behalf_of) for post in people.actor(BERT, day).posts] == held


def test_of_many_people_those_who_hold_a_post_on_a_day_are_told(people):
    asked = [ANNA, BERT, CORA]

    assert people.in_post(asked, DAY) == {ANNA, BERT}
    assert people.in_post(asked, DAY - timedelta(days=1)) == people.in_post([], DAY) == frozenset()


def test_who_is_nobody_is_no_actor(people):
    with pytest.raises(NotFound, match="没有此人"):
        people.actor(CORA, DAY)


def test_a_post_held_twice_at_once_is_held_once(people):
    people.grant(a_grant(ANNA, "p0", from_on=DAY + timedelta(days=1)))

    assert len(people.actor(ANNA, DAY + timedelta(days=2)).posts) == 1


def test_a_post_without_roles_is_held_and_one_that_is_nowhere_is_not(people):
    people.add(replace(NOTHING, posts=(a_post("p2", "u1", frozenset()),)))
    people.grant(a_grant(ANNA, "p2"))
    people.grant(a_grant(ANNA, "p9"))

    assert [(held.post, held.roles) for held in people.actor(ANNA, DAY).posts][1:] == [("p2", frozenset())]


def test_units_reach_up_and_down_the_tree(people):
    people.add(replace(NOTHING, units=(a_unit("u2", "u1"), a_unit("u3", "u0"))))

    assert people.lineage("u2") == ("u2", "u1", "u0")
    assert people.lineage("u0") == ("u0",)
    assert people.lineage("u9") == ()
    assert people.subtree("u1") == {"u1", "u2"}
    assert people.subtree("u0") == {"u0", "u1", "u2", "u3"}
    assert people.subtree("u9") == frozenset()


def test_units_come_in_the_order_of_the_annex(people):
    people.add(
        replace(NOTHING, units=(a_unit("z", ordinal=2), a_unit("b", ordinal=1), a_unit("a", ordinal=3)))
    )

    assert [unit.code for unit in people.units()] == ["u0", "b", "u1", "z", "a"]
    assert people.units()[2] == ROSTER.units[1]


def test_a_unit_needs_the_one_above_it(begin):
    with begin() as uow:
        uow.people.add(replace(NOTHING, units=(a_unit("u2", "nowhere"),)))
        with pytest.raises(Broken):
            uow.commit()


def test_the_nearest_unit_comes_first(people):
    people.add(
        replace(
            NOTHING,
            units=(a_unit("u2", "u1"),),
            posts=(a_post("a", "u0"), a_post("z", "u2")),
            persons=(Person(id=CORA, login="cora", name="陈", is_sample=True),),
        )
    )
    people.grant(a_grant(CORA, "z"))

    assert people.holders("officer", ["u2", "u1", "u0", "u9"], DAY) == {
        "u2": (CORA, BERT, ANNA),
        "u1": (BERT, ANNA),
        "u0": (ANNA, BERT),
        "u9": (),
    }
    assert people.holders("officer", [], DAY) == {}


def test_a_substitute_stands_beside_the_principal(people):
    persons = [Person(id=one, login=one[0], name=one[0], is_sample=True) for one in (CORA, DORA)]
    people.add(replace(NOTHING, posts=(a_post("p00", "u0"),), persons=tuple(persons)))
    people.grant(a_grant(DORA, "p00"))
    people.grant(a_grant(CORA, "p0", from_on=DAY + timedelta(days=1)))

    later = DAY + timedelta(days=1)
    assert people.holders("office", ["u1"], later) == {"u1": (ANNA, BERT, CORA)}
    assert people.holders("officer", ["u0"], later) == {"u0": (ANNA, BERT, CORA, DORA)}
    assert people.holders("office", ["u1"], DAY) == {"u1": (ANNA, BERT)}
    assert people.holders("office", ["u1"], DAY - timedelta(days=1)) == {"u1": ()}
    assert people.holders("auditor", ["u1"], DAY) == {"u1": ()}


def test_members_of_units_come_by_unit_and_post(people):
    people.add(replace(NOTHING, posts=(a_post("a", "u1"), a_post("z", "nowhere"))))
    for post in ("a", "z"):
        people.grant(a_grant(ANNA, post))

    def members(units, day=DAY, limit=9):
        return [(one.login, one.unit, one.title) for one in people.members(units, day, limit)]

    every = [("anna", "u0", "主任"), ("anna", "u1", "a"), ("bert", "u1", "民警")]
    assert members(["u1", "u0", "nowhere"]) == every
    assert members(["u1", "u0"], limit=2) == every[:2]
    assert members(["u1"], date(2020, 5, 1)) == every[1:2]
    assert members(["u1"], DAY - timedelta(days=1)) == members([]) == []
    assert (people.members(["u0"], DAY, 1)[0].unit_name, people.members(["u0"], DAY, 1)[0].person) == (
        "分局",
        ANNA,
    )


def test_roles_from_a_day_on_are_those_that_are_held_then_or_later(people):
    people.add(replace(NOTHING, posts=(a_post("a", "u1", frozenset({Role.AUDITOR})),)))
    people.grant(a_grant(ANNA, "a", from_on=date(2021, 1, 1), until_on=date(2021, 2, 1)))

    assert people.roles_from(ANNA, DAY) == {Role.OFFICE, Role.OFFICER, Role.AUDITOR}
    assert people.roles_from(ANNA, date(2021, 1, 31)) == {Role.OFFICE, Role.OFFICER, Role.AUDITOR}
    assert people.roles_from(ANNA, date(2021, 2, 1)) == {Role.OFFICE, Role.OFFICER}
    assert people.roles_from(CORA, DAY) == frozenset()


def test_what_is_there_already_stays_as_it_is(people):
    anna, p0 = ROSTER.persons[0], ROSTER.posts[0]
    people.add(
        Roster(
            units=(replace(ROSTER.units[1], name="改名", parent=None),),
            posts=(replace(p0, scope="u1", roles=frozenset({Role.ADMINISTRATOR})),),
            persons=(replace(anna, name="别人", login="other"),),
            grants=(a_grant(ANNA, "p0", until_on=DAY),),
        )
    )

    assert people.units() == list(ROSTER.units)
    assert people.lineage("u1") == ("u1", "u0")
    assert people.by_id([ANNA]) == {ANNA: anna}
    (held,) = people.actor(ANNA, DAY).posts
    assert (held.scope, held.roles) == (p0.scope, p0.roles)


def test_a_login_belongs_to_one_person(people):
    with pytest.raises(Conflict):
        people.add(replace(NOTHING, persons=(Person(id=CORA, login="anna", name="陈", is_sample=True),)))


def test_a_grant_is_stored_once(people):
    people.grant(a_grant(BERT, "p1", from_on=date(2020, 6, 1)))
    assert people.holders("officer", ["u1"], date(2020, 6, 1))["u1"][0] == BERT

    with pytest.raises(Conflict):
        people.grant(a_grant(BERT, "p1", from_on=date(2020, 6, 1), until_on=date(2020, 7, 1)))


def test_a_grant_that_is_recalled_ends_earlier_and_no_other_does(people):
    summer, autumn = (a_grant(CORA, "p1", from_on=date(2020, month, 1)) for month in (6, 9))
    for grant in (summer, autumn):
        people.grant(grant)

    people.recall(summer, date(2020, 7, 1))

    ends = [one.grant.until_on for one in people.tenures(CORA, DAY)]
    assert ends == [date(2020, 7, 1), None]
    people.recall(summer, date(2020, 6, 1))
    assert [one.grant for one in people.tenures(CORA, date(2020, 6, 1))] == [autumn]


@pytest.mark.parametrize("day", [date(2020, 7, 1), date(2020, 8, 1)])
def test_a_grant_never_ends_later_than_it_did(begin, day):
    ending = a_grant(BERT, "p1", from_on=date(2020, 6, 1), until_on=date(2020, 7, 1))
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.people.grant(ending)
        uow.commit()

    for grant in (ending, replace(ending, post="p9"), replace(ending, on_behalf_of=ANNA)):
        with begin() as uow:
            with pytest.raises(Conflict):
                uow.people.recall(grant, day)
            with pytest.raises(Broken):
                uow.commit()


def test_tenures_are_told_with_names(people):
    people.grant(a_grant(ANNA, "p1", until_on=date(2020, 8, 1), on_behalf_of=BERT))

    def told(person, day):
        return [
            (one.grant.post, one.title, one.unit_name, one.principal_name)
            for one in people.tenures(person, day)
        ]

    assert told(BERT, date(2020, 5, 1)) == [("p0", "主任", "分局", "安")]
    assert told(ANNA, DAY)[1:] == [("p1", "民警", people.units()[1].name, "白")]
    assert told(ANNA, date(2020, 8, 1)) == [("p0", "主任", "分局", "")]
    assert told(CORA, DAY) == []
