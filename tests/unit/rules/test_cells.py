"""Text that a spreadsheet would take for a formula is marked, and comes back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.cells import guarded, is_risky, unguarded
from tests.hostile import CELLS


@pytest.mark.parametrize("text", CELLS)
def test_whatever_may_be_a_formula_gets_an_apostrophe(text):
    assert is_risky(text)
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    "text", ["", "整改中", "2020-06-30", "a=b", "三=三", "1+1", "'引用'", "（-1）", "a\tb"]
)
def test_ordinary_text_stays_as_it_is(text):
    assert not is_risky(text)
    assert guarded(text) == text
    assert unguarded(text) == text


@given(st.text(st.sampled_from("=+-@＝\t '\"a中\ufeff"), max_size=6) | st.text(max_size=6))
def test_every_text_comes_back(text):
    assert unguarded(guarded(text)) == text
