"""What docs/calendar.md shows can be written: its definition, its calendar, its words, its table of arithmetics."""

import re
from pathlib import Path

from engine.model.clock import Measure, Roll
from engine.rules.date_words import day_rule
from engine.rules.periods import ARITHMETICS
from workflows.builder import read_definition
from workflows.calendars import read_calendar

PAGE = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
CLOCKS, CALENDAR = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
FRAME = """\
id: sample
version: 1
label: 样例
number_prefix: YL
initial: working
openers: [office]
fields: [{id: due_on, label: 时限, type: date}]
states:
  - {id: working, label: 办理中, stage: rectifying, acts: [owner]}
  - {id: done, label: 已办结, stage: closed, final: true}
verbs:
  - {verb: finish, label: 办结, from: [working], to: [done], who: [owner]}
ladders:
  - {id: standard, rungs: [{id: due, label: 到期, offset: 0, tell: [owner], notice: overdue, lamp: red}]}
"""


def test_the_clocks_are_read() -> None:
    definition = read_definition((FRAME + CLOCKS).encode(), "docs/calendar.md")

    assert [clock.id for clock in definition.clocks] == ["statutory", "promised"]
    assert len(definition.clocks[1].not_later_than) == 2


def test_the_calendar_is_read() -> None:
    assert read_calendar(CALENDAR.encode(), "docs/calendar.md").covers == 2027


def test_every_word_of_the_table_names_days() -> None:
    rows = re.findall(r"^\| (\S+(?: · \S+)*) \| [a-z0-9]", PAGE.partition("## Words")[2], flags=re.MULTILINE)
    words = [each for row in rows for each in row.split(" · ")]

    assert len(words) == 14
    assert [each for each in words if day_rule(each) is None] == []


def test_the_table_of_arithmetics_is_the_table_of_the_rules() -> None:
    rows = re.findall(r"^\| `measure: (\w+)`(?:, `roll: (\w+)`)? \|", PAGE, flags=re.MULTILINE)

    assert {(Measure(measure), Roll(roll or "none")) for measure, roll in rows} == set(ARITHMETICS)
