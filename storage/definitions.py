"""Published definitions."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import bindparam, insert, select

from engine.model.definition import Definition
from engine.model.errors import NotFound
from engine.model.ids import DefinitionRef
from storage.prepared import Prepared, Session
from storage.rows import row_of_definition
from storage.tables import definition

FIND = Prepared(
    select(definition).where(
        definition.c.id == bindparam("kind"), definition.c.version == bindparam("at_version")
    )
)
ADD = Prepared(insert(definition))
REFS = Prepared(select(definition.c.id, definition.c.version).order_by(definition.c.id, definition.c.version))

ReadDefinition = Callable[[str], Definition]
"""Makes a definition from its canonical document."""


class SqlDefinitions:
    """Fulfils `Definitions`. Those read once are kept: a published version never changes."""

    def __init__(
        self, session: Session, read: ReadDefinition, known: dict[DefinitionRef, Definition]
    ) -> None:
        self._session = session
        self._read = read
        self._known = known

    def get(self, ref: DefinitionRef) -> Definition:
        """See `Definitions.get`."""
        found = self.find(ref)
        if found is None:
            raise NotFound(f"没有流程定义 {ref}")
        return found

    def find(self, ref: DefinitionRef) -> Definition | None:
        """See `Definitions.find`."""
        known = self._known.get(ref)
        if known is None and (row := self._session.one(FIND, kind=ref.id, at_version=ref.version)):
            known = self._known[ref] = self._read(row["document"])
        return known

    def publish(self, definition: Definition, now: datetime) -> None:
        """See `Definitions.publish`."""
        self._session.run(ADD, **row_of_definition(definition, now))

    def refs(self) -> list[DefinitionRef]:
        """See `Definitions.refs`."""
        return [DefinitionRef(row["id"], row["version"]) for row in self._session.rows(REFS)]
