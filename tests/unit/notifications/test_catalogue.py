"""Every kind that can be told has words, and no words lie unused."""

from pathlib import Path

import notifications
from notifications.catalogue import BEYOND_THE_LIBRARY, KINDS, template_of
from tests.integration.house import definitions

TEMPLATES = Path(notifications.__file__).parent / "templates"


def told() -> set[str]:
    """Every kind of notice that a shipped definition names, in a move, on a rung or at a level."""
    shipped = definitions().values()
    by_moves = {tell.notice for one in shipped for move in one.moves for tell in move.tells}
    by_moves |= {tell.notice for one in shipped for tell in one.opening_tells}
    by_levels = {level.notice for one in shipped for level in one.levels}
    by_rungs = {rung.notice for one in shipped for ladder in one.ladders for rung in ladder.rungs}
    return by_moves | by_levels | by_rungs


def test_every_kind_a_definition_names_is_in_the_catalogue() -> None:
    assert not told() - set(KINDS)


def test_every_kind_in_the_catalogue_is_named_by_a_definition_or_kept_for_one() -> None:
    assert set(KINDS) - told() == BEYOND_THE_LIBRARY


def test_every_kind_has_a_template_and_every_template_a_kind() -> None:
    files = {path.name for path in TEMPLATES.iterdir() if not path.name.startswith("_")}

    assert files == {template_of(kind) for kind in KINDS}
