"""Carrying items over, on the command line."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run, printed
from tests.cli.test_deadlines import rectifying
from tests.integration.house import House, a_roster
from tests.integration.next_version import next_text, with_administrator


@pytest.fixture
def plan(house: House, duban: Run, tmp_path: Path) -> Path:
    """A second version, published, and the plan to it with every state decided."""
    with house.begin() as uow:
        uow.people.add(with_administrator(a_roster()))
        uow.commit()
    house.database.close()
    (tmp_path / "item-5.yaml").write_text(next_text(), encoding="utf-8")
    assert duban("workflow", "publish", "item-5.yaml", actor="keeper").exit_code == 0
    draft = duban("workflow", "plan", "item", "4", "5").stdout
    path = tmp_path / "plan.yaml"
    path.write_text(draft.replace("？  #", "checked  #"), encoding="utf-8")
    return path


def test_items_are_listed_then_carried_over(duban: Run, plan: Path) -> None:
    number = rectifying(duban)

    tried = duban("workflow", "migrate", f"{plan}", "--dry-run", actor="keeper").stdout
    programs = printed(duban("workflow", "migrate", f"{plan}", "--dry-run", "--json", actor="keeper"))
    done = duban("workflow", "migrate", f"{plan}", actor="keeper")

    assert tried.splitlines()[0] == "将迁移 1 件，变动时限 1 个"
    assert f"{number}  记录不全  整改中  中期检查 开始计时，2020-06-06 00:00 到期" in tried
    assert programs[0]["begun"] == [{"clock": "halfway", "due_at": "2020-06-06T00:00:00+08:00"}]
    assert done.stdout == "item@4 → item@5：已迁移 1 件，变动时限 1 个\n"
    assert "（item@5）" in duban("item", "show", number, actor="officer").stdout
    assert "流程迁移" in duban("history", "show", number, actor="officer").stdout
    assert duban("doctor", "--deep").exit_code == 0


def test_what_is_wrong_with_a_plan_is_told_and_nothing_moves(duban: Run, plan: Path) -> None:
    rectifying(duban)
    plan.write_text(plan.read_text(encoding="utf-8").replace("  assigned: assigned", "  #"), encoding="utf-8")

    refused = duban("workflow", "migrate", f"{plan}", actor="keeper")

    assert (refused.exit_code, refused.stdout) == (6, "")
    assert "没有写明“待签收”（assigned）迁到哪里" in refused.stderr
    assert printed(duban("item", "list", "--json", actor="office"))[0]["definition"]["version"] == 4


def test_only_the_administrator_may(duban: Run, plan: Path) -> None:
    refused = duban("workflow", "migrate", f"{plan}", actor="office")

    assert refused.exit_code == 4
    assert "系统管理员" in refused.stderr
