"""Definitions on the command line: listed, shown, validated with every mistake at once; the schema fits them all."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.cli.conftest import Run, printed

LIBRARY = Path(__file__).parents[2] / "workflows" / "library"


def run(*args: str) -> Result:
    return CliRunner().invoke(main, args)


def test_published_and_shipped_definitions_are_listed(duban: Run):
    published = printed(duban("workflow", "list", "--json"))
    shipped = printed(run("workflow", "list", "--shipped", "--json"))

    assert published == shipped
    assert {each["id"] for each in shipped} == {
        "item",
        "phase",
        "report",
        "special_report",
        "supervision_order",
        "task",
    }


def test_a_definition_is_shown_from_the_store_and_from_a_file(duban: Run):
    stored = duban("workflow", "show", "item@4")
    file = run("workflow", "show", str(LIBRARY / "item.yaml"))

    assert stored.stdout == file.stdout
    assert "待签收" in stored.stdout
    assert printed(duban("workflow", "show", "item", "--json"))["id"] == "item"


def test_every_mistake_is_told_with_its_place(tmp_path: Path):
    text = (LIBRARY / "item.yaml").read_text(encoding="utf-8")
    (tmp_path / "bad.yaml").write_text(text.replace("stage: finding", "stage: findig"), encoding="utf-8")
    (tmp_path / "worse.yaml").write_text("id: [", encoding="utf-8")

    result = run("workflow", "validate", "bad.yaml", "worse.yaml", str(LIBRARY / "task.yaml"))

    assert (result.exit_code, result.stdout) == (6, "")
    line = text[: text.index("stage: finding")].count("\n") + 1
    assert f"bad.yaml:{line}:" in result.stderr
    assert "finding" in result.stderr
    assert "worse.yaml:1:" in result.stderr


def test_sound_files_are_told_so():
    result = run("workflow", "validate", *(str(path) for path in sorted(LIBRARY.glob("*.yaml"))))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("无误") == len(list(LIBRARY.glob("*.yaml")))


def test_a_definition_nobody_can_live_in_is_refused(tmp_path: Path):
    text = (LIBRARY / "report.yaml").read_text(encoding="utf-8").replace("final: true", "acts: [office]")
    (tmp_path / "endless.yaml").write_text(text, encoding="utf-8")

    result = run("workflow", "validate", "endless.yaml")

    assert result.exit_code == 6
    line = text[: text.index("states:")].count("\n") + 2
    assert f"endless.yaml:{line}:3 没有终止状态" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        ("workflow show nothing", 3, "没有发布过流程 nothing"),
        ("workflow show item@9", 3, "没有发布过流程 item@9"),
        ("workflow show item@x", 2, "版本应为整数"),
        ("workflow show nothing.yaml", 3, "没有文件 nothing.yaml"),
        ("workflow validate nothing.yaml", 3, "没有文件 nothing.yaml"),
        ("workflow validate .", 8, "读不出来"),
        ("workflow validate", 2, "缺少参数"),
        ("completion tcsh", 2, "应为"),
    ],
)
def test_bad_input_is_told_with_its_exit_code(duban: Run, args: str, code: int, told: str):
    result = duban(*args.split())

    assert told in result.stderr
    assert (result.exit_code, result.stdout) == (code, "")


def test_only_an_administrator_publishes(duban: Run):
    result = duban("workflow", "publish", str(LIBRARY / "item.yaml"), actor="office")

    assert result.exit_code == 4
    assert "系统管理员" in result.stderr


def test_the_schema_is_the_one_that_is_shipped():
    shipped = LIBRARY.parent / "schema.json"
    result = run("workflow", "schema")

    if shipped.exists():
        assert json.loads(result.stdout) == json.loads(shipped.read_text(encoding="utf-8"))
    else:
        assert result.exit_code == 3


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_is_printed_for_each_shell(shell: str):
    result = run("completion", shell)

    assert result.exit_code == 0, result.stderr
    assert "_DUBAN_COMPLETE" in result.stdout


@pytest.mark.parametrize(
    ("shell", "env"),
    [
        ("bash", {"COMP_WORDS": "duban item sh", "COMP_CWORD": "2"}),
        ("zsh", {"COMP_WORDS": "duban item sh", "COMP_CWORD": "2"}),
        ("fish", {"COMP_WORDS": "duban item", "COMP_CWORD": "sh"}),
        ("powershell", {"COMP_WORDS": "duban item sh", "COMP_WORD": "sh"}),
    ],
)
def test_commands_are_completed(shell: str, env: dict[str, str]):
    result = CliRunner().invoke(main, [], env={"_DUBAN_COMPLETE": f"{shell}_complete", **env})

    assert "show" in result.stdout
