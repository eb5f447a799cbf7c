"""A bureau for the matrix of G-SEC-3: every role in every place, and items in every place and state.

Who may see what stands here once more, in the words of the tree of units, and not in those of the product.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO

from starlette.testclient import TestClient

from engine.model.account import Account, Session
from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import Roster
from engine.model.item import NewItem
from engine.model.transition import Attempt
from engine.rules.accounts import digest_of
from engine.usecases.definitions import pinned
from engine.usecases.items import move_item, open_once
from engine.usecases.people import identify
from tests.web.browser import SITE, Office
from tests.web.program import Program, token_for
from tests.web.test_day import PICTURE

UNITS = {"bureau": None, "unit_a": "bureau", "unit_a1": "unit_a", "unit_b": "bureau", "unit_b1": "unit_b"}
"""Each unit and the one above it."""
NEW_UNITS = ("unit_a1", "unit_b", "unit_b1")
PLACES = tuple(UNITS)
NOBODY = "p_nobody"


def lineage(unit: str | None) -> Iterator[str]:
    """A unit and every unit above it."""
    while unit is not None:
        yield unit
        unit = UNITS.get(unit)


@dataclass(frozen=True)
class Asker:
    """Somebody with one role in one place, or with none."""

    login: str
    role: Role | None
    place: str


@dataclass(frozen=True)
class Thing:
    """An item: where it lies, and who opened it."""

    number: str
    place: str
    opener: str
    sha256: str
    verb: str
    """A verb that its state knows; empty where there is none."""

    def is_open_to(self, asker: Asker) -> bool:
        """Whoever opened it sees it, and whoever has a post in its unit or above; nobody else."""
        return asker.login == self.opener or (asker.role is not None and asker.place in lineage(self.place))


def askers() -> list[Asker]:
    """Every role in every place, and one person with no post at all."""
    found = [Asker(f"p_{role.value}_{place}", role, place) for role in Role for place in PLACES]
    return [*found, Asker(NOBODY, None, "bureau")]


class Bureau:
    """The office of the other tests, grown."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._settle()
        self.things = list(self._things())

    def _settle(self) -> None:
        units = tuple(
            Unit(code=code, name=f"示例{code}", parent=UNITS[code], ordinal=10 + n, handles_cases=True)
            for n, code in enumerate(NEW_UNITS)
        )
        people, posts, grants = [], [], []
        for number, each in enumerate(askers()):
            person = Person(id=f"{1000 + number:032x}", login=each.login, name=each.login, is_sample=True)
            people.append(person)
            if each.role is not None:
                held = frozenset({each.role})
                post = Post(code=each.login, unit=each.place, scope=each.place, title=each.login, roles=held)
                posts.append(post)
                grants.append(
                    Grant(person=person.id, post=post.code, from_on=date(2020, 1, 1), until_on=None)
                )
        roster = Roster(units=units, posts=tuple(posts), persons=tuple(people), grants=tuple(grants))
        with self.office.app.writing() as uow:
            uow.people.add(roster)
            uow.commit()

    def _things(self) -> Iterator[Thing]:
        for place in PLACES:
            opener = f"p_officer_{place}"
            for verbs, verb in (((), "submit"), (("submit",), "withdraw"), (("submit", "void"), "")):
                yield self._thing(place, opener, verbs, verb)
        yield Thing("ZG-2020-999999", "nowhere", "", "0" * 64, "submit")

    def _thing(self, place: str, opener: str, verbs: tuple[str, ...], verb: str) -> Thing:
        app, now = self.office.app, self.office.time
        actor = identify(app.reading(), now, opener).actor
        placed = pinned(app.reading(), "item")
        key = f"{place}-{len(verbs)}"
        new = NewItem(
            definition=placed.ref,
            campaign=placed.campaign,
            unit=place,
            title=f"只此一件 {key}",
            fields={"problem": "样例"},
        )
        item = open_once(app.writing(), now, new, actor, key)
        file = app.receive_evidence(BytesIO(PICTURE + key.encode()), f"{key}.png", None)
        director = identify(app.reading(), now, "director").actor
        for step in verbs:
            who, evidence = (director, ()) if step == "void" else (actor, (file,))
            move_item(
                app.writing(),
                now,
                Attempt(
                    item=item.id,
                    verb=step,
                    actor=who,
                    key=f"{key}-{step}",
                    evidence=evidence,
                    reason="样例" if step == "void" else None,
                ),
            )
        return Thing(item.number, place, opener, file.sha256 if verbs else "0" * 64, verb)

    def program(self, asker: Asker) -> Program:
        """A program with a token of the asker's."""
        return Program(self.office, token_for(self.office, asker.login))

    def browser(self, asker: Asker, name: str = "pages") -> TestClient:
        """A browser of this name in which the asker has signed in, with whatever the post asks for."""
        office, token = self.office, digest_of(f"{asker.login}/{name}")
        with office.app.writing() as uow:
            person = uow.people.by_login([asker.login])[asker.login].id
            if uow.accounts.get(person) is None:
                uow.accounts.add(
                    Account(person=person, password_hash="-", must_change=False, changed_at=office.time)
                )
            uow.accounts.open_session(
                Session(
                    digest=digest_of(token),
                    person=person,
                    opened_at=office.time,
                    seen_at=office.time + timedelta(seconds=1),
                    is_complete=True,
                )
            )
            uow.commit()
        return TestClient(office.web, base_url=SITE, cookies={"duban": token}, raise_server_exceptions=False)
