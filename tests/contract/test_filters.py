"""Saved filters: on every store alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.errors import Broken
from engine.model.filters import SavedFilter
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT

LATE = SavedFilter(
    id="a" * 32, person=ANNA, name="逾期", query="kind=item&overdue=1", unit=None, saved_at=NOW
)


def test_a_filter_is_kept_as_given_and_replaced_by_its_name(begin):
    changed = replace(LATE, id="b" * 32, query="overdue=1", unit="unit_a", saved_at=NOW + timedelta(hours=1))
    with begin() as uow:
        uow.filters.save(LATE)
        uow.commit()
    with begin() as uow:
        assert uow.filters.of_person(ANNA) == [LATE]
        uow.filters.save(changed)
        uow.commit()
    with begin(write=False) as uow:
        assert uow.filters.of_person(ANNA) == [replace(changed, id=LATE.id)]


def test_a_name_is_ones_own_and_the_list_runs_by_names(begin):
    others = (replace(LATE, id="b" * 32, person=BERT), replace(LATE, id="c" * 32, name="待审"))
    with begin() as uow:
        for each in (*others, LATE):
            uow.filters.save(each)
        assert [each.name for each in uow.filters.of_person(ANNA)] == ["待审", "逾期"]
        assert uow.filters.of_person(BERT) == [others[0]]


def test_what_is_shared_is_found_in_its_unit_alone(begin):
    shared = replace(LATE, unit="unit_a")
    second = replace(LATE, id="b" * 32, person=BERT, name="按期", unit="unit_b")
    with begin() as uow:
        for each in (shared, second, replace(LATE, id="c" * 32, name="自用")):
            uow.filters.save(each)
        assert uow.filters.shared_in([], 9) == []
        assert uow.filters.shared_in(["unit_a"], 9) == [shared]
        assert uow.filters.shared_in(["unit_a", "unit_b"], 9) == [second, shared]
        assert uow.filters.shared_in(["unit_a", "unit_b"], 1) == [second]


def test_only_its_person_has_a_filter_forgotten(begin):
    with begin() as uow:
        uow.filters.save(LATE)
        uow.filters.forget(BERT, LATE.id)
        assert uow.filters.of_person(ANNA) == [LATE]
        uow.filters.forget(ANNA, LATE.id)
        uow.filters.forget(ANNA, LATE.id)
        assert uow.filters.of_person(ANNA) == []


def test_a_filter_without_a_name_is_not_stored(begin):
    with begin() as uow, pytest.raises(Broken):
        uow.filters.save(replace(LATE, name=""))
