"""Who may act, and for whom: each party and role, its substitute, and who just is not one."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine.model.actor import Actor, Role, system_actor
from engine.model.item import Delegation
from engine.rules.standing import Standing, standing_of
from tests.builders import BUREAU, UNIT, a_person, an_actor, an_item

DAY = date(2020, 5, 6)
ITEM = an_item(
    owner=a_person(1), opener=a_person(2), reviewer=a_person(3), delegation=Delegation(a_person(4), DAY)
)
OWNER, OPENER, REVIEWER, DELEGATE = map(an_actor, range(1, 5))
STRANGER = an_actor(9, Role.OFFICER)
CLOCK = system_actor("sweep")


def standing(actor: Actor, *who: str, item: Any = ITEM, day: date = DAY) -> Standing | None:
    return standing_of(actor, who, (UNIT, BUREAU), item, day)


@pytest.mark.parametrize(
    ("actor", "party", "principal"),
    [
        (OWNER, "owner", None),
        (OPENER, "opener", None),
        (REVIEWER, "reviewer", None),
        (CLOCK, "system", None),
        (an_actor(9, on_behalf_of=1), "owner", 1),
        (an_actor(9, on_behalf_of=2), "opener", 2),
        (an_actor(9, on_behalf_of=3), "reviewer", 3),
        (DELEGATE, "delegate", 1),
    ],
)
def test_a_party_of_the_item_and_its_substitute_act_as_that_party(actor, party, principal):
    found = Standing(party, None if principal is None else a_person(principal))

    assert standing(actor, party) == found
    assert standing(STRANGER, party) is None
    others = (
        {"owner", "opener", "reviewer", "system"} - {party} - ({"owner"} if party == "delegate" else set())
    )
    assert standing(actor, *others) is None


def test_a_delegate_stands_for_the_owner_until_the_last_day_also_where_only_the_owner_is_named():
    assert standing(DELEGATE, "owner") == Standing("delegate", a_person(1))
    assert standing(DELEGATE, "delegate", day=date(2020, 5, 7)) is None
    assert standing(DELEGATE, "owner", day=date(2020, 5, 7)) is None
    assert standing(DELEGATE, "delegate", item=an_item()) is None
    assert standing(an_actor(9, on_behalf_of=4), "delegate") is None


@pytest.mark.parametrize(
    ("actor", "party"), [(OWNER, "owner"), (OPENER, "opener"), (REVIEWER, "reviewer"), (DELEGATE, "delegate")]
)
def test_whoever_holds_no_post_any_more_is_no_party_either(actor, party):
    assert standing(actor, party) is not None
    assert standing(replace(actor, posts=()), party) is None


def test_a_role_counts_where_its_post_reaches_and_for_whom_it_is_held():
    assert standing(an_actor(7, Role.OFFICE), "office") == Standing("office")
    assert standing(an_actor(7, Role.OFFICE, unit=BUREAU), "office") == Standing("office")
    assert standing(an_actor(7, Role.OFFICE, on_behalf_of=8), "office") == Standing("office", a_person(8))
    assert standing(an_actor(7, Role.OFFICE, unit="unit_b"), "office") is None
    assert standing(an_actor(7, Role.OFFICER), "office") is None


def test_the_first_that_is_named_is_taken():
    actor = an_actor(1, Role.OFFICE, Role.OFFICER)

    assert standing(actor, "leading_group", "officer", "office") == Standing("officer")
    assert standing(actor, "office", "owner") == Standing("office")
    assert standing(actor, "owner", "office") == Standing("owner")
    assert standing(actor) is None


def test_where_there_is_no_item_only_roles_count():
    actor = an_actor(1, Role.OFFICE)

    for party in ("owner", "delegate", "reviewer", "opener"):
        assert standing(actor, party, item=None) is None
        assert standing(actor, party, "office", item=None) == Standing("office")
    assert standing(CLOCK, "system", item=None) == Standing("system")


def test_where_nobody_is_named_nobody_is_the_party():
    nobody = an_item(owner=None, reviewer=None)

    for actor in (OWNER, REVIEWER, an_actor(9, on_behalf_of=1), an_actor(9)):
        assert standing(actor, "owner", "reviewer", item=nobody) is None


def test_the_clock_is_no_party_of_an_item():
    item = an_item(owner=CLOCK.person, opener=CLOCK.person, reviewer=CLOCK.person)

    assert standing(CLOCK, "owner", "opener", "reviewer", item=item) is None
