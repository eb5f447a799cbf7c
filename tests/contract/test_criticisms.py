"""Candidates for criticism in a bulletin, and what was decided on them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.criticism import Mark, Verdict
from engine.model.errors import Broken, Conflict
from tests.contract.conftest import NOW
from tests.contract.values import ROSTER

LATER = NOW + timedelta(hours=1)
ISSUED = {"verdict": Verdict.ISSUED, "decided_at": LATER}
EVERYWHERE = frozenset({"u1", "u9"})


@pytest.fixture
def items(new_item):
    return [new_item(2), new_item(1, unit="u9"), new_item(3)]


@pytest.fixture
def criticisms(begin, items):
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.items.add(items)
        yield uow.criticisms


def a_mark(item, cause="late", **changes):
    return Mark(**({"item": item.id, "cause": cause, "label": "逾期15天", "marked_at": NOW} | changes))


def test_each_cause_marks_an_item_once(criticisms, items):
    mark = a_mark(items[0])

    assert criticisms.mark([mark]) == [mark]
    assert criticisms.mark([replace(mark, label="别的"), a_mark(items[1])]) == [a_mark(items[1])]
    assert criticisms.of_item(items[0].id) == [mark]


def test_marks_come_oldest_first(criticisms, items):
    later, first, other = a_mark(items[0], "a", marked_at=LATER), a_mark(items[0], "z"), a_mark(items[1])
    criticisms.mark([later, other, first])

    assert criticisms.of_item(items[0].id) == [first, later]
    assert list(criticisms.scan()) == [other, first, later]
    assert criticisms.of_item(items[2].id) == []


def test_a_verdict_is_given_once_and_changes_nothing_else(criticisms, items):
    criticisms.mark([a_mark(items[0])])

    criticisms.decide([a_mark(items[0], label="别的", **ISSUED)])

    assert criticisms.of_item(items[0].id) == [a_mark(items[0], **ISSUED)]
    for late in (a_mark(items[0], **ISSUED), a_mark(items[1], **ISSUED)):
        with pytest.raises(Conflict, match="已由他人决定"):
            criticisms.decide([late])


@pytest.mark.parametrize("half", [{"verdict": Verdict.DROPPED}, {"decided_at": NOW}])
def test_half_a_verdict_is_not_stored(criticisms, items, half):
    with pytest.raises(Broken):
        criticisms.mark([a_mark(items[0], **half)])


def test_what_waits_comes_by_number(criticisms, items):
    criticisms.mark([a_mark(item, "z") for item in items])
    criticisms.mark([a_mark(items[0], "a", marked_at=LATER), a_mark(items[2], "b", **ISSUED)])

    def waiting(units=EVERYWHERE, after=None, limit=9):
        return [(int(one.number[-6:]), one.cause) for one in criticisms.waiting(units, after, limit)]

    assert waiting() == [(1, "z"), (2, "z"), (2, "a"), (3, "z")]
    assert waiting(limit=1) == [(1, "z")]
    assert waiting(after="ZG-2020-000002") == [(3, "z")]
    assert waiting(frozenset({"u9"})) == [(1, "z")]
    assert waiting(frozenset()) == []


def test_what_went_into_the_bulletin_comes_newest_first(criticisms, items):
    later = ISSUED | {"decided_at": LATER + timedelta(hours=1)}
    dropped = ISSUED | {"verdict": Verdict.DROPPED}
    criticisms.mark(
        [a_mark(items[0], "z", **ISSUED), a_mark(items[0], "a", **ISSUED), a_mark(items[1], **later)]
    )
    criticisms.mark([a_mark(items[2], **dropped), a_mark(items[2], "waits")])

    def issued(units=EVERYWHERE, limit=9):
        return [(int(one.number[-6:]), one.cause, one.decided_at) for one in criticisms.issued(units, limit)]

    assert issued() == [(1, "late", later["decided_at"]), (2, "a", LATER), (2, "z", LATER)]
    assert issued(limit=1) == [(1, "late", later["decided_at"])]
    assert issued(frozenset({"u1"})) == [(2, "a", LATER), (2, "z", LATER)]
    assert issued(frozenset()) == []


def test_a_candidate_tells_its_item_and_unit(criticisms, items):
    criticisms.mark([a_mark(item) for item in items[:2]])
    elsewhere, here = criticisms.waiting(EVERYWHERE, None, 9)

    assert (here.number, here.title, here.unit, here.unit_name) == (items[0].number, "问题", "u1", "一所")
    assert (here.label, here.marked_at, elsewhere.unit_name) == ("逾期15天", NOW, "u9")


def test_a_mark_needs_its_item(begin, new_item):
    with begin() as uow:
        uow.criticisms.mark([a_mark(new_item())])
        with pytest.raises(Broken):
            uow.commit()
