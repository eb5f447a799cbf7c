"""A small bureau with two reporting units and a plan of duties, loaded on any day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign, Duty, DutyDate, Roster
from engine.model.clock import Roll
from engine.model.ids import PostCode, UnitCode
from engine.model.item import Item
from engine.model.transition import Attempt
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.items import move_item
from tests.builders import BUREAU, UNIT, a_person
from tests.integration.house import House, a_campaign, a_roster, definitions

SECOND, THIRD = UnitCode("unit_b"), UnitCode("unit_c")
MONTHS = {"2020-04": 30, "2020-05": 31, "2020-06": 30, "2020-07": 31}


def a_unit(code: UnitCode, ordinal: int) -> tuple[Unit, Post, Person, Grant]:
    """A reporting unit with its head."""
    unit = Unit(code=code, name=f"示例{code}", parent=BUREAU, ordinal=ordinal, handles_cases=True)
    post = Post(
        code=PostCode(f"head_{code}"),
        unit=code,
        scope=code,
        title="负责人",
        roles=frozenset({Role.UNIT_HEAD}),
    )
    person = Person(id=a_person(80 + ordinal), login=post.code, name=f"示例{post.code}", is_sample=True)
    return (
        unit,
        post,
        person,
        Grant(person=person.id, post=post.code, from_on=date(2020, 1, 1), until_on=None),
    )


def with_unit(roster: Roster, code: UnitCode, ordinal: int) -> Roster:
    """The roster with one more reporting unit."""
    unit, post, person, grant = a_unit(code, ordinal)
    return Roster(
        units=(*roster.units, unit),
        posts=(*roster.posts, post),
        persons=(*roster.persons, person),
        grants=(*roster.grants, grant),
    )


def monthly() -> Duty:
    dates = tuple(
        DutyDate(period=period, due_on=date.fromisoformat(f"{period}-{last}"), words="每月底", roll=Roll.BACK)
        for period, last in MONTHS.items()
    )
    return Duty(code="monthly", label="月报", quote="每月底上报", sections=("情况",), dates=dates)


def final() -> Duty:
    last = DutyDate(period="2020", due_on=date(2020, 12, 5), words="12月5日前", roll=Roll.BACK)
    return Duty(code="final", label="总结", quote="年底总结", sections=("成效",), dates=(last,), ahead=10)


def nil_return() -> Duty:
    return Duty(code="nil_return", label="查摆零报告", quote="没有问题的签零报告", sections=(), dates=())


def a_plan() -> Campaign:
    """Two units report monthly from April to July, and once at the end of the year."""
    roster = with_unit(a_roster(), SECOND, 3)
    return replace(a_campaign(), id="plan", duties=(monthly(), final(), nil_return()), roster=roster)


def at(text: str) -> datetime:
    """An instant written in local time."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


def a_large_plan() -> Campaign:
    """Three hundred units that report on each of forty weeks."""
    roster = a_roster()
    for number in range(3, 302):
        roster = with_unit(roster, UnitCode(f"unit_{number:03}"), number)
    fridays = [date(2020, 4, 10) + timedelta(weeks=week) for week in range(40)]
    dates = tuple(
        DutyDate(period=f"{day:%G-W%V}", due_on=day, words="每周五前", roll=Roll.BACK) for day in fridays
    )
    weekly = Duty(code="weekly", label="周报", quote="每周五前上报", sections=("情况",), dates=dates)
    return replace(a_plan(), duties=(weekly,), roster=roster)


def loaded(folder: Path, when: str = "2020-04-20T08:30", plan: Campaign | None = None) -> House:
    """A plan in a file of its own; the small one if no other is given."""
    house = House(folder, campaign=None)
    load = LoadCampaign(plan or a_plan(), tuple(definitions().values()))
    load_campaign(house.begin(), at(when), load)
    return house


def reports(house: House) -> list[Item]:
    """Every report, in the order of their numbers."""
    with house.begin() as uow:
        return uow.items.of_campaign("plan", "report")


def report(house: House, unit: UnitCode, period: str, duty: str = "monthly") -> Item:
    """The report of a unit on a period."""
    return next(r for r in reports(house) if (r.unit, r.period, r.duty) == (unit, period, duty))


def do(house: House, item: Item, verb: str, post: str, when: str, **asked: object) -> Item:
    """Move a report."""
    with house.begin() as uow:
        person = uow.people.by_login([post])[post].id
        actor = uow.people.actor(person, date(2020, 5, 6))
    key = f"{verb}/{item.number}/{item.version}"
    attempt = Attempt(item=item.id, verb=verb, actor=actor, key=key, **asked)  # type: ignore[arg-type]
    return move_item(house.begin(), at(when), attempt)


__all__ = [
    "BUREAU",
    "SECOND",
    "THIRD",
    "UNIT",
    "a_large_plan",
    "a_plan",
    "at",
    "do",
    "loaded",
    "report",
    "reports",
    "with_unit",
]
