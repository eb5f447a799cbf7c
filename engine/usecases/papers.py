"""Gives an item the number of the paper that it is issued on."""

from engine.model.calendar import LOCAL
from engine.model.transition import Transition
from engine.ports import UnitOfWork
from engine.rules.copies import changed
from engine.rules.papers import new_kind, paper_number, series_of


def numbered(uow: UnitOfWork, done: Transition) -> Transition:
    """The transition with the next number of its series, where it issues a paper; else as it was.

    Only what is already decided is numbered, in the unit of work that stores it: a series has no gaps.
    """
    definition = uow.definitions.get(done.after.definition)
    kind = new_kind(definition, done)
    if definition.paper is None or kind is None:
        return done
    place = uow.items.allot(series_of(definition, kind), done.at.astimezone(LOCAL).year, 1)
    fields = {**done.after.fields, definition.paper.field: paper_number(kind, done.at, place)}
    return changed(done, after=changed(done.after, fields=fields))
