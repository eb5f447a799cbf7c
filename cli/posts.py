"""Who holds which post: granting it, for oneself or as a substitute, and taking it back."""

from dataclasses import replace
from datetime import date

import click

from cli.desk import Desk, desk, emit, warn
from cli.panel import Command, Day, Group, Words
from cli.text import table
from engine.model.actor import Grant
from engine.model.errors import NotFound
from engine.model.ids import PostCode
from engine.model.views import Tenure
from engine.usecases.people import Recall, grant_post, persons_of, recall_post, tenures_of

post = Group(
    name="post",
    help="岗位：谁在岗，授予、代理和收回。权限跟着岗位走；由安全管理员办理，每一步记入历史。",
    examples=(
        "post list zhangsan --actor anquan",
        "post grant zhangsan fazhi_head --until 2020-10-01 --for lisi --actor anquan",
        "post recall zhangsan fazhi_head --reason 调离 --actor anquan",
    ),
    no_args_is_help=True,
)
LOGIN = click.argument("login", metavar="登录名", type=Words())
POST = click.argument("code", metavar="岗位", type=Words())


@post.command(
    "list",
    cls=Command,
    help="列出一个人现有的和将有的岗位。",
    examples=("post list zhangsan --actor anquan",),
)
@LOGIN
def listing(login: str) -> None:
    """List the grants of a person."""
    with desk() as at:
        _, tenures = tenures_of(at.app.reading(), at.now, login, at.asker)
    rows = [
        (
            one.grant.post,
            one.title,
            one.unit_name,
            one.grant.from_on,
            one.grant.until_on or "",
            one.principal_name,
        )
        for one in tenures
    ]
    heads = ("岗位", "名称", "单位", "起", "到此日前为止", "代理谁")
    emit(tenures, table(heads, rows) if rows else f"{login} 现在没有岗位")


@post.command(
    "grant",
    cls=Command,
    help="授予岗位，或指定代理。代理人办的每一步都记作“某某代某某”；自己经手的事项，代理也不能复核。",
    examples=("post grant zhangsan fazhi_head --until 2020-10-01 --for lisi --actor anquan",),
)
@LOGIN
@POST
@click.option("--from", "from_on", metavar="日期", type=Day(), help="从哪一天起，默认今天")
@click.option("--until", "until_on", metavar="日期", type=Day(), help="到哪一天前为止，默认一直有效")
@click.option("--for", "principal", metavar="登录名", type=Words(), help="代理谁；不是代理则不写")
def grant(login: str, code: str, from_on: date | None, until_on: date | None, principal: str | None) -> None:
    """Put somebody in a post."""
    with desk() as at:
        at.require_writer()
        people = persons_of(at.app.reading(), [login, *([principal] if principal else [])])
        given = Grant(
            person=people[login],
            post=PostCode(code),
            from_on=from_on or at.today,
            until_on=until_on,
            on_behalf_of=people[principal] if principal else None,
        )
        grant_post(at.app.writing(), at.now, given, at.asker)
    emit(given, f"已授予 {login} 岗位 {code}，自 {given.from_on} 起")


@post.command(
    "recall",
    cls=Command,
    help="收回岗位：今天收回的，当即失去权限；已办的不变。写 --on 则到那一天再收回。",
    examples=("post recall zhangsan fazhi_head --reason 调离 --actor anquan",),
)
@LOGIN
@POST
@click.option("--reason", metavar="理由", type=Words(), default="", help="理由，必须写明")
@click.option("--on", "until_on", metavar="日期", type=Day(), help="从哪一天起不再在岗，默认今天")
@click.option("--for", "principal", metavar="姓名", type=Words(), help="有几份时：收回代理谁的那一份")
def recall(login: str, code: str, reason: str, until_on: date | None, principal: str | None) -> None:
    """Take a post back."""
    with desk() as at:
        at.require_writer()
        found, *others = _running(at, login, code, principal)
        day = until_on or at.today
        asked = Recall(grant=found.grant, until_on=day, reason=reason)
        recall_post(at.app.writing(), at.now, asked, at.asker)
    emit(replace(found.grant, until_on=day), f"已收回 {login} 的岗位 {code}，自 {day} 起不再在岗")
    if others:
        warn(f"{login} 还有 {len(others)} 份同一岗位的任职或代理，如需一并收回，请再办一次")


def _running(at: Desk, login: str, code: str, principal: str | None) -> list[Tenure]:
    """The grants that are meant, earliest first; at least one."""
    _, tenures = tenures_of(at.app.reading(), at.now, login, at.asker)
    found = [one for one in tenures if one.grant.post == code and principal in (None, one.principal_name)]
    if not found:
        raise NotFound(f"{login} 没有岗位 {code}", hint=f"查看现有岗位：duban post list {login}")
    return found
