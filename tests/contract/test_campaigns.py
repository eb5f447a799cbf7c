"""Loaded campaigns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.errors import Broken, Conflict, NotFound
from engine.model.ids import DefinitionRef
from tests.contract.conftest import NOW
from tests.integration.house import a_campaign

CAMPAIGN = a_campaign()


def test_a_campaign_comes_back_as_it_was(begin):
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)
        uow.commit()

    with begin(write=False) as uow:
        assert uow.campaigns.get("sample") == CAMPAIGN
        assert uow.campaigns.loaded_at("sample") == NOW


def test_what_was_not_loaded_is_not_found(begin):
    with begin(write=False) as uow:
        assert uow.campaigns.ids() == []
        for ask in (uow.campaigns.get, uow.campaigns.loaded_at):
            with pytest.raises(NotFound, match="没有专项活动 sample"):
                ask("sample")


def test_a_campaign_is_loaded_once(begin):
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)
        with pytest.raises(Conflict):
            uow.campaigns.add(replace(CAMPAIGN, title="别的"), NOW)


def test_campaigns_are_told_in_the_order_of_loading(begin):
    with begin() as uow:
        uow.campaigns.add(replace(CAMPAIGN, id="a"), NOW + timedelta(days=1))
        uow.campaigns.add(replace(CAMPAIGN, id="c"), NOW)
        uow.campaigns.add(replace(CAMPAIGN, id="b"), NOW)

        assert uow.campaigns.ids() == ["b", "c", "a"]


def test_new_items_are_opened_under_the_version_that_was_pinned_last(begin):
    other = replace(CAMPAIGN, id="other")
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)
        uow.campaigns.add(other, NOW)
        uow.campaigns.pin("sample", DefinitionRef("item", 8), NOW)
        uow.campaigns.pin("sample", DefinitionRef("item", 9), NOW)
        uow.campaigns.pin("nowhere", DefinitionRef("item", 7), NOW)
        uow.commit()

    with begin(write=False) as uow:
        pinned = uow.campaigns.get("sample")
        assert pinned.definitions == {**CAMPAIGN.definitions, "item": DefinitionRef("item", 9)}
        assert replace(pinned, definitions=CAMPAIGN.definitions) == CAMPAIGN
        assert uow.campaigns.get("other") == other


def test_a_kind_that_the_plan_does_not_name_may_be_pinned(begin):
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)
        uow.campaigns.pin("sample", DefinitionRef("new", 1), NOW)

        assert uow.campaigns.get("sample").definitions["new"] == DefinitionRef("new", 1)


def test_a_pinned_version_begins_at_one(begin):
    with begin() as uow, pytest.raises(Broken):
        uow.campaigns.pin("sample", DefinitionRef("item", 0), NOW)


def test_nobody_changes_a_campaign_from_outside(begin):
    given = {"item": DefinitionRef("item", 1)}
    with begin() as uow:
        uow.campaigns.add(replace(CAMPAIGN, definitions=given), NOW)
        given["item"] = DefinitionRef("item", 9)

        assert uow.campaigns.get("sample").definitions == {"item": DefinitionRef("item", 1)}
