"""The small bureau with an item in review on which nearly everybody has worked, and what one may try with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.model.actor import Actor, Grant, Person, Role
from engine.model.campaign import Campaign, Roster
from engine.model.ids import ItemId, PersonId
from engine.model.item import Item, NewItem
from engine.model.transition import Evidence
from engine.usecases.items import move_item, open_items
from engine.usecases.people import grant_post, identify
from tests.builders import NOON, UNIT, a_person, an_actor, an_attempt
from tests.integration.house import House, a_campaign, a_roster, definitions
from tests.integration.next_version import with_administrator, with_security

ITEM = definitions()["item"]
GUARDIAN = an_actor(52, Role.SECURITY_OFFICER)
LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训", "due_on": "2020-06-30"}
LATER = {"due_on": date(2020, 7, 31), "reason": "设备未到"}
MORE = ("helper", "deputy", "desk", "stranger")
"""People beside those of the small bureau: a delegate, a substitute, a second reviewer, one who holds no post."""


def proof(number: int) -> Evidence:
    """Some file."""
    return Evidence(sha256=f"{number:064x}", name=f"照片{number}.jpg", size=3)


def _roster() -> Roster:
    roster = with_security(with_administrator(a_roster()))
    people = tuple(
        Person(id=a_person(60 + number), login=login, name=f"示例{login}", is_sample=True)
        for number, login in enumerate(MORE)
    )
    posts = {"helper": "officer", "deputy": "officer", "desk": "office"}
    grants = tuple(
        Grant(person=a_person(60 + MORE.index(login)), post=post, from_on=date(2020, 1, 1), until_on=None)
        for login, post in posts.items()
    )
    return replace(roster, persons=(*roster.persons, *people), grants=(*roster.grants, *grants))


class Reviewed:
    """One try: the item in review, on a database of its own."""

    def __init__(self, folder: Path, campaign: Campaign | None = None) -> None:
        self.house = House(folder, campaign)
        self.time, self.count = NOON, 0
        self.id = ItemId("")

    @property
    def item(self) -> Item:
        """The item as it now stands."""
        with self.house.begin() as uow:
            return uow.items.get([self.id])[self.id]

    def person(self, login: str) -> PersonId:
        """Whose login this is."""
        with self.house.begin() as uow:
            return uow.people.by_login([login])[login].id

    def actor(self, login: str) -> Actor:
        """Somebody in the posts of the day."""
        return identify(self.house.begin(), self.time, login).actor

    def wait(self, days: float) -> "Reviewed":
        """Let days pass."""
        self.time += timedelta(days=days)
        return self

    def grant(self, login: str, post: str, **more: object) -> "Reviewed":
        """Put somebody in a post from today on, for another (`principal`) or between other days."""
        principal = more.pop("principal", None)
        given = {"from_on": self.time.date(), "until_on": None} | more
        person, stood_in = self.person(login), principal and self.person(f"{principal}")
        grant = Grant(person=person, post=post, on_behalf_of=stood_in, **given)
        grant_post(self.house.begin(), self.time, grant, GUARDIAN)
        return self

    def do(self, login: str, verb: str, **asked: object) -> "Reviewed":
        """Move the item. Raises whatever the use case raises."""
        self.time += timedelta(minutes=1)
        self.count += 1
        if "assignee" in asked:
            asked["assignee"] = self.person(f"{asked['assignee']}")
        attempt = replace(an_attempt(verb, self.actor(login), **asked), item=self.id)
        move_item(self.house.begin(), self.time, replace(attempt, key=f"{self.count}/{self.time}"))
        return self


def a_finding() -> NewItem:
    """What an officer of the unit may open."""
    given = {"problem": "记录不全"}
    return NewItem(definition=ITEM.ref, campaign="sample", unit=UNIT, title="记录不全", fields=given)


def worked(story: Reviewed) -> None:
    """From the finding to the review: all but `desk`, `office`, `leader` and `stranger` have had a hand in it."""
    (item,) = open_items(story.house.begin(), story.time, [a_finding()], story.actor("legal"))
    story.id = item.id
    story.grant("deputy", "head", principal="head", until_on=date(2020, 5, 8))
    story.do("legal", "attach", evidence=(proof(1),)).do("legal", "submit")
    story.do("office", "list", fields=LISTING).do("head", "assign", assignee="officer")
    story.do("officer", "sign_for").do("officer", "progress", fields={"progress": "已培训"})
    handed = {"assignee": "helper", "until_on": date(2020, 5, 30), "reason": "出差"}
    story.do("officer", "delegate", **handed).do("helper", "progress", fields={"progress": "已抽查"})
    story.do("head", "apply_extension", **LATER).do("director", "grant_extension", reason="同意")
    story.do("head", "self_check", evidence=(proof(2),), fields={"result": "已改"})
    story.do("deputy", "submit_review")


@cache
def _made() -> tuple[bytes, int, ItemId]:
    with TemporaryDirectory() as folder:
        story = Reviewed(Path(folder), replace(a_campaign(), roster=_roster()))
        worked(story)
        story.house.close()
        return (Path(folder) / "duban.db").read_bytes(), story.house._entropy.count, story.id


def in_review(folder: Path) -> Iterator[Reviewed]:
    """The item in review, four days later."""
    content, count, item = _made()
    (folder / "duban.db").write_bytes(content)
    story = Reviewed(folder)
    story.house._entropy.count, story.id = count, item
    yield story.wait(4)
    story.house.close()
