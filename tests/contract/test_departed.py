"""Who has no post any more is stood in for, where a move tells as where the clock does; on each store."""

from dataclasses import replace
from datetime import date

import pytest

from engine.model.actor import Grant
from engine.usecases.items import move_item
from tests.builders import NOON
from tests.integration.house import person_in
from tests.lives import LIFE, LIVES, attempt_of, moves_of

BEFORE_RETURN = [verb for verb, *_ in LIFE].index("return", 4)


@pytest.fixture
def returned(house):
    """Whom a return tells, once the owner holds a post no more and while they do."""

    def told(*, leaves: bool):
        life = replace(LIVES[0], steps=LIFE[: BEFORE_RETURN + 1])
        item, steps = life.opened(house), list(moves_of(life))
        for number, (now, step) in enumerate(steps):
            if leaves and number == BEFORE_RETURN:
                _leaves(house, "officer")
            move_item(house.begin(), now, attempt_of(house, item, number, step))
        with house.begin() as uow:
            rows = uow.notices.rows(None, item.id, None, 200)
            found = [row for row in rows if row.written_at == steps[-1][0]]
        return {(row.kind, row.recipient) for row in found}

    return told


def _leaves(house, post):
    grant = Grant(person=person_in(post), post=post, from_on=date(2020, 1, 1), until_on=None)
    with house.begin() as uow:
        uow.people.recall(grant, NOON.date())
        uow.commit()


def test_an_owner_who_is_there_is_told(returned):
    assert ("returned", person_in("officer")) in returned(leaves=False)


def test_an_owner_who_has_left_is_stood_in_for_and_missed(returned):
    told = returned(leaves=True)

    assert ("returned", person_in("officer")) not in told
    assert ("returned", person_in("legal")) in told
    assert ("vacancy", person_in("office")) in told
