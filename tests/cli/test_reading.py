"""Time limits, notices and history as a reader gets them."""

import pytest

from tests.cli.conftest import Run, printed
from tests.cli.test_items import assigned, opened


def test_limits_are_listed_by_their_instant_and_explained(duban: Run):
    number = assigned(duban)

    listed = duban("deadline", "list", "--within", "90", actor="officer")
    soon = printed(duban("deadline", "list", "--json", actor="officer"))
    late = duban("deadline", "list", "--overdue", actor="office", at="2020-05-09T00:00")
    explained = duban("deadline", "explain", number, actor="officer")

    assert [line.split()[:3] for line in listed.stdout.splitlines()[1:]] == [
        ["2020-05-08", "18:00", number],
        ["2020-06-30", "18:00", number],
    ]
    assert [line["clock"] for line in soon] == ["sign_for"]
    assert "已逾期" in late.stdout
    assert "还有 2 个工作日" in explained.stdout
    assert "到期前7天" in explained.stdout
    assert "依据：整改清单" in explained.stdout


def test_an_item_without_clocks_says_so(duban: Run):
    number = opened(duban)

    assert duban("deadline", "explain", number, actor="officer").stdout == f"{number} 没有起算过时限\n"


def test_an_inbox_is_listed_and_a_notice_shown_by_its_first_digits(duban: Run):
    number = assigned(duban)

    (row,) = printed(duban("notice", "list", "--json", actor="officer"))
    shown = duban("notice", "show", row["key"][:12], actor="officer")
    on_item = duban("notice", "list", "--item", number, actor="office").stdout

    assert row["kind"] == "assigned"
    assert number in shown.stdout
    assert "事项" in shown.stdout
    assert on_item.count(number) == 3


def test_history_tells_who_did_what_why(duban: Run):
    number = assigned(duban)

    text = duban("history", "show", number, actor="head").stdout
    told = printed(duban("history", "show", number, "--json", actor="head"))

    assert text.splitlines()[0].split() == "序号 时间 动作 办理人 状态 理由 标记".split()
    assert "草拟 → 待审" in text
    assert [line["label"] for line in told] == ["新建", "报送", "立项", "交办"]
    assert all(len(line["leaf"]) == 64 for line in told)


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        ("history show ZG-2020-999999", 3, "没有事项 ZG-2020-999999"),
        ("deadline explain ZG-2020-999999", 3, "没有事项 ZG-2020-999999"),
        ("deadline list --within soon", 2, "应为不小于 0 的整数，实为“soon”"),
        ("notice show ffff", 3, "没有通知 ffff"),
        ("notice list --item ZG-2020-999999", 3, "没有事项"),
        ("notice list --limit -1", 2, "应为不小于 1 的整数"),
    ],
)
def test_bad_input_is_told_with_its_exit_code(duban: Run, args: str, code: int, told: str):
    result = duban(*args.split(), actor="officer")

    assert told in result.stderr
    assert (result.exit_code, result.stdout) == (code, "")
