"""Units, posts, persons and what they may be. Roles follow posts, never names; a grant puts a person in a post."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from engine.model.ids import NOBODY, PersonId, PostCode, UnitCode


class Role(StrEnum):
    """What a post entitles its holder to. Closed: a definition that names another role is refused."""

    OFFICER = "officer"
    """责任民警: does the work of an item."""
    UNIT_LEGAL_OFFICER = "unit_legal_officer"
    """法制员: first reviewer inside a unit."""
    UNIT_HEAD = "unit_head"
    """部门主要负责人: signs self-checks, applies for extensions."""
    OFFICE = "office"
    """领导小组办公室: lists items, reviews, issues supervision orders."""
    OFFICE_DIRECTOR = "office_director"
    """办公室主任: approves close-out and extensions."""
    LEADING_GROUP = "leading_group"
    """领导小组组长、副组长: the last tier of escalation."""
    SUPERVISOR = "supervisor"
    """监督室、督察: inspects, may open items and supervision orders."""
    AUDITOR = "auditor"
    """审计: reads everything, changes nothing."""
    ADMINISTRATOR = "administrator"
    """系统管理员: loads campaigns, publishes definitions; no business moves."""
    SECURITY_OFFICER = "security_officer"
    """安全管理员: grants posts; no business moves."""


class Party(StrEnum):
    """The item's own people, nameable beside roles in `who`, `acts` and `tell`."""

    OWNER = "owner"
    """The responsible person of the item."""
    DELEGATE = "delegate"
    """Whoever the owner has delegated the item to, while the delegation runs."""
    REVIEWER = "reviewer"
    """The reviewer named for this item (交叉复核)."""
    OPENER = "opener"
    """Whoever opened the item."""
    SYSTEM = "system"
    """The clock itself."""


class Capacity(StrEnum):
    """In which way somebody has contributed to an item; separation of duties asks for these."""

    DRAFTER = "drafter"
    """Wrote the finding or the draft."""
    PERFORMER = "performer"
    """Did the rectification or reported its progress."""
    DELEGATOR = "delegator"
    """Handed the work to somebody else."""
    UPLOADER = "uploader"
    """Attached evidence."""
    EXTENSION_APPROVER = "extension_approver"
    """Granted more time."""
    CHECKER = "checker"
    """Signed the unit's self-check."""
    REVIEWER = "reviewer"
    """Reviewed the result."""


WORK = (
    Capacity.PERFORMER,
    Capacity.DELEGATOR,
    Capacity.UPLOADER,
    Capacity.EXTENSION_APPROVER,
    Capacity.CHECKER,
)
"""Everything that makes a person a contributor to the work under review."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the organisation tree; `handles_cases` marks 办案部门, who must find and report."""

    code: UnitCode
    name: str
    parent: UnitCode | None
    ordinal: int
    handles_cases: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A position in a unit. Its roles reach over the subtree of `scope`."""

    code: PostCode
    unit: UnitCode
    scope: UnitCode
    title: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A human. `login` is what people type; `is_sample` marks invented people."""

    id: PersonId
    login: str
    name: str
    is_sample: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A person holds a post from `from_on` until the day before `until_on` (open end if None).

    With `on_behalf_of` it is a substitution: dated, recorded as “A for B”, and it never launders separation of duties.
    """

    person: PersonId
    post: PostCode
    from_on: date
    until_on: date | None
    on_behalf_of: PersonId | None = None

    def is_held_on(self, day: date) -> bool:
        """True when the grant is in force on `day`."""
        return self.from_on <= day and self.runs_beyond(day)

    def runs_beyond(self, day: date) -> bool:
        """True when the grant has not ended by `day`, whether it has begun or not."""
        return self.until_on is None or day < self.until_on


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPost:
    """A post as its holder holds it today."""

    post: PostCode
    unit: UnitCode
    scope: UnitCode
    roles: frozenset[Role]
    on_behalf_of: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks, with the posts held at that moment. Automatic acts carry `system` (what acts), never a person."""

    person: PersonId
    name: str
    posts: tuple[HeldPost, ...]
    system: str | None = None

    @property
    def principals(self) -> frozenset[PersonId]:
        """Whom the actor stands in for."""
        return frozenset(held.on_behalf_of for held in self.posts if held.on_behalf_of)

    @property
    def selves(self) -> frozenset[PersonId]:
        """As whom the actor has a part in items: as themselves and for their principals. Without a post as nobody."""
        return self.principals | {self.person} if self.posts else frozenset()


def system_actor(what: str) -> Actor:
    """The actor of an automatic act, e.g. `system:sweep`."""
    return Actor(person=NOBODY, name=f"system:{what}", posts=(), system=what)
