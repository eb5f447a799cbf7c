"""Erasing words in every store: entries, rows beside them, and the lock on the history that opens for nothing else."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.model.channel import Gate
from engine.model.criticism import Mark
from engine.model.entry import EntryKind
from engine.model.errors import Broken
from engine.model.filters import SavedFilter
from engine.model.redaction import MARK, Words
from engine.model.transition import Evidence
from engine.rules.ledger import canonical
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, a_draft, a_notice

WORDS = Words(("王某某",))
PIECE = Evidence(sha256="a" * 64, name="王某某.docx", size=3)


def said(item, payload, **changes):
    return replace(a_draft(item), payload=canonical(payload), **changes)


@pytest.fixture
def filled(begin, new_item):
    """Two items that both tell of somebody, everywhere where they can."""
    with begin() as uow:
        items = [
            new_item(n, title="王某某的“笔录”", fields={"problem": '王某某"说"', "due_on": "2020-06-30"})
            for n in (1, 2)
        ]
        uow.items.add(items)
        uow.history.append([said(item.id, {"reason": '王某某"说"'}) for item in items], NOW)
        uow.history.append(
            [said(None, {"about": "没有"}), said(None, {"about": "/items?text=%E7%8E%8B%E6%9F%90%E6%9F%90"})],
            NOW,
        )
        facts = {"number": "1", "title": "王某某的“笔录”", "days": 3}
        uow.notices.write([a_notice(item, n, facts=facts) for n, item in enumerate(items)], uow.channels)
        for item in items:
            uow.evidence.add(item.id, [PIECE], ANNA, NOW)
        uow.criticisms.mark([Mark(item=items[0].id, cause="x", label="王某某", marked_at=NOW)])
        uow.gates.get("mail")
        uow.gates.put(Gate(channel="mail", last_error="无法投递给 王某某", failures=1, failed_at=NOW))
        for n, name in enumerate(("王某某", "“王某某”")):
            query = "q=%E7%8E%8B%E6%9F%90%E6%9F%90"
            uow.filters.save(
                SavedFilter(id=f"{n:032x}", person=ANNA, name=name, query=query, unit=None, saved_at=NOW)
            )
        uow.commit()
    return items


def erased(uow, indexes, words=WORDS):
    facts = {"indexes": indexes, "files": [], "remains": {}}
    (by,) = uow.history.append([said(None, facts, kind=EntryKind.REDACTION)], NOW)
    uow.redactions.erase(by.index, {index: canonical({"reason": MARK}) for index in indexes})
    return uow.redactions.rewrite(words)


def test_entries_that_hold_a_word_are_found_on_some_items_or_anywhere(begin, filled):
    with begin(write=False) as uow:
        assert [entry.index for entry in uow.redactions.holding(WORDS)] == [0, 1, 3]
        assert [entry.index for entry in uow.redactions.holding(Words(WORDS.texts, (filled[1].id,)))] == [1]
        assert [entry.index for entry in uow.redactions.holding(Words(('某"说"',)))] == [0, 1]
        assert uow.redactions.holding(Words(("李某",))) == []
        assert uow.redactions.told() == []


def test_an_erased_entry_keeps_its_leaf_and_what_is_left(begin, filled):
    with begin() as uow:
        before = [*uow.history.scan()]
        erased(uow, [0, 3])
        uow.commit()

    with begin(write=False) as uow:
        after = [*uow.history.scan()]
        assert [entry.index for entry in uow.redactions.told()] == [4]
    assert [entry.leaf for entry in after[:4]] == [entry.leaf for entry in before]
    assert [(entry.payload is None, entry.salt is None, entry.erased_by) for entry in after] == [
        (True, True, 4),
        (False, False, None),
        (False, False, None),
        (True, True, 4),
        (False, False, None),
    ]
    assert json.loads(after[0].told) == {"reason": MARK}
    assert after[1].told == before[1].payload


def test_every_row_beside_the_history_forgets_the_words(begin, filled):
    with begin() as uow:
        counts = erased(uow, [0, 1, 3])
        uow.commit()

    assert counts == {
        "item.title": 2,
        "item.body": 2,
        "notice.facts": 2,
        "evidence.name": 2,
        "criticism.label": 1,
        "gate.last_error": 1,
        "saved_filter.query": 2,
        "saved_filter.name": 2,
    }
    with begin(write=False) as uow:
        item = uow.items.get([filled[0].id])[filled[0].id]
        assert (item.title, item.fields) == (
            f"{MARK}的“笔录”",
            {"problem": f'{MARK}"说"', "due_on": "2020-06-30"},
        )
        assert [notice.facts["title"] for notice in uow.notices.scan()] == [f"{MARK}的“笔录”"] * 2
        assert [piece.name for piece in uow.evidence.of_item(item.id)] == [f"{MARK}.docx"]
        assert [mark.label for mark in uow.criticisms.of_item(item.id)] == [MARK]
        assert uow.gates.get("mail").last_error == f"无法投递给 {MARK}"
        assert {saved.query for saved in uow.filters.of_person(ANNA)} == {f"q={MARK}"}
        assert {saved.name for saved in uow.filters.of_person(ANNA)} == {
            f"{MARK}（00000000）",
            f"“{MARK}”（00000001）",
        }


def test_one_item_forgets_and_the_others_do_not(begin, filled):
    with begin() as uow:
        counts = erased(uow, [0], Words(WORDS.texts, (filled[0].id,)))

        assert counts == {
            "item.title": 1,
            "item.body": 1,
            "notice.facts": 1,
            "evidence.name": 1,
            "criticism.label": 1,
        }
        assert uow.items.get([filled[1].id])[filled[1].id].title == "王某某的“笔录”"


def test_what_is_left_can_be_made_less(begin, filled):
    with begin() as uow:
        erased(uow, [0], Words(("说",)))
        uow.redactions.rewrite(Words((MARK,)))

        assert uow.redactions.rewrite(Words(("没有",))) == {}


def test_nothing_is_erased_that_is_not_there(begin, filled):
    with begin() as uow, pytest.raises(Broken):
        erased(uow, [0, 99])


STEALTHY = {
    "without an entry": "UPDATE entry SET payload = NULL, salt = NULL WHERE position = 1",
    "another than the entry names": "UPDATE entry SET payload = NULL, salt = NULL WHERE position = 3",
    "with another change": "UPDATE entry SET payload = NULL, salt = NULL, what = 'x' WHERE position = 0",
    "a change": "UPDATE entry SET payload = salt WHERE position = 0",
    "salt alone": "UPDATE entry SET salt = NULL WHERE position = 0",
    "a definition": "UPDATE entry SET payload = NULL, salt = NULL WHERE position = 2",
    "a deletion": "DELETE FROM entry WHERE position = 0",
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def locked(request):
    """A store in which the newest entry tells that 0 and 2 are erased; 2 publishes a definition."""
    store = request.getfixturevalue(request.param)
    with store.begin() as uow:
        kinds = (EntryKind.TRANSITION, EntryKind.TRANSITION, EntryKind.DEFINITION, EntryKind.TRANSITION)
        uow.history.append([replace(a_draft(None), kind=kind) for kind in kinds], NOW)
        uow.history.append([said(None, {"indexes": [0, 2], "remains": {}}, kind=EntryKind.REDACTION)], NOW)
        uow.commit()
    return store


@pytest.mark.parametrize("statement", [*STEALTHY.values()], ids=[*STEALTHY])
def test_the_lock_opens_for_no_other_erasure(locked, statement):
    if "position = 1" in statement:
        with locked.begin() as uow:
            uow.history.append([a_draft(None)], NOW)
            uow.commit()
        statement = statement.replace("position = 1", "position = 0")  # it was announced, but long ago
    with locked.database.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(statement))


def test_the_lock_opens_for_what_the_newest_entry_names_once(locked):
    erase = text("UPDATE entry SET payload = NULL, salt = NULL WHERE position = 0")
    with locked.database.engine.connect() as connection:
        connection.execute(erase)
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(erase)
