"""Every pattern is asked about, in one sentence with its numbers; nothing is judged."""

import pytest

from engine.model.inspection import Question, Suspicion
from engine.rules.replay import document_of
from runtime.inspection_words import ATTRIBUTES, lasted, question_told, value
from tests.builders import an_item


@pytest.mark.parametrize("suspicion", Suspicion)
def test_a_question_names_its_numbers_and_ends_in_a_question_mark(suspicion):
    about = "已组织培训并抽查笔录\n" * 9
    question = Question(suspicion=suspicion, entries=(1, 2, 3), of=17, person="p", unit="u", about=about)

    told = question_told(question, {"p": "示例人员01", "u": "示例一队"})

    assert told.endswith("？")
    assert "3" in told
    assert "\n" not in told
    assert len(told) < 120


def test_every_attribute_of_an_item_has_its_chinese_name():
    assert ATTRIBUTES.keys() == document_of(an_item(fields={})).keys()


def test_times_are_told_as_one_speaks_of_them():
    assert [lasted(n) for n in (59, 3_600, 86_400, 90_000)] == ["0 分", "1 小时 0 分", "1 天", "1 天 1 小时"]


def test_nothing_and_lists_are_told():
    assert value("owner", None, None, {}) == "（无）"
    assert value("assisting", ["u", "v"], None, {"u": "示例一队"}) == "示例一队、v"
    assert value("opened_at", "2020-04-20T01:00:00.000000Z", None, {}) == "2020-04-20 09:00"
