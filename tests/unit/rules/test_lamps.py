"""Lamps: near, behind, poor, overdue, caught up; each with its sentence, from stored facts alone."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.model.calendar import Calendar
from engine.model.clock import Curve, Ladder, Lamp, Level, Measure, Pace, Rung, RungEffect, RungEffectKind
from engine.model.deadline import Deadline, Firing, Outcome, Raise
from engine.model.definition import Stage
from engine.model.item import Item
from engine.rules.lamps import Facts, Signal, signal_of
from tests.builders import NOON, a_definition, an_item

CALENDAR = Calendar(id="plain", exceptions={}, covered_until=date(2020, 12, 31))
DAY = timedelta(days=1)
DUE = NOON + 20 * DAY


def a_rung(name: str, offset: int, lamp: Lamp) -> Rung:
    return Rung(
        id=name,
        label=name,
        offset=offset,
        measure=Measure.NATURAL_DAY,
        tell=("owner",),
        notice="due_soon",
        lamp=lamp,
    )


LADDER = Ladder(
    id="standard",
    rungs=(
        a_rung("week", -7, Lamp.BLUE),
        a_rung("day", -1, Lamp.YELLOW),
        a_rung("due", 0, Lamp.RED),
        a_rung("later", 5, Lamp.RED),
    ),
)
PLAIN = a_definition()
CLOCK = replace(PLAIN.clocks[0], ladder="standard")
TIMED = replace(PLAIN, clocks=(CLOCK,), ladders=(LADDER,))
PACED = replace(TIMED, clocks=(replace(CLOCK, pace=Pace(field="percent", curve=Curve.LINEAR)),))


def a_deadline(revision: int = 1, **changes: object) -> Deadline:
    deadline = Deadline(
        item=an_item().id,
        clock="work",
        revision=revision,
        armed_at=NOON,
        started_at=NOON,
        counts_from=NOON,
        due_at=DUE,
        original_due_at=DUE,
        proof="",
        is_provisional=False,
        calendar="plain",
        next_rung=None,
        next_at=None,
    )
    return replace(deadline, **changes)  # type: ignore[arg-type]


def lit(
    days: float, *deadlines: Deadline, definition=TIMED, item: Item | None = None, firings=(), raises=()
) -> Signal:  # type: ignore[no-untyped-def]
    facts = Facts(
        definition=definition, item=item or an_item(), deadlines=deadlines, firings=firings, raises=raises
    )
    return signal_of(facts, NOON + days * DAY, CALENDAR)


@pytest.mark.parametrize(
    ("days", "lamp", "sentence"),
    [
        (0, Lamp.GREEN, "绿灯：整改时限还有 20 天（2020-05-26 12:00 到期）"),
        (13, Lamp.BLUE, "蓝灯：整改时限还有 7 天（2020-05-26 12:00 到期）"),
        (19.5, Lamp.YELLOW, "黄灯：整改时限不到 1 天（2020-05-26 12:00 到期）"),
        (20, Lamp.RED, "红灯：整改时限已逾期 1 天（2020-05-26 12:00 到期）"),
        (23, Lamp.RED, "红灯：整改时限已逾期 4 天（2020-05-26 12:00 到期）"),
    ],
)
def test_time_alone_goes_from_green_to_red(days: float, lamp: Lamp, sentence: str) -> None:
    assert lit(days, a_deadline()) == Signal(lamp, sentence)


def test_the_ladder_says_the_colours_and_without_one_what_is_over_is_red() -> None:
    watched = replace(TIMED, ladders=(Ladder(id="standard", rungs=(a_rung("due", 0, Lamp.GREEN),)),))
    early = replace(TIMED, ladders=(Ladder(id="standard", rungs=(a_rung("day", -1, Lamp.BLUE),)),))

    assert lit(30, a_deadline(), definition=watched).lamp is Lamp.GREEN
    assert lit(30, a_deadline(), definition=early).lamp is Lamp.RED
    assert lit(30, a_deadline(), definition=PLAIN).lamp is Lamp.RED


@pytest.mark.parametrize(
    ("percent", "lamp", "sentence"),
    [
        (
            62,
            Lamp.GREEN,
            "绿灯：整改时限还有 7 天（2020-05-26 12:00 到期）；已用时 62%，应完成 62%，实际 62%",
        ),
        (53, Lamp.GREEN, "落后 9 个百分点"),
        (52, Lamp.YELLOW, "黄灯：已用时 62%，应完成 62%，实际 52%，落后 10 个百分点"),
        (32, Lamp.YELLOW, "落后 30 个百分点"),
        (31, Lamp.RED, "红灯：已用时 62%，应完成 62%，实际 31%，落后 31 个百分点"),
    ],
)
def test_work_that_is_behind_its_time_is_yellow_then_red(percent: int, lamp: Lamp, sentence: str) -> None:
    signal = lit(12.4, a_deadline(), definition=PACED, item=an_item(fields={"percent": percent}))

    assert signal.lamp is lamp
    assert sentence in signal.sentence


def test_a_pace_may_be_stricter_than_usual() -> None:
    pace = Pace(field="percent", curve=Curve.LINEAR, yellow=1, red=2)
    strict = replace(TIMED, clocks=(replace(CLOCK, pace=pace),))

    assert lit(10, a_deadline(), definition=strict, item=an_item(fields={"percent": 47})).lamp is Lamp.RED


def test_what_was_returned_twice_is_poor() -> None:
    assert lit(0, a_deadline(), item=an_item(returned_count=1)).lamp is Lamp.GREEN
    assert lit(0, a_deadline(), item=an_item(returned_count=2)) == Signal(Lamp.YELLOW, "黄灯：已退回 2 次")


def test_the_worst_speaks_and_equals_speak_together() -> None:
    poor = an_item(returned_count=3, fields={"percent": 40})

    assert lit(12.4, a_deadline(), definition=PACED, item=poor).sentence == (
        "黄灯：已用时 62%，应完成 62%，实际 40%，落后 22 个百分点；已退回 3 次"
    )
    assert lit(21, a_deadline(), definition=PACED, item=poor).sentence.startswith("红灯：整改时限已逾期")


def test_what_is_closed_is_green_whatever_was() -> None:
    late = a_deadline(outcome=Outcome.MET, ended_at=DUE + 9 * DAY)
    done = an_item(stage=Stage.CLOSED, state="closed", closed_at=DUE + 9 * DAY, returned_count=5)

    assert lit(90, late, item=done) == Signal(Lamp.GREEN, "绿灯：已办结（2020-06-04）")


def test_without_a_running_limit_there_is_nothing_to_fear() -> None:
    assert lit(500) == Signal(Lamp.GREEN, "绿灯：没有正在计时的时限")


def test_done_late_is_yellow_until_a_limit_is_kept() -> None:
    late = a_deadline(outcome=Outcome.MET, ended_at=DUE + 3 * DAY)
    review = a_deadline(2, armed_at=DUE + 3 * DAY, due_at=DUE + 10 * DAY)
    kept = replace(review, outcome=Outcome.MET, ended_at=DUE + 9 * DAY)
    missed = replace(kept, ended_at=DUE + 11 * DAY)

    assert (
        lit(24, late).sentence == "黄灯：曾亮红灯（2020-05-29 整改时限逾期），已追上；按时办完一个时限后转绿"
    )
    assert lit(24, late, review).lamp is Lamp.YELLOW
    assert lit(30, late, kept).lamp is Lamp.GREEN
    assert lit(32, late, missed).lamp is Lamp.YELLOW


def test_a_limit_kept_before_it_was_red_does_not_count() -> None:
    kept = a_deadline(outcome=Outcome.MET, ended_at=DUE - DAY)
    late = a_deadline(2, outcome=Outcome.MET, ended_at=DUE + DAY)

    assert lit(30, kept, late).lamp is Lamp.YELLOW


def test_an_extension_granted_after_expiry_turns_red_to_yellow_and_not_to_green() -> None:
    over = a_deadline(outcome=Outcome.REARMED, ended_at=DUE + DAY)
    extended = a_deadline(2, armed_at=DUE + DAY, due_at=DUE + 30 * DAY)

    assert lit(20.5, a_deadline()).lamp is Lamp.RED
    assert lit(22, over, extended).lamp is Lamp.YELLOW
    assert lit(22, replace(over, ended_at=DUE - DAY), extended).lamp is Lamp.GREEN


def test_suspended_while_overdue_stays_yellow() -> None:
    assert lit(40, a_deadline(outcome=Outcome.SUSPENDED, ended_at=DUE + DAY)).lamp is Lamp.YELLOW


def test_a_red_rung_that_spoke_is_remembered_once_the_work_has_caught_up() -> None:
    rungs = (a_rung("half", -10, Lamp.RED),)
    early = replace(TIMED, ladders=(Ladder(id="standard", rungs=rungs),))
    spoke = Firing(
        item=an_item().id, clock="work", revision=1, rung="half", spoken_by="half", fired_at=NOON + 10 * DAY
    )
    other = replace(spoke, rung="gone", spoken_by="gone")
    moved = a_deadline(2, due_at=DUE + 60 * DAY)

    assert lit(11, moved, definition=early, firings=[spoke]).lamp is Lamp.YELLOW
    assert lit(11, moved, definition=early, firings=[other]).lamp is Lamp.GREEN
    silent = replace(spoke, spoken_by="")
    assert lit(11, moved, definition=early, firings=[silent]).lamp is Lamp.GREEN


def test_a_level_that_raises_the_lamp_holds_its_colour_until_a_limit_is_kept() -> None:
    effects = (RungEffect(kind=RungEffectKind.RAISE_LAMP),)
    level = Level(
        id="thrice", label="第三次退回", returned=3, tell=(), notice="poor", lamp=Lamp.RED, effects=effects
    )
    levelled, plain = (
        replace(TIMED, levels=(level,)),
        replace(TIMED, levels=(replace(level, effects=()),)),
    )
    raises = [Raise(item=an_item().id, level="thrice", raised_at=NOON + DAY)]
    kept = a_deadline(outcome=Outcome.MET, ended_at=NOON + 2 * DAY)

    held = lit(2, a_deadline(), definition=levelled, raises=raises)
    assert held.sentence == "红灯：已升级（2020-05-07 第三次退回），按时办完一个时限前不转好"
    assert lit(2, a_deadline(), definition=plain, raises=raises).lamp is Lamp.GREEN
    assert lit(2, kept, definition=levelled, raises=raises).lamp is Lamp.GREEN
    assert lit(2, replace(kept, ended_at=NOON + DAY), definition=levelled, raises=raises).lamp is Lamp.RED
    gone = [Raise(item=an_item().id, level="gone", raised_at=NOON)]
    assert lit(2, a_deadline(), definition=levelled, raises=gone).lamp is Lamp.GREEN


def test_rungs_by_share_colour_the_lamp_by_the_lag_and_not_by_themselves() -> None:
    rungs = (replace(a_rung("half", 0, Lamp.RED), elapsed=50), *LADDER.rungs)
    shared = replace(PACED, ladders=(Ladder(id="standard", rungs=rungs),))

    assert lit(12, a_deadline(), definition=shared, item=an_item(fields={"percent": 60})).lamp is Lamp.GREEN
