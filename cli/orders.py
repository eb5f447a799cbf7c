"""Short forms of what is done with a supervision order; each is a move like any other."""

from typing import Unpack

import click

from cli.moves import Asked, make_move, move_options
from cli.panel import Command, Words

NUMBER = click.argument("number", metavar="编号", type=Words())
LEVELS = {"blue": "蓝", "yellow": "黄", "red": "红"}
"""The colours by the words that readers use."""


def _short(name: str, verb: str, says: str, example: str) -> click.Command:
    @click.command(name, cls=Command, help=says, examples=(f"supervise {name} DB-2020-000001{example}",))
    @NUMBER
    @move_options("target", "assignee", "unit", "until", "other", "parts")
    def command(number: str, **asked: Unpack[Asked]) -> None:
        make_move(number, verb, asked)

    return command


@click.command(
    "reply",
    cls=Command,
    help="回复督办单：写明办理情况。",
    examples=("supervise reply DB-2020-000001 --answer 已完成整改 --actor duizhang",),
)
@NUMBER
@click.option("--answer", metavar="回复", required=True, type=Words(), help="办理情况")
@move_options("target", "assignee", "unit", "until", "due", "other", "parts")
def reply(number: str, answer: str, **asked: Unpack[Asked]) -> None:
    """Reply to an order."""
    make_move(number, "reply", {**asked, "sets": (*asked.get("sets", ()), f"answer={answer}")})


SHORT_FORMS: tuple[click.Command, ...] = (
    _short("sign", "sign_for", "签收督办单。升级后是新的一张，要重新签收。", ""),
    reply,
    _short(
        "apply", "apply_extension", "到期前说明理由，申请延至某日。", " --due 2020-08-14 --reason 设备未到位"
    ),
    _short("grant", "grant_extension", "采纳理由：到延至之日以前不升级。", " --reason 情况属实"),
    _short("refuse", "refuse_extension", "不采纳理由：逾期照常升级。", " --reason 理由不充分"),
    _short("escalate", "escalate", "升一色：只在逾期之后，由办公室主任办理；平时由系统自动升级。", ""),
    _short("redden", "redden", "直升红色：只由领导小组办理，须写明理由。", " --reason 性质严重"),
    _short("close", "close_out", "核查通过，办结。", " --set 核查意见=属实"),
    _short("withdraw", "withdraw", "撤销督办单，须写明理由。", " --reason 下发有误"),
)
