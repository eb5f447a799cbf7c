"""The stage of a rehearsal: acts through the use cases of production, at the virtual time of the moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from engine.model.actor import Actor, Grant, Role
from engine.model.calendar import LOCAL, Calendar
from engine.model.campaign import Campaign
from engine.model.clock import Measure
from engine.model.errors import Refused
from engine.model.ids import PersonId, PostCode, UnitCode
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt, Evidence
from engine.ports import UnitOfWork
from engine.rules.periods import shift
from engine.usecases.items import move_item, open_items
from engine.usecases.people import grant_post
from runtime.rehearsal.dice import Dice

Begin = Callable[[], UnitOfWork]
_MORNING = time(9, tzinfo=LOCAL)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a reader of the year wants to know: when, what kind, and one Chinese sentence."""

    at: datetime
    kind: str
    text: str


@dataclass(slots=True)
class Stage:
    """Acts for the stories. `happenings` collects what is worth telling; the year drains it."""

    begin: Begin
    campaign: Campaign
    calendar: Calendar
    dice: Dice
    now: datetime
    happenings: list[Happening] = field(default_factory=list)
    moves: int = 0
    substitutes: dict[PersonId, tuple[PersonId, date]] = field(default_factory=dict)
    """Who acts for whoever is away, and the day on which they are back."""
    touched: list[Item] = field(default_factory=list)
    """Items on which something has happened that may have issued a paper; the year drains it."""
    _actors: dict[tuple[PersonId, date], Actor] = field(default_factory=dict)
    _posts: dict[tuple[str, str], tuple[PersonId, ...]] = field(default_factory=dict)

    def tell(self, kind: str, text: str) -> None:
        """Note something worth telling."""
        self.happenings.append(Happening(self.now, kind, text))

    def actor(self, person: PersonId) -> Actor:
        """A person with the posts held today."""
        key = (person, self.now.astimezone(LOCAL).date())
        if key not in self._actors:
            with self.begin() as uow:
                self._actors[key] = uow.people.actor(*key)
        return self._actors[key]

    def holders(self, role: Role, unit: UnitCode) -> tuple[PersonId, ...]:
        """Who holds a role that reaches a unit, nearest first, by the roster the year began with."""
        if (role, unit) not in self._posts:
            today = self.now.astimezone(LOCAL).date()
            with self.begin() as uow:
                self._posts[role, unit] = uow.people.holders(role, [unit], today)[unit]
        return self._posts[role, unit]

    def one(self, role: Role, unit: UnitCode, *, besides: frozenset[PersonId] = frozenset()) -> Actor:
        """The first holder of a role who is not among `besides`; the first holder where all of them are."""
        holders = self.holders(role, unit)
        person = next((person for person in holders if person not in besides), holders[0])
        return self.actor(self._in_charge(person))

    def _in_charge(self, person: PersonId) -> PersonId:
        substitute, back_on = self.substitutes.get(person, (person, date.max))
        return substitute if self.now.astimezone(LOCAL).date() < back_on else person

    def put_in_charge(
        self, substitute: PersonId, principal: PersonId, post: PostCode, until_on: date
    ) -> None:
        """Let somebody act for the holder of a post until the day before `until_on`."""
        today = self.now.astimezone(LOCAL).date()
        grant = Grant(person=substitute, post=post, from_on=today, until_on=until_on, on_behalf_of=principal)
        grant_post(self.begin(), self.now, grant, self.one(Role.SECURITY_OFFICER, self.campaign.bureau))
        self.substitutes[principal] = substitute, until_on
        self._actors.clear()

    def open(self, kind: str, unit: UnitCode, actor: Actor, title: str, **more: Any) -> Item:
        """Open an item of a kind."""
        new = NewItem(
            definition=self.campaign.definitions[kind],
            campaign=self.campaign.id,
            unit=unit,
            title=title,
            **more,
        )
        self.moves += 1
        return open_items(self.begin(), self.now, [new], actor)[0]

    def do(self, item: Item, verb: str, actor: Actor, **more: Any) -> Item:
        """Move an item; returns it as it then stands. Raises Refused."""
        key = f"{item.id}/{item.version}/{verb}/{self.moves}"
        self.moves += 1
        attempt = Attempt(item=item.id, verb=verb, actor=actor, key=key, **more)
        moved = move_item(self.begin(), self.now, attempt)
        self.touched.append(moved)
        return moved

    def attempt(self, item: Item, verb: str, actor: Actor, **more: Any) -> Item | None:
        """Move an item, or tell why it was refused and return None."""
        try:
            return self.do(item, verb, actor, **more)
        except Refused as refused:
            reasons = "；".join(f"{reason.why}，{reason.way_out}" for reason in refused.reasons)
            self.tell("refused", f"{refused.message}：{reasons}")
            return None

    def fresh(self, item: Item) -> Item:
        """The item as it stands now."""
        with self.begin() as uow:
            return uow.items.get([item.id])[item.id]

    def children(self, item: Item) -> list[Item]:
        """Everything opened under an item."""
        with self.begin() as uow:
            return uow.items.children(item.id)

    def above(self, item: Item) -> Item:
        """What an item was opened under; itself, where it stands alone."""
        with self.begin() as uow:
            return uow.items.get([item.parent])[item.parent] if item.parent else item

    def workday(self, days: int, *about: str | int) -> datetime:
        """An instant in office hours, `days` working days from now."""
        later = shift(self.now, days, Measure.WORKING_DAY, self.calendar) if days else self.now
        return self.office_hours(later.astimezone(LOCAL).date(), *about)

    def office_hours(self, day: date, *about: str | int) -> datetime:
        """An instant in the office hours of `day`, or of the next working day; never before now."""
        while not self.calendar.works_on(day):
            day += timedelta(days=1)
        minutes = self.dice.between(0, 8 * 60 - 1, "minute", day.isoformat(), *about)
        at = datetime.combine(day, _MORNING) + timedelta(minutes=minutes)
        return max(at.astimezone(self.now.tzinfo), self.now + timedelta(minutes=1))


def sample_evidence(name: str) -> Evidence:
    """A sample piece of evidence: its bytes are its name."""
    content = sample_bytes(name)
    return Evidence(sha256=sha256(content).hexdigest(), name=f"{name}.txt", size=len(content))


def sample_bytes(name: str) -> bytes:
    """The bytes of a sample piece of evidence."""
    return f"样例佐证材料：{name}\n".encode()
