"""For whatever watches over the machine: whether this process answers, and counts of the whole installation.

Neither tells anything of a single item or person. Counts are for a token of an administrator.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Request, Security
from fastapi.security import HTTPAuthorizationCredentials
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from starlette.responses import PlainTextResponse, Response

from engine.model.token import Scope
from engine.usecases.counts import Counts, count_all
from engine.usecases.health import Health, check_health
from engine.usecases.lamps import MOST
from runtime.clock import system_clock
from web.api.bearer import SCHEME, ScopeMissing, TokenMissing, bearer_of
from web.site import Site

router = APIRouter()
MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/health")
def health(request: Request) -> Response:
    """Whether the database answers and somebody keeps the clock: 200, or 503 with one word each."""
    site: Site = request.app.state.site
    found = check_health(site.app.reading(), system_clock())
    words = "\n".join(alarm.code for alarm in found.alarms if alarm.is_red) or "ok"
    return PlainTextResponse(words + "\n", 200 if found.is_green else 503)


@router.get("/metrics")
def metrics(
    request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Security(SCHEME)]
) -> Response:
    """The counts, in the text format of Prometheus."""
    site: Site = request.app.state.site
    now = site.app.now()
    try:
        if shown is None:
            raise TokenMissing
        bearer_of(site.app, now, shown.credentials, Scope.METRICS)
    except TokenMissing:
        return PlainTextResponse("", 401, {"WWW-Authenticate": "Bearer"})
    except ScopeMissing:
        return PlainTextResponse("", 403)
    registry = CollectorRegistry()
    registry.register(
        _Gauges(count_all(site.app.reading(), now), check_health(site.app.reading(), system_clock()))
    )
    return Response(generate_latest(registry), media_type=MEDIA)


def _by_kind(name: str, told: str, label: str, counts: Mapping[tuple[str, str], int]) -> Metric:
    found = GaugeMetricFamily(name, told, labels=("kind", label))
    for place, count in sorted(counts.items()):
        found.add_metric(place, count)
    return found


class _Gauges:
    """What is counted, as a collector of the library."""

    def __init__(self, counts: Counts, health: Health) -> None:
        self._counts = counts
        self._health = health

    def collect(self) -> Iterator[Metric]:
        """Every gauge."""
        yield from self._items()
        yield from self._clock()
        yield from self._post()

    def _items(self) -> Iterator[Metric]:
        counts = self._counts
        yield _by_kind("duban_items", "Items by kind and stage", "stage", counts.items)
        yield _by_kind("duban_items_by_state", "Items by kind and state", "state", counts.states)
        yield _by_kind(
            "duban_items_by_lamp",
            f"Open items by kind and lamp, of each campaign the {MOST} whose limits end first",
            "lamp",
            counts.lamps,
        )
        yield GaugeMetricFamily(
            "duban_items_overdue", "Items with a limit that ran out", self._counts.overdue
        )
        yield GaugeMetricFamily("duban_log_entries", "Entries of the history", self._counts.entries)

    def _clock(self) -> Iterator[Metric]:
        found = self._health
        yield GaugeMetricFamily("duban_workers", "Workers that gave a sign lately", len(found.workers))
        if found.sweep_age_seconds is not None:
            yield GaugeMetricFamily(
                "duban_sweep_age_seconds", "Time since the last sweep ended", found.sweep_age_seconds
            )
        yield GaugeMetricFamily(
            "duban_rungs_late", "Items with a rung that nobody fired (1000 is more)", found.late
        )
        yield GaugeMetricFamily(
            "duban_clock_skew_seconds", "This computer ahead of its database", found.skew_seconds
        )

    def _post(self) -> Iterator[Metric]:
        post = GaugeMetricFamily("duban_deliveries", "Deliveries not yet sent", labels=("channel", "status"))
        for part in self._health.post:
            post.add_metric((part.channel, part.status.value), part.count)
        yield post
