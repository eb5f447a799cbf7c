"""The page on the history is true: its boxes are executed, its lists are those of the code."""

import doctest
from pathlib import Path

from engine.model.entry import EntryKind
from runtime.bundle import ENTRY_FIELDS, FORMAT

PAGE = Path(__file__).parents[2] / "docs" / "history-format.md"


def test_the_boxes_of_the_page_are_executed():
    done = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")

    assert done.attempted >= 25
    assert done.failed == 0


def test_the_page_names_every_kind_and_field():
    text = PAGE.read_text(encoding="utf-8")

    assert all(f" {kind.value} " in text for kind in EntryKind)
    assert f"{' '.join(sorted(ENTRY_FIELDS.values()))}" == " ".join(sorted(_fields(text)))
    assert FORMAT in text
    assert "except someone who controls both the\nserver and the signing key" in text


def _fields(text):
    """The fields of an entry as the page lists them."""
    return text.partition("a line for each entry: `")[2].partition("`")[0].split()
