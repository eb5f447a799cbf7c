"""Numbers of papers, 年-类-号: which series one belongs to, and when an item gets the next."""

from datetime import datetime
from typing import Final

from engine.model.calendar import LOCAL
from engine.model.clock import Lamp
from engine.model.definition import Definition
from engine.model.item import Item
from engine.model.transition import Transition

KINDS: Final = {Lamp.BLUE.value: "蓝", Lamp.YELLOW.value: "黄", Lamp.RED.value: "红"}
"""How a colour is written in a number; any other choice stands for itself."""


def new_kind(definition: Definition, done: Transition) -> str | None:
    """The kind of paper that a transition issues, if it issues one: it opened the item or changed the kind."""
    if definition.paper is None:
        return None
    before = done.before.fields.get(definition.paper.kind) if done.before else None
    after = done.after.fields.get(definition.paper.kind)
    return None if after in (None, "", before) else f"{after}"


def paper_of(definition: Definition, item: Item) -> str | None:
    """The number of the paper that the item is issued on, if it is issued on one."""
    number = item.fields.get(definition.paper.field) if definition.paper else None
    return None if number is None else f"{number}"


def series_of(definition: Definition, kind: str) -> str:
    """The series that numbers papers of a kind, e.g. DB-黄."""
    return f"{definition.number_prefix}-{KINDS.get(kind, kind)}"


def paper_number(kind: str, at: datetime, place: int) -> str:
    """The number of a paper that was issued at an instant, the `place`-th of its series and year."""
    return f"{at.astimezone(LOCAL).year}-{KINDS.get(kind, kind)}-{place:04d}"
