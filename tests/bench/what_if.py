"""Another calendar and a general extension supposed of everything that runs: seconds an item, few and many of them."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from engine.model.clock import Measure
from engine.rules.calendars import overridden
from engine.rules.supposing import Supposition, prolonged, under
from engine.usecases.what_if import Question, forecast
from tests.bench.crowd import Crowd, crowd
from tests.builders import NOON
from tests.integration.house import CALENDAR
from tests.integration.test_calendar_change import COUNTY

SIZES = (1_000, 100_000)
Figure = tuple[str, float]


def figures(folder: Path) -> Iterator[Figure]:
    """Seconds an item among a hundred thousand running limits over those among a thousand."""
    suppositions = {
        "calendar": under(overridden(CALENDAR, COUNTY)),
        "extension": prolonged(7, Measure.NATURAL_DAY),
    }
    seconds: dict[str, list[float]] = {name: [] for name in suppositions}
    for size in SIZES:
        with crowd(folder, size, 1) as made:
            for name, supposition in suppositions.items():
                seconds[name].append(_an_item(made, supposition))
    yield from ((f"what-if-{name}-1e5-vs-1e3", large / small) for name, (small, large) in seconds.items())


def _an_item(made: Crowd, supposition: Supposition) -> float:
    question = Question(supposition=supposition, since=NOON, until=NOON)
    begun = perf_counter()
    found = forecast(made.stage.begin(), NOON, made.stage.actor("office"), question)
    seconds = perf_counter() - begun
    assert found.reckoned >= made.size - 1
    return seconds / found.reckoned
