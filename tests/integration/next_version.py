"""A further version of the shipped definition of findings, in which something of every kind has changed."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from engine.model.actor import Grant, Person, Post, Role
from engine.model.campaign import Roster
from engine.model.definition import Definition
from engine.model.ids import PersonId, PostCode
from engine.model.migration import MigrationPlan
from tests.builders import BUREAU, a_person
from workflows.builder import read_definition
from workflows.migration import draft_migration, read_migration

LIBRARY = Path(__file__).parents[2] / "workflows" / "library"
HALFWAY = """\
clocks:
  - id: halfway
    label: 中期检查
    runs_in: [rectifying]
    due: {anchor: entry, length: 30, words: 30日内中期检查}
    ladder: reviewing
"""
CHANGED = (
    ("version: 4\n", "version: 5\n"),
    ("self_checked", "checked"),  # a state has another name
    ("提请复核后5个工作日", "提请复核后3个工作日"),
    ("length: 5, measure", "length: 3, measure"),  # a limit is shorter
    ("offset: -3, tell: [owner, delegate]", "offset: -5, tell: [owner, delegate]"),  # a rung comes earlier
    ("clocks:\n", HALFWAY),
)
SIGNING = "  - id: sign_for\n    label: 签收时限"


def next_text() -> str:
    """The document: it has a new limit, a shorter one, one fewer, another rung, and a state with another name."""
    text = (LIBRARY / "item.yaml").read_text(encoding="utf-8")
    for old, new in CHANGED:
        assert old in text
        text = text.replace(old, new)
    before, _, rest = text.partition(SIGNING)
    return before + "  - id: rectify" + rest.partition("  - id: rectify")[2]


def next_version() -> Definition:
    """The definition in that document."""
    return read_definition(next_text().encode(), "item.yaml")


def a_plan(old: Definition, new: Definition, **states: str) -> MigrationPlan:
    """The draft between two versions, with these states decided."""
    text = draft_migration(old, new)
    for state, there in states.items():
        line = next(line for line in text.splitlines() if line.startswith(f"  {state}:"))
        text = text.replace(line, f"  {state}: {there}")
    return read_migration(text.encode(), "plan.yaml")


ADMINISTRATOR, SECURITY = a_person(50), a_person(51)


def with_administrator(roster: Roster) -> Roster:
    """The roster with somebody who may migrate."""
    return _with(roster, ADMINISTRATOR, PostCode("keeper"), Role.ADMINISTRATOR)


def with_security(roster: Roster) -> Roster:
    """The roster with somebody who may erase."""
    return _with(roster, SECURITY, PostCode("security"), Role.SECURITY_OFFICER)


def _with(roster: Roster, who: PersonId, code: PostCode, role: Role) -> Roster:
    post = Post(code=code, unit=BUREAU, scope=BUREAU, title=code, roles=frozenset({role}))
    person = Person(id=who, login=code, name=f"示例{code}", is_sample=True)
    grant = Grant(person=person.id, post=post.code, from_on=date(2020, 1, 1), until_on=None)
    return replace(
        roster,
        posts=(*roster.posts, post),
        persons=(*roster.persons, person),
        grants=(*roster.grants, grant),
    )
