"""Rules of time: how a due instant is reckoned and which steps stand around it."""

from dataclasses import dataclass
from enum import StrEnum

from engine.model.dates import DayRule


class Measure(StrEnum):
    """What a length counts."""

    NATURAL_DAY = "natural_day"
    """Every day of the calendar; the day of the triggering event is not counted."""
    WORKING_DAY = "working_day"
    """Days on which the office works, adjusted days (调休) included."""
    HOUR = "hour"
    """Sixty minutes, day and night; the hour of the triggering event is not counted."""
    WORKING_HOUR = "working_hour"
    """Sixty minutes in which the office is open, from the very minute of the triggering event on."""


class Roll(StrEnum):
    """Where a due day goes that falls on a rest day."""

    NONE = "none"
    """It stays: custody periods never move."""
    FORWARD = "forward"
    """To the next working day: statutory periods (公安机关办理行政案件程序规定 §35)."""
    BACK = "back"
    """To the last working day before: internal dates of the form “…前”."""


class Anchor(StrEnum):
    """From where a due date is reckoned."""

    ENTRY = "entry"
    """The instant at which the item entered the states the clock runs in."""
    FIELD = "field"
    """A date written in a field of the item."""
    OPENING = "opening"
    """The instant at which the item was opened."""
    CLOCK = "clock"
    """The instant at which another clock of the item was last met."""
    DAY = "day"
    """The first day from the entry on that certain words name, such as 每月底."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRule:
    """How a due instant is found: anchor, length, arithmetic, and the words and source it rests on.

    `measure` and `roll` together name the arithmetic, see `engine.rules.periods.ARITHMETICS`. A negative length
    counts back, e.g. seven days before a period ends.
    """

    anchor: Anchor
    field: str | None = None
    clock: str | None = None
    on: DayRule | None = None
    length: int = 0
    measure: Measure = Measure.NATURAL_DAY
    roll: Roll = Roll.NONE
    cutoff_minutes: int = 24 * 60
    """Local minute of the due day at which the time is up; 1440 is the end of the day."""
    words: str = ""
    source: str = ""


class Lamp(StrEnum):
    """The colour a reader sees; always shown with its word and its sentence."""

    GREEN = "green"
    """On time, or done."""
    BLUE = "blue"
    """The limit is near."""
    YELLOW = "yellow"
    """Behind, or of poor quality, or caught up after red."""
    RED = "red"
    """Overdue and still open."""


class RungEffectKind(StrEnum):
    """What a rung or a level causes besides telling people."""

    OPEN_SUPERVISION_ORDER = "open_supervision_order"
    """A supervision order is opened on the item, unless one is already open."""
    MOVE = "move"
    """The system itself makes the named move of the item, if it is legal then."""
    MARK_CRITICISM = "mark_criticism"
    """The item is marked as a candidate for 通报批评; a person decides."""
    RAISE_LAMP = "raise_lamp"
    """The lamp is at least of this colour until the item keeps a limit or is closed."""
    COUNT_FOR_ASSESSMENT = "count_for_assessment"
    """It counts on the score sheet of the unit, where the scheme has the indicator `escalations`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RungEffect:
    """One declared consequence; `verb` only with MOVE."""

    kind: RungEffectKind
    verb: str | None = None

    @property
    def name(self) -> str:
        """How entries write it, e.g. `mark_criticism` or `move:escalate`."""
        return f"{self.kind}:{self.verb}" if self.verb else f"{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder: when it is reached, whom to tell, in which words, to what effect."""

    id: str
    label: str
    offset: int = 0
    """Negative before the due instant, positive after it; counted in `measure`."""
    elapsed: int | None = None
    """Instead of `offset`: the percent of the time of the clock after which it is reached."""
    behind: int = 0
    """Only with `elapsed`: it speaks where the work is at least so many points behind what is expected by then."""
    measure: Measure
    tell: tuple[str, ...]
    """Roles or the item's own people, see `engine.model.actor`."""
    notice: str
    """Kind of notice: the name of its template."""
    lamp: Lamp
    effects: tuple[RungEffect, ...] = ()

    @property
    def is_early(self) -> bool:
        """True where it stands before the due instant."""
        return self.elapsed is not None or self.offset < 0

    @property
    def moves(self) -> tuple[str, ...]:
        """The verbs by which it moves the item, which may end the limit."""
        return tuple(effect.verb for effect in self.effects if effect.verb is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A step by quality: reached at once when an item is returned for the `returned`-th time."""

    id: str
    label: str
    returned: int
    tell: tuple[str, ...]
    notice: str
    lamp: Lamp
    effects: tuple[RungEffect, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """Rungs in the order of their offsets, those by elapsed share before them."""

    id: str
    rungs: tuple[Rung, ...]


class Curve(StrEnum):
    """How the progress that is expected grows with the time that has passed."""

    LINEAR = "linear"
    """As much progress as time: half of it at half-time."""
    MILESTONES = "milestones"
    """In steps: what the last of the points reached asks for, and nothing more until the next."""
    S_CURVE = "s_curve"
    """Slowly, then fast, then slowly again: 15 % at a quarter of the time, 50 % at half, 84 % at three quarters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """When `time` percent of the time have passed, `progress` percent of the work are expected."""

    time: int
    progress: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Progress against elapsed time (序时进度): what a clock expects of an item, and when being behind shows.

    `field` says the progress in percent. From `yellow` points behind on the item is yellow, more than `red` points
    behind it is red (银川 2025: 落后10至30个百分点黄灯，超过30个百分点红灯).
    """

    field: str
    curve: Curve
    measure: Measure = Measure.NATURAL_DAY
    """NATURAL_DAY: all time counts. WORKING_DAY: only the hours in which the office is open."""
    points: tuple[Milestone, ...] = ()
    """Both rising; only with MILESTONES."""
    yellow: int = 10
    red: int = 30


class Pending(StrEnum):
    """Something undecided about an item that a clock may wait for."""

    EXTENSION = "extension"
    """An application for more time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockDef:
    """A clock of an item: the states it runs in, those that stop it, its due rule and its ladder."""

    id: str
    label: str
    runs_in: frozenset[str]
    pauses_in: frozenset[str]
    restarts_on: frozenset[str]
    """Verbs that close the running deadline and arm a new one even between two running states."""
    due: DueRule
    ladder: str
    not_later_than: tuple[DueRule, ...] = ()
    """Further rules over the same clock: the earliest of all counts."""
    pace: Pace | None = None
    """The progress that is expected while it runs, if any is."""
    pending: Pending | None = None
    """It runs in its states only while this is undecided."""
