"""Accounts for the browser. Whoever has the console of the server may make the first one, without being anybody."""

import click

from cli.desk import Desk, desk, emit
from cli.panel import Command, Group, Words
from cli.text import table
from cli.values import local
from engine.model.actor import Actor, system_actor
from engine.usecases.accounts import (
    add_account,
    disable_account,
    enable_account,
    list_accounts,
    reset_password,
)

account = Group(
    name="account",
    help="账户：为名册上的人建立、重置、停用浏览器登录账户。",
    examples=("account add admin01", "account list"),
    no_args_is_help=True,
)
LOGIN = click.argument("login", metavar="登录名", type=Words())
CONSOLE = system_actor("console")


def _actor(at: Desk) -> Actor:
    """Whoever is named; the console itself where nobody is."""
    return at.asker if at.app.settings.actor else CONSOLE


@account.command(
    "add",
    cls=Command,
    help="建立账户，并给出一次性密码；首次登录须改。第一个账户也由此建立。",
    examples=("account add admin01",),
)
@LOGIN
def add(login: str) -> None:
    """Make an account and print its first password."""
    from runtime.passwords import Argon2Hasher  # noqa: PLC0415 - only these commands need it

    with desk() as at:
        password = add_account(at.app.writing(), at.now, Argon2Hasher(), login, _actor(at))
    _emit_password(login, password, "已建立账户")


@account.command(
    "reset",
    cls=Command,
    help="重置密码：给出新的一次性密码，已有登录、常用电脑和第二因素一并作废。",
    examples=("account reset zhangsan --actor admin01",),
)
@LOGIN
def reset(login: str) -> None:
    """Reset a password and print the new one."""
    from runtime.passwords import Argon2Hasher  # noqa: PLC0415 - only these commands need it

    with desk() as at:
        password = reset_password(at.app.writing(), at.now, Argon2Hasher(), login, _actor(at))
    _emit_password(login, password, "已重置密码")


@account.command(
    "disable", cls=Command, help="停用账户：立即退出，不能再登录。", examples=("account disable zhangsan",)
)
@LOGIN
def disable(login: str) -> None:
    """Close an account."""
    with desk() as at:
        disable_account(at.app.writing(), at.now, login, _actor(at))
    emit({"login": login, "is_open": False}, f"{login} 的账户已停用")


@account.command("enable", cls=Command, help="重新启用停用的账户。", examples=("account enable zhangsan",))
@LOGIN
def enable(login: str) -> None:
    """Open an account again."""
    with desk() as at:
        enable_account(at.app.writing(), at.now, login, _actor(at))
    emit({"login": login, "is_open": True}, f"{login} 的账户已启用")


@account.command("list", cls=Command, help="列出全部账户。", examples=("account list",))
def listing() -> None:
    """List accounts."""
    with desk() as at:
        rows = list_accounts(at.app.reading(), _actor(at))
    lines = [
        (
            row.login,
            row.name,
            "停用" if row.disabled_at else "待改密码" if row.must_change else "正常",
            "已设" if row.is_enrolled else "",
            local(row.seen_at),
        )
        for row in rows
    ]
    heads = ("登录名", "姓名", "状态", "第二因素", "最近使用")
    emit(rows, table(heads, lines) if rows else "还没有账户；请用 duban account add 登录名 建立")


def _emit_password(login: str, password: str, done: str) -> None:
    text = f"{login} {done}，一次性密码：{password}\n只显示这一次；请当面告知本人，首次登录须改。"
    emit({"login": login, "password": password}, text)
