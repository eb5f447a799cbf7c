"""Where a clock counts from: the opening, another clock, named days, and the earliest of several rules."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from engine.model.calendar import LOCAL, Calendar, CalendarOverride, SpecialDays
from engine.model.clock import Anchor, ClockDef, DueRule, Measure, Roll
from engine.model.dates import EachWeek, MonthEnd, OnDate
from engine.model.deadline import Outcome
from engine.model.item import Item
from engine.model.transition import Transition
from engine.rules.calendars import overridden
from engine.rules.clocks import ClockChanges, clock_changes
from engine.rules.projection import Run, projected, reprojected
from runtime.calendars import china_calendar
from tests.builders import NOON, a_definition, an_actor, an_item

CHINA: Calendar = china_calendar()
EVENING = 18 * 60


def a_clock(name: str, due: DueRule, *others: DueRule, runs_in: str = "working") -> ClockDef:
    return ClockDef(
        id=name,
        label=name,
        runs_in=frozenset({runs_in}),
        pauses_in=frozenset(),
        restarts_on=frozenset(),
        due=due,
        ladder="none",
        not_later_than=others,
    )


def a_step(before: Item | None, after: Item, at: datetime = NOON) -> Transition:
    return Transition(verb="go", before=before, after=after, actor=an_actor(1), at=at, standing="owner")


def proof(rule: DueRule, *others: DueRule, item: Item | None = None, at: datetime = NOON) -> str:
    due = projected(a_clock("main", rule, *others), item or an_item(), Run(at), {}, CHINA)
    assert due is not None
    return due.proof


ON_FIELD = DueRule(
    anchor=Anchor.FIELD, field="due_on", roll=Roll.BACK, cutoff_minutes=EVENING, words="完成时限前"
)
SIGN = DueRule(anchor=Anchor.ENTRY, length=2, measure=Measure.WORKING_DAY, cutoff_minutes=EVENING)


def test_a_limit_may_count_from_the_opening_of_the_item() -> None:
    rule = DueRule(anchor=Anchor.OPENING, length=30, roll=Roll.FORWARD)
    item = an_item(opened_at=datetime(2020, 4, 1, 10, tzinfo=LOCAL))

    assert proof(rule, item=item) == (
        "30日内 → 自 2020-04-01 起，当日不计 → 2020-05-01 周五 → 法定期间：顺延 → 2020-05-06 24:00"
    )


def test_a_limit_may_be_the_next_of_the_days_that_words_name() -> None:
    monthly = DueRule(anchor=Anchor.DAY, on=MonthEnd(), roll=Roll.BACK, cutoff_minutes=EVENING)
    weekly = DueRule(anchor=Anchor.DAY, on=EachWeek(4), roll=Roll.BACK, cutoff_minutes=EVENING)
    past = DueRule(anchor=Anchor.DAY, on=OnDate(4, 30, 2020), roll=Roll.BACK)

    assert proof(monthly) == "每月底 → 2020-05-31 周日 → 内部报送：提前 → 2020-05-29 18:00"
    assert proof(weekly) == "每周五前 → 2020-05-08 周五 → 2020-05-08 18:00"
    assert proof(past) == "2020年4月30日前 → 2020-04-30 周四 → 2020-04-30 24:00"


def test_days_are_counted_back_from_the_end_of_a_period() -> None:
    rule = DueRule(anchor=Anchor.FIELD, field="due_on", length=-7, words="期满前7日送请批准")

    assert proof(rule) == (
        "期满前7日送请批准 → 自 2020-06-30 倒推，当日不计 → 2020-06-23 周二 → 2020-06-23 24:00"
    )


def test_working_hours_name_both_instants() -> None:
    rule = DueRule(anchor=Anchor.ENTRY, length=8, measure=Measure.WORKING_HOUR)

    assert proof(rule, at=datetime(2020, 4, 30, 17, 0, tzinfo=LOCAL)) == (
        "8个工作小时内 → 自 2020-04-30 17:00 起，只计办公时间 → 2020-05-06 18:00"
    )


def test_the_earliest_of_several_rules_counts_and_names_the_others() -> None:
    sixty = DueRule(anchor=Anchor.OPENING, length=30, roll=Roll.BACK, words="立项后30日内")
    item = an_item(opened_at=NOON)
    due = projected(a_clock("main", ON_FIELD, sixty), item, Run(NOON), {}, CHINA)

    assert due is not None
    assert due.at == datetime(2020, 6, 6, tzinfo=LOCAL)
    assert due.proof.startswith("立项后30日内 → ")
    assert due.proof.endswith("；另一时限较迟：完成时限前 → 2020-06-30 周二 → 2020-06-30 18:00")


def test_a_rule_whose_date_is_not_written_yet_leaves_the_others_to_count() -> None:
    sixty = DueRule(anchor=Anchor.OPENING, length=60)
    blank = an_item(fields={}, opened_at=NOON)

    due = projected(a_clock("main", ON_FIELD, sixty), blank, Run(NOON), {}, CHINA)

    assert due is not None
    assert due.at == datetime(2020, 7, 6, tzinfo=LOCAL)
    assert projected(a_clock("main", ON_FIELD), blank, Run(NOON), {}, CHINA) is None


TWO = replace(
    a_definition(),
    clocks=(
        a_clock("sign", SIGN, runs_in="draft"),
        a_clock("work", DueRule(anchor=Anchor.CLOCK, clock="sign", length=30, roll=Roll.FORWARD)),
        a_clock(
            "promised", DueRule(anchor=Anchor.CLOCK, clock="sign", length=10, measure=Measure.WORKING_DAY)
        ),
    ),
)


def signed() -> tuple[ClockChanges, ClockChanges]:
    """The item enters draft at noon of 6 May and is signed for the day after."""
    draft = an_item(state="draft")
    entered = clock_changes(TWO, a_step(None, draft), [], CHINA)
    left = a_step(draft, an_item(), NOON + timedelta(days=1))
    return entered, clock_changes(TWO, left, entered.armed, CHINA)


def test_a_clock_counts_from_the_instant_another_was_met() -> None:
    entered, left = signed()

    assert [deadline.clock for deadline in entered.armed] == ["sign"]
    assert [(deadline.clock, deadline.outcome) for deadline in left.ended] == [("sign", Outcome.MET)]
    assert "自 2020-05-07 起，当日不计 → 2020-06-06 周六 → 法定期间：顺延 → 2020-06-08" in left.armed[0].proof


def test_two_clocks_on_one_item_keep_their_own_arithmetic() -> None:
    _, left = signed()

    assert [(deadline.clock, deadline.due_at.astimezone(LOCAL).date()) for deadline in left.armed] == [
        ("work", date(2020, 6, 9)),
        ("promised", date(2020, 5, 21)),
    ]


def test_a_changed_date_of_a_further_rule_rearms_the_clock() -> None:
    clock = a_clock("main", DueRule(anchor=Anchor.OPENING, length=90), ON_FIELD)
    sample = replace(a_definition(), clocks=(clock,))
    item = an_item(opened_at=NOON)
    armed = clock_changes(sample, a_step(None, item), [], CHINA).armed

    later = an_item(opened_at=NOON, fields={"due_on": "2020-07-31"})
    changes = clock_changes(sample, a_step(item, later), armed, CHINA)

    assert [deadline.outcome for deadline in changes.ended] == [Outcome.REARMED]
    assert changes.armed[0].due_at == datetime(2020, 7, 31, 18, tzinfo=LOCAL)


def test_a_clock_that_counts_from_another_is_reckoned_again_from_the_same_instant() -> None:
    entered, left = signed()
    later = SpecialDays(first=date(2020, 6, 8), last=date(2020, 6, 8), works=False, label="放假")
    county = CalendarOverride(id="county", version=1, label="", source="", days=(later,))
    revisions = [*left.ended, *left.armed]

    ((before, after),) = reprojected(TWO, an_item(), revisions, overridden(CHINA, county), NOON)

    assert entered.armed[0].clock == "sign"
    assert (before.clock, after.revision) == ("work", 2)
    assert after.proof == left.armed[0].proof.replace("2020-06-08", "2020-06-09")
    assert after.due_at - before.due_at == timedelta(days=1)
