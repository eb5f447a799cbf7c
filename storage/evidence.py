"""The register of evidence."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from engine.model.ids import ItemId, PersonId
from engine.model.transition import Evidence
from storage.prepared import Prepared, Session
from storage.rows import day_or_none, micros, row_of_evidence
from storage.tables import evidence

ADD = Prepared.adding(evidence)
OF_ITEM = Prepared(
    select(evidence)
    .where(evidence.c.item == bindparam("item"))
    .order_by(evidence.c.at, evidence.c.name, evidence.c.sha256)
)


class SqlEvidence:
    """Fulfils `EvidenceFiles`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, item: ItemId, evidence: Sequence[Evidence], uploader: PersonId, now: datetime) -> None:
        """See `EvidenceFiles.add`."""
        shared = {"item": item, "uploader": uploader, "at": micros(now)}
        self._session.many(ADD, [row_of_evidence(piece) | shared for piece in evidence])

    def of_item(self, item: ItemId) -> list[Evidence]:
        """See `EvidenceFiles.of_item`."""
        return [
            Evidence(
                sha256=row["sha256"],
                name=row["name"],
                size=row["size"],
                made_on=day_or_none(row["made_on"]),
            )
            for row in self._session.rows(OF_ITEM, item=item)
        ]
