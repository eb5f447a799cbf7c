"""Loaded campaigns."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import bindparam, insert, select, update

from engine.model.campaign import Campaign
from engine.model.errors import NotFound
from engine.model.ids import DefinitionRef
from storage.codec import load
from storage.prepared import Prepared, Row, Session
from storage.rows import instant, micros, row_of_campaign
from storage.tables import campaign, pin

ADD = Prepared(insert(campaign))
GET = Prepared(select(campaign).where(campaign.c.id == bindparam("id")))
PINS = Prepared(select(pin).where(pin.c.campaign == bindparam("campaign")))
PIN = Prepared(insert(pin))
REPIN = Prepared(
    update(pin)
    .where(pin.c.campaign == bindparam("the_campaign"), pin.c.kind == bindparam("the_kind"))
    .values(version=bindparam("the_version"), pinned_at=bindparam("the_pinned_at"))
)
IDS = Prepared(select(campaign.c.id).order_by(campaign.c.loaded_at, campaign.c.id))


class SqlCampaigns:
    """Fulfils `Campaigns`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, campaign: Campaign, loaded_at: datetime) -> None:
        """See `Campaigns.add`."""
        self._session.run(ADD, **row_of_campaign(campaign, loaded_at))

    def get(self, campaign: str) -> Campaign:
        """See `Campaigns.get`."""
        body = self._row(campaign)["body"]
        pins = self._session.rows(PINS, campaign=campaign)
        return _pinned(body, tuple((row["kind"], row["version"]) for row in pins)) if pins else _read(body)

    def pin(self, campaign: str, ref: DefinitionRef, now: datetime) -> None:
        """See `Campaigns.pin`."""
        given = {"campaign": campaign, "kind": ref.id, "version": ref.version, "pinned_at": micros(now)}
        if not self._session.run(REPIN, **{f"the_{name}": value for name, value in given.items()}):
            self._session.run(PIN, **given)

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


@lru_cache(maxsize=8)
def _pinned(body: str, pins: tuple[tuple[str, int], ...]) -> Campaign:
    """The campaign with the versions that were pinned since it was loaded."""
    plan = _read(body)
    later = {kind: DefinitionRef(kind, version) for kind, version in pins}
    return replace(plan, definitions={**plan.definitions, **later})
