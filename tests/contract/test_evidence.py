"""The register of evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.errors import Broken
from engine.model.transition import Evidence
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, DAY

PHOTO = Evidence(sha256="0" * 64, name="照片.jpg", size=3, made_on=DAY)
MINUTES = Evidence(sha256="1" * 64, name="记录.txt", size=0)


@pytest.fixture
def evidence(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1), new_item(2)])
        yield uow.evidence


def test_evidence_comes_oldest_first(evidence, new_item):
    evidence.add(new_item(1).id, [MINUTES], ANNA, NOW + timedelta(days=1))
    evidence.add(new_item(1).id, [PHOTO], ANNA, NOW)

    assert evidence.of_item(new_item(1).id) == [PHOTO, MINUTES]
    assert evidence.of_item(new_item(2).id) == []


def test_the_same_bytes_twice_on_one_item_are_one_piece(evidence, new_item):
    evidence.add(new_item(1).id, [PHOTO, replace(PHOTO, name="又一张.jpg")], ANNA, NOW)
    evidence.add(new_item(1).id, [replace(PHOTO, name="再一张.jpg")], BERT, NOW - timedelta(days=1))

    assert evidence.of_item(new_item(1).id) == [PHOTO]


def test_the_same_bytes_may_lie_on_two_items(evidence, new_item):
    for number in (1, 2):
        evidence.add(new_item(number).id, [PHOTO], ANNA, NOW)

        assert evidence.of_item(new_item(number).id) == [PHOTO]


@pytest.mark.parametrize("changes", [{"sha256": "0"}, {"size": -1}])
def test_unsound_evidence_is_not_registered(evidence, new_item, changes):
    with pytest.raises(Broken):
        evidence.add(new_item(1).id, [replace(PHOTO, **changes)], ANNA, NOW)


def test_evidence_needs_its_item(begin, new_item):
    with begin() as uow:
        uow.evidence.add(new_item(1).id, [PHOTO], ANNA, NOW)
        with pytest.raises(Broken):
            uow.commit()
