"""A rehearsal that stops in the middle of its year and goes on when it is asked to, while people look at it.

The year goes on through the same stories; where a person has moved an item that a story meant to move, the story ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from threading import Lock

from engine.model.account import Account
from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.errors import Error
from engine.model.ids import UnitCode
from engine.ports.accounts import Hasher
from engine.usecases.accounts import note
from engine.usecases.campaigns import LoadCampaign, load_campaign
from runtime.clock import Clock, system_clock
from runtime.entropy import SystemEntropy
from runtime.rehearsal.run import Rehearsal, postman, stage_of
from runtime.rehearsal.stage import Happening
from runtime.rehearsal.year import LOADED_AT, Year, ends_at
from runtime.wiring import App, build
from runtime.words import ROLES

PASSWORD = "duban-demo-2020"  # noqa: S105 - of sample people, on this computer only
OPENS_AT = time(8, 30, tzinfo=LOCAL)
STEPS = {"day": timedelta(days=1), "week": timedelta(days=7)}
SHOWN = (
    Role.OFFICER,
    Role.UNIT_LEGAL_OFFICER,
    Role.UNIT_HEAD,
    Role.OFFICE,
    Role.OFFICE_DIRECTOR,
    Role.LEADING_GROUP,
    Role.SUPERVISOR,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.SECURITY_OFFICER,
)


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody a newcomer may sign in as."""

    login: str
    name: str
    role: str
    unit: str


class VirtualClock:
    """Goes on with the clock of this computer from an instant that can be set anew, later each time."""

    def __init__(self, at: datetime, tick: Clock = system_clock) -> None:
        self._tick = tick
        self.set(at)

    def set(self, at: datetime) -> None:
        """Let it be `at` now."""
        self._ahead = at - self._tick()

    def __call__(self) -> datetime:
        """The virtual present."""
        return self._tick() + self._ahead


class Demo:
    """The rehearsed installation: `app` serves pages at virtual time, `advance` lets the year go on."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        command = LoadCampaign(rehearsal.campaign, rehearsal.definitions)
        load_campaign(rehearsal.app.writing(), LOADED_AT, command)
        self.ends_at = ends_at(rehearsal.campaign)
        self._campaign = rehearsal.campaign
        self._year = Year(
            stage_of(rehearsal),
            items=rehearsal.items,
            deliver=postman(rehearsal.app),
            given_up_at=(Error,),
        )
        self._clock = VirtualClock(LOADED_AT)
        self._turn = Lock()
        self.app: App = build(rehearsal.app.settings, clock=self._clock, entropy=SystemEntropy())

    def play_until(self, at: datetime) -> Iterator[Happening]:
        """Let the year go on to an instant; yields what happens. The clock is set when it is there."""
        until = min(max(at, self._clock()), self.ends_at)
        with self._turn:
            yield from self._year.play(until)
            self._clock.set(until)

    def advance(self, step: str) -> list[Happening]:
        """A day or a week on, to the hour at which offices open; or to the next limit."""
        return list(self.play_until(self.after(step)))

    def after(self, step: str) -> datetime:
        """The instant that a step leads to."""
        now = self._clock()
        if step in STEPS:
            day = (now + STEPS[step]).astimezone(LOCAL).date()
            return datetime.combine(day, OPENS_AT)
        with self.app.reading() as uow:
            due = uow.deadlines.next_at()
        return due + timedelta(seconds=1) if due else now

    def give_accounts(self, hasher: Hasher) -> list[SamplePerson]:
        """An account for one person of each role, all with the same password; returns them."""
        people, hashed = list(self._sample_people()), hasher.hash(PASSWORD)
        with self.app.writing() as uow:
            known = uow.people.by_login([person.login for person in people])
            for person in known.values():
                uow.accounts.add(
                    Account(
                        person=person.id,
                        password_hash=hashed,
                        must_change=False,
                        changed_at=self.app.now(),
                    )
                )
                note(
                    uow,
                    self.app.now(),
                    "add_account",
                    person.id,
                    uow.people.actor(person.id, LOADED_AT.date()),
                )
            uow.commit()
        return people

    def _sample_people(self) -> Iterator[SamplePerson]:
        """The people of the first unit that handles cases, and of the bureau."""
        today = self.app.now().astimezone(LOCAL).date()
        units = {unit.code: unit.name for unit in self._campaign.roster.units}
        first = next(UnitCode(unit.code) for unit in self._campaign.roster.units if unit.handles_cases)
        seen: set[str] = set()
        with self.app.reading() as uow:
            for role in SHOWN:
                holders = uow.people.holders(role, [first], today)[first]
                persons = uow.people.by_id(holders)
                for holder in holders:
                    held = uow.people.actor(holder, today).posts[0]
                    if persons[holder].login not in seen:
                        seen.add(persons[holder].login)
                        person = persons[holder]
                        yield SamplePerson(person.login, person.name, ROLES[role], units[held.unit])
                        break
