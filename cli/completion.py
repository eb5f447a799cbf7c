"""Completion of commands and options in the shells people use."""

import os

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

from cli.panel import Command, OneOf

VARIABLE = "_DUBAN_COMPLETE"
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName duban -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:_DUBAN_COMPLETE = "powershell_complete"
    $env:COMP_WORDS = $commandAst.ToString()
    $env:COMP_WORD = $wordToComplete
    try {
        duban | ForEach-Object {
            $word, $told = $_ -split "`t", 2
            if (-not $told) { $told = $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $told)
        }
    } finally {
        Remove-Item Env:_DUBAN_COMPLETE, Env:COMP_WORDS, Env:COMP_WORD
    }
}
"""


@add_completion_class
class PowerShellComplete(ShellComplete):
    """PowerShell 5.1 and newer."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one being typed, and that one."""
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        word = os.environ.get("COMP_WORD", "")
        return (words[:-1] if word and words else words), word

    def format_completion(self, item: CompletionItem) -> str:
        """One candidate a line, with what it does behind a tab."""
        return f"{item.value}\t{item.help or ''}"


SHELLS: dict[str, type[ShellComplete]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
    "powershell": PowerShellComplete,
}


@click.command(
    cls=Command,
    help="输出命令补全脚本。按所用的外壳，放进它的启动文件。",
    examples=(
        "completion bash >> ~/.bashrc",
        "completion zsh >> ~/.zshrc",
        "completion fish > ~/.config/fish/completions/duban.fish",
        "completion powershell >> $PROFILE",
    ),
)
@click.argument("shell", metavar="外壳", type=OneOf({name: name for name in SHELLS}))
def completion(shell: str) -> None:
    """Print the script that completes commands."""
    root = click.get_current_context().find_root().command
    complete = SHELLS[shell](root, {}, "duban", VARIABLE)
    click.echo(complete.source_template % complete.source_vars() if shell != "powershell" else _POWERSHELL)
