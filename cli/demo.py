"""`duban demo`: the campaign of 2020 in mid-course, in the browser, with sample people and a clock to be moved."""

from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.panel import Command, Day, Whole
from cli.serve import HIGHEST_PORT, STEP, web
from cli.text import table
from cli.values import local
from engine.model.account import SessionLimits
from engine.model.calendar import LOCAL
from runtime.rehearsal.demo import OPENS_AT, PASSWORD, Demo, SamplePerson
from runtime.rehearsal.folder import open_folder
from runtime.rehearsal.run import Rehearsal, prepare
from runtime.work import Work

PLAN = Path(f"{files('workflows')}") / "campaigns" / "fazhi-2020"
MID_COURSE = date(2020, 9, 15)
A_YEAR = timedelta(days=400)


@click.command(
    cls=Command,
    help="演示：把 2020 年的方案推演到某一天，用浏览器看。人员和数据均为样例，时钟可以往前拨；只供本机。\n"
    "用 Ctrl+C 停止；加 --once 只推演、打印账户，不提供页面。",
    examples=("demo", "demo --until 2020-06-30 --port 8080", "demo --once"),
)
@click.option("--until", type=Day(), default=MID_COURSE, help="推演到哪一天（默认 2020-09-15）")
@click.option("--seed", default=2020, type=Whole(0), metavar="数", help="随机种子（默认 2020）")
@click.option("--items", default=600, type=Whole(0), metavar="数", help="查摆问题件数（默认 600）")
@click.option(
    "--output",
    default=Path("demo-output"),
    type=click.Path(path_type=Path),
    metavar="目录",
    help="数据库和通知放在哪里（默认 demo-output）",
)
@click.option(
    "--port", default=8000, type=Whole(most=HIGHEST_PORT), metavar="端口", help="监听端口（默认 8000）"
)
@click.option("--once", is_flag=True, help="推演完、打印账户就结束，不提供页面")
def demo(until: date, output: Path, *, seed: int, items: int, port: int, once: bool) -> None:
    """Rehearse to a day, print who may sign in, and serve."""
    server = web()
    from runtime.passwords import Argon2Hasher  # noqa: PLC0415 - comes with the skin for browsers

    with open_folder(output, seed) as folder:
        rehearsal = prepare(PLAN, folder, seed=seed, units=None, items=items)
        shown = Demo(rehearsal)
        _play(rehearsal, shown, datetime.combine(until, OPENS_AT))
        people = shown.give_accounts(Argon2Hasher())
        _print_people(people, shown)
        if once:
            return
        click.echo(f"\n请用浏览器打开 http://127.0.0.1:{port}；用 Ctrl+C 停止")
        limits = SessionLimits(idle=A_YEAR, absolute=A_YEAR)
        with Work(shown.app, every=STEP, clock=shown.app.now).beside():
            server.serve(shown.app, host="127.0.0.1", port=port, limits=limits, demo=shown)


def _play(rehearsal: Rehearsal, shown: Demo, until: datetime) -> None:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        bar = progress.add_task("推演", total=(until.date() - rehearsal.loaded_on).days)
        for happening in shown.play_until(until):
            day = happening.at.astimezone(LOCAL).date()
            progress.update(bar, completed=(day - rehearsal.loaded_on).days, description=f"推演 {day}")


def _print_people(people: list[SamplePerson], shown: Demo) -> None:
    click.echo(f"已推演到 {local(shown.app.now())}。以下账户均为样例，密码都是：{PASSWORD}")
    rows = [(person.login, person.name, person.role, person.unit) for person in people]
    click.echo(table(("登录名", "姓名", "身份", "单位"), rows))
    click.echo("领导和管理员另须动态口令，页面上会显示。")
