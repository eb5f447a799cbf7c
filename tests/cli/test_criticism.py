"""Candidates for criticism through the command line: listed, refused to whoever may not, decided with a reason."""

from tests.cli.conftest import Run, printed
from tests.cli.test_items import assigned

LATE, AFTER = "2020-07-15T18:00", "2020-07-16T09:00"


def test_a_candidate_is_listed_decided_and_shown(duban: Run) -> None:
    number = assigned(duban)
    assert duban("criticism", "list", actor="director", at=AFTER).stdout == "没有待决定的候选\n"
    assert duban("sweep", at=LATE).exit_code == 0

    listed = duban("criticism", "list", actor="director", at=AFTER).stdout
    (told,) = printed(duban("criticism", "list", "--json", actor="director", at=AFTER))
    refused = duban("criticism", "issue", number, "--reason", "屡催不改", actor="head", at=AFTER)
    bare = duban("criticism", "drop", number, actor="director", at=AFTER)
    done = duban("criticism", "drop", number, "--reason", "设备未到位", actor="director", at=AFTER)
    again = duban("criticism", "issue", number, "--reason", "屡催不改", actor="director", at=AFTER)

    assert (number in listed, "逾期15天" in listed, told["number"]) == (True, True, number)
    assert (refused.exit_code, "应由办公室主任、领导小组办理" in refused.stderr) == (4, True)
    assert (bare.exit_code, "没有写明理由" in bare.stderr) == (1, True)
    assert done.stdout == f"{number} 已决定不予通报批评（逾期15天）\n"
    assert (again.exit_code, "没有待决定的通报批评候选" in again.stderr) == (1, True)
    shown = duban("item", "show", number, actor="head", at=AFTER).stdout
    assert "通报批评：逾期15天（2020-07-15 18:00 列入），已决定不予通报批评" in shown
    history = duban("history", "show", number, actor="director", at=AFTER).stdout
    assert "列为通报批评候选" in history
    assert "决定不予通报批评" in history
