"""Published definitions."""

from datetime import datetime

from engine.model.definition import Definition
from engine.model.errors import NotFound
from engine.model.ids import DefinitionRef
from storage.memory.rows import PublishedDefinition
from storage.memory.work import Work


class MemoryDefinitions:
    """Fulfils `Definitions`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def get(self, ref: DefinitionRef) -> Definition:
        """See `Definitions.get`."""
        found = self.find(ref)
        if found is None:
            raise NotFound(f"没有流程定义 {ref}")
        return found

    def find(self, ref: DefinitionRef) -> Definition | None:
        """See `Definitions.find`."""
        found = self._work.tables.definitions.get(ref)
        return None if found is None else found.definition

    def publish(self, definition: Definition, now: datetime) -> None:
        """See `Definitions.publish`."""
        with self._work.writing() as tables:
            tables.definitions.add(PublishedDefinition(definition, now))

    def refs(self) -> list[DefinitionRef]:
        """See `Definitions.refs`."""
        return sorted(one.definition.ref for one in self._work.tables.definitions)
