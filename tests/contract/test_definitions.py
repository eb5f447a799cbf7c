"""Published definitions."""

from dataclasses import replace

import pytest

from engine.model.errors import Broken, Conflict, NotFound
from engine.model.ids import DefinitionRef
from tests.contract.conftest import NOW
from tests.integration.house import definitions

ITEM, PHASE, REPORT = (definitions()[kind] for kind in ("item", "phase", "report"))


def at_version(number):
    return replace(ITEM, ref=DefinitionRef(ITEM.ref.id, number))


def test_a_definition_comes_back_as_it_was(begin):
    with begin() as uow:
        assert uow.definitions.find(ITEM.ref) is None
        uow.definitions.publish(ITEM, NOW)
        uow.commit()

    with begin(write=False) as uow:
        assert uow.definitions.get(ITEM.ref) == uow.definitions.find(ITEM.ref)
        assert uow.definitions.get(ITEM.ref).document == ITEM.document
        assert uow.definitions.get(ITEM.ref).moves == ITEM.moves


def test_what_was_not_published_is_not_found(begin):
    with begin() as uow:
        uow.definitions.publish(ITEM, NOW)

        for ref in (DefinitionRef("item", 99), DefinitionRef("other", 1)):
            assert uow.definitions.find(ref) is None
            with pytest.raises(NotFound, match=f"没有流程定义 {ref}"):
                uow.definitions.get(ref)


def test_a_version_is_published_once(begin):
    with begin() as uow:
        uow.definitions.publish(ITEM, NOW)

        with pytest.raises(Conflict):
            uow.definitions.publish(replace(ITEM, label="别的"), NOW)


def test_versions_are_told_in_order(begin):
    with begin() as uow:
        for one in (at_version(10), at_version(2), REPORT, PHASE):
            uow.definitions.publish(one, NOW)

        assert uow.definitions.refs() == [
            DefinitionRef("item", 2),
            DefinitionRef("item", 10),
            PHASE.ref,
            REPORT.ref,
        ]


def test_versions_begin_at_one(begin):
    with begin() as uow, pytest.raises(Broken):
        uow.definitions.publish(at_version(0), NOW)
