"""Templates: escaped, strict, and with the filters by which every page writes the same things alike."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, StreamingResponse

from engine.model.calendar import LOCAL
from runtime import words
from web.assets import address_of
from web.threads import flowing

_WEEKDAYS = "一二三四五六日"


def environment() -> Environment:
    """The environment that every page is rendered in."""
    made = Environment(
        loader=PackageLoader("web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        minute=minute,
        day=day,
        weekday=weekday,
        kind=_of(words.KINDS),
        stage=_of(words.STAGES),
        channel=_of(words.CHANNELS),
        size=size,
        choice=_of(words.LAMPS),
        lamp_word=_of(words.LAMPS),
        verdict=_of(words.VERDICTS),
    )
    made.globals.update(static=address_of)
    return made


class Pages:
    """Renders pages. `shared` is in the context of every one."""

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._environment = environment()
        self._environment.globals.update(shared)

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """A page as it is sent."""
        return HTMLResponse(self._environment.get_template(template).render(context), status_code=status)

    def flow(self, template: str, **context: Any) -> StreamingResponse:
        """A page that is sent part by part, as its context is worked off."""
        parts = self._environment.get_template(template).generate(context)
        return StreamingResponse(flowing(parts), media_type="text/html")


def minute(at: datetime | None) -> str:
    """An instant in China, to the minute; empty for none."""
    return f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}" if at else ""


def day(at: datetime | date | None) -> str:
    """A day, written 2020-12-05; empty for none."""
    if isinstance(at, datetime):
        return f"{at.astimezone(LOCAL):%Y-%m-%d}"
    return at.isoformat() if at else ""


def weekday(at: datetime) -> str:
    """The day of the week in China."""
    return f"周{_WEEKDAYS[at.astimezone(LOCAL).weekday()]}"


def size(count: int) -> str:
    """A number of bytes as people read it."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.0f} KB" if count < 1024**2 else f"{count / 1024**2:.1f} MB"


def _of(known: Mapping[str, str]) -> Any:
    return lambda word: words.named(f"{word}", known)
