"""What docs/duties.md shows is read, its days are reckoned, and its words are those of the matrix."""

import re
import shutil
from datetime import date
from pathlib import Path

from engine.model.campaign import Duty, DutyDate
from engine.model.clock import Roll
from engine.rules.duties import opens_on, sections_missing
from runtime.words import STANDINGS
from tests.docs.commands import refused, shown
from workflows.campaign import read_campaign

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "workflows" / "campaigns" / "fazhi-2020"
PAGE = (ROOT / "docs" / "duties.md").read_text(encoding="utf-8")


def test_the_duties_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    shutil.copytree(PLAN, folder)
    (duties,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (folder / "duties.yaml").write_text(duties, encoding="utf-8")

    monthly, final, adhoc = read_campaign(folder).duties
    assert [row.period for row in monthly.dates] == [f"2020-{month:02}" for month in range(4, 12)]
    assert (final.ahead, adhoc.dates) == (35, ())


def test_the_parts_are_written_as_it_says() -> None:
    text = "\n".join(re.findall(r"`([^`]+)`", PAGE.partition("whatever its numbering")[2])[:2])

    assert sections_missing(text, ("开展情况", "主要成效")) == ()


def test_each_report_is_opened_on_the_day_it_says() -> None:
    rows = re.findall(
        r"^\| \w+ (\S+), due (\S+) \| (?:–|`ahead: (\d+)`) \| (\S+) \|$", PAGE, flags=re.MULTILINE
    )

    assert len(rows) == 3
    for period, due, ahead, opened in rows:
        row = DutyDate(period=period, due_on=date.fromisoformat(due), words="", roll=Roll.BACK)
        duty = Duty(
            code="d", label="", quote="", sections=(), dates=(row,), ahead=int(ahead) if ahead else None
        )
        assert f"{opens_on(duty, row)}" == opened


def test_the_words_of_the_table_are_those_of_the_matrix() -> None:
    words = re.findall(r"^\| (\S+) \| [a-z]", PAGE.partition("| Word |")[2], flags=re.MULTILINE)

    assert set(words) == set(STANDINGS.values())


def test_every_command_it_shows_is_one() -> None:
    commands = shown(PAGE)

    assert len(commands) >= 6
    assert [command for command in commands if refused(command)] == []
    assert refused("duban report matrx") == "matrx"
    assert refused("duban report matrix --dutty monthly") == "--dutty"
