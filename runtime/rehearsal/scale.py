"""Makes a plan smaller or larger: fewer units that handle cases, or more sample stations."""

from dataclasses import replace
from hashlib import sha256

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import Campaign, Roster
from engine.model.ids import PersonId, PostCode, UnitCode

POSTS = (
    ("head", "所长", Role.UNIT_HEAD),
    ("legal", "法制员", Role.UNIT_LEGAL_OFFICER),
    ("officer", "民警", Role.OFFICER),
)


def scaled(campaign: Campaign, units: int) -> Campaign:
    """The campaign with exactly `units` units that handle cases, in the order of the annex."""
    there = [unit for unit in campaign.roster.units if unit.handles_cases]
    kept = {unit.code for unit in there[:units]}
    roster = _without(campaign.roster, {unit.code for unit in there} - kept)
    for number in range(len(there) + 1, units + 1):
        roster = _with_station(roster, campaign, number)
    codes = {unit.code for unit in roster.units}
    tasks = tuple(
        replace(task, assisting=tuple(u for u in task.assisting if u in codes)) for task in campaign.tasks
    )
    return replace(campaign, roster=roster, tasks=tasks)


def _without(roster: Roster, gone: set[UnitCode]) -> Roster:
    """The roster without these units; posts of the whole bureau that lie in one of them stay with the bureau."""
    root = next(unit.code for unit in roster.units if unit.parent is None)
    wide = [replace(p, unit=root) if p.unit in gone and p.scope not in gone else p for p in roster.posts]
    posts = tuple(post for post in wide if post.unit not in gone)
    held = {post.code for post in posts}
    return Roster(
        units=tuple(unit for unit in roster.units if unit.code not in gone),
        posts=posts,
        persons=roster.persons,
        grants=tuple(grant for grant in roster.grants if grant.post in held),
    )


def _with_station(roster: Roster, campaign: Campaign, number: int) -> Roster:
    code = UnitCode(f"sample_{number:04d}")
    unit = Unit(
        code=code,
        name=f"示例第{number}派出所",
        parent=campaign.bureau,
        ordinal=len(roster.units) + 1,
        handles_cases=True,
    )
    posts = tuple(
        Post(code=PostCode(f"{code}_{name}"), unit=code, scope=code, title=title, roles=frozenset({role}))
        for name, title, role in POSTS
    )
    persons = tuple(_person(post, number) for post in posts)
    grants = tuple(
        Grant(
            person=person.id,
            post=post.code,
            from_on=campaign.starts_on.replace(month=1, day=1),
            until_on=None,
        )
        for person, post in zip(persons, posts, strict=True)
    )
    return Roster(
        units=(*roster.units, unit),
        posts=(*roster.posts, *posts),
        persons=(*roster.persons, *persons),
        grants=(*roster.grants, *grants),
    )


def _person(post: Post, number: int) -> Person:
    drawn = sha256(f"sample/{post.code}".encode()).hexdigest()[:32]
    return Person(
        id=PersonId(drawn), login=f"{post.code}", name=f"示例{post.title}{number:04d}", is_sample=True
    )
