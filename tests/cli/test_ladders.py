"""Ladders on the command line: as they are, and what another one would change."""

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, printed
from tests.cli.test_deadlines import rectifying
from tests.integration.house import LIBRARY, House

ITEM = (LIBRARY / "item.yaml").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> str:
    assert old in ITEM
    path = folder / "other.yaml"
    path.write_text(ITEM.replace(old, new), encoding="utf-8")
    return str(path)


def test_a_ladder_is_shown_with_whom_each_rung_tells_and_what_it_leads_to(duban: Run) -> None:
    told = duban("ladder", "show", "item", actor="office").stdout

    (line,) = [line for line in told.splitlines() if line.startswith("整改时限") and "逾期3天" in line]
    assert line.split()[2:] == [
        "后",
        "3",
        "天",
        "红",
        "部门主要负责人、领导小组办公室",
        "发督办单",
    ]


def test_a_ladder_of_an_item_tells_whom_each_rung_would_tell_today(duban: Run) -> None:
    number = rectifying(duban)

    told = duban("ladder", "explain", number, actor="office").stdout
    answer = printed(duban("ladder", "explain", number, "--json", actor="office"))

    assert told.startswith("整改时限，2020-06-30 18:00 到期\n")
    (line,) = [line for line in told.splitlines() if line.startswith("  到期前7天")]
    assert line.split() == [
        "到期前7天",
        "2020-06-23",
        "18:00",
        "蓝灯",
        "责任人",
        "示例officer；受托人（无人）",
    ]
    assert [story["clock"]["id"] for story in answer] == ["rectify"]


def test_a_vacant_post_is_told_with_who_stands_in(duban: Run, house: House) -> None:
    number = rectifying(duban)
    with house.database.engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE holding SET until_on = '2020-05-01' WHERE post IN ('head', 'officer')"
        )

    told = duban("ladder", "explain", number, actor="office").stdout

    assert "责任人（无人在岗，改告法制员） 示例legal；受托人（无人）" in told
    assert "部门主要负责人（无人在岗，改告领导小组办公室） 示例office" in told


def test_a_changed_ladder_tells_which_lamps_would_change_and_changes_nothing(
    duban: Run, tmp_path: Path
) -> None:
    number = rectifying(duban)
    earlier = changed(tmp_path, "offset: -7, tell: [owner, delegate], notice: due_soon, lamp: blue",
                      "offset: -54, tell: [owner, delegate], notice: due_soon, lamp: yellow")  # fmt: skip
    before = duban("deadline", "explain", number, actor="office").stdout

    told = duban("ladder", "what-if", earlier, "--on", "2020-05-09", actor="office").stdout
    answer = printed(duban("ladder", "what-if", earlier, "--on", "2020-05-09", "--json", actor="office"))

    assert told.startswith("如果问题改用 other.yaml 的时限和阶梯，将改动 0 个时限\n")
    assert f"{number}  记录不全  绿→黄" in told
    assert answer["lamps"] == [{"before": "green", "after": "yellow", "count": 1}]
    assert duban("deadline", "explain", number, actor="office").stdout == before


def test_a_changed_limit_tells_the_other_date(duban: Run, tmp_path: Path) -> None:
    number = rectifying(duban)
    clock = 'due: {anchor: field, field: due_on, roll: back, cutoff: "18:00"'
    other = changed(tmp_path, clock, clock.replace("18:00", "12:00"))

    told = duban("ladder", "what-if", other, actor="office").stdout

    assert f"{number}  记录不全  绿  整改时限 2020-06-30 18:00 → 2020-06-30 12:00" in told


OTHER_ONE = {
    "新流程没有它现在的状态“整改中”": (r"(?<!stage: )\brectifying\b", "mending"),
    "新流程没有正在计时的“整改时限”": (r"(id|before_expiry): rectify\b", r"\1: mend"),
    "按新流程算不出“整改时限”的日期": ("anchor: field, field: due_on,", "anchor: field, field: asked_on,"),
}


@pytest.mark.parametrize("why", OTHER_ONE)
def test_what_cannot_be_judged_is_listed_with_the_reason(duban: Run, tmp_path: Path, why: str) -> None:
    number, field = rectifying(duban), "- {id: due_on, label: 完成时限, type: date}"
    asked = field.replace("due_on", "asked_on").replace("完成时限", "要求日期")
    other = changed(tmp_path, field, f"{field}\n  {asked}")
    Path(other).write_text(re.sub(*OTHER_ONE[why], Path(other).read_text(encoding="utf-8")), encoding="utf-8")

    told = duban("ladder", "what-if", other, actor="office")
    answer = printed(duban("ladder", "what-if", other, "--json", actor="office"))

    assert told.stdout.splitlines()[1:] == [
        "查看 1 件，涉及 0 件，无法判断 1 件；灯色不变",
        "编号            无法判断的事项  原因",
        f"{number}  记录不全        {why}",
    ]
    assert (answer["reckoned"], answer["unjudged"]) == (1, 1)
    assert [(one["number"], one["why"]) for one in answer["left_out"]] == [(number, why)]


def test_the_same_ladder_changes_nothing_and_one_with_mistakes_is_refused(duban: Run, tmp_path: Path) -> None:
    rectifying(duban)

    same = duban("ladder", "what-if", str(LIBRARY / "item.yaml"), actor="office").stdout
    wrong = duban("ladder", "what-if", changed(tmp_path, "lamp: blue", "lamp: bleu"), actor="office")

    assert "查看 1 件，涉及 0 件；灯色不变" in same
    assert (wrong.exit_code, "是不是想写 blue" in wrong.stderr) == (6, True)
