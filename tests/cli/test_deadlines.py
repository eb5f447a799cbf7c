"""Limits as the command line tells them: why they moved, and when they stood still."""

from functools import partial

from tests.cli.conftest import Run, printed

LISTING = (
    "--set",
    "goal=完整",
    "--set",
    "standard=无缺",
    "--set",
    "measures=培训",
    "--set",
    "due_on=2020-06-30",
)


def rectifying(duban: Run) -> str:
    about = ("--unit", "unit_a", "--title", "记录不全", "--set", "problem=记录不全")
    opened = duban("item", "open", *about, "--json", actor="officer")
    number = str(printed(opened)["number"])
    assert duban("item", "do", number, "submit", actor="officer").exit_code == 0
    assert duban("item", "do", number, "list", *LISTING, actor="office").exit_code == 0
    assert duban("item", "assign", number, "officer", actor="head").exit_code == 0
    assert duban("item", "do", number, "sign_for", actor="officer").exit_code == 0
    return number


def test_a_stop_is_told_by_the_item_and_by_its_limits(duban: Run) -> None:
    number = rectifying(duban)
    monday, friday = (partial(duban, at=f"2020-05-{day}T10:00") for day in ("11", "22"))

    assert monday("item", "do", number, "suspend", "--reason", "等待部署", actor="office").exit_code == 0
    stopped = monday("item", "show", number, actor="officer").stdout
    assert friday("item", "do", number, "resume", actor="office").exit_code == 0
    shown = friday("item", "show", number, actor="officer").stdout
    explained = friday("deadline", "explain", number, actor="officer").stdout

    assert "整改时限中止：2020-05-11 10:00 至 现在，不计 0 日（“等待部署”，示例office，第 5 条）" in stopped
    stop = "2020-05-11 10:00 至 2020-05-22 10:00，不计 11 日（“等待部署”，示例office，第 5 条）"
    told = f"{stop}，恢复（示例office，第 6 条）"
    assert f"整改时限中止：{told}" in shown
    assert f"  中止  {told}" in explained
    listed = friday("deadline", "list", "--within", "90", actor="officer").stdout
    assert "2020-07-10 18:00" in listed
    assert "原定 2020-06-30 18:00" in listed
    assert (
        "整改时限：2020-07-10 18:00（完成时限前 → 2020-06-30 周二 → 中止 11 日 → 2020-07-11 周六 →" in shown
    )
    assert "  变更  2020-06-30 18:00  原定（示例head，第 3 条）" in explained
    assert "  变更  2020-07-10 18:00  中止后恢复（示例office，第 6 条）" in explained


def test_programs_get_the_ledger_of_stops(duban: Run) -> None:
    number = rectifying(duban)
    duban("item", "do", number, "suspend", "--reason", "等待部署", actor="office")

    (stop,) = printed(duban("item", "show", number, "--json", actor="officer"))["suspensions"]["rectify"]

    assert (stop["ended_at"], stop["origin"]["reason"]) == (None, "等待部署")


def test_a_limit_that_never_moved_tells_no_change(duban: Run) -> None:
    number = rectifying(duban)

    assert "变更" not in duban("deadline", "explain", number, actor="officer").stdout
