"""`duban audit log, show, as-of, diff, findings`: the auditor's everyday through the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from tests.audit.bureau import PLAN, Bureau

AT = "2020-08-30T12:00"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    bureau = Bureau(tmp_path_factory.mktemp("bureau"), 1)
    bureau.live(30)
    bureau.close()
    return bureau.folder


@pytest.fixture
def audit(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(folder)

    def run(*args: str, actor: str = "auditor", code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--at", AT, "--actor", actor, "audit", *args])
        assert done.exit_code == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


def test_the_log_is_filtered_and_paged(audit):
    first = json.loads(audit("log", "--verb", "submit", "--limit", "2", "--json"))
    entry = first["entries"][0]

    assert {each["what"] for each in first["entries"]} == {"submit"}
    assert (entry["rules"], entry["label"], entry["standing"]) == (
        f"{PLAN.definitions['item']}",
        "报送",
        entry["standing"],
    )
    assert entry["ended"]["label"] == "草拟"
    assert ["draft", "submitted"] in [
        [c["before"], c["after"]] for c in entry["changes"] if c["name"] == "state"
    ]
    second = json.loads(audit("log", "--verb", "submit", "--before", f"{first['before']}", "--json"))
    assert all(each["index"] < first["before"] for each in second["entries"])
    text = audit("log", "--as", "部门主要负责人", "--verb", "submit", "--unit", "team_a")
    assert "状态：草拟 → 待审" in text
    assert "“草拟”历时" in text
    assert "没有这样的记录" in audit("log", "--until", "2020-01-01")
    assert "查阅历史" in audit("log", "--person", "auditor", "--limit", "1")


def test_an_auditor_who_reads_a_history_elsewhere_leaves_the_same_entry(audit):
    CliRunner().invoke(main, ["--at", AT, "--actor", "auditor", "history", "show", "ZG-2020-000001"])

    (_, newest) = json.loads(audit("log", "--verb", "read_log", "--limit", "2", "--json"))["entries"]
    assert newest["payload"]["view"] == "item"
    assert newest["payload"]["about"] == {"number": "ZG-2020-000001"}


def test_mistakes_are_told(audit):
    assert "应为 item@2 这样的写法" in audit("log", "--rules", "item", code=2)
    assert "没有登录名为“nobody”的人员" in audit("log", "--person", "nobody", code=3)
    assert "没有第 99999 条记录" in audit("show", "99999", code=3)
    assert "日期二早于日期一" in audit("diff", "2020-06-30", "2020-05-01", code=2)
    assert "没有事项 ZG-2020-999999" in audit("as-of", "2020-06-30", "ZG-2020-999999", code=3)


def test_an_item_and_an_entry_are_shown(audit):
    text = audit("show", "ZG-2020-000001")

    assert "在谁手里" in text
    assert "新建" in text
    told = json.loads(audit("show", "ZG-2020-000001", "--json"))
    assert told["spells"][0]["state"] == "draft"
    index = told["entries"][1]["index"]
    entry = audit("show", f"{index}")
    assert told["entries"][1]["leaf"] in entry
    assert "前一状态" in entry


def test_the_past_is_shown_and_compared(audit):
    item = audit("as-of", "2020-04-20", "ZG-2020-000001")
    assert "状态" in item
    assert json.loads(audit("as-of", "2020-04-20", "ZG-2020-000001", "--json"))["document"]["number"]
    assert "条历史重建" in audit("as-of", "2020-06-30")
    board = json.loads(audit("as-of", "2020-06-30", "--unit", "示例一队", "--json"))
    assert {row["unit"] for row in board["rows"]} == {"team_a"}
    assert "（无） → " in audit("diff", "2020-04-19", "2020-06-30")
    assert "状态：（无） → " in audit("diff", "2020-04-19", "2020-06-30", "ZG-2020-000001")
    assert "没有变化" in audit("diff", "2020-08-30", "2020-08-31", "ZG-2020-000001")


def test_questions_are_asked_and_nothing_is_judged(audit):
    assert "没有需要询问的迹象" in audit("findings", "--since", "2020-08-29")
    assert json.loads(audit("findings", "--json"))["altogether"] >= 0
