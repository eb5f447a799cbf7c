"""Loaded campaigns."""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from engine.model.campaign import Campaign
from engine.model.errors import NotFound
from engine.model.ids import DefinitionRef
from storage.memory.rows import LoadedCampaign, Pin
from storage.memory.work import Work


class MemoryCampaigns:
    """Fulfils `Campaigns`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, campaign: Campaign, loaded_at: datetime) -> None:
        """See `Campaigns.add`."""
        kept = replace(campaign, definitions=dict(campaign.definitions))
        with self._work.writing() as tables:
            tables.campaigns.add(LoadedCampaign(kept, loaded_at))

    def get(self, campaign: str) -> Campaign:
        """See `Campaigns.get`."""
        plan = self._loaded(campaign).campaign
        later = {pin.ref.id: pin.ref for pin in self._work.tables.pins if pin.campaign == campaign}
        return replace(plan, definitions=MappingProxyType({**plan.definitions, **later}))

    def pin(self, campaign: str, ref: DefinitionRef, now: datetime) -> None:
        """See `Campaigns.pin`."""
        with self._work.writing() as tables:
            tables.pins.put(Pin(campaign, ref, now))

    def loaded_at(self, campaign: str) -> datetime:
        """See `Campaigns.loaded_at`."""
        return self._loaded(campaign).at

    def ids(self) -> list[str]:
        """See `Campaigns.ids`."""
        loaded = sorted(self._work.tables.campaigns, key=lambda one: (one.at, one.campaign.id))
        return [one.campaign.id for one in loaded]

    def _loaded(self, campaign: str) -> LoadedCampaign:
        found = self._work.tables.campaigns.get(campaign)
        if found is None:
            raise NotFound(f"没有专项活动 {campaign}")
        return found
