"""Transitions of orders that are sealed as they should be and yet were not allowed are named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from engine.model.item import Item
from engine.model.transition import Transition
from engine.usecases.doctor import examine_deeply
from engine.usecases.recording import record
from tests.integration.house import House
from tests.integration.test_orders import at, do, issued

Made = Callable[[House, Item], Transition]


def a_move(verb: str, post: str, now: datetime, state: str, **fields: str) -> Made:
    """What somebody who writes past the rules would store."""

    def made(house: House, order: Item) -> Transition:
        after = replace(
            order, version=order.version + 1, state=state, fields={**order.fields, **fields}, entered_at=now
        )
        return Transition(
            verb=verb,
            before=order,
            after=after,
            actor=house.actor(post),
            at=now,
            standing=STANDING[post],
            reason="x",
        )

    return made


STANDING = {"head": "unit_head", "director": "office_director", "office": "office", "leader": "leading_group"}
FORGED: dict[str, tuple[Made, set[str]]] = {
    "a number out of turn": (
        a_move("escalate", "director", at("12"), "issued", level="yellow", paper_number="2020-黄-0007"),
        {"I3"},
    ),
    "a colour without a number": (a_move("escalate", "director", at("12"), "issued", level="yellow"), {"I3"}),
    "a number without a colour": (
        a_move("sign_for", "head", at("07"), "signed_for", paper_number="x"),
        {"I3"},
    ),
    "two colours at once": (
        a_move("escalate", "director", at("12"), "issued", level="red", paper_number="2020-红-0001"),
        {"I3"},
    ),
    "a colour before its time": (
        a_move("escalate", "director", at("07"), "issued", level="yellow", paper_number="2020-黄-0001"),
        {"I3"},
    ),
    "a direct red that is yellow": (
        a_move("redden", "leader", at("07"), "issued", level="yellow", paper_number="2020-黄-0001"),
        {"I3"},
    ),
    "a field that the move does not set": (
        a_move("sign_for", "head", at("07"), "signed_for", demand="x"),
        {"I3"},
    ),
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def codes(house: House) -> set[str]:
    return {finding.code for finding in examine_deeply(house.begin())}


def test_what_was_done_as_it_should_be_is_sound(house: House) -> None:
    order = do(house, issued(house), "sign_for", "head", at("07"))
    do(house, issued(house, "red", "leader"), "sign_for", "head", at("07"))
    do(house, order, "escalate", "director", at("12"))

    assert codes(house) == set()


@pytest.mark.parametrize("what", FORGED)
def test_what_was_forged_is_named(house: House, what: str) -> None:
    make, expected = FORGED[what]
    done = make(house, issued(house))
    with house.begin() as uow:
        uow.items.get([done.after.id])
        record(uow, done.at, [done], uow.deadlines.latest_of([done.after.id]))
        uow.commit()

    assert codes(house) == expected


def test_a_red_order_that_a_clerk_has_opened_is_named(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.rules.opening.reserved_reasons", lambda *_: ())

    issued(house, "red", "office")

    assert codes(house) == {"I12"}
