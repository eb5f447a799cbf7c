"""What docs/migration.md shows is read, is whole, and its commands are there."""

import re
from pathlib import Path

from cli.main import main
from engine.rules.migration import plan_problems
from tests.integration.house import definitions
from tests.integration.next_version import next_version
from workflows.migration import read_migration

PAGE = (Path(__file__).parents[2] / "docs" / "migration.md").read_text(encoding="utf-8")
(PLAN,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_plan_is_read_and_whole() -> None:
    plan = read_migration(PLAN.encode(), "docs/migration.md")

    assert plan_problems(plan, definitions()["item"], next_version()) == ()


def test_the_commands_are_there() -> None:
    for group, command in re.findall(r"^\$ duban (\w+) (\w+)", PAGE, flags=re.MULTILINE):
        found = main.get_command(None, group)
        assert command in found.commands
