"""Rules of time as a definition writes them: each mistake is told where it stands."""

import pytest

from engine.model.clock import Anchor, DueRule, Measure, Roll
from engine.model.dates import MonthEnd, OnDate
from engine.model.definition import Definition
from engine.model.errors import Invalid
from workflows.builder import read_definition

FRAME = """\
id: sample
version: 1
label: 样例
number_prefix: YL
initial: open
openers: [office]
fields:
  - {{id: due_on, label: 时限, type: date}}
states:
  - {{id: open, label: 办理中, stage: rectifying, acts: [owner]}}
  - {{id: done, label: 已办结, stage: closed, final: true}}
verbs:
  - {{verb: finish, label: 办结, from: [open], to: [done], who: [owner]}}
clocks:
  - id: first
    label: 签收时限
    runs_in: [open]
    due: {{anchor: entry, length: 2, measure: working_day}}
    ladder: plain
  - id: second
    label: 办结时限
    runs_in: [open]
    due: {due}
    ladder: plain
    not_later_than: {others}
ladders:
  - {{id: plain, rungs: [{{id: due, label: 到期, offset: 0, tell: [owner], notice: overdue, lamp: red}}]}}
"""


def read(due: str, others: str = "[]") -> Definition:
    return read_definition(FRAME.format(due=due, others=others).encode(), "sample.yaml")


def rule_of(due: str) -> DueRule:
    return read(due).clocks_by_id["second"].due


@pytest.mark.parametrize(
    ("due", "rule"),
    [
        (
            "{anchor: entry, length: 30, roll: forward, source: 治安管理处罚法 §99}",
            DueRule(anchor=Anchor.ENTRY, length=30, roll=Roll.FORWARD, source="治安管理处罚法 §99"),
        ),
        ("{anchor: opening, length: 60}", DueRule(anchor=Anchor.OPENING, length=60)),
        (
            "{anchor: entry, length: 24, measure: hour}",
            DueRule(anchor=Anchor.ENTRY, length=24, measure=Measure.HOUR),
        ),
        (
            "{anchor: clock, clock: first, length: 8, measure: working_hour}",
            DueRule(anchor=Anchor.CLOCK, clock="first", length=8, measure=Measure.WORKING_HOUR),
        ),
        (
            '{anchor: day, on: 每月底, roll: back, cutoff: "17:30"}',
            DueRule(anchor=Anchor.DAY, on=MonthEnd(), roll=Roll.BACK, cutoff_minutes=17 * 60 + 30),
        ),
        (
            "{anchor: day, on: 12月5日前, roll: back}",
            DueRule(anchor=Anchor.DAY, on=OnDate(12, 5), roll=Roll.BACK),
        ),
        (
            "{anchor: field, field: due_on, length: -7}",
            DueRule(anchor=Anchor.FIELD, field="due_on", length=-7),
        ),
    ],
)
def test_every_kind_of_rule_is_read(due: str, rule: DueRule) -> None:
    assert rule_of(due) == rule


@pytest.mark.parametrize(
    ("due", "told"),
    [
        ("{anchor: field, length: 1}", "field 与 anchor: field 必须同时出现"),
        ("{anchor: entry, length: 1, field: due_on}", "field 与 anchor: field 必须同时出现"),
        ("{anchor: clock, length: 1}", "clock 与 anchor: clock 必须同时出现"),
        ("{anchor: day}", "on 与 anchor: day 必须同时出现"),
        ("{anchor: opening}", "缺少 length"),
        ("{anchor: clock, clock: second, length: 1}", "未知的时限：second"),
        ("{anchor: clock, clock: furst, length: 1}", "未知的时限：furst"),
        ("{anchor: entry, length: -1}", "应在 0 至 36500 之间"),
        ("{anchor: day, on: 尽快}", "读不懂的日期：尽快"),
        ("{anchor: day, on: 2月30日前}", "读不懂的日期：2月30日前"),
        ("{anchor: entry, length: 3, measure: working_day, roll: back}", "工作日计算的时限不会落在休息日"),
        ("{anchor: entry, length: 3, measure: hour, roll: forward}", "按小时计的时限没有 roll 和 cutoff"),
        ('{anchor: entry, length: 3, measure: working_hour, cutoff: "18:00"}', "没有 roll 和 cutoff"),
        ("{anchor: field, field: due_on, length: 3, measure: hour}", "按小时计的时限须从一个时刻起算"),
        ('{anchor: entry, length: 3, cutoff: "24:01"}', "时刻不合规：24:01"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_at_its_place(due: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(due)

    (problem,) = [each for each in refused.value.problems if told in each.text]
    line = FRAME[: FRAME.index("{due}")].count("\n") + 1
    assert problem.where.startswith(f"sample.yaml:{line}:")


def test_further_rules_over_one_clock_are_read_and_checked_alike() -> None:
    definition = read("{anchor: field, field: due_on}", "[{anchor: opening, length: 60}]")

    assert definition.clocks_by_id["second"].not_later_than == (DueRule(anchor=Anchor.OPENING, length=60),)
    with pytest.raises(Invalid) as refused:
        read("{anchor: field, field: due_on}", "[{anchor: opening}]")
    assert [problem.text for problem in refused.value.problems] == ["缺少 length"]
