"""What docs/lamps.md tells of lamps and orders is played on the small bureau and reckoned by the rules."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engine.model.calendar import LOCAL
from engine.model.clock import Curve, Milestone, Pace
from engine.model.item import Item
from engine.rules.pace import expected_percent
from engine.usecases.items import move_item
from engine.usecases.queries import item_detail
from engine.usecases.sweep import sweep
from tests.builders import an_attempt
from tests.docs.commands import refused, shown
from tests.integration.house import House
from tests.integration.test_sweep import PROOF, orders_on, rectifying

PAGE = (Path(__file__).parents[2] / "docs" / "lamps.md").read_text(encoding="utf-8")
DONE: dict[str, tuple[str, str, dict[str, object]]] = {
    "progress 60": ("progress", "officer", {"fields": {"progress": "已抽查", "progress_percent": 60}}),
    "handed in": ("self_check", "head", {"evidence": (PROOF,), "fields": {"result": "到位"}}),
    "sent to review": ("submit_review", "head", {}),
    "approved": ("approve", "office", {}),
}


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table below a heading."""
    table = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def played(house: House, item: Item) -> Iterator[tuple[str, str]]:
    """Each row of the walk as it says and as it is."""
    for when, what, sentence in rows("One item, from day to day"):
        now = datetime.fromisoformat(f"2020-{when}").replace(tzinfo=LOCAL)
        list(sweep(house.begin, now))
        if what:
            verb, post, asked = DONE[what]
            attempt = replace(an_attempt(verb, house.actor(post), **asked), item=item.id, key=what)
            item = move_item(house.begin(), now, attempt)
        yield sentence, item_detail(house.begin(), now, house.actor("office"), item.number).signal.sentence


def test_the_walk_is_lit_as_it_says(tmp_path: Path) -> None:
    house = House(tmp_path)

    told = [*played(house, rectifying(house))]

    assert len(told) >= 7
    assert [said for said, _ in told] == [lit for _, lit in told]


def test_what_is_expected_is_reckoned_as_it_says() -> None:
    points = (Milestone(time=30, progress=20), Milestone(time=80, progress=70))
    shapes = [
        Pace(field="p", curve=curve, points=points)
        for curve in (Curve.LINEAR, Curve.MILESTONES, Curve.S_CURVE)
    ]

    for elapsed, *expected in rows("Behind its time"):
        reckoned = [f"{expected_percent(pace, int(elapsed))}" for pace in shapes]
        assert reckoned == expected, elapsed


def test_an_order_that_nobody_answers_rises_on_the_days_it_says(tmp_path: Path) -> None:
    house = House(tmp_path)
    item = rectifying(house)

    for when, paper, state in rows("三色督办单"):
        list(sweep(house.begin, datetime.fromisoformat(f"2020-{when}").replace(tzinfo=LOCAL)))
        (order,) = orders_on(house, item)
        assert (order.fields["paper_number"], order.state) == (paper, state)


def test_every_command_it_shows_is_one() -> None:
    commands = shown(PAGE)

    assert len(commands) >= 5
    assert [refused(command) for command in commands if refused(command)] == []
