"""Levels of quality that items have reached."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.deadline import Raise
from engine.model.errors import Broken
from tests.contract.conftest import NOW

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def items(new_item):
    return [new_item(1), new_item(2), new_item(3)]


@pytest.fixture
def levels(begin, items):
    with begin() as uow:
        uow.items.add(items)
        yield uow.levels


def test_a_level_is_claimed_once_on_each_item(levels, items):
    red = Raise(item=items[0].id, level="red", raised_at=NOW)
    other = replace(red, item=items[1].id)

    assert levels.claim([red]) == [red]
    assert levels.claim([replace(red, raised_at=LATER), other, other]) == [other]
    assert levels.claim([]) == []
    assert list(levels.scan()) == [red, other]


def test_levels_come_oldest_first(levels, items):
    later, first = (
        Raise(item=items[0].id, level=name, raised_at=at) for name, at in (("a", LATER), ("z", NOW))
    )
    other = Raise(item=items[1].id, level="a", raised_at=NOW)
    levels.claim([later, other, first])

    assert levels.raised_on([items[0].id, items[2].id]) == {items[0].id: [first, later], items[2].id: []}
    assert list(levels.scan()) == [first, other, later]


def test_a_level_needs_its_item(begin, new_item):
    with begin() as uow:
        uow.levels.claim([Raise(item=new_item().id, level="red", raised_at=NOW)])
        with pytest.raises(Broken):
            uow.commit()
