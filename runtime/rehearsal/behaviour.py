"""How the invented people of a rehearsal behave. All of it is sample behaviour; it says nothing of any real office."""

from dataclasses import dataclass
from enum import StrEnum

from engine.model.actor import Unit
from engine.model.ids import UnitCode
from runtime.rehearsal.dice import Dice


class Temperament(StrEnum):
    """How a sample unit works."""

    PUNCTUAL = "punctual"
    """Signs, reports and hands in with days to spare."""
    LATE = "late"
    """Does good work, but after the date."""
    CARELESS = "careless"
    """Hands in on time what has to be returned."""
    CLEAN = "clean"
    """Finds nothing and signs a nil return."""
    SILENT = "silent"
    """Never reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What a temperament means in working days and chances."""

    sign_days: tuple[int, int]
    margin_days: tuple[int, int]
    """Days before the due date at which work is handed in; negative is late."""
    report_margin: tuple[int, int]
    return_chance: float
    extension_chance: float


HABITS = {
    Temperament.PUNCTUAL: Habits(
        sign_days=(0, 1), margin_days=(3, 25), report_margin=(1, 5), return_chance=0.08, extension_chance=0.03
    ),
    Temperament.LATE: Habits(
        sign_days=(1, 5),
        margin_days=(-18, 4),
        report_margin=(-6, 2),
        return_chance=0.12,
        extension_chance=0.25,
    ),
    Temperament.CARELESS: Habits(
        sign_days=(0, 3), margin_days=(4, 25), report_margin=(0, 3), return_chance=0.4, extension_chance=0.08
    ),
    Temperament.CLEAN: Habits(
        sign_days=(0, 1), margin_days=(3, 25), report_margin=(1, 5), return_chance=0.05, extension_chance=0.0
    ),
    Temperament.SILENT: Habits(
        sign_days=(4, 9),
        margin_days=(-60, -20),
        report_margin=(0, 0),
        return_chance=0.5,
        extension_chance=0.0,
    ),
}

_WEIGHED: tuple[Temperament, ...] = (
    *[Temperament.PUNCTUAL] * 5,
    *[Temperament.LATE] * 3,
    *[Temperament.CARELESS] * 2,
)


def temperaments(units: tuple[Unit, ...], dice: Dice) -> dict[UnitCode, Temperament]:
    """The temperament of each unit: one is silent, one clean (from four units on), the others by chance."""
    given: dict[UnitCode, Temperament] = {
        unit.code: dice.pick(_WEIGHED, "temperament", unit.code) for unit in units
    }
    if len(units) >= 4:
        given[units[-1].code] = Temperament.SILENT
        given[units[-2].code] = Temperament.CLEAN
    return given
