"""Commands as a Chinese reader meets them: their help, the options every one of them has, loading them late."""

import importlib
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

import click

from cli.text import pad, width, wrap

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
LINE = 100
_DOUBLE = 2
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": LINE}


class Words(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """Text as it is kept: composed characters (NFC), so that what is typed on any machine is the same text."""

    name = "文字"

    def convert(
        self,
        value: Any,
        param: click.Parameter | None,  # noqa: ARG002 - click's own signature
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        """The text."""
        return unicodedata.normalize("NFC", f"{value}")


class Day(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """A day, written 2020-12-05."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day. Fails with what was expected."""
        if isinstance(value, date):
            return value
        try:
            if len(value) != len("2020-12-05"):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"应为 2020-12-05 这样的日期，实为“{value}”", param, ctx)


class Instant(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """An instant, written 2020-05-06T09:00; without a zone it is the time of China."""

    name = "时刻"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, aware. Fails with what was expected."""
        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"应为 2020-05-06T09:00 这样的时刻（北京时间），实为“{value}”", param, ctx)
        return at if at.tzinfo else at.replace(tzinfo=LOCAL)


class Whole(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """A whole number that is not too small, and not too large where `most` says so."""

    name = "数"

    def __init__(self, least: int = 1, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number. Fails with what was expected."""
        if isinstance(value, int):
            return value
        if not f"{value}".isdecimal() or int(value) < self.least:
            self.fail(f"应为不小于 {self.least} 的整数，实为“{value}”", param, ctx)
        if self.most is not None and int(value) > self.most:
            self.fail(f"应为不大于 {self.most} 的整数，实为“{value}”", param, ctx)
        return int(value)


class OneOf(click.ParamType):  # type: ignore[type-arg] # generic in newer clicks only
    """One of a few words, each with what it stands for."""

    name = "词"

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The word itself, also where its meaning was given. Fails with what was expected."""
        meanings = {meaning: word for word, meaning in self.words.items()}
        word: str = meanings.get(value, value)
        if word not in self.words:
            known = "、".join(f"{word}（{meaning}）" for word, meaning in self.words.items())
            self.fail(f"应为{known}之一，实为“{value}”", param, ctx)
        return word


def remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Keep the value of a shared option for the whole call; the option nearest to the command counts."""
    if value not in (None, False) and param.name:
        ctx.meta[f"duban.{param.name}"] = value


def shared_options() -> list[click.Option]:
    """The options that stand both before and behind a command."""
    given: dict[str, Any] = {"expose_value": False, "callback": remember}
    where = "数据库：SQLite 文件，或 postgresql:// 地址"
    return [
        click.Option(
            ["--database"],
            type=Words(),
            metavar="文件或地址",
            help=where,
            **given,
        ),
        click.Option(["--actor"], type=Words(), metavar="登录名", help="以谁的身份办理或查看", **given),
        click.Option(
            ["--json", "as_json"], is_flag=True, help="用 JSON 输出；错误也用 JSON（在 stderr）", **given
        ),
        click.Option(
            ["--at"], type=Instant(), help="把此刻当作何时：只供查看、定时任务和样例人员演练", **given
        ),
    ]


SHARED = frozenset({"database", "actor", "as_json", "at"})


class Panel:
    """Writes the help of a command in Chinese, to the width of Chinese characters."""

    examples: Sequence[str] = ()

    def panel(self, ctx: click.Context, commands: Mapping[str, str]) -> str:
        """The whole help page."""
        command = ctx.command
        options = [p for p in command.get_params(ctx) if isinstance(p, click.Option) and not p.hidden]
        own = [(_names(ctx, o), _told(o)) for o in options if o.name not in SHARED]
        shared = [(_names(ctx, o), _told(o)) for o in options if o.name in SHARED]
        parts = [
            f"用法：{' '.join([ctx.command_path, *command.collect_usage_pieces(ctx)])}",
            "\n".join(line for text in (command.help or "").split("\n") for line in wrap(text, LINE)),
            _section("示例", [(f"duban {example}", "") for example in self.examples]),
            _section("命令", list(commands.items())),
            _section("选项", own),
            _section("通用选项", shared),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"


def _names(ctx: click.Context, option: click.Option) -> str:
    names = ", ".join([*option.opts, *option.secondary_opts])
    return names if option.is_flag else f"{names} {option.make_metavar(ctx)}"


def _told(option: click.Option) -> str:
    again = "（可重复）" if option.multiple else ""
    return f"{option.help or ''}{again}{'（必填）' if option.required else ''}"


def _section(title: str, rows: Sequence[tuple[str, str]]) -> str:
    if not rows:
        return ""
    first = min(max(width(name) for name, _ in rows), LINE // _DOUBLE)
    return "\n".join([f"{title}：", *(line for name, told in rows for line in _entry(name, told, first))])


def _entry(name: str, told: str, first: int) -> list[str]:
    lines = list(wrap(told, LINE - first - 4))
    rest = [f"  {' ' * first}  {line}".rstrip() for line in lines[1:]]
    return [f"  {pad(name, first)}  {lines[0]}".rstrip(), *rest]


def _chinese(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = "显示这页帮助"
    return option


class Command(click.Command, Panel):
    """A command that does something. `examples` open its help."""

    def __init__(self, name: str | None = None, *, examples: Sequence[str] = (), **given: Any) -> None:
        super().__init__(name, context_settings=CONTEXT, options_metavar="[选项]", **given)
        self.params.extend(shared_options())
        self.examples = examples

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `Panel`."""
        formatter.write(self.panel(ctx, {}))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option for help, told in Chinese."""
        return _chinese(super().get_help_option(ctx))


class Group(click.Group, Panel):
    """Commands about one thing. `late` names those that are loaded when they are called: `module:name` and a line."""

    command_class = Command

    def __init__(
        self,
        name: str | None = None,
        *,
        examples: Sequence[str] = (),
        late: Mapping[str, tuple[str, str]] | None = None,
        **given: Any,
    ) -> None:
        super().__init__(
            name, context_settings=CONTEXT, options_metavar="[选项]", subcommand_metavar="命令 …", **given
        )
        self.examples = examples
        self.late = late or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Every command, in the order in which they are declared."""
        return [*self.late, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        """The command of a name, loaded now if it is a late one."""
        if cmd_name not in self.late:
            return self.commands.get(cmd_name)
        module, _, name = self.late[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is called. Fails with the nearest name where there is none."""
        name = args[0]
        if not name.startswith("-") and name not in self.list_commands(ctx) and not ctx.resilient_parsing:
            raise click.UsageError(f"没有命令“{name}”{_near(name, self.list_commands(ctx))}", ctx)
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """See `Panel`."""
        told = {name: line for name, (_, line) in self.late.items()}
        told |= {name: command.short_help or _first(command.help) for name, command in self.commands.items()}
        formatter.write(self.panel(ctx, told))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option for help, told in Chinese."""
        return _chinese(super().get_help_option(ctx))


def _first(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def _near(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a mistake needs it

    close = get_close_matches(name, known, 1)
    return f"；是不是“{close[0]}”？" if close else ""
