"""Every way of countersigning (会签), declared in a definition, and signed one by one on each store."""

from datetime import timedelta

import pytest

from engine.model.errors import Refused
from engine.model.item import NewItem
from engine.model.reasons import ReasonCode
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item, open_items
from tests.builders import NOON, UNIT
from tests.integration.house import LIBRARY
from tests.lives import DONE, OWNER, attempt_of
from workflows.builder import read_definition

SHIPPED = "{mode: all, of: [assisting_units]}"
PARTIES = "[unit_head, office, office_director]"
BEFORE = (("assign", "head", OWNER), ("sign_for", "officer", {}), ("submit", "officer", {"fields": DONE}))
OPEN, SHUT = "in_countersign", "in_review"
WAIT, AGAIN = ReasonCode.NOT_YOUR_TURN, ReasonCode.ALREADY_SIGNED


@pytest.fixture
def signed(house):
    """What comes of it when the holders of these posts sign one after the other: a state each, or the reasons."""

    def sign(wanted, posts):
        item = open_items(house.begin(), NOON, [_task(house, wanted)], house.actor("office"))[0]
        steps = [*BEFORE, *(("countersign", post, {}) for post in posts)]
        return [_came(house, item, number, step) for number, step in enumerate(steps, start=1)][len(BEFORE) :]

    return sign


def _task(house, wanted):
    text = (LIBRARY / "task.yaml").read_text(encoding="utf-8")
    assert SHIPPED in text
    text = text.replace(SHIPPED, wanted).replace("version: 1", "version: 2", 1)
    text = text.replace(
        "    who: [unit_head]\n    guards:\n      - countersign",
        f"    who: {PARTIES}\n    guards:\n      - countersign",
    )
    definition = read_definition(text.encode(), "task.yaml")
    with house.begin() as uow:
        uow.definitions.publish(definition, NOON)
        uow.commit()
    due = {"due_on": "2020-06-30"}
    return NewItem(definition=definition.ref, campaign="sample", unit=UNIT, title="会签", fields=due)


def _came(house, item, number, step):
    try:
        move_item(house.begin(), NOON + timedelta(minutes=number), attempt_of(house, item, number, step))
    except Refused as refused:
        return [reason.code for reason in refused.reasons]
    with house.begin() as uow:
        return uow.items.get([item.id])[item.id].state


@pytest.mark.parametrize(
    ("wanted", "posts", "came"),
    [
        ("mode: all", ("director", "head", "head", "office"), [OPEN, OPEN, [AGAIN], SHUT]),
        ("mode: any", ("office",), [SHUT]),
        ("mode: quorum, quorum: 2", ("office", "head"), [OPEN, SHUT]),
        ("mode: in_order", ("office", "head", "office", "director"), [[WAIT], OPEN, OPEN, SHUT]),
    ],
)
def test_the_signature_that_completes_the_set_moves(signed, house, wanted, posts, came):
    assert signed(f"{{{wanted}, of: {PARTIES}}}", posts) == came
    assert list(examine_deeply(house.begin())) == []
