"""A page of fifty filtered rows, an item, the board and what is due: among a thousand items and among a million."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

from engine.model.definition import Stage as Step
from engine.model.ids import UnitCode
from engine.model.views import ItemFilter
from engine.usecases.queries import item_detail, list_due, list_items, list_soonest, search_lit
from tests.bench.crowd import Crowd, crowd
from tests.builders import NOON

SIZES = (1_000, 1_000_000)
ROUNDS = 15
OTHER = UnitCode("unit_07")
Figure = tuple[str, float]


def figures(folder: Path) -> Iterator[Figure]:
    """Milliseconds at a million over those at a thousand; for lists the worst of their filters counts.

    A search reads one stretch of titles, however many there are; a thousand items are less than a stretch.
    """
    seconds: dict[str, list[float]] = {}
    for size in SIZES:
        with crowd(folder, size, 1) as made:
            for name, question in _questions(made).items():
                seconds.setdefault(name, []).append(_median(question))
    ratios = {name: large / small for name, (small, large) in seconds.items()}
    lists = [ratio for name, ratio in ratios.items() if name.startswith("list")]
    yield "list-1e6-vs-1e3", max(lists)
    yield from (
        (f"{name}-1e6-vs-1e3", ratio) for name, ratio in ratios.items() if not name.startswith("list")
    )


def _questions(made: Crowd) -> Mapping[str, Callable[[], object]]:
    stage = made.stage
    office, officer = stage.actor("office"), stage.actor("officer")
    number = f"ZG-2020-{1_000_000 + made.size // 2:07}"
    filters = {
        "list all": (office, ItemFilter(kind="item")),
        "list unit": (office, ItemFilter(kind="item", unit=OTHER)),
        "list unit, deep": (office, ItemFilter(kind="item", unit=OTHER, after=number)),
        "list nothing": (office, ItemFilter(kind="item", stage=Step.ASSESSING)),
        "list overdue": (office, ItemFilter(kind="item", unit=OTHER, overdue_at=NOON)),
        "list own": (officer, ItemFilter(kind="item")),
        "list own, nothing": (officer, ItemFilter(kind="item", state="returned")),
    }
    lists = {name: _listing(made, *asked) for name, asked in filters.items()}
    return {
        **lists,
        "list by due": lambda: list_soonest(stage.begin(), NOON, office, ItemFilter(kind="item")),
        "list own by due": lambda: list_soonest(stage.begin(), NOON, officer, ItemFilter(kind="item")),
        "search": lambda: search_lit(stage.begin(), NOON, office, ItemFilter(title="没有这样的标题")),
        "item": lambda: item_detail(stage.begin(), NOON, office, number),
        "board": lambda: _board(made),
        "due": lambda: list_due(stage.begin(), office, ItemFilter(), made.due_in(1)),
    }


def _listing(made: Crowd, asker: object, wanted: ItemFilter) -> Callable[[], object]:
    return lambda: list_items(made.stage.begin(), asker, wanted)  # type: ignore[arg-type] # an actor


def _board(made: Crowd) -> object:
    with made.stage.begin() as uow:
        return uow.views.stage_counts("sample"), uow.views.holdings("sample", NOON)


def _median(question: Callable[[], object]) -> float:
    taken = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        question()
        taken.append(perf_counter() - begun)
    return median(taken)
