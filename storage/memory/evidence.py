"""The register of evidence."""

from collections.abc import Sequence
from datetime import datetime

from engine.model.ids import ItemId, PersonId
from engine.model.transition import Evidence
from storage.memory.rows import Piece
from storage.memory.work import Work


class MemoryEvidence:
    """Fulfils `EvidenceFiles`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(self, item: ItemId, evidence: Sequence[Evidence], uploader: PersonId, now: datetime) -> None:
        """See `EvidenceFiles.add`."""
        with self._work.writing() as tables:
            for one in evidence:
                tables.evidence.add_new(Piece(item, one, uploader, now))

    def of_item(self, item: ItemId) -> list[Evidence]:
        """See `EvidenceFiles.of_item`."""
        pieces = [one for one in self._work.tables.evidence if one.item == item]
        pieces.sort(key=lambda one: (one.at, one.evidence.name, one.evidence.sha256))
        return [one.evidence for one in pieces]
