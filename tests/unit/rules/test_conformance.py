"""A replay finds what differs from the definition, and measures how long items waited where."""

from datetime import timedelta

import pytest

from engine.model.conformance import Crossing, Deviation, Wait
from engine.model.ids import ItemId
from engine.rules.conformance import SIGN_FOR, Tally, judged, replayed, spread
from engine.rules.ledger import ZERO, canonical, seal
from tests.integration.house import definitions
from tests.unit.rules.test_ledger import START, draft

ITEM = definitions()["item"]
ONE, TWO = ItemId("1" * 32), ItemId("2" * 32)
USUAL = ["open draft", "submit submitted", "list listed", "assign assigned", "sign_for rectifying"]


def find(name: str):
    return ITEM if name == "item@4" else None


def a_life(*steps: str, rules: str = "item@4", **payloads):
    """Entries of a step a day: each a verb, the state after it, and perhaps a unit or the day that it claims."""
    entries, state, unit = [], None, None
    for day, step in enumerate(steps):
        verb, after, *more = step.split()
        claimed = next((word for word in more if word.startswith("20")), None)
        moved_to = next((word for word in more if word != claimed), "a" if unit is None else unit)
        changes = {"state": [state, after], "unit": [unit, moved_to]}
        changes |= {"definition": [None, rules]} if state is None else {}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        payload = canonical({"type": "transition", "claimed_on": claimed, "changes": changes})
        given = {"what": verb, "payload": payload, "item_version": day + 1, "actor": "a0" * 16}
        entries.append(seal(draft(0, **given), day, START + timedelta(days=day), ZERO))
        state, unit = after, moved_to
    return entries


def found(entries, days: float = 30):
    return replayed(ONE, entries, find, START + timedelta(days=days))


def deviations(*steps: str, **given):
    return [deviant.deviation for deviant in found(a_life(*steps, **given)).deviants]


def test_a_life_by_the_rules_differs_nowhere():
    trace = found(a_life(*USUAL, "progress rectifying", "self_check self_checked"))

    assert (trace.deviants, trace.fitness) == ((), 1.0)
    assert trace.crossings[4] == Crossing("assigned", "sign_for", "rectifying")
    assert trace.crossings[5] == Crossing("rectifying", "progress", "rectifying")


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (["submit submitted"], [Deviation.OUT_OF_ORDER]),
        (["open listed"], [Deviation.WRONG_TARGET]),
        (["open draft", "list listed"], [Deviation.OUT_OF_ORDER]),
        (["open draft", "submit listed"], [Deviation.WRONG_TARGET]),
        (["open draft", "submit draft"], [Deviation.WRONG_TARGET]),
        ([*USUAL[:4], "hand_over listed"], []),
        ([*USUAL[:4], "transfer transferred"], []),
        ([*USUAL[:4], "migrate rectifying"], [Deviation.SKIPPED_SIGN_FOR]),
        ([*USUAL[:4], "self_check self_checked"], [Deviation.SKIPPED_SIGN_FOR, Deviation.OUT_OF_ORDER]),
        ([*USUAL[:4], "apply_extension assigned"], []),
        ([*USUAL, "suspend suspended", "resume rectifying"], []),
        (["open draft 2026-01-01", "submit submitted 2025-12-30"], [Deviation.CLAIMED_BACKWARDS]),
        (["open draft 2026-01-01", "submit submitted 2026-01-01"], []),
    ],
)
def test_what_differs_is_named(steps, expected):
    assert deviations(*steps) == expected


def test_rules_that_were_never_published_are_no_rules():
    assert deviations("open draft", rules="item@99") == [Deviation.UNKNOWN_RULES]


def test_a_step_that_does_not_begin_where_the_last_ended_is_broken():
    entries = a_life(*USUAL)

    trace = found([*entries[:2], *entries[3:]])

    assert [(d.entry, d.deviation) for d in trace.deviants] == [
        (3, Deviation.BROKEN),
        (3, Deviation.OUT_OF_ORDER),
    ]
    assert trace.fitness == 1 - 1 / 4


def test_what_was_erased_is_not_held_against_anybody():
    entries = a_life(*USUAL)
    entries[2] = seal(draft(0, what="list", payload=b""), 2, entries[2].at, ZERO)

    trace = found(entries)

    assert (trace.erased, len(trace.crossings)) == (1, 4)
    assert Deviation.BROKEN not in [deviant.deviation for deviant in trace.deviants]


def test_waiting_is_counted_anew_in_another_state_or_unit():
    trace = found(a_life(*USUAL[:4], "hand_over listed b", "assign assigned", "assign assigned"), 10)
    day = 86_400

    assert trace.waits == (
        Wait("draft", "a", day, False),
        Wait("submitted", "a", day, False),
        Wait("listed", "a", day, False),
        Wait("assigned", "a", day, False),
        Wait("listed", "b", day, False),
        Wait("assigned", "b", 5 * day, True),
    )


def test_nobody_waits_for_what_has_come_to_its_end():
    trace = found(a_life("open draft", "submit submitted", "reject rejected"))

    assert [wait.state for wait in trace.waits] == ["draft", "submitted"]


def test_returns_are_counted_by_the_effect_that_counts_them():
    back = ["submit submitted", "return draft"]

    trace = found(a_life("open draft", *back, *back, "submit submitted", "withdraw draft"))

    assert trace.returns == (Crossing("submitted", "return", "draft"),) * 2


def test_every_sign_for_of_the_library_is_known():
    """Whoever gives 签收 another verb has to say so here as well."""
    labelled = {move.verb for each in definitions().values() for move in each.moves if move.label == "签收"}

    assert labelled <= SIGN_FOR
    assert labelled


def test_every_declared_step_of_the_library_conforms():
    for definition in definitions().values():
        for move in definition.moves:
            for state in move.from_states:
                for target in move.to or (state,):
                    assert [*judged(definition, Crossing(state, move.verb, target))] == []


def test_traces_add_up():
    tally = Tally()
    good = a_life("open draft", "submit submitted", "return draft", "submit submitted")
    bad = a_life("open draft", "list listed")
    for item, entries in ((ONE, good), (TWO, bad), (ItemId("3" * 32), good)):
        tally.take(replayed(item, entries, find, START + timedelta(days=10)))

    result = tally.result()

    assert (result.items, result.fitting, result.steps) == (3, 2, 10)
    assert result.fitness == (1 + 0.5 + 1) / 3
    (line,) = result.deviations
    assert (line.deviation, line.count, line.items, line.entries) == (Deviation.OUT_OF_ORDER, 1, 1, (1,))
    (returned,) = result.returns
    assert (returned.count, returned.items, returned.most) == (2, 2, 1)
    assert result.returned == {0: 1, 1: 2}
    assert [(each.item, each.returns) for each in result.worst] == [(TWO, 0), (ONE, 1), (ItemId("3" * 32), 1)]
    submit = Crossing("draft", "submit", "submitted")
    assert [(c.count, c.items, c.most) for c in result.crossings if c.crossing == submit] == [(4, 2, 2)]
    assert [(line.state, line.unit, line.spread.count) for line in result.states] == [
        ("submitted", None, 4),
        ("listed", None, 1),
        ("draft", None, 5),
    ]


def test_nothing_adds_up_to_nothing():
    result = Tally().result()

    assert (result.items, result.fitness, result.waits, result.worst) == (0, 1.0, (), ())


def test_waiting_spreads_by_nearest_rank():
    found = spread(range(1, 10), [100])

    assert (found.median, found.ninetieth, found.longest) == (5, 9, 100)
    assert (found.count, found.still, found.share_open) == (10, 1, 0.1)
    assert spread([7], []).median == spread([7], []).ninetieth == 7
