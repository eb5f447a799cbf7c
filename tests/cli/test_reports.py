"""Who has reported, on the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from cli.text import width
from tests.cli.conftest import Run, printed
from tests.integration.duties import a_large_plan, loaded


@pytest.fixture
def duban(tmp_path: Path) -> Run:
    """Run a command on a plan with two reporting units, as the office on 2 May 2020 if nothing else is said."""
    loaded(tmp_path).database.close()

    def run(*args: str, actor: str = "office", at: str = "2020-05-02T10:00"):
        return CliRunner().invoke(main, ["--at", at, "--actor", actor, *args])

    return run


def submit(duban: Run, number: str, actor: str = "head", at: str = "2020-04-29T10:00") -> None:
    done = duban("report", "do", number, "submit", "--set", "content=情况", actor=actor, at=at)
    assert done.exit_code == 0, done.stderr


def test_the_matrix_has_every_unit_and_every_period(duban: Run) -> None:
    submit(duban, "BS-2020-000001")
    shown = duban("report", "matrix", "--duty", "monthly").stdout

    assert [line.split() for line in shown.splitlines()] == [
        ["报送任务", "期次", "时限", "应报", "已报", "迟报", "零报告", "未报", "未到期"],
        ["月报", "2020-04", "2020-04-30", "18:00", "2", "1", "1"],
        ["月报", "2020-05", "2020-05-29", "18:00", "2", "2"],
        ["月报", "2020-06", "2020-06-30", "18:00", "2", "2"],
        ["月报", "2020-07", "2020-07-31", "18:00", "2", "2"],
        [],
        ["月报"],
        ["单位", "2020-04", "2020-05", "2020-06", "2020-07"],
        ["示例一队", "已报", "未到期", "未到期", "未到期"],
        ["示例unit_b", "未报", "未到期", "未到期", "未到期"],
        [],
        ["合计：已报", "1，迟报", "0，零报告", "0，未报", "1，未到期", "6"],
    ]


def test_three_hundred_units_and_forty_periods_fit_a_line(tmp_path: Path) -> None:
    loaded(tmp_path, "2020-04-05T08:30", a_large_plan()).database.close()
    asked = ["--at", "2020-12-31T09:00", "--actor", "office", "report", "matrix"]

    shown = CliRunner().invoke(main, asked).stdout
    part = CliRunner().invoke(
        main, [*asked, "--unit", "unit_007", "--from", "2020-12-01", "--until", "2020-12-31", "--json"]
    )

    lines = shown.splitlines()
    assert max(map(width, lines)) <= 100
    assert lines[-1] == "合计：已报 0，迟报 0，零报告 0，未报 11400，未到期 600"
    assert sum(line.startswith("示例unit_301") for line in lines) == 5
    assert [(cell["unit"], cell["period"]) for cell in printed(part)["cells"]] == [
        ("unit_007", f"2020-W{week}") for week in range(49, 53)
    ]
    assert printed(part)["periods"][0]["counts"] == {"missing": 1}


def test_programs_get_each_cell_with_its_instants(duban: Run) -> None:
    submit(duban, "BS-2020-000001", at="2020-05-01T10:00")
    told = printed(duban("report", "matrix", "--duty", "monthly", "--json"))
    cell = next(cell for cell in told["cells"] if cell["number"] == "BS-2020-000001")

    assert (cell["standing"], cell["is_late"], cell["unit_name"]) == ("late", True, "示例一队")
    assert (cell["due_at"], cell["submitted_at"]) == (
        "2020-04-30T18:00:00+08:00",
        "2020-05-01T10:00:00+08:00",
    )
    assert [unit["code"] for unit in told["units"]] == ["unit_a", "unit_b"]


def test_the_silent_are_listed_with_the_days_that_have_passed(duban: Run) -> None:
    submit(duban, "BS-2020-000001")

    shown = duban("report", "missing", at="2020-05-06T10:00").stdout.splitlines()
    assert shown[0] == "未报 1 件，涉及 1 个单位"
    assert shown[2].split() == ["示例unit_b", "月报", "2020-04", "2020-04-30", "18:00", "5", "BS-2020-000002"]
    assert duban("report", "missing", at="2020-04-29T10:00").stdout.strip() == "没有漏报"


def test_a_late_report_is_not_missing(duban: Run) -> None:
    for number, actor in (("BS-2020-000001", "head"), ("BS-2020-000002", "head_unit_b")):
        submit(duban, number, actor, at="2020-05-01T10:00")

    assert duban("report", "missing").stdout.strip() == "没有漏报"
    assert "迟报" in duban("report", "matrix").stdout


def test_a_nil_return_is_signed_by_the_head_and_shown_as_such(duban: Run) -> None:
    asked = ("report", "nil", "--unit", "示例一队", "--duty", "monthly", "--period", "2020-04")

    refused = duban(*asked, actor="legal")
    signed = duban(*asked, actor="head")
    again = duban(*asked, actor="head")

    assert refused.exit_code == 4
    assert signed.stdout == again.stdout == "BS-2020-000001 月报（2020-04）：零报告已签报\n"
    assert "零报告·迟" in duban("report", "matrix").stdout


def test_a_head_of_a_unit_sees_that_unit_alone(duban: Run) -> None:
    shown = duban("report", "matrix", "--duty", "monthly", actor="head_unit_b").stdout

    assert "示例unit_b" in shown
    assert "示例一队" not in shown


def test_a_sweep_opens_the_reports_of_the_period(duban: Run) -> None:
    first = duban("sweep", at="2020-05-01T08:00").stdout.splitlines()
    again = printed(duban("sweep", "--json", at="2020-05-01T08:00"))

    assert first[0] == "建立报送 2 件：月报（2020-05）"
    assert again == {"fired": [], "opened": []}


def test_something_important_is_filed_with_one_command(duban: Run) -> None:
    filed = duban(
        "special",
        "open",
        "--unit",
        "unit_a",
        "--title",
        "突发情况",
        "--set",
        "重要情况=样例",
        actor="officer",
    )

    assert filed.stdout == "ZB-2020-000001 已新建，现为“待签收”（版本 1）\n"
    assert "ZB-2020-000001" in duban("special", "list").stdout
    assert "突发情况" in duban("notice", "list", actor="leader").stdout
