"""The command `duban`. Only click is loaded to show its help; each command brings what it needs.

A new command is a line in `COMMANDS`: where it is, and what it does in a few words. It is made with
`@click.command(cls=Command, help="…", examples=("…",))`, so that it speaks Chinese and has the shared options, and it
reaches the house through `cli.desk`. It raises errors of the engine and prints data only; the rest is done here.
"""

import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from cli.panel import Group, shared_options

COMPLETE = "_DUBAN_COMPLETE"
"""A shell that wants candidates sets this variable."""
COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("cli.setup:init", "建立数据库"),
    "campaign": ("cli.campaigns:campaign", "专项活动：检查、载入、看进展"),
    "item": ("cli.items:item", "整改事项：新建、查看、办理"),
    "phase": ("cli.items:phase", "阶段：查看、启动、结束"),
    "task": ("cli.items:task", "重点任务：查看、办理"),
    "report": ("cli.items:report", "报送：查看、上报、接收；谁报了、谁没报"),
    "special": ("cli.items:special", "专报：重要情况随时上报"),
    "supervise": ("cli.items:supervise", "督办单：下发、回复、办结"),
    "criticism": ("cli.criticism:criticism", "通报批评：候选、决定"),
    "sweep": ("cli.working:sweep", "扫描一次到期时限"),
    "worker": ("cli.working:worker", "常驻运行：扫描和投递"),
    "serve": ("cli.serve:serve", "浏览器页面：供大家登录办理"),
    "token": ("cli.tokens:token", "访问令牌：给程序、日历和监控用"),
    "post": ("cli.posts:post", "岗位：授予、代理、收回"),
    "account": ("cli.accounts:account", "账户：建立、重置、停用"),
    "demo": ("cli.demo:demo", "演示：方案推演到中途，用浏览器看"),
    "health": ("cli.health:health", "值守是否正常：扫描、投递、时钟"),
    "accept-clock": ("cli.health:accept_clock", "时钟被调回后认可，恢复扫描"),
    "rehearse": ("cli.rehearse:rehearse", "按方案推演一年"),
    "deadline": ("cli.deadlines:deadline", "时限：将到期的、怎么算的"),
    "ladder": ("cli.ladders:ladder", "催办阶梯：各级告诉谁，改了会怎样"),
    "calendar": ("cli.calendars:calendar", "日历：哪天上班、日期怎么算、载入放假安排"),
    "notice": ("cli.notices:notice", "通知：收件箱、一件事项发过的通知"),
    "history": ("cli.history:history", "历史：一件事项的全部记录"),
    "audit": ("cli.audit:audit", "审计：查历史、找疑点，检查点与核验"),
    "workflow": ("cli.workflows:workflow", "流程：查看、检查、发布"),
    "db": ("cli.storage:db", "数据库：检查、升级、备份、恢复"),
    "doctor": ("cli.doctor:doctor", "体检：数据是否完好、是否与历史相符"),
    "completion": ("cli.completion:completion", "命令补全脚本"),
    "version": ("cli.version:version", "显示版本"),
}


class Root(Group):
    """The command itself: whatever goes wrong below ends in a message and an exit code, never in a traceback."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: ARG002 - click's own signature
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run and leave with the exit code."""
        _speak_utf8()
        asked = [*sys.argv[1:]] if args is None else [*args]
        try:
            _require_text(asked)
            if os.environ.get(COMPLETE):
                importlib.import_module("cli.completion")  # knows PowerShell, which click does not
            code = super().main(
                asked,
                prog_name or "duban",
                complete_var or COMPLETE,
                standalone_mode=False,
                windows_expand_args=windows_expand_args,
                **extra,
            )
        except Exception as error:  # noqa: BLE001 - the last frame: every error is told, none is swallowed
            from cli.errors import report  # noqa: PLC0415 - a run without errors does not need it

            code = report(error, as_json="--json" in asked)
        sys.exit(code if isinstance(code, int) else 0)


def _require_text(words: Sequence[str]) -> None:
    """Raises a usage error where the bytes of the command line are no text; nothing could keep or print them."""
    for word in words:
        if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in word):
            raise click.UsageError(f"参数{word!a}含有无法识别的字符，应为 UTF-8 编码的文字")


def _speak_utf8() -> None:
    """Chinese comes out whole whatever the console is set to; what cannot be written is shown by its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


main = Root(
    name="duban",
    help="督办：查摆、整改、复核、考核，到期自动催办，全程留痕可核验。",
    examples=("init --database duban.db", "item list --actor zhangsan"),
    late=COMMANDS,
    params=[*shared_options()],
    no_args_is_help=True,
    invoke_without_command=False,
)
