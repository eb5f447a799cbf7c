"""A definition: a declared state machine as frozen data, with its place of origin and its hash."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from engine.model.actor import Capacity
from engine.model.clock import ClockDef, Ladder, Level, Rung
from engine.model.guards import Guard
from engine.model.ids import DefinitionRef


class Stage(StrEnum):
    """The four stages every reader knows, and the end."""

    FINDING = "finding"
    """查摆: a problem is described and listed."""
    RECTIFYING = "rectifying"
    """整改: the responsible unit works on it."""
    REVIEWING = "reviewing"
    """复核: somebody independent checks the result."""
    ASSESSING = "assessing"
    """考核: accepted, counted, closed out and watched."""
    CLOSED = "closed"
    """Nothing more happens to it."""


class FieldType(StrEnum):
    """What a field holds."""

    TEXT = "text"
    """One line, or several when `max_length` is above 200."""
    DATE = "date"
    """A day, written YYYY-MM-DD."""
    INTEGER = "integer"
    """A whole number within `minimum` … `maximum`."""
    CHOICE = "choice"
    """One of `choices`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDef:
    """A field of the item: id, label, type and limits."""

    id: str
    label: str
    type: FieldType
    max_length: int = 2000
    choices: tuple[str, ...] = ()
    minimum: int = 0
    maximum: int = 2**53 - 1
    reserved: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Choices that only these roles may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateDef:
    """A state: its stage, its Chinese label, and who acts next. `deadline_none` says openly that no clock runs."""

    id: str
    label: str
    stage: Stage
    acts: tuple[str, ...]
    final: bool
    deadline_none: bool


class Effect(StrEnum):
    """What a move does to the item besides its state. Closed; each says what the attempt must bring."""

    ASSIGN_OWNER = "assign_owner"
    """Sets the responsible person; needs `assignee`."""
    ASSIGN_REVIEWER = "assign_reviewer"
    """Names the reviewer of this item (交叉复核); needs `assignee`."""
    TRANSFER_UNIT = "transfer_unit"
    """Moves the item to another unit and clears its owner; needs `unit`."""
    DELEGATE = "delegate"
    """Lets `assignee` act for the owner until `until_on`."""
    COUNT_RETURN = "count_return"
    """Adds one to the count of returns."""
    APPLY_EXTENSION = "apply_extension"
    """Records an application for more time until `due_on`."""
    GRANT_EXTENSION = "grant_extension"
    """Grants the application: the clock is re-armed, the original date stays on record."""
    REFUSE_EXTENSION = "refuse_extension"
    """Refuses the application."""
    SPLIT = "split"
    """Opens one child item per line of `parts`."""
    MERGE = "merge"
    """Links the item to `other`, which goes on in its place."""
    RELAPSE = "relapse"
    """Opens a new item linked to this one as its relapse (反弹)."""
    LEVEL_UP = "level_up"
    """Raises the colour of a supervision order: blue, yellow, red."""
    LEVEL_TOP = "level_top"
    """Raises a supervision order to red at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """Whom a move tells, with which kind of notice."""

    to: tuple[str, ...]
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDef:
    """One permitted move. An empty `to` keeps the state; several targets make the attempt name one."""

    verb: str
    label: str
    from_states: frozenset[str]
    to: tuple[str, ...]
    who: tuple[str, ...]
    reason_required: bool
    sets: tuple[str, ...]
    guards: tuple[Guard, ...]
    effects: tuple[Effect, ...]
    contributes: Capacity | None
    tells: tuple[Tell, ...]
    batch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The number of the paper that an item is issued on, of the form 年-类-号, e.g. 2020-蓝-0022.

    It stands in `field`. Whenever the choice in `kind` is written anew, the item gets the next number of that series.
    """

    field: str
    kind: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Definition:
    """A whole definition. `sha256` is taken over its canonical document; two equal hashes are one definition.

    `origin` is where it was read from, for messages; `document` is the canonical JSON the hash covers.
    """

    ref: DefinitionRef
    label: str
    number_prefix: str
    initial: str
    openers: tuple[str, ...]
    """Who may open an item of this kind."""
    required_to_open: tuple[str, ...]
    opening: Capacity
    """The capacity in which whoever opens an item has contributed to it."""
    fields: tuple[FieldDef, ...]
    states: tuple[StateDef, ...]
    moves: tuple[MoveDef, ...]
    clocks: tuple[ClockDef, ...]
    ladders: tuple[Ladder, ...]
    levels: tuple[Level, ...] = ()
    """Steps by quality, in the order of their returns."""
    paper: Paper | None = None
    source: str
    sha256: str
    document: str
    origin: str = ""
    opening_tells: tuple[Tell, ...] = ()
    """Whom the opening of an item tells."""

    @cached_property
    def states_by_id(self) -> dict[str, StateDef]:
        """Every state by its id."""
        return {state.id: state for state in self.states}

    @cached_property
    def fields_by_id(self) -> dict[str, FieldDef]:
        """Every field by its id."""
        return {field.id: field for field in self.fields}

    @cached_property
    def moves_by_place(self) -> dict[tuple[str, str], MoveDef]:
        """The one move for each (state, verb)."""
        return {(state, move.verb): move for move in self.moves for state in move.from_states}

    @cached_property
    def moves_by_verb(self) -> dict[str, tuple[MoveDef, ...]]:
        """Every move of a verb; one verb may be declared once per group of states."""
        verbs = dict.fromkeys(move.verb for move in self.moves)
        return {verb: tuple(m for m in self.moves if m.verb == verb) for verb in verbs}

    @cached_property
    def ladders_by_id(self) -> dict[str, Ladder]:
        """Every ladder by its id."""
        return {ladder.id: ladder for ladder in self.ladders}

    @cached_property
    def clocks_by_id(self) -> dict[str, ClockDef]:
        """Every clock by its id."""
        return {clock.id: clock for clock in self.clocks}

    @cached_property
    def levels_by_id(self) -> dict[str, Level]:
        """Every level by its id."""
        return {level.id: level for level in self.levels}

    def rung(self, clock: str, name: str) -> Rung | None:
        """A rung on the ladder of a clock, if it is there."""
        found = self.clocks_by_id.get(clock)
        ladder = self.ladders_by_id.get(found.ladder) if found else None
        return next((rung for rung in ladder.rungs if rung.id == name), None) if ladder else None

    def moves_from(self, state: str) -> tuple[MoveDef, ...]:
        """The moves declared for a state, in the order of the document."""
        return tuple(move for move in self.moves if state in move.from_states)
