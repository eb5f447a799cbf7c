"""`duban rehearse`: play a campaign's year in virtual time and leave everything behind for inspection."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli.panel import Command, Whole
from cli.text import table
from engine.model.calendar import LOCAL
from runtime.rehearsal.folder import open_folder
from runtime.rehearsal.run import Rehearsal, conclude, load, outcome, prepare
from runtime.rehearsal.stage import Happening
from runtime.rehearsal.summary import STEPS, Figures, stage_table
from runtime.rehearsal.year import Year

KIND_WORDS = {
    "loaded": "载入",
    "escalated": "升级",
    "bulletin": "通报批评",
    "supervision": "督办",
    "returned": "退回",
    "extension": "延期",
    "excused": "理由",
    "refused": "拒绝",
    "relapse": "反弹",
    "nil": "零报告",
    "duty": "报送",
    "special": "专报",
    "phase": "阶段",
    "substitute": "代理",
}
OUTPUT = Path("rehearsal")
HOLDINGS_SHOWN = 40


@click.command(
    cls=Command,
    help="按方案推演一年：真实的存储、引擎、扫描和投递，虚拟的时间和样例人员。",
    examples=(
        "rehearse workflows/campaigns/fazhi-2020",
        "rehearse workflows/campaigns/fazhi-2020 --outage 30",
        "rehearse workflows/campaigns/fazhi-2020 --units 300 --items 20000 --output big",
    ),
)
@click.argument("campaign", metavar="方案目录", type=click.Path(path_type=Path))
@click.option(
    "--seed", default=2020, type=Whole(0), metavar="数", help="随机种子：同一种子，同一结果（默认 2020）"
)
@click.option("--units", type=Whole(), metavar="数", help="办案部门个数（默认按方案）")
@click.option("--items", default=600, type=Whole(0), metavar="数", help="查摆问题件数（默认 600）")
@click.option(
    "--output",
    default=Path("rehearsal"),
    type=click.Path(path_type=Path),
    metavar="目录",
    help="结果目录（默认 rehearsal）",
)
@click.option(
    "--outage",
    type=Whole(most=31),
    is_flag=False,
    flag_value=7,
    metavar="天",
    help="让扫描和投递随机停机，每次从一秒到这么多天（不写为 7 天）；终态和台阶应与不停机时相同",
)
@click.option("--quiet", is_flag=True, help="只打印每月小结和结尾各表")
def rehearse(
    campaign: Path,
    output: Path,
    *,
    seed: int,
    units: int | None,
    items: int,
    outage: int | None,
    quiet: bool,
) -> None:
    """Play the year and print what happened; fails where the check at the end finds something."""
    longest = None if outage is None else timedelta(days=outage)
    with open_folder(output, seed) as folder:
        rehearsal = prepare(campaign, folder, seed=seed, units=units, items=items, longest_outage=longest)
        click.echo(
            f"推演 {rehearsal.campaign.title}：办案部门 {rehearsal.unit_count} 个，问题 {items} 件，种子 {seed}"
        )
        if rehearsal.outages.spans:
            days = rehearsal.outages.total / timedelta(days=1)
            click.echo(f"其间停机 {len(rehearsal.outages.spans)} 次，共 {days:.1f} 天")
        click.echo("以下人员、行为和数据均为样例，不反映任何单位的真实情况。")
        year = load(rehearsal)
        _print_year(_with_progress(rehearsal, year), quiet=quiet)
        figures = conclude(rehearsal, folder)
        _print_tables(figures)
        click.echo(f"\n数据库、通知和汇总页在 {folder.path}")
        _print_check(figures)
        click.echo(f"终态与台阶 {outcome(rehearsal, year).fingerprint}（停机与否应相同）")
        click.echo(f"root {figures.root}")
    if figures.broken:
        raise click.exceptions.Exit(1)


def _with_progress(rehearsal: Rehearsal, year: Year) -> Iterator[Happening]:
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        days = (rehearsal.campaign.ends_on - rehearsal.loaded_on).days
        bar = progress.add_task("推演", total=days)
        for happening in year.play():
            day = happening.at.astimezone(LOCAL).date()
            progress.update(bar, completed=(day - rehearsal.loaded_on).days, description=f"推演 {day}")
            yield happening


def _print_year(happenings: Iterator[Happening], *, quiet: bool) -> None:
    month, counts = "", Counter[str]()
    for happening in happenings:
        at = happening.at.astimezone(LOCAL)
        if f"{at:%Y-%m}" != month:
            _print_digest(month, counts)
            month, counts = f"{at:%Y-%m}", Counter()
            click.echo(f"\n── {at.year}年{at.month}月 " + "─" * 40)
        counts[happening.kind] += 1
        if not quiet:
            click.echo(f"{at:%m-%d %H:%M} {KIND_WORDS[happening.kind]} {happening.text}")
    _print_digest(month, counts)


def _print_digest(month: str, counts: Counter[str]) -> None:
    if month:
        told = "，".join(f"{KIND_WORDS[kind]} {count}" for kind, count in counts.most_common())
        click.echo(f"{month} 小结：{told or '无事'}")


def _print_tables(figures: Figures) -> None:
    steps = list(STEPS.values())
    rows = [
        (kind, unit, *(str(stages.get(step, 0) or "·") for step in STEPS))
        for kind, unit, stages in stage_table(figures)
    ]
    _print_table("各单位各环节件数", ("类别", "单位", *steps), rows)
    held = [(h.name, h.unit_name, str(h.open_count), str(h.overdue_count or "·")) for h in figures.holdings]
    _print_table("谁手上还有事", ("责任人", "单位", "未办结", "其中逾期"), held[:HOLDINGS_SHOWN])
    spoken = [(rung, str(count)) for rung, count in figures.escalations.most_common()]
    _print_table("升级次数", ("台阶", "次数"), spoken)
    click.echo(f"\n复核退回 {figures.returns} 次，通知 {figures.notices} 份，历史 {figures.entries} 条")
    _print_scores(figures)


def _print_check(figures: Figures) -> None:
    if not figures.broken:
        click.echo(f"全部历史已重放核对：{figures.entries} 条，未见异常")
    for finding in figures.broken:
        click.echo(f"异常 {finding.code} {finding.subject}：{finding.text}")


def _print_scores(figures: Figures) -> None:
    criteria = [criterion.label for criterion in figures.campaign.scheme.criteria]
    rows = [
        (
            sheet.unit_name,
            f"{sheet.total / 100:.2f}",
            *(f"-{line.lost / 100:.2f}（{len(line.lapses)}）" if line.lost else "·" for line in sheet.lines),
            f"{sheet.item_count}/{sheet.report_count}",
        )
        for sheet in figures.sheets
    ]
    _print_table("计分表（括号内为件数，依据见汇总页）", ("单位", "得分", *criteria, "问题/报送"), rows)


def _print_table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    click.echo(f"\n{title}\n{table(heads, rows) if rows else '无'}")
