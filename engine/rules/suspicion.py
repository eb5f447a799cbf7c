"""Looks through the acts of a history for what paper rectification (纸面整改) looks like.

What it finds are questions with the entries behind them. Nothing here says that anybody has done wrong: ten items may
well be closed on one day, because the report on them was due.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from engine.model.calendar import LOCAL
from engine.model.definition import Definition, Effect, MoveDef, Stage
from engine.model.guards import Independent
from engine.model.ids import NOBODY, ItemId, PersonId, UnitCode
from engine.model.inspection import Measure, Question, Suspicion
from engine.rules.ledger import Json
from engine.rules.past import Step, changes_in

SELF_REVIEW = "self_review_refused"
"""What the entry of a refused attempt to review one's own work is called."""
FIELD = "field:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did to an item, as far as it is looked at here."""

    index: int
    at: datetime
    item: ItemId
    unit: UnitCode
    actor: PersonId
    closes: bool = False
    reviews: bool = False
    """Whether it judged the work of others and let it pass."""
    returns: bool = False
    waited: timedelta = timedelta()
    """How long the item had been in the state that it left."""
    evidence: int = 0
    """Pieces of evidence on the item."""
    words: tuple[str, ...] = ()
    """What was written about the progress."""


@dataclass(frozen=True, slots=True)
class Attempted:
    """That somebody tried to review their own work."""

    index: int
    actor: PersonId


def act_of(step: Step, definition: Definition) -> Act:
    """What a transition is here. definition: the one that the item ran under before it."""
    entry, before, after = step.entry, step.before, step.after
    move = definition.moves_by_place.get((before.text("state"), entry.what))
    is_review = move is not None and any(isinstance(guard, Independent) for guard in move.guards)
    is_return = move is not None and Effect.COUNT_RETURN in move.effects
    entered = before.text("entered_at")
    return Act(
        index=entry.index,
        at=entry.at,
        item=ItemId(f"{entry.item}"),
        unit=UnitCode(after.text("unit")),
        actor=entry.actor,
        closes=before.text("stage") not in ("", Stage.CLOSED) and after.text("stage") == Stage.CLOSED,
        reviews=is_review and not is_return,
        returns=is_return,
        waited=entry.at - datetime.fromisoformat(entered) if entered else timedelta(),
        evidence=_number(after.document.get("evidence_count")),
        words=tuple(_words(step, move)),
    )


def _words(step: Step, move: MoveDef | None) -> Iterator[str]:
    if move is None or step.before.text("stage") != Stage.RECTIFYING:
        return
    for change in changes_in(step.payload):
        if change.name.startswith(FIELD) and isinstance(change.after, str):
            yield change.after


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


class Watch:
    """Takes acts in the order of the log, and asks about what adds up."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._closed_on: dict[tuple[PersonId, date], list[int]] = defaultdict(list)
        self._closed_in: dict[tuple[UnitCode, str], list[tuple[int, bool]]] = defaultdict(list)
        self._said: dict[str, dict[int, str]] = defaultdict(dict)
        self._reviewed: dict[PersonId, list[tuple[int, bool]]] = defaultdict(list)
        self._returned: set[PersonId] = set()
        self._attempted: dict[PersonId, list[int]] = defaultdict(list)

    def see(self, act: Act) -> None:
        """Take in one act."""
        day = act.at.astimezone(LOCAL).date()
        if act.closes:
            self._closed_in[act.unit, f"{day:%Y-%m}"].append((act.index, self._is_late(day)))
        if act.actor == NOBODY:
            return
        if act.closes:
            self._closed_on[act.actor, day].append(act.index)
        if act.returns:
            self._returned.add(act.actor)
        if act.reviews:
            self._reviewed[act.actor].append((act.index, act.waited < self._reading(act)))
        for text in act.words:
            if len(core := _core(text)) >= self._measure.shortest_text:
                self._said[core][act.index] = text

    def attempted(self, attempt: Attempted) -> None:
        """Take in an attempt to review one's own work."""
        self._attempted[attempt.actor].append(attempt.index)

    def questions(self) -> list[Question]:
        """Everything to ask about: kind by kind, what was seen most often first."""
        asking = (self._bulk, self._month_end, self._same_text, self._never, self._fast, self._own)
        found = [question for ask in asking for question in ask()]
        kinds = [*Suspicion]
        return sorted(found, key=lambda each: (kinds.index(each.suspicion), -each.count, each.key))

    def _is_late(self, day: date) -> bool:
        return day.day > monthrange(day.year, day.month)[1] - self._measure.last_days

    def _reading(self, act: Act) -> timedelta:
        measure = self._measure
        return timedelta(seconds=measure.seconds_an_item + measure.seconds_a_piece * act.evidence)

    def _bulk(self) -> Iterator[Question]:
        altogether = Counter[PersonId]()
        for (person, _), entries in self._closed_on.items():
            altogether[person] += len(entries)
        for (person, day), entries in self._closed_on.items():
            if len(entries) >= self._measure.bulk:
                yield Question(
                    suspicion=Suspicion.BULK_CLOSING,
                    entries=tuple(entries),
                    of=altogether[person],
                    person=person,
                    about=f"{day}",
                )

    def _month_end(self) -> Iterator[Question]:
        for (unit, month), closed in self._closed_in.items():
            late = [index for index, is_late in closed if is_late]
            if len(late) >= self._measure.month_end and 2 * len(late) > len(closed):
                yield Question(
                    suspicion=Suspicion.MONTH_END, entries=tuple(late), of=len(closed), unit=unit, about=month
                )

    def _same_text(self) -> Iterator[Question]:
        told = sum(map(len, self._said.values()))
        for texts in self._said.values():
            if len(texts) >= self._measure.same_text:
                yield Question(
                    suspicion=Suspicion.SAME_TEXT,
                    entries=tuple(texts),
                    of=told,
                    about=next(iter(texts.values())),
                )

    def _never(self) -> Iterator[Question]:
        for person, reviews in self._reviewed.items():
            if len(reviews) >= self._measure.reviews and person not in self._returned:
                entries = [index for index, _ in reviews]
                yield Question(
                    suspicion=Suspicion.NEVER_RETURNS, entries=tuple(entries), of=len(entries), person=person
                )

    def _fast(self) -> Iterator[Question]:
        for person, reviews in self._reviewed.items():
            fast = [index for index, is_fast in reviews if is_fast]
            if len(fast) >= self._measure.fast:
                yield Question(
                    suspicion=Suspicion.FAST_APPROVAL, entries=tuple(fast), of=len(reviews), person=person
                )

    def _own(self) -> Iterator[Question]:
        for person, entries in self._attempted.items():
            yield Question(
                suspicion=Suspicion.SELF_REVIEW, entries=tuple(entries), of=len(entries), person=person
            )


def _core(text: str) -> str:
    """The words without what is changed so that they look different: spaces, digits, punctuation."""
    return "".join(character for character in text if character.isalpha())
