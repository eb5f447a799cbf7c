"""Loaded campaigns."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.errors import Conflict, NotFound
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
