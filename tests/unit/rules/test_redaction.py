"""What is left of an entry without words of people, and who told of it last."""

import json
from dataclasses import replace

import pytest

from engine.model.entry import EntryKind
from engine.model.redaction import MARK, Words
from engine.rules.ledger import canonical, sealed
from engine.rules.redaction import announced, files_erased, remains_of, taken_out, words_in
from storage.memory.tables import EMPTY
from tests.contract.conftest import NOW
from tests.contract.values import a_draft

PAYLOAD = {
    "type": "transition",
    "verb": "submit",
    "actor": {"standing": "owner", "for": None, "system": None},
    "reason": "王某某已到场",
    "claimed_on": "2020-05-01",
    "changes": {
        "title": [None, "王某某的笔录"],
        "state": ["draft", "submitted"],
        "field:problem": [None, "笔录由王某某签名"],
        "field:due_on": [None, "2020-06-30"],
        "field:level": [None, "blue"],
    },
    "evidence": [{"sha256": "a" * 64, "name": "王某某.docx", "size": 3, "made_on": None}],
}


def an_entry(payload, index=0, kind=EntryKind.TRANSITION):
    (entry,) = sealed([replace(a_draft(None), payload=canonical(payload), kind=kind)], EMPTY, NOW)
    return replace(entry, index=index)


def test_words_go_out_of_what_people_wrote_and_of_nothing_else():
    left = taken_out(PAYLOAD, Words(("王某某", "submit", "2020-06-30", "blue")))

    assert left["verb"] == "submit"
    assert left["reason"] == f"{MARK}已到场"
    assert left["changes"]["title"] == [None, f"{MARK}的笔录"]
    assert left["changes"]["state"] == ["draft", "submitted"]
    assert left["changes"]["field:due_on"] == [None, "2020-06-30"]
    assert left["evidence"][0] == {"sha256": "a" * 64, "name": f"{MARK}.docx", "size": 3, "made_on": None}


def test_what_people_wrote_is_told_from_codes_and_days():
    assert [*words_in(PAYLOAD)] == ["王某某已到场", "王某某的笔录", "笔录由王某某签名", "王某某.docx"]
    assert [*words_in({"reason": "110101199003071234"})] == ["110101199003071234"]
    assert [*words_in({"reason": MARK})] == []


def test_the_longest_word_goes_first_and_an_address_is_searched_too():
    words = Words(("王某", "王某某"))

    assert words.taken_out("王某某和王某") == f"{MARK}和{MARK}"
    assert words.taken_out("?text=%E7%8E%8B%E6%9F%90&page=2") == f"?text={MARK}&page=2"


def test_a_mark_stays_whole_and_words_are_found_however_they_are_composed():
    assert Words(("已抹", "王某")).taken_out(f"{MARK}王某") == MARK * 2
    assert Words(("Jose\u0301",)).taken_out("Jos\u00e9到场") == f"{MARK}到场"
    assert Words(()).taken_out("无") == "无"


def test_an_entry_without_the_words_has_no_remains():
    assert remains_of(an_entry(PAYLOAD), Words(("李某",))) is None
    assert remains_of(replace(an_entry(PAYLOAD), payload=None, salt=None), Words(("王某某",))) is None
    assert json.loads(remains_of(an_entry(PAYLOAD), Words(("王某某",))))["verb"] == "submit"


def test_a_later_erasure_tells_what_is_left_of_an_earlier_one():
    first = {
        "type": "redaction",
        "files": ["a" * 64],
        "remains": {"1": {"reason": "李某"}, "2": {"reason": "无"}},
    }
    second = {
        "type": "redaction",
        "files": [],
        "remains": {"7": {**first, "remains": {"1": {"reason": MARK}}}},
    }
    entries = [an_entry(first, 7, EntryKind.REDACTION), an_entry(second, 9, EntryKind.REDACTION)]
    erased = [replace(entries[0], payload=None, salt=None), entries[1]]

    told = announced(erased)

    assert {index: (by.index, left) for index, (by, left) in told.items()} == {
        1: (7, {"reason": MARK}),
        7: (9, {**first, "remains": {"1": {"reason": MARK}}}),
    }
    assert files_erased(erased) == {"a" * 64}
    assert announced(entries[:1])[2][1] == {"reason": "无"}


@pytest.mark.parametrize("payload", [[], {"remains": 3}, {"remains": {"x": {}}}, {"files": 3}])
def test_what_cannot_be_read_tells_of_nothing(payload):
    entry = an_entry(payload, 5, EntryKind.REDACTION)

    assert announced([entry]) == {}
    assert files_erased([entry]) == frozenset()
    assert announced([replace(entry, payload=b"{")]) == {}
