"""The skin itself: help in Chinese and quickly, click's mistakes in Chinese, an exit code for every error."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from cli import errors
from cli.main import COMMANDS, main
from cli.text import clip, table, width, wrap
from engine.model.errors import Broken, Conflict, Error, Invalid, NotPermitted, Problem, Refused
from engine.model.reasons import ReasonCode, reason
from tests.architecture.source import PRODUCT, modules, name_of

ROOT = Path(__file__).parents[2]
DERIVED = re.compile(
    r"^class \w+\((Error|Refused|NotPermitted|NotFound|Conflict|Invalid|Unavailable|Broken)\)", re.MULTILINE
)
HEAVY = (
    "sqlalchemy",
    "alembic",
    "transitions",
    "jinja2",
    "apscheduler",
    "ruamel",
    "rich",
    "engine",
    "storage",
)


def run(*args: str):
    return CliRunner().invoke(main, args)


def subclasses(kind: type[Error]) -> set[type[Error]]:
    return {kind, *(deep for direct in kind.__subclasses__() for deep in subclasses(direct))}


def test_help_loads_only_click():
    told = python("-X", "importtime", "-m", "cli", "--help")
    timed = (line.split("|") for line in told.stderr.splitlines() if line.startswith("import time:"))

    assert told.stdout.startswith("用法：duban")
    assert not {name.strip().partition(".")[0] for *_, name in timed} & set(HEAVY)


def test_loading_the_command_takes_little_time():
    """Counted in time of the processor, so that a busy machine does not matter."""
    code = "import time; start = time.process_time(); import cli.main; print(time.process_time() - start)"

    assert min(float(python("-c", code).stdout) for _ in range(3)) < 0.25


def python(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_tells_its_help(name: str):
    result = run(name, "--help")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"用法：duban {name}")


def test_every_help_page_opens_with_examples_and_is_chinese_throughout():
    pages = [(path, command) for path, command in every_command(main, "duban")]
    wrong = [
        path
        for path, command in pages
        if "Show this" in page(path, command) or "示例：" not in page(path, command)
    ]

    assert not wrong


def every_command(group: click.Group, path: str):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")


def page(path: str, command: click.Command) -> str:
    return command.get_help(click.Context(command, info_name=path))


def test_every_error_has_an_exit_code():
    for path in modules(*PRODUCT):
        if DERIVED.search(path.read_text(encoding="utf-8")):
            importlib.import_module(name_of(path).removesuffix(".py").replace("/", "."))

    codes = {kind: errors.exit_code(kind) for kind in subclasses(Error) - {Error}}

    assert (codes[Refused], codes[NotPermitted], codes[Conflict], codes[Invalid]) == (1, 4, 5, 6)
    assert codes[Broken] == 8


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["vershion"], "没有命令“vershion”；是不是“version”？"),
        (["version", "--databse", "x"], "没有选项“--databse”；是不是“--database”？"),
        (["version", "--database"], "选项“--database”后面要有值"),
        (["version", "extra"], "多余的参数：extra"),
        (["version", "--json=1"], "选项“--json”不带值"),
        (["--at", "yesterday", "version"], "应为 2020-05-06T09:00 这样的时刻（北京时间），实为“yesterday”"),
    ],
)
def test_a_wrong_call_is_told_in_chinese(args: list[str], told: str):
    result = run(*args)

    assert result.exit_code == 2
    assert told in result.stderr
    assert result.stdout == ""


def test_an_error_is_json_where_json_is_asked_for():
    result = run("--json", "vershion")

    assert json.loads(result.stderr)["code"] == "usage"


def test_a_refusal_tells_every_reason_with_its_way_out(capsys: pytest.CaptureFixture[str]):
    reasons = (
        reason(ReasonCode.REASON_MISSING),
        reason(ReasonCode.NOT_STANDING, who="unit_head、owner"),
    )

    assert errors.report(Refused("不能办理", reasons), as_json=False) == 1

    assert capsys.readouterr().err.splitlines() == [
        "不能办理：",
        "  · 没有写明理由",
        "    → 请写明理由（--reason）",
        "  · 您不是可以办理此动作的人",
        "    → 应由部门主要负责人、责任人办理",
    ]


def test_a_mistake_in_a_document_is_pointed_at(capsys: pytest.CaptureFixture[str]):
    problem = Problem(where="a.yaml:2:4", text="键重复：甲", hint="删去一个", excerpt="键: 甲")

    assert errors.report(Invalid("读取 a.yaml", (problem,)), as_json=False) == 6

    assert capsys.readouterr().err.splitlines()[2:4] == ["    | 键: 甲", "    | 　  ^"]


def test_a_defect_and_an_interruption_leave_no_traceback(capsys: pytest.CaptureFixture[str]):
    assert errors.report(ZeroDivisionError("x"), as_json=False) == 70
    assert errors.report(click.Abort(), as_json=False) == 130

    told = capsys.readouterr().err
    assert "Traceback" not in told
    assert "已中断" in told


def test_columns_count_chinese_as_two():
    lines = table(("编号", "n"), [("甲乙丙", 1), ("ab", 22)]).splitlines()

    assert [width(line.rpartition(" ")[0]) for line in lines] == [7, 7, 7]
    assert clip("一二三四五", 6) == "一二…"
    assert list(wrap("一二三 abc def", 6)) == ["一二三", "abc", "def"]
