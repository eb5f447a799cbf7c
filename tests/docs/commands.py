"""The commands that a page shows, looked up in the command line itself: every word and every option has to be there."""

import re
import shlex

import click

from cli.main import main


def shown(page: str) -> list[str]:
    """Every command in a page, as it stands between back-ticks."""
    return re.findall(r"`(duban [^`]+)`", page)


def refused(command: str) -> str:
    """The first word of a command that means nothing to the command line; empty where it is whole."""
    found: click.Command = main
    for word in shlex.split(command)[1:]:
        if word.startswith("-"):
            if word not in {name for each in found.params for name in (*each.opts, *each.secondary_opts)}:
                return word
        elif isinstance(found, click.Group):
            below = found.get_command(click.Context(found), word)
            if below is None:
                return word
            found = below
    return ""
