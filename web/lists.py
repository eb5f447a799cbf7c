"""What lists need beside their rows: the names of units, the labels of states."""

from collections.abc import Iterable, Mapping

from engine.model.actor import Unit
from engine.model.ids import DefinitionRef
from engine.usecases.definitions import definitions_of
from engine.usecases.queries import Lit
from runtime.wiring import App


def units_of(app: App) -> list[Unit]:
    """Every unit in the order of the plan."""
    with app.reading() as uow:
        return uow.people.units()


def unit_names(app: App) -> Mapping[str, str]:
    """The name of each unit by its code."""
    return {f"{unit.code}": unit.name for unit in units_of(app)}


def labels_of(app: App, rows: Iterable[Lit]) -> Mapping[tuple[DefinitionRef, str], str]:
    """The label of the state of each row."""
    known = definitions_of(app.reading(), (lit.row.definition for lit in rows))
    return {(ref, state.id): state.label for ref, found in known.items() for state in found.states}
