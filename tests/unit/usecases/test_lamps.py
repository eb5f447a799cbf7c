"""Lamps of a page and of a board: what is shown is reckoned, in as many queries for one item as for many."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.model.clock import Lamp
from engine.model.definition import Stage
from engine.model.views import ItemFilter
from engine.usecases import lamps
from engine.usecases.lamps import LampCount
from engine.usecases.progress import campaign_progress
from engine.usecases.queries import item_detail, list_lit
from storage.prepared import Session
from tests.builders import NOON, UNIT
from tests.integration.house import House
from tests.unit.usecases.test_queries import assigned, moved, opened

LATE = NOON + timedelta(days=6)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that was run."""
    seen: list[str] = []
    run = Session._execute

    def seeing(self: Session, statement: str, values: object) -> object:
        seen.append(statement)
        return run(self, statement, values)

    monkeypatch.setattr(Session, "_execute", seeing)
    return seen


def test_a_list_and_the_item_itself_show_the_same_lamp(house: House) -> None:
    late, fresh = assigned(house), opened(house)

    lines = list_lit(house.begin(), LATE, house.actor("head"), ItemFilter())
    detail = item_detail(house.begin(), LATE, house.actor("head"), late.number)

    assert [(line.row.number, line.signal.lamp) for line in lines] == [
        (late.number, Lamp.RED),
        (fresh.number, Lamp.GREEN),
    ]
    assert detail.signal == lines[0].signal


def test_a_page_costs_the_same_queries_however_many_items_it_holds(
    house: House, statements: list[str]
) -> None:
    assigned(house)
    head = house.actor("head")
    statements.clear()
    list_lit(house.begin(), LATE, head, ItemFilter())
    one = len(statements)
    for _ in range(12):
        opened(house)
    statements.clear()

    assert len(list_lit(house.begin(), LATE, head, ItemFilter())) == 13
    assert len(statements) == one


def test_only_what_the_page_shows_is_reckoned(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [opened(house).number for _ in range(5)]
    seen: list[str] = []
    reckon = lamps.signal_of
    monkeypatch.setattr(
        lamps, "signal_of", lambda facts, *rest: seen.append(facts.item.number) or reckon(facts, *rest)
    )

    list_lit(house.begin(), NOON, house.actor("head"), ItemFilter(after=numbers[1], limit=2))

    assert sorted(seen) == numbers[2:4]


def test_the_board_counts_open_items_by_lamp(house: House) -> None:
    for _ in range(2):
        assigned(house)
    opened(house)
    closed = moved(house, opened(house), "void", "director", reason="样例")

    progress = campaign_progress(house.begin(), LATE, house.actor("head"))

    assert closed.closed_at is not None
    assert progress.lamps == (
        LampCount("item", UNIT, Stage.FINDING, Lamp.GREEN, 1),
        LampCount("item", UNIT, Stage.RECTIFYING, Lamp.RED, 2),
    )
    assert progress.reckoned_count == progress.open_count == 3


def test_a_board_that_is_too_large_shows_what_is_due_first(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lamps, "MOST", 2)
    opened(house)
    opened(house)
    assigned(house)

    progress = campaign_progress(house.begin(), LATE, house.actor("head"))

    assert (progress.reckoned_count, progress.open_count) == (2, 3)
    assert LampCount("item", UNIT, Stage.RECTIFYING, Lamp.RED, 1) in progress.lamps
