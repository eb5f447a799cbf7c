"""How far a campaign has come, as far as the asker may see it."""

from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor
from engine.model.errors import NotFound
from engine.model.views import StageCount
from engine.ports import UnitOfWork
from engine.usecases.lamps import LampCount, board_of
from engine.usecases.queries import visible_units


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign has come in the units the asker may see."""

    campaign: str
    title: str
    counts: tuple[StageCount, ...]
    open_count: int
    overdue_count: int
    lamps: tuple[LampCount, ...]
    """Of the open items that were reckoned: all of them, or as many as `engine.usecases.lamps` reckons at most."""

    @property
    def reckoned_count(self) -> int:
        """How many open items the lamps tell of."""
        return sum(each.count for each in self.lamps)


def campaign_progress(uow: UnitOfWork, now: datetime, asker: Actor, name: str | None = None) -> Progress:
    """The counts of a campaign; of the only one that is loaded where none is named. Raises NotFound."""
    with uow:
        loaded = uow.campaigns.ids()
        if name is None and len(loaded) != 1:
            raise NotFound(f"没有写明哪个专项活动（已载入：{'、'.join(loaded) or '无'}）", hint="请写明编号")
        campaign = uow.campaigns.get(name or loaded[0])
        units = visible_units(uow, asker)
        names = {unit.name for unit in uow.people.units() if unit.code in units}
        counts = tuple(count for count in uow.views.stage_counts(campaign.id) if count.unit in units)
        held = [row for row in uow.views.holdings(campaign.id, now) if row.unit_name in names]
        return Progress(
            campaign=campaign.id,
            title=campaign.title,
            counts=counts,
            open_count=sum(row.open_count for row in held),
            overdue_count=sum(row.overdue_count for row in held),
            lamps=board_of(uow, now, campaign.id, units),
        )
