"""Every error as the user meets it: what was tried, why not, what to do, and the exit code."""

import json
import os
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, Final

import click

from engine.model.causes import in_chinese
from engine.model.errors import (
    Broken,
    Conflict,
    Error,
    Invalid,
    NotFound,
    NotPermitted,
    Problem,
    Refused,
    Unavailable,
)
from engine.model.reasons import Reason
from runtime.settings import BadSettings
from runtime.words import in_words

DONE: Final = 0
FAILED: Final = 1
MISUSED: Final = 2
UNDELIVERED: Final = 7
DEFECT: Final = 70
INTERRUPTED: Final = 130
EXIT: Final[Mapping[type[Error], int]] = {
    Refused: FAILED,
    NotPermitted: 4,
    NotFound: 3,
    Conflict: 5,
    Invalid: 6,
    BadSettings: MISUSED,
    Unavailable: 8,
    Broken: 8,
}
"""The exit code of each class; the nearest class above an error counts."""


def exit_code(kind: type[Error]) -> int:
    """The exit code of an error. Raises LookupError where the table has a hole."""
    return next(EXIT[above] for above in kind.__mro__ if above in EXIT)


def report(error: BaseException, *, as_json: bool) -> int:
    """Tell the user on stderr what went wrong; returns the exit code."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message, err=True)
        return MISUSED
    code, told = _told(error)
    text = json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_lines(told))
    click.echo(text, err=True)
    return code


def _told(error: BaseException) -> tuple[int, dict[str, Any]]:
    if isinstance(error, Error):
        return exit_code(type(error)), _own(error)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return INTERRUPTED, _plain("interrupted", "已中断", "没有办完的一步不会留下痕迹，可以重新运行")
    if isinstance(error, click.ClickException):
        return MISUSED, _plain("usage", _misuse(error), _help_of(error))
    if isinstance(error, OSError):
        return exit_code(Unavailable), _plain(
            "unavailable",
            f"{error.filename or '文件'} 用不了：{in_chinese(error)}",
            "请核对路径、权限和磁盘空间",
        )
    return DEFECT, _plain("defect", f"程序出错：{type(error).__name__}：{error}", _trace(error))


def _plain(code: str, message: str, hint: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "hint": hint, "details": []}


def _own(error: Error) -> dict[str, Any]:
    hint = error.hint
    if isinstance(error, Broken):
        hint = hint or "数据可能受损：请停止写入，运行 duban doctor --deep，必要时用备份恢复"
    elif isinstance(error, Unavailable):
        hint = hint or "请核对权限、磁盘空间和连接；拿不准是否已存入时，用同一个 --key 重发"
    return {**_plain(error.code, error.message, hint), "details": list(_details(error))}


def _details(error: Error) -> Iterator[dict[str, str]]:
    if isinstance(error, Refused):
        yield from (reason_told(each) for each in error.reasons)
    elif isinstance(error, Invalid):
        yield from (_problem_told(each) for each in error.problems)


def reason_told(given: Reason) -> dict[str, str]:
    """A reason with its way out; roles and parties by their Chinese names."""
    told = in_words(given)
    return {"code": given.code.value, "text": told.why, "hint": told.way_out}


def _problem_told(given: Problem) -> dict[str, str]:
    return {"where": given.where, "text": given.text, "hint": given.hint, "excerpt": given.excerpt}


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"错误：{told['message']}" if not told["details"] else f"{told['message']}："
    for detail in told["details"]:
        yield f"  · {detail.get('where', '')} {detail['text']}".replace("·  ", "· ")
        if detail.get("excerpt"):
            yield from _pointed(detail["where"], detail["excerpt"])
        if detail["hint"]:
            yield f"    → {detail['hint']}"
    if told["hint"]:
        yield f"→ {told['hint']}"


def _pointed(where: str, excerpt: str) -> Iterator[str]:
    yield f"    | {excerpt}"
    column = where.rpartition(":")[2]
    if column.isdecimal() and int(column) <= len(excerpt) + 1:
        before = "".join("　" if ord(c) > 0x2E7F else " " for c in excerpt[: int(column) - 1])
        yield f"    | {before}^"


def _misuse(error: click.ClickException) -> str:
    """The mistake in Chinese; click's own sentence only where it has one of ours inside."""
    if isinstance(error, click.NoSuchOption):
        near = f"；是不是“{error.possibilities[0]}”？" if error.possibilities else ""
        return f"没有选项“{error.option_name}”{near}"
    if isinstance(error, click.MissingParameter):
        return f"缺少{_parameter(error)}"
    if isinstance(error, click.BadParameter):
        return f"{_parameter(error)}不对：{error.message}"
    if isinstance(error, click.BadOptionUsage):
        wants = "不带值" if "does not take" in error.message else "后面要有值"
        return f"选项“{error.option_name}”{wants}"
    if "unexpected extra argument" in error.message:
        return f"多余的参数：{error.message.partition('(')[2].rstrip(').')}"
    return "缺少命令" if error.message.startswith("Missing command") else error.message


def _parameter(error: click.BadParameter) -> str:
    param = error.param
    if isinstance(param, click.Option):
        return f"选项“{param.opts[-1]}”"
    return f"参数“{param.metavar or param.name if param else error.param_hint}”"


def _help_of(error: click.ClickException) -> str:
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    return f"用法见 {ctx.command_path} --help" if ctx else ""


def _trace(error: BaseException) -> str:
    if os.environ.get("DUBAN_DEBUG"):
        return "".join(traceback.format_exception(error))
    return "数据未受影响；请设 DUBAN_DEBUG=1 再运行一次，把全部输出交给维护者"
