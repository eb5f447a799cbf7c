"""Small values that many of these tests store. Who appears in them is invented."""

from datetime import date, timedelta

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import Roster
from engine.model.deadline import Deadline, Firing
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.notice import Notice
from tests.contract.conftest import NOW

ANNA, BERT = "a" * 32, "b" * 32
DAY = date(2020, 4, 1)
ROSTER = Roster(
    units=(
        Unit(code="u0", name="分局", parent=None, ordinal=0, handles_cases=False),
        Unit(code="u1", name="一所", parent="u0", ordinal=1, handles_cases=True),
    ),
    posts=(
        Post(code="p0", unit="u0", scope="u0", title="主任", roles=frozenset({Role.OFFICE, Role.OFFICER})),
        Post(code="p1", unit="u1", scope="u1", title="民警", roles=frozenset({Role.OFFICER})),
    ),
    persons=(
        Person(id=ANNA, login="anna", name="安", is_sample=True),
        Person(id=BERT, login="bert", name="白", is_sample=True),
    ),
    grants=(
        Grant(person=ANNA, post="p0", from_on=DAY, until_on=None),
        Grant(person=BERT, post="p1", from_on=DAY, until_on=date(2020, 5, 1)),
        Grant(person=BERT, post="p0", from_on=DAY, until_on=None, on_behalf_of=ANNA),
    ),
)


def a_deadline(item, revision=1, **changes):
    given = {
        "item": item.id,
        "clock": "limit",
        "revision": revision,
        "armed_at": NOW,
        "started_at": NOW,
        "counts_from": NOW,
        "due_at": NOW + timedelta(days=3),
        "original_due_at": NOW + timedelta(days=3),
        "proof": "三日",
        "is_provisional": False,
        "calendar": "plain",
        "next_rung": "near",
        "next_at": NOW + timedelta(days=2),
    }
    return Deadline(**(given | changes))


def a_firing(item, rung="near", **changes):
    given = {"item": item.id, "clock": "limit", "revision": 1, "spoken_by": rung, "fired_at": NOW}
    return Firing(rung=rung, **(given | changes))


def a_draft(item, version=1, previous=bytes(32)):
    return EntryDraft(
        kind=EntryKind.TRANSITION,
        what="open",
        flags=EntryFlag.NONE,
        item=item,
        item_version=version,
        actor=ANNA,
        payload=b"{}",
        salt=bytes(32),
        previous=previous,
    )


def a_notice(item, number=1, recipient=ANNA, **changes):
    given = {
        "key": f"{number:064x}",
        "kind": "listed",
        "item": item.id,
        "recipient": recipient,
        "facts": {"number": item.number, "days": 3, "none": None},
        "written_at": NOW + timedelta(seconds=number),
    }
    return Notice(**(given | changes))
