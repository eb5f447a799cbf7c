"""Plans of a migration: read with every mistake at its place, and drafted between two versions."""

import pytest

from engine.model.errors import Invalid
from engine.rules.migration import plan_problems
from tests.integration.house import definitions
from tests.integration.next_version import next_version
from workflows.migration import UNDECIDED, draft_migration, read_migration

PLAN = """\
definition: item
from: 1
to: 2
reason: 缩短时限
states:
  draft: draft
  submitted: submitted
"""


def test_a_plan_is_read() -> None:
    plan = read_migration(PLAN.encode(), "plan.yaml")

    assert (f"{plan.source}", f"{plan.target}", plan.campaign) == ("item@1", "item@2", None)
    assert plan.states == {"draft": "draft", "submitted": "submitted"}
    assert read_migration(plan.document.encode(), "stored").sha256 == plan.sha256


@pytest.mark.parametrize(
    ("old", "new", "where", "told"),
    [
        ("reason: 缩短时限\n", "", "1:1", "缺少 reason"),
        ("from: 1", "from: 一", "2:7", "应为整数"),
        ("to: 2", "too: 2", "3:1", "未知的键：too"),
        ("  draft: draft", "  draft: 3", "6:10", "应为文字"),
        ("  draft: draft", "  draft: Draft!", "6:10", "标识不合规"),
        ("  draft: draft", f"  draft: {UNDECIDED}", "6:10", "还没有写明 draft 迁到哪里"),
        ("  submitted: submitted", "  draft: submitted", "7:3", "draft"),
        ("states:\n  draft: draft\n  submitted: submitted", "states: [draft]", "5:9", "应为键值对"),
    ],
)
def test_a_mistake_is_told_with_its_place(old: str, new: str, where: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_migration(PLAN.replace(old, new).encode(), "plan.yaml")

    problems = refused.value.problems
    assert any(told in each.text and each.where == f"plan.yaml:{where}" for each in problems), problems


def test_a_draft_leaves_open_what_has_no_namesake() -> None:
    old, new = definitions()["item"], next_version()
    text = draft_migration(old, new)

    assert f"  self_checked: {UNDECIDED}  # 自查自验 → ？" in text
    assert "  assigned: assigned  # 待签收 → 待签收" in text
    assert "archived" not in text
    plan = read_migration(text.replace(UNDECIDED + "  #", "checked  #").encode(), "plan.yaml")
    assert plan_problems(plan, old, new) == ()
