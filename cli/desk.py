"""What a command works with: the installation, the present instant, and who asks."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from cli.values import plain
from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.ids import UnitCode
from engine.usecases.people import Identity, identify
from runtime.clock import Clock, fixed_clock, system_clock
from runtime.settings import Settings, read_settings
from runtime.wiring import App, build


def option(name: str) -> Any:
    """The value of a shared option, wherever on the line it was given; None where it was not."""
    return click.get_current_context().meta.get(f"duban.{name}")


def settings() -> Settings:
    """The settings in force for this call."""
    given = {name: option(name) for name in ("database", "actor")}
    return read_settings(given, os.environ, Path.cwd())


def clock() -> Clock:
    """The clock of this call: it stands still where --at says so."""
    at = option("at")
    return fixed_clock(at) if at else system_clock


@dataclass(frozen=True)
class Desk:
    """An open installation and whoever sits before it. `now` is one instant for the whole call."""

    app: App
    now: datetime

    @property
    def asker(self) -> Actor:
        """Who asks. Raises NotFound, or a usage error where nobody is named."""
        return self._identity.actor

    @property
    def today(self) -> date:
        """The day in China."""
        return self.now.astimezone(LOCAL).date()

    def require_writer(self) -> None:
        """Raises a usage error unless the asker may act at the instant of this call.

        Only sample people may act at another time than the present.
        """
        if option("at") and not self._identity.person.is_sample:
            raise click.UsageError("--at 只供查看和样例人员演练；真实人员办理，一律以系统时间为准")

    def unit(self, text: str) -> UnitCode:
        """The unit of this code or this exact name; an unknown text is left for the rules to refuse."""
        return self._units.get(text, UnitCode(text))

    @cached_property
    def _units(self) -> dict[str, UnitCode]:
        with self.app.reading() as uow:
            return {unit.name: unit.code for unit in uow.people.units()}

    @cached_property
    def _identity(self) -> Identity:
        if self.app.settings.actor is None:
            raise click.UsageError("没有写明以谁的身份办理，请加 --actor 登录名，或设 DUBAN_ACTOR")
        return identify(self.app.reading(), self.now, self.app.settings.actor)


@contextmanager
def desk() -> Iterator[Desk]:
    """The installation of this call, closed afterwards."""
    app = build(settings(), clock=clock())
    if app.note:
        warn(app.note)
    try:
        yield Desk(app, app.now())
    finally:
        app.close()


def warn(text: str) -> None:
    """Tell something on stderr that does not stop the command."""
    click.echo(f"注意：{text}", err=True)


def emit(value: object, text: str) -> None:
    """Print a result: the text, or the value where JSON is asked for."""
    click.echo(spelled(value) if option("as_json") else text)


def spelled(value: object) -> str:
    """A result as JSON."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2)
