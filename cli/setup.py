"""Making a new installation."""

import click

from cli.desk import emit, settings
from cli.panel import Command
from runtime.stores import upgrade_store


@click.command(
    cls=Command,
    help="建立数据库；已有的数据库升到本程序的版本，数据不动。\n随后用 duban campaign load 载入方案。",
    examples=("init", "init --database /srv/duban/duban.db"),
)
def init() -> None:
    """Make the database, or bring it to the newest version."""
    chosen = settings()
    before, after = upgrade_store(chosen)
    upgraded = f"已由版本 {before} 升级到 {after}"
    done = "已是最新，未作改动" if before == after else upgraded if before else "已建立"
    emit({"database": chosen.place, "before": before, "after": after}, f"{chosen.place} {done}")
