"""An item as it stood at each of its entries; what was erased is said to be unknown, never guessed."""

from dataclasses import replace
from datetime import timedelta

from engine.rules.ledger import ZERO, canonical, seal
from engine.rules.past import Change, changes_in, differences, past_at, stays_of, steps_of
from tests.unit.rules.test_ledger import START, draft

LIFE = (
    {"state": [None, "draft"], "unit": [None, "a"]},
    {"state": ["draft", "working"], "owner": [None, "zhang"]},
    {"field:percent": [None, 40]},
    {"owner": ["zhang", "li"]},
    {"state": ["working", "done"]},
)
CLOCKS = [
    {},
    {"armed": [{"clock": "work", "revision": 1, "due": "x"}]},
    {},
    {"ended": [["work", 1, "rearmed"]], "armed": [{"clock": "work", "revision": 2, "due": "y"}]},
    {"ended": [["work", 2, "met"]]},
]


def a_life():
    entries = []
    for step, (changes, clocks) in enumerate(zip(LIFE, CLOCKS, strict=True)):
        payload = canonical({"type": "transition", "changes": changes, **clocks})
        given = {"item_version": step + 1, "payload": payload, "actor": "a0" * 16}
        entries.append(seal(draft(0, **given), step, START + timedelta(hours=step), ZERO))
    return entries


def test_each_step_knows_the_item_before_and_after():
    steps = list(steps_of(a_life()))

    assert [step.after.version for step in steps] == [1, 2, 3, 4, 5]
    assert steps[2].before.document == {"state": "working", "unit": "a", "owner": "zhang"}
    assert steps[2].after.document["field:percent"] == 40
    assert steps[2].after.clocks["work"]["due"] == "x"
    assert steps[3].after.clocks["work"]["revision"] == 2
    assert steps[4].after.clocks == {}
    assert changes_in(steps[3].payload) == (Change("owner", "zhang", "li"),)


def test_an_instant_counts_what_happened_at_it():
    entries = a_life()

    assert past_at(entries, START - timedelta(microseconds=1)) is None
    assert past_at(entries, START).after.document["state"] == "draft"
    assert past_at(entries, START + timedelta(hours=3.5)).entry.index == 3


def test_a_stay_ends_when_the_state_or_the_hands_change():
    stays = stays_of(a_life())

    told = [(stay.past.text("state"), stay.past.text("owner"), stay.began, stay.ended) for stay in stays]
    assert told == [
        ("draft", "", 0, 1),
        ("working", "zhang", 1, 3),
        ("working", "li", 3, 4),
        ("done", "li", 4, None),
    ]
    assert stays[1].lasted(START) == timedelta(hours=2)
    assert stays[-1].lasted(START + timedelta(hours=10)) == timedelta(hours=6)


def test_what_was_erased_is_said_to_be_unknown_and_what_follows_still_counts():
    entries = a_life()
    entries[1] = replace(entries[1], payload=None, salt=None)

    steps = list(steps_of(entries))

    assert [step.after.is_whole for step in steps] == [True, False, False, False, False]
    assert steps[1].after.document == {"state": "draft", "unit": "a"}
    assert steps[4].after.document == {"state": "done", "unit": "a", "field:percent": 40, "owner": "li"}


def test_two_pasts_differ_in_what_was_changed_in_between():
    steps = list(steps_of(a_life()))

    found = differences(steps[1].after, steps[4].after)

    assert set(found) == {
        Change("state", "working", "done"),
        Change("owner", "zhang", "li"),
        Change("field:percent", None, 40),
    }
