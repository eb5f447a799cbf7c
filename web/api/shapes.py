"""What the interface takes and gives. Instants are RFC 3339, days YYYY-MM-DD; ids for programs, labels for people."""

from datetime import date, datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from engine.model.definition import Stage
from web.forms import plain_text

MOST: Final = 200
"""So many lines stand on a page at most."""
PLAIN: Final = AfterValidator(plain_text)
"""Composed, with plain line ends, and without signs that no store takes."""
Text = Annotated[str, StringConstraints(max_length=2000), PLAIN]
Short = Annotated[str, StringConstraints(min_length=1, max_length=100), PLAIN]
Title = Annotated[str, StringConstraints(min_length=1, max_length=500), PLAIN]
FieldIn = Annotated[str, StringConstraints(max_length=20_000), PLAIN] | StrictInt


class Shape(BaseModel):
    """Frozen, and closed: a field that nobody knows is an error, not a hope."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class UnitOut(Shape):
    """A unit and the unit above it."""

    code: str
    name: str
    parent: str | None


class PersonOut(Shape):
    """For whom the token asks."""

    login: str
    name: str
    scopes: list[str]
    expires_at: datetime


class FieldOut(Shape):
    """A field that a definition knows, with its limits."""

    id: str
    label: str
    type: str
    max_length: int
    choices: list[str]


class MoveOut(Shape):
    """A move that a definition knows. `states` are where it starts, `to` where it may lead."""

    verb: str
    label: str
    states: list[str]
    to: list[str]
    fields: list[str]
    is_reason_required: bool


class KindOut(Shape):
    """A published version of a definition."""

    id: str
    version: int
    label: str
    states: dict[str, str]
    fields: list[FieldOut]
    moves: list[MoveOut]


class LampOut(Shape):
    """The lamp of an item, and the sentence that says why."""

    colour: str
    sentence: str


class ItemOut(Shape):
    """An item as lists give it. `version` is what a move names as `expected_version`."""

    number: str
    kind: str
    title: str
    unit: str
    unit_name: str
    state: str
    stage: str
    owner: str | None
    version: int
    due_at: datetime | None
    returned_count: int
    closed_at: datetime | None
    lamp: LampOut


class ItemsIn(Shape):
    """What a list of items is narrowed to."""

    kind: Short | None = None
    stage: Stage | None = None
    state: Short | None = None
    unit: Short | None = None
    title: Short | None = None
    is_mine: bool = False
    is_overdue: bool = False
    after: Short | None = None
    limit: Annotated[int, Field(ge=1, le=MOST)] = 50


class ItemPage(Shape):
    """A page of items; `next` asks for the page behind it."""

    items: list[ItemOut]
    next: str | None


class ReasonOut(Shape):
    """One reason why something is refused, and the way out."""

    code: str
    text: str
    hint: str


class ChoiceOut(Shape):
    """A move out of the present state: what still has to be brought for it, what stands against it."""

    verb: str
    label: str
    is_open: bool
    needs: list[ReasonOut]
    against: list[ReasonOut]


class ClockOut(Shape):
    """A running limit of an item."""

    clock: str
    label: str
    due_at: datetime


class EvidenceOut(Shape):
    """A piece of evidence."""

    sha256: str
    name: str
    size: int
    made_on: date | None


class ItemDetailOut(Shape):
    """Everything about one item."""

    number: str
    kind: str
    title: str
    unit: str
    state: str
    state_label: str
    stage: str
    version: int
    returned_count: int
    fields: dict[str, str | int]
    lamp: LampOut
    clocks: list[ClockOut]
    evidence: list[EvidenceOut]
    parts: list[str]
    moves: list[ChoiceOut]


class EntryOut(Shape):
    """An entry of the history. `before` and `after` are labels of states; None where the state stayed."""

    index: int
    at: datetime
    what: str
    label: str
    actor: str
    before: str | None
    after: str | None
    leaf: str
    is_erased: bool


class HistoryOut(Shape):
    """The history of an item, oldest first."""

    entries: list[EntryOut]


class DueOut(Shape):
    """A limit that runs out."""

    number: str
    title: str
    unit: str
    clock: str
    due_at: datetime


class NoticeOut(Shape):
    """A notice of the person's own inbox."""

    key: str
    kind: str
    number: str
    written_at: datetime
    read_at: datetime | None
    facts: dict[str, str | int | None]


class NoticePage(Shape):
    """A page of notices, newest first; `next` asks for the page behind it."""

    notices: list[NoticeOut]
    next: str | None


class MovedOut(Shape):
    """The item as it stands after what was asked; asked again under the same key, as it stands then."""

    number: str
    version: int
    state: str
    stage: str


class NewIn(Shape):
    """An item to be opened."""

    kind: Short
    title: Title
    unit: Short
    fields: Annotated[dict[Short, FieldIn], Field(max_length=100)] = {}
    parent: Short | None = None
    category: Short | None = None
    as_of: date | None = None


class MoveIn(Shape):
    """A move to be made, with what it needs. People are named by login, other items by number."""

    expected_version: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None
    reason: Text | None = None
    fields: Annotated[dict[Short, FieldIn], Field(max_length=100)] = {}
    target: Short | None = None
    assignee: Short | None = None
    unit: Short | None = None
    until_on: date | None = None
    due_on: date | None = None
    other: Short | None = None
    parts: Annotated[list[Text], Field(max_length=100)] = []
    claimed_on: date | None = None


class ProblemOut(BaseModel):
    """What went wrong (RFC 9457): `detail` says why, `hint` what to do, `reasons` everything that stands against it."""

    type: str
    title: str
    status: int
    detail: str
    hint: str
    reasons: list[ReasonOut] = []
