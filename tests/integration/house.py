"""A small bureau on a real SQLite file or the twin, with the shipped definitions published and everybody in post."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.model.actor import Actor, Grant, Person, Post, Role, Unit
from engine.model.calendar import Calendar
from engine.model.campaign import Campaign, Roster, Scheme
from engine.model.definition import Definition
from engine.model.ids import PersonId, PostCode, UnitCode
from engine.ports import UnitOfWork
from storage.dialects import Database, open_database
from storage.memory.unit_of_work import Memory, MemoryUnitOfWork
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import BUREAU, NOON, UNIT, a_person
from tests.contract.stores import migrated_file
from workflows.builder import definition_from_json, read_definition

LIBRARY = Path(__file__).parents[2] / "workflows" / "library"
CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))
Begin = Callable[[], UnitOfWork]

POSTS: tuple[tuple[str, UnitCode, UnitCode, Role], ...] = (
    ("officer", UNIT, UNIT, Role.OFFICER),
    ("legal", UNIT, UNIT, Role.UNIT_LEGAL_OFFICER),
    ("head", UNIT, UNIT, Role.UNIT_HEAD),
    ("office", BUREAU, BUREAU, Role.OFFICE),
    ("director", BUREAU, BUREAU, Role.OFFICE_DIRECTOR),
    ("leader", BUREAU, BUREAU, Role.LEADING_GROUP),
)


def person_in(post: str) -> PersonId:
    """The sample person who holds a post of the small bureau."""
    return a_person([code for code, *_ in POSTS].index(post) + 1)


class Counting:
    """Entropy that counts, so that every run is the same."""

    def __init__(self) -> None:
        self.count = 0

    def new_id(self, now: datetime) -> str:
        self.count += 1
        return f"{self.count:032x}"

    def salt(self) -> bytes:
        self.count += 1
        return self.count.to_bytes(32, "big")


def definitions() -> dict[str, Definition]:
    """Every shipped definition by its kind."""
    return {definition.ref.id: definition for definition in _library()}


@cache
def _library() -> tuple[Definition, ...]:
    return tuple(read_definition(path.read_bytes(), path.name) for path in sorted(LIBRARY.glob("*.yaml")))


def a_roster() -> Roster:
    """One unit below the bureau; one person in each post."""
    units = (
        Unit(code=BUREAU, name="示例县公安局", parent=None, ordinal=1, handles_cases=False),
        Unit(code=UNIT, name="示例一队", parent=BUREAU, ordinal=2, handles_cases=True),
    )
    posts = tuple(
        Post(code=PostCode(code), unit=unit, scope=scope, title=code, roles=frozenset({role}))
        for code, unit, scope, role in POSTS
    )
    persons = tuple(
        Person(id=person_in(post.code), login=post.code, name=f"示例{post.code}", is_sample=True)
        for post in posts
    )
    grants = tuple(
        Grant(person=person_in(post.code), post=post.code, from_on=date(2020, 1, 1), until_on=None)
        for post in posts
    )
    return Roster(units=units, posts=posts, persons=persons, grants=grants)


def a_campaign() -> Campaign:
    """A campaign with no plan, only definitions and people."""
    return Campaign(
        id="sample",
        title="样例行动",
        bureau=BUREAU,
        issued_on=date(2020, 4, 20),
        starts_on=date(2020, 4, 1),
        ends_on=date(2020, 12, 31),
        hard_stop_on=date(2020, 11, 30),
        source="样例",
        categories=(),
        tasks=(),
        phases=(),
        duties=(),
        scheme=Scheme(full_marks=100, criteria=(), source="样例"),
        definitions={kind: definition.ref for kind, definition in definitions().items()},
        roster=a_roster(),
        sha256="0" * 64,
        document="{}",
    )


PLAIN = a_campaign()


class House:
    """The small bureau: `begin()` gives a fresh unit of work, `actor(post)` whoever holds a post."""

    def __init__(self, folder: Path, campaign: Campaign | None = PLAIN) -> None:
        file = folder / "duban.db"
        self.database: Database = open_database(f"sqlite:///{file}")
        self._entropy = Counting()
        if campaign is PLAIN:
            content, self._entropy.count = settled()
            file.write_bytes(content)
        elif not file.exists():
            file.write_bytes(migrated_file())
            self._publish(campaign)

    def _publish(self, campaign: Campaign | None) -> None:
        if campaign is None:
            return
        with self.begin() as uow:
            uow.people.add(campaign.roster)
            for definition in definitions().values():
                uow.definitions.publish(definition, NOON)
            uow.campaigns.add(campaign, NOON)
            uow.commit()

    def begin(self) -> UnitOfWork:
        return SqlUnitOfWork(self.database, self._entropy, CALENDAR, definition_from_json)

    def actor(self, post: str) -> Actor:
        with self.begin() as uow:
            return uow.people.actor(person_in(post), date(2020, 5, 6))

    def close(self) -> None:
        self.database.close()


@cache
def settled() -> tuple[bytes, int]:
    """The file of a small bureau in which nothing has happened yet, and how many ids it took; made once."""
    with TemporaryDirectory() as folder:
        house = House(Path(folder), None)
        house._publish(PLAIN)
        house.close()
        return (Path(folder) / "duban.db").read_bytes(), house._entropy.count


class HouseInMemory(House):
    """The same bureau on the twin of the storage."""

    def __init__(self, campaign: Campaign = PLAIN) -> None:
        self._memory = Memory(lambda: NOON)
        self._entropy = Counting()
        self._publish(campaign)

    def begin(self) -> UnitOfWork:
        return MemoryUnitOfWork(self._memory, self._entropy, CALENDAR)

    def close(self) -> None:
        """There is nothing to give back."""
