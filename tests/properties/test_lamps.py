"""Lamps: there is always one, the same facts show the same, time alone never betters it, more work never worsens it."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.model.calendar import Calendar
from engine.model.clock import (
    Curve,
    Ladder,
    Lamp,
    Level,
    Measure,
    Milestone,
    Pace,
    Rung,
    RungEffect,
    RungEffectKind,
)
from engine.model.deadline import Deadline, Firing, Outcome, Raise
from engine.model.item import Item
from engine.rules.lamps import WORDS, Facts, Signal, signal_of
from engine.rules.pace import elapsed_percent, expected_percent, instant_of_share
from tests.builders import NOON, a_definition, an_item

CALENDAR = Calendar(
    id="plain",
    exceptions={date(2020, 6, 25): False, date(2020, 6, 28): True},
    covered_until=date(2020, 12, 31),
)
HOUR = timedelta(hours=1)
HOURS = st.integers(-200, 3000)
MEASURES = st.sampled_from([Measure.NATURAL_DAY, Measure.WORKING_DAY])
ORDER = list(Lamp)
STEPS = (Milestone(time=20, progress=5), Milestone(time=60, progress=70), Milestone(time=90, progress=95))
PACES = st.builds(
    lambda curve, measure, yellow, more: Pace(
        field="percent",
        curve=curve,
        measure=measure,
        points=STEPS if curve is Curve.MILESTONES else (),
        yellow=yellow,
        red=yellow + more,
    ),
    st.sampled_from(Curve),
    MEASURES,
    st.integers(1, 40),
    st.integers(0, 40),
)
EFFECTS = st.sampled_from([(), (RungEffect(kind=RungEffectKind.RAISE_LAMP),)])
RUNGS = st.builds(
    lambda number, offset, measure, lamp, effects: Rung(
        id=f"r{number}",
        label="级",
        offset=offset,
        measure=measure,
        tell=("owner",),
        notice="overdue",
        lamp=lamp,
        effects=effects,
    ),
    st.integers(0, 9),
    st.integers(-15, 15),
    st.sampled_from(Measure),
    st.sampled_from(Lamp),
    EFFECTS,
)
SHARES = st.builds(
    lambda elapsed, measure, lamp, effects: Rung(
        id=f"s{elapsed}",
        label="用时",
        elapsed=elapsed,
        measure=measure,
        tell=("owner",),
        notice="behind",
        lamp=lamp,
        effects=effects,
    ),
    st.integers(1, 100),
    MEASURES,
    st.sampled_from(Lamp),
    EFFECTS,
)
LEVELS = st.builds(
    lambda returned, lamp, effects: Level(
        id=f"l{returned}", label="级", returned=returned, tell=(), notice="poor", lamp=lamp, effects=effects
    ),
    st.integers(1, 4),
    st.sampled_from(Lamp),
    EFFECTS,
)
LADDERS = st.lists(RUNGS, max_size=5).map(lambda rungs: tuple(sorted(rungs, key=lambda rung: rung.offset)))


@st.composite
def revisions(draw: st.DrawFn) -> tuple[Deadline, ...]:
    """A few revisions of a clock, one after the other; the last may still run."""
    found: list[Deadline] = []
    at = NOON
    for revision in range(1, draw(st.integers(1, 4)) + 1):
        due = NOON + draw(HOURS) * HOUR
        outcome = draw(st.sampled_from([*Outcome, None]))
        ended = None if outcome is None else at + draw(st.integers(0, 900)) * HOUR
        found.append(
            Deadline(
                item=an_item().id, clock="work", revision=revision, armed_at=at, started_at=at,
                counts_from=NOON, due_at=due, original_due_at=due, proof="", is_provisional=False,
                calendar="plain", next_rung=None, next_at=None, outcome=outcome, ended_at=ended,
            )
        )  # fmt: skip
        if ended is None:
            break
        at = ended
    return tuple(found)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    ladder = Ladder(id="standard", rungs=(*draw(st.lists(SHARES, max_size=2)), *draw(LADDERS)))
    levels = draw(st.lists(LEVELS, max_size=2))
    plain = a_definition()
    clock = replace(plain.clocks[0], ladder="standard", pace=draw(st.none() | PACES))
    fields = draw(st.fixed_dictionaries({}, optional={"percent": st.integers(0, 100)}))
    deadlines = draw(revisions())
    fired = [
        Firing(
            item=an_item().id, clock="work", revision=1, rung=rung.id, spoken_by=rung.id,
            fired_at=NOON + draw(HOURS) * HOUR,
        )
        for rung in ladder.rungs
        if draw(st.booleans())
    ]  # fmt: skip
    return Facts(
        definition=replace(plain, clocks=(clock,), ladders=(ladder,), levels=tuple(levels)),
        item=an_item(fields=fields, returned_count=draw(st.integers(0, 4))),
        deadlines=deadlines,
        firings=fired,
        raises=[
            Raise(item=an_item().id, level=level.id, raised_at=NOON + draw(HOURS) * HOUR) for level in levels
        ],
    )


def lit(known: Facts, hours: int) -> Signal:
    return signal_of(known, NOON + hours * HOUR, CALENDAR)


def worse(signal: Signal) -> int:
    return ORDER.index(signal.lamp)


def with_item(known: Facts, **changes: object) -> Facts:
    item: Item = replace(known.item, **changes)  # type: ignore[arg-type]
    return replace(known, item=item)


@given(facts(), HOURS)
def test_there_is_always_one_lamp_with_a_sentence_and_the_order_of_the_facts_is_nothing(
    known: Facts, hours: int
) -> None:
    signal = lit(known, hours)

    assert signal.sentence.startswith(f"{WORDS[signal.lamp]}：")
    assert len(signal.sentence) > len("红灯：")
    assert lit(known, hours) == signal
    turned = replace(
        known, deadlines=known.deadlines[::-1], firings=known.firings[::-1], raises=known.raises[::-1]
    )
    assert lit(turned, hours).lamp is signal.lamp


@given(facts(), HOURS, st.integers(0, 500))
def test_time_alone_never_betters_a_lamp(known: Facts, hours: int, later: int) -> None:
    assert worse(lit(known, hours)) <= worse(lit(known, hours + later))


@given(facts(), HOURS, st.integers(0, 100))
def test_more_work_never_worsens_a_lamp(known: Facts, hours: int, percent: int) -> None:
    less = with_item(known, fields={"percent": percent // 2})
    more = with_item(known, fields={"percent": percent})

    assert worse(lit(more, hours)) <= worse(lit(less, hours))


@given(facts(), HOURS)
def test_one_more_return_never_betters_a_lamp(known: Facts, hours: int) -> None:
    returned = with_item(known, returned_count=known.item.returned_count + 1)

    assert worse(lit(known, hours)) <= worse(lit(returned, hours))


@given(PACES, st.integers(0, 100), st.integers(0, 100))
def test_what_is_expected_grows_from_nothing_to_everything(pace: Pace, one: int, other: int) -> None:
    assert expected_percent(pace, 0) == 0
    assert expected_percent(pace, 100) == 100
    assert expected_percent(pace, min(one, other)) <= expected_percent(pace, max(one, other))


@given(MEASURES, HOURS, st.integers(1, 100))
def test_the_instant_of_a_share_is_the_first_that_has_it(measure: Measure, hours: int, percent: int) -> None:
    deadline = replace(revisions_at(hours), counts_from=NOON)
    at = instant_of_share(deadline, measure, percent, CALENDAR)

    assert elapsed_percent(deadline, measure, at, CALENDAR) >= percent
    before = at - timedelta(microseconds=1)
    assert before >= deadline.due_at or elapsed_percent(deadline, measure, before, CALENDAR) < percent


def revisions_at(hours: int) -> Deadline:
    due = NOON + hours * HOUR
    return Deadline(
        item=an_item().id, clock="work", revision=1, armed_at=NOON, started_at=NOON, counts_from=NOON, due_at=due,
        original_due_at=due, proof="", is_provisional=False, calendar="plain", next_rung=None, next_at=None,
    )  # fmt: skip
