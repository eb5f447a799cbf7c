"""History carries the whole item: folding its changes yields the item again."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from engine.model.actor import Role
from engine.model.errors import Broken
from engine.model.ids import ItemId
from engine.model.item import Item, NewItem
from engine.model.transition import Evidence, Transition
from engine.rules.lifecycle import decide
from engine.rules.opening import Opening, decide_opening
from engine.rules.replay import Json, changes_of, differs, fold
from tests.builders import BUREAU, NOON, UNIT, a_definition, a_person, an_actor, an_attempt, around

SAMPLE = a_definition()
OFFICER, HEAD = an_actor(1, Role.OFFICER), an_actor(2, Role.UNIT_HEAD)
OFFICE = an_actor(3, Role.OFFICE, unit=BUREAU)
PROOF = Evidence(sha256="cd" * 32, name="整改照片.jpg", size=9)


def a_life() -> Iterator[Transition]:
    """An item from its opening to a return."""
    new = NewItem(
        definition=SAMPLE.ref, campaign="sample", unit=UNIT, title="样例", fields={"problem": "记录不全"}
    )
    opening = Opening(new=new, actor=OFFICER, at=NOON, id=ItemId("b" * 32), number="YL-2020-000002")
    done = decide_opening(SAMPLE, opening, around())
    yield done
    attempts = (
        an_attempt("assign", HEAD, assignee=OFFICER.person),
        an_attempt("progress", OFFICER, fields={"progress": "进行中", "percent": 40}),
        an_attempt("delegate", OFFICER, assignee=a_person(8), until_on=date(2020, 6, 1)),
        an_attempt("apply_extension", OFFICER, due_on=date(2020, 9, 1)),
        an_attempt("hand_in", OFFICER, evidence=(PROOF,)),
        an_attempt("return", OFFICE, reason="不到位", target="working"),
    )
    for number, attempt in enumerate(attempts, start=1):
        done = decide(SAMPLE, done.after, attempt, NOON + timedelta(hours=number), around())
        yield done


def recorded() -> tuple[list[dict[str, Json]], Item]:
    life = list(a_life())
    return [changes_of(done) for done in life], life[-1].after


def test_the_fold_of_all_changes_is_the_item() -> None:
    changes, item = recorded()

    assert item.version == 7
    assert differs(fold(changes), item) == ()


def test_a_change_says_before_and_after() -> None:
    changes, _ = recorded()

    assert changes[1]["state"] == ["draft", "working"]
    assert changes[2]["field:percent"] == [None, 40]


@pytest.mark.parametrize("missing", range(1, 7))
def test_a_missing_entry_is_seen(missing: int) -> None:
    changes, item = recorded()
    del changes[missing]

    try:
        found = differs(fold(changes), item)
    except Broken:
        found = ("broken",)

    assert found


def test_a_touched_row_names_the_attribute() -> None:
    changes, item = recorded()
    touched = fold(changes) | {"owner": a_person(66)}

    assert differs(touched, item) == ("owner",)
