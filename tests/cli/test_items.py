"""An item through the command line: opened, moved, shown, refused with reasons, tried without storing."""

import json
import re
import sqlite3
import unicodedata
from pathlib import Path

import pytest

from tests.cli.conftest import Run, printed
from tests.integration.house import House

SETS = "--set goal=记录完整 --set standard=抽查无缺 --set 对策措施=培训 --set due_on=2020-06-30".split()


def opened(duban: Run) -> str:
    args = "item open --unit unit_a --title 记录不全 --set 存在问题=记录不全 --json".split()
    number: str = printed(duban(*args, actor="officer"))["number"]
    return number


def assigned(duban: Run) -> str:
    number = opened(duban)
    assert duban("item", "do", number, "报送", actor="officer").exit_code == 0
    assert duban("item", "do", number, "list", *SETS, actor="office").exit_code == 0
    assert duban("item", "assign", number, "officer", actor="head").exit_code == 0
    return number


def test_an_item_is_opened_moved_and_shown(duban: Run):
    number = assigned(duban)

    shown = duban("item", "show", number, actor="officer")
    detail = printed(duban("item", "show", number, "--json", actor="officer"))

    assert number == "ZG-2020-000001"
    assert "签收时限：2020-05-08 18:00" in shown.stdout
    assert "可办：签收（sign_for）" in shown.stdout
    assert (
        "不可办：交办（assign）：您不是可以办理此动作的人（应由部门主要负责人、领导小组办公室办理）"
        in shown.stdout
    )
    assert (detail["state_label"], detail["version"]) == ("待签收", 4)
    assert shown.stderr == ""


def test_a_list_holds_what_the_asker_may_see(duban: Run):
    number = assigned(duban)

    rows = printed(duban("item", "list", "--json", actor="head"))
    text = duban("item", "list", "--stage", "整改", actor="office").stdout
    none = duban("item", "list", "--overdue", actor="office").stdout
    late = printed(duban("item", "list", "--overdue", "--json", actor="office", at="2020-07-01T00:00"))

    assert [row["number"] for row in rows] == [number]
    assert text.splitlines()[0].split() == "编号 灯 单位 事项 状态 责任人 时限 退回".split()
    assert "示例officer" in text
    assert none == "没有符合条件的事项\n"
    assert len(late) == 1


def test_the_lamp_stands_in_the_list_and_its_sentence_with_the_item(duban: Run):
    number = assigned(duban)
    after = "2020-05-11T18:00"

    (row,) = printed(duban("item", "list", "--json", actor="head", at=after))
    text = duban("item", "list", actor="head", at=after).stdout
    shown = duban("item", "show", number, actor="head", at=after).stdout
    detail = printed(duban("item", "show", number, "--json", actor="head", at=after))
    before = printed(duban("item", "show", number, "--json", actor="head"))

    assert (row["lamp"], detail["lamp"], before["lamp"]) == ("red", "red", "green")
    assert text.splitlines()[1].split()[1] == "红"
    assert shown.splitlines()[1] == "红灯：签收时限已逾期 4 天（2020-05-08 18:00 到期）" == row["sentence"]


def test_the_board_shows_units_by_stages_with_their_lamps(duban: Run):
    assigned(duban)
    opened(duban)
    after = "2020-05-11T18:00"

    text = duban("campaign", "status", actor="head", at=after).stdout
    told = printed(duban("campaign", "status", "--json", actor="head", at=after))

    assert text.splitlines()[2].split() == ["问题", "示例一队", "1", "1（红1）"]
    assert [(each["stage"], each["lamp"], each["count"]) for each in told["lamps"]] == [
        ("finding", "green", 1),
        ("rectifying", "red", 1),
    ]


def test_where_a_finding_comes_from_is_kept(duban: Run) -> None:
    about = ("--unit", "unit_a", "--title", "记录不全", "--set", "存在问题=无时间")

    opened = duban("item", "open", *about, "--set", "问题来源=投诉", "--json", actor="officer")
    wrong = duban("item", "open", *about, "--set", "问题来源=传闻", actor="officer")

    shown = duban("item", "show", str(printed(opened)["number"]), actor="officer").stdout
    assert re.search("^问题来源 +投诉$", shown, flags=re.MULTILINE)
    assert wrong.exit_code == 1
    assert "检察监督" in wrong.stderr


def test_a_category_that_the_plan_does_not_know_is_refused(duban: Run) -> None:
    about = ("--unit", "unit_a", "--title", "记录不全", "--set", "存在问题=无时间")

    refused = duban("item", "open", *about, "--category", "9.9", actor="officer")

    assert refused.exit_code == 1
    assert "没有问题类别“9.9”" in refused.stderr


def test_a_refusal_tells_everything_at_once_and_changes_nothing(duban: Run):
    number = opened(duban)
    assert duban("item", "do", number, "submit", actor="officer").exit_code == 0

    refused = duban("item", "do", number, "立项", actor="office")
    forbidden = duban("item", "do", number, "立项", *SETS, actor="head")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert f"不能对 {number}（待审）办理“立项”：" in refused.stderr
    assert "“成效标准”没有填写" in refused.stderr
    assert "→ 请用 --set due_on=… 补上" in refused.stderr
    assert forbidden.exit_code == 4
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 2


def test_refusals_are_json_where_asked(duban: Run):
    number = opened(duban)

    told = json.loads(duban("item", "do", number, "assign", "--json", actor="head").stderr)

    assert told["code"] == "refused"
    assert told["details"][0]["code"] == "wrong_state"


def test_a_dry_run_tells_the_outcome_and_stores_nothing(duban: Run):
    number = opened(duban)

    tried = duban("item", "do", number, "报送", "--dry-run", actor="officer")

    assert "试算可行，未存入；办理后现为“待审”" in tried.stdout
    assert printed(duban("item", "show", number, "--json", actor="officer"))["version"] == 1


def test_an_opening_can_be_tried_and_a_unit_be_named(duban: Run):
    args = ["item", "open", "--unit", "示例一队", "--title", "x", "--set", "problem=y"]

    tried = duban(*args, "--dry-run", actor="officer")
    done = duban(*args, actor="officer")
    rows = printed(duban("item", "list", "--unit", "示例一队", "--json", actor="officer"))

    assert "未存入" in tried.stdout
    assert "ZG-2020" not in tried.stdout
    assert "ZG-2020-000001 已新建" in done.stdout
    assert [row["unit"] for row in rows] == ["unit_a"]


def test_why_answers_for_one_move_and_for_all(duban: Run):
    number = opened(duban)

    one = duban("item", "why", number, "立项", actor="office")
    everything = duban("item", "why", number, actor="officer")
    ready = printed(duban("item", "why", number, "submit", "--json", actor="officer"))

    assert one.exit_code == 0
    assert "现在不能办理" in one.stdout
    assert "可办：报送（submit）" in everything.stdout
    assert ready == {"number": number, "verb": "submit", "is_open": True, "reasons": []}


def test_evidence_is_kept_with_the_move_that_brings_it(duban: Run, tmp_path: Path):
    number = assigned(duban)
    assert duban("item", "do", number, "签收", actor="officer").exit_code == 0
    proof = tmp_path / "照片.jpg"
    proof.write_bytes(b"proof")

    too_early = duban("item", "do", number, "approve", "--evidence", str(proof), actor="office")
    assert too_early.exit_code == 1
    assert not (tmp_path / "duban.evidence").exists()
    done = duban(
        "item", "do", number, "自查自验", "--evidence", str(proof), "--set", "result=好", actor="head"
    )

    assert done.exit_code == 0, done.stderr
    (kept,) = printed(duban("item", "show", number, "--json", actor="head"))["evidence"]
    assert kept["name"] == "照片.jpg"
    assert (tmp_path / "duban.evidence" / kept["sha256"][:2] / kept["sha256"]).read_bytes() == b"proof"


def test_a_return_names_its_step_and_its_reason(duban: Run, tmp_path: Path):
    number = opened(duban)
    assert duban("item", "do", number, "submit", actor="officer").exit_code == 0

    without = duban("item", "return", number, actor="office")
    returned = duban("item", "return", number, "--reason", "请写明时间", actor="office")

    assert "没有写明理由" in without.stderr
    assert "现为“草拟”" in returned.stdout


def test_the_same_key_acts_once_and_a_stale_version_is_a_conflict(duban: Run):
    number = opened(duban)

    first = duban("item", "do", number, "submit", "--key", "k1", "--json", actor="officer")
    again = duban("item", "do", number, "submit", "--key", "k1", "--json", actor="officer")
    stale = duban("item", "do", number, "withdraw", "--expect", "1", actor="officer")

    assert printed(first) == printed(again)
    assert (stale.exit_code, stale.stdout) == (5, "")


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        ("item show ZG-2020-999999", 3, "没有事项 ZG-2020-999999"),
        ("item do ZG-2020-000001 assign --assignee nobody", 3, "没有登录名为“nobody”的人员"),
        ("item do ZG-2020-000001 submit --set x", 2, "--set 应写成 栏目=内容，实为“x”"),
        (
            "item do ZG-2020-000001 submit --claimed 2020-13-01",
            2,
            "应为 2020-12-05 这样的日期，实为“2020-13-01”",
        ),
        ("item do ZG-2020-000001 submit --expect none", 2, "应为不小于 1 的整数，实为“none”"),
        ("item do ZG-2020-000001 submit --evidence nothing.jpg", 3, "没有文件 nothing.jpg"),
        ("item do ZG-2020-000001 submit --evidence .", 8, "读不出来"),
        ("item do ZG-2020-000001 dance", 1, "流程中没有“dance”这个动作"),
        ("item do ZG-2020-000001", 2, "缺少参数“动作”"),
        ("item list --stage wrong", 2, "finding（查摆）"),
        ("item list --limit 0", 2, "应为不小于 1 的整数"),
        ("item open --unit nowhere --title x --set problem=x", 1, "“nowhere”不存在"),
        ("item open --unit unit_a --title x", 1, "“存在问题”没有填写"),
        ("item open --unit unit_a --title x --set problem=x --campaign none", 3, "没有专项活动 none"),
        ("item open --title x", 2, "缺少选项“--unit”"),
        ("item open --unit unit_a --title x --as-of yesterday", 2, "实为“yesterday”"),
    ],
)
def test_bad_input_is_told_with_its_exit_code(duban: Run, args: str, code: int, told: str):
    opened(duban)

    result = duban(*args.split(), actor="officer")

    assert told in result.stderr
    assert result.exit_code == code
    assert result.stdout == ""


def test_nobody_and_strangers_are_told_apart_from_success(duban: Run):
    nobody = duban("item", "list")
    stranger = duban("item", "list", actor="who")

    assert (nobody.exit_code, stranger.exit_code) == (2, 3)
    assert "--actor" in nobody.stderr
    assert "没有登录名为“who”的人员" in stranger.stderr


def test_the_same_text_is_kept_however_it_was_typed(duban: Run):
    number = opened(duban)
    decomposed = unicodedata.normalize("NFD", "é 已补正")

    assert (
        duban("item", "do", number, "submit", "--set", f"cause={decomposed}", actor="officer").exit_code == 0
    )

    kept = printed(duban("item", "show", number, "--json", actor="officer"))
    assert kept["fields"]["cause"] == unicodedata.normalize("NFC", decomposed)
    assert duban("doctor", "--deep").exit_code == 0


def test_bytes_that_are_no_text_are_refused(duban: Run):
    number = opened(duban)

    refused = duban("item", "do", number, "submit", "--set", "cause=\udcff", actor="officer")

    assert refused.exit_code == 2
    assert "含有无法识别的字符" in refused.stderr


def test_only_sample_people_act_at_another_time(duban: Run, house: House):
    number = opened(duban)
    file = house.database.engine.url.database
    with sqlite3.connect(file or "") as connection:
        connection.execute("UPDATE person SET is_sample = 0")
    connection.close()

    acted = duban("item", "do", number, "submit", actor="officer")
    looked = duban("item", "show", number, actor="officer")

    assert (acted.exit_code, looked.exit_code) == (2, 0)
    assert "样例人员" in acted.stderr


def test_settings_with_mistakes_are_a_wrong_call(duban: Run, tmp_path: Path):
    (tmp_path / "duban.toml").write_text('datebase = "x"', encoding="utf-8")

    result = duban("item", "list", actor="officer")

    assert result.exit_code == 2
    assert "是不是“database”？" in result.stderr


def test_an_interruption_leaves_with_its_own_code(duban: Run, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.items.list_lit", interrupted)

    result = duban("item", "list", actor="officer")

    assert result.exit_code == 130
    assert "已中断" in result.stderr
