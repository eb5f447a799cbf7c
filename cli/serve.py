"""`duban serve`: the pages, for everybody on the intranet, until it is stopped."""

import importlib
import sys
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import click

from cli.accounts import CONSOLE
from cli.desk import desk, option, warn
from cli.panel import Command, Whole
from engine.model.errors import Unavailable
from engine.usecases.accounts import list_accounts
from runtime.log import write_log
from runtime.work import LONGEST_STEP, Work

STEP = timedelta(seconds=LONGEST_STEP)
HIGHEST_PORT = 65535


def web() -> Any:
    """The skin for browsers, loaded by name: it is an extra, and this skin does not rest on it."""
    try:
        return importlib.import_module("web.server")
    except ModuleNotFoundError as error:
        raise Unavailable(f"没有安装浏览器界面（缺 {error.name}）", hint="请安装 duban[web]") from error


@click.command(
    cls=Command,
    help="提供浏览器页面，直到用 Ctrl+C 停止。到期扫描和投递由 duban worker 承担，或加 --worker 一并运行。",
    examples=("serve", "serve --host 0.0.0.0 --port 8000 --https --worker"),
)
@click.option("--host", metavar="地址", default="127.0.0.1", help="监听地址，默认 127.0.0.1（只供本机）")
@click.option(
    "--port", metavar="端口", type=Whole(most=HIGHEST_PORT), default=8000, help="监听端口，默认 8000"
)
@click.option("--https", "is_https", is_flag=True, help="页面经 HTTPS 提供：登录凭据只走加密连接")
@click.option("--worker", "with_worker", is_flag=True, help="同时扫描到期时限、投递通知")
def serve(host: str, port: int, *, is_https: bool, with_worker: bool) -> None:
    """Serve pages until stopped."""
    with desk() as at:
        if not list_accounts(at.app.reading(), CONSOLE):
            warn("还没有账户，谁也登录不了；请先运行 duban account add 登录名")
        write_log(sys.stderr, as_json=bool(option("as_json")), secrets=at.app.settings.secrets)
        click.echo(f"请用浏览器打开 http://{host}:{port}；用 Ctrl+C 停止", err=True)
        with Work(at.app, every=STEP).beside() if with_worker else nullcontext():
            web().serve(at.app, host=host, port=port, is_https=is_https)
