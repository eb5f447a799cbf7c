"""What docs/calendar.md shows can be written: its definition, its calendar, its words, its table of arithmetics."""

import re
from datetime import datetime
from pathlib import Path

from engine.model.calendar import LOCAL
from engine.model.clock import Measure, Roll
from engine.rules.date_words import day_rule
from engine.rules.periods import ARITHMETICS, Stop, time_lost
from runtime.calendars import china_calendar
from runtime.words import CAUSES
from tests.docs.commands import refused, shown
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


def test_the_table_of_stops_is_what_the_rules_give_back() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d.*?) \|$", PAGE, flags=re.MULTILINE)
    stop = Stop(datetime(2020, 5, 8, 10, tzinfo=LOCAL), datetime(2020, 5, 18, 13, tzinfo=LOCAL))

    assert {measure for measure, _ in rows} == {*Measure}
    for measure, told in rows:
        assert time_lost(stop, Measure(measure), china_calendar()) == told


def test_every_cause_is_named() -> None:
    assert [word for cause, word in CAUSES.items() if cause != "move" and word not in PAGE] == []


def test_every_command_it_shows_is_one() -> None:
    commands = shown(PAGE)

    assert len(commands) >= 8
    assert [command for command in commands if refused(command)] == []
