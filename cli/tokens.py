"""Access tokens, by which programs, calendars and monitors come in for a person."""

import click

from cli.desk import desk, emit
from cli.panel import Command, Group, Words
from cli.text import table
from cli.values import local
from engine.model.token import AccessToken, Scope
from engine.usecases.tokens import TokenOrder, list_tokens, make_token, revoke_token
from runtime.words import SCOPES

token = Group(
    name="token",
    help="访问令牌：让程序以本人身份查看、办理，或订阅日历、读取运行指标；权限不超过本人。",
    examples=("token make 统计报表 --scope read --actor zhangsan", "token list --actor zhangsan"),
    no_args_is_help=True,
)


@token.command(
    "make",
    cls=Command,
    help="建立访问令牌，只显示这一次。\n"
    "read 查看，write 办理，calendar 订阅日历（不兼他用），metrics 运行指标（限系统管理员）。",
    examples=(
        "token make 统计报表 --scope read --days 90 --actor zhangsan",
        "token make 手机日历 --scope calendar --actor zhangsan",
    ),
)
@click.argument("name", metavar="名称", type=Words())
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([each.value for each in Scope]),
    help="用途，可写多次",
)
@click.option("--days", type=int, default=90, show_default=True, metavar="天数", help="有效天数，至多 400")
def make(name: str, scopes: tuple[str, ...], days: int) -> None:
    """Make a token and print it."""
    order = TokenOrder(name=name, scopes=frozenset(map(Scope, scopes)), days=days)
    with desk() as at:
        made, text = make_token(at.app.writing(), at.now, order, at.asker)
    shown = (
        f"访问令牌 {made.id}（{name}，至 {local(made.expires_at)}）\n{text}\n"
        "只显示这一次；谁持有它，谁就能以您的身份进入，请像密码一样保管。"
    )
    if Scope.CALENDAR in made.scopes:
        shown += f"\n日历订阅地址：本系统网址 + /calendar/{text}.ics"
    emit({"id": made.id, "token": text, "expires_at": made.expires_at}, shown)


@token.command("list", cls=Command, help="列出本人的访问令牌。", examples=("token list --actor zhangsan",))
def listing() -> None:
    """List tokens."""
    with desk() as at:
        rows, now = list_tokens(at.app.reading(), at.asker), at.now
    lines = [
        (
            row.id,
            row.name,
            "、".join(SCOPES[scope] for scope in sorted(row.scopes)),
            "已作废" if row.revoked_at else "已过期" if row.expires_at <= now else "有效",
            local(row.expires_at),
            local(row.used_at),
        )
        for row in rows
    ]
    heads = ("编号", "名称", "用途", "状态", "有效至", "最近使用")
    shown = [{"id": r.id, "name": r.name, "scopes": r.scopes, **_times(r)} for r in rows]
    emit(shown, table(heads, lines) if rows else "还没有访问令牌；请用 duban token make 建立")


def _times(row: AccessToken) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("made_at", "expires_at", "revoked_at", "used_at")}


@token.command(
    "revoke",
    cls=Command,
    help="作废本人的访问令牌，立即失效。",
    examples=("token revoke 0190f3c8 --actor zhangsan",),
)
@click.argument("token_id", metavar="编号", type=Words())
def revoke(token_id: str) -> None:
    """Revoke a token."""
    with desk() as at:
        revoke_token(at.app.writing(), at.now, token_id, at.asker)
    emit({"id": token_id, "is_revoked": True}, f"访问令牌 {token_id} 已作废")
