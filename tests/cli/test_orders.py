"""Supervision orders through the command line: issued, signed for, excused, raised, answered, closed."""

from tests.cli.conftest import Run, printed

OPEN = ("supervise", "open", "--unit", "unit_a", "--title", "限期整改", "--set", "督办要求=限期整改并回复")


def test_an_order_goes_its_way(duban: Run) -> None:
    number = printed(duban(*OPEN, "--json", actor="office"))["number"]

    def says(at: str, actor: str, *words: str) -> str:
        name, *options = words
        done = duban("supervise", name, number, *options, actor=actor, at=f"2020-05-{at}")
        return done.stdout or done.stderr

    assert "现为“待回复”" in says("07T09:00", "head", "sign")
    assert "现为“待回复”" in says(
        "08T09:00", "head", "apply", "--due", "2020-05-20", "--reason", "设备未到位"
    )
    assert "现为“理由已采纳”" in says("08T15:00", "director", "grant", "--reason", "情况属实")
    assert duban("sweep", at="2020-05-21T18:00").exit_code == 0
    row = duban("supervise", "list", actor="head", at="2020-05-22T09:00").stdout
    assert "2020-黄-0001" in row
    assert "还没有逾期" in says("22T09:00", "director", "escalate")
    assert "领导小组" in says("22T09:00", "director", "redden", "--reason", "性质严重")
    assert "现为“待签收”" in says("22T09:00", "leader", "redden", "--reason", "性质严重")
    shown = says("22T09:30", "head", "show")
    assert "2020-红-0001" in shown
    says("22T10:00", "head", "sign")
    assert "现为“待核查”" in says("22T11:00", "head", "reply", "--answer", "已完成整改")
    assert "现为“已办结”" in says("22T15:00", "office", "close", "--set", "核查意见=属实")


def test_red_is_for_leaders_to_issue(duban: Run) -> None:
    refused = duban(*OPEN, "--level", "红", actor="office")
    issued = duban(*OPEN, "--level", "红", "--json", actor="leader")

    assert refused.exit_code == 1
    assert "“督办等级”不能由您写为“red”" in refused.stderr
    assert printed(issued)["number"] == "DB-2020-000001"
