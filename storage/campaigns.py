"""Loaded campaigns."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import bindparam, insert, select

from engine.model.campaign import Campaign
from engine.model.errors import NotFound
from storage.codec import dump, load
from storage.prepared import Prepared, Row, Session
from storage.rows import instant, micros
from storage.tables import campaign

ADD = Prepared(insert(campaign))
GET = Prepared(select(campaign).where(campaign.c.id == bindparam("id")))
IDS = Prepared(select(campaign.c.id).order_by(campaign.c.loaded_at, campaign.c.id))


class SqlCampaigns:
    """Fulfils `Campaigns`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, campaign: Campaign, loaded_at: datetime) -> None:
        """See `Campaigns.add`."""
        self._session.run(
            ADD,
            id=campaign.id,
            sha256=campaign.sha256,
            document=campaign.document,
            body=dump(campaign),
            loaded_at=micros(loaded_at),
        )

    def get(self, campaign: str) -> Campaign:
        """See `Campaigns.get`."""
        return _read(self._row(campaign)["body"])

    def loaded_at(self, campaign: str) -> datetime:
        """See `Campaigns.loaded_at`."""
        return instant(self._row(campaign)["loaded_at"])

    def ids(self) -> list[str]:
        """See `Campaigns.ids`."""
        return [row["id"] for row in self._session.rows(IDS)]

    def _row(self, campaign: str) -> Row:
        row = self._session.one(GET, id=campaign)
        if row is None:
            raise NotFound(f"没有专项活动 {campaign}")
        return row


@lru_cache(maxsize=8)
def _read(body: str) -> Campaign:
    """A campaign never changes once it is loaded, and reading its plan takes longer than many moves."""
    return load(Campaign, body)
