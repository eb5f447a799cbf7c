"""Suppositions as the command line tells them."""

import pytest

from tests.cli.conftest import Run, printed
from tests.cli.test_deadlines import rectifying
from tests.cli.test_items import assigned


def test_a_general_extension_lists_what_would_move(duban: Run) -> None:
    number = rectifying(duban)

    told = duban("deadline", "what-if", "--extend", "5个工作日", actor="office")
    answer = printed(duban("deadline", "what-if", "--extend", "7日", "--json", actor="office"))

    assert told.stdout.splitlines() == [
        "如果各延长 5 个工作日，将改动 1 个时限",
        "查看 1 件，涉及 1 件；灯色不变",
        "编号            事项      灯  改动",
        f"{number}  记录不全  绿  整改时限 2020-06-30 18:00 → 2020-07-07 18:00",
    ]
    assert (answer["reckoned"], answer["limits"], answer["lamps"]) == (1, 1, [])
    (item,) = answer["items"]
    assert (item["number"], item["after"]["lamp"]) == (number, "green")
    assert item["limits"][0]["after"]["due_at"] == "2020-07-07T18:00:00+08:00"


def test_lamps_are_compared_on_another_day(duban: Run) -> None:
    number = rectifying(duban)

    told = duban("deadline", "what-if", "--extend", "90日", "--on", "2020-06-05", actor="office").stdout

    assert "灯色变化：红→黄 1" in told
    assert f"{number}  记录不全  红→黄  整改时限 2020-06-30 18:00 → 2020-09-28 18:00" in told


def test_what_has_been_applied_for_may_be_supposed_granted(duban: Run) -> None:
    number = rectifying(duban)
    applying = ("--reason", "等待鉴定", "--due", "2020-07-15")
    assert duban("item", "do", number, "apply_extension", *applying, actor="head").exit_code == 0

    told = duban("deadline", "what-if", "--grant", actor="office").stdout

    assert told.startswith("如果批准全部未决的延期申请，将改动 1 个时限\n")
    assert "整改时限 2020-06-30 18:00 → 2020-07-15 18:00" in told


def test_a_leave_tells_the_lamps_at_its_end_and_the_posts_left_empty(duban: Run) -> None:
    number = assigned(duban)
    leave = ("--leave", "officer", "--from", "2020-05-07", "--until", "2020-05-15")

    told = duban("deadline", "what-if", *leave, actor="office")

    assert told.stdout.splitlines()[0] == (
        "如果 officer 2020-05-07 至 2020-05-15 请假，其间无人办理，将涉及 1 件"
    )
    assert "绿→红" in told.stdout
    assert number in told.stdout
    assert "签收时限已逾期" in told.stdout
    assert "2020-05-07 起示例一队没有其他责任民警在岗" in told.stderr


def test_a_leave_with_the_clocks_stopped_tells_the_later_dates(duban: Run) -> None:
    rectifying(duban)
    leave = ("--leave", "officer", "--from", "2020-05-11", "--until", "2020-05-22")

    told = duban("deadline", "what-if", *leave, "--stop", actor="office").stdout

    assert "其间中止计时，将涉及 1 件" in told
    assert "整改时限 2020-06-30 18:00 → 2020-07-10 18:00" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "请写明一种假设"),
        (("--extend", "7日", "--grant"), "请写明一种假设"),
        (("--extend", "一周"), "应为 7日 或 5工作日 这样的天数，实为“一周”"),
        (("--extend", "0日"), "应为 7日 或 5工作日 这样的天数，实为“0日”"),
        (("--leave", "officer"), "请假须写 --from 第一天和 --until 最后一天"),
        (("--leave", "officer", "--from", "2020-05-09", "--until", "2020-05-07"), "先后有序"),
        (("--leave", "officer", "--from", "2020-04-01", "--until", "2020-05-05"), "尚未过完"),
        (
            ("--leave", "officer", "--from", "2020-06-01", "--until", "2020-06-05", "--on", "2020-06-01"),
            "--on",
        ),
    ],
)
def test_a_supposition_that_is_none_is_refused_with_the_way_out(
    duban: Run, options: tuple[str, ...], said: str
) -> None:
    refused = duban("deadline", "what-if", *options, actor="office")

    assert refused.exit_code == 2
    assert said in refused.stderr


def test_somebody_unknown_is_not_found(duban: Run) -> None:
    leave = ("--leave", "nobody", "--from", "2020-06-01", "--until", "2020-06-05")
    refused = duban("deadline", "what-if", *leave, actor="office")

    assert refused.exit_code != 0
    assert "没有登录名为“nobody”的人员" in refused.stderr


def test_more_than_is_listed_is_counted(duban: Run) -> None:
    rectifying(duban)
    rectifying(duban)

    told = duban("deadline", "what-if", "--extend", "7日", "--limit", "1", actor="office")

    assert "涉及 2 件" in told.stdout
    assert "只列出 1 件，共 2 件；要看更多请加大 --limit" in told.stderr
