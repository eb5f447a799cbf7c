"""Which duban this is."""

import platform
import tomllib
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

import click

from cli.desk import emit
from cli.panel import Command


def own_version() -> str:
    """The version of the installed package, or that of the checkout it runs from."""
    try:
        return installed_version("duban")
    except PackageNotFoundError:
        project = Path(__file__).parents[1] / "pyproject.toml"
        return f"{tomllib.loads(project.read_text(encoding='utf-8'))['project']['version']}"


@click.command(cls=Command, help="显示版本。", examples=("version",))
def version() -> None:
    """Tell the version of duban and of Python."""
    duban, python = own_version(), platform.python_version()
    emit({"duban": duban, "python": python}, f"duban {duban}（Python {python}）")
