"""Campaigns: checking a plan before it is issued, loading it, and how far it has come."""

from pathlib import Path

import click

from cli import retention
from cli.desk import desk, emit, warn
from cli.panel import Command, Group
from cli.text import table
from engine.model.actor import Actor
from engine.model.campaign import PlanFinding, Severity
from engine.model.clock import Lamp
from engine.model.definition import Stage
from engine.model.errors import Invalid, Problem
from engine.model.ids import UnitCode
from engine.rules.plan_check import findings_of
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.progress import Progress, campaign_progress
from runtime.calendars import china_calendar
from runtime.words import KINDS, LAMPS, STAGES, named
from workflows.campaign import read_campaign
from workflows.shipped import shipped_definitions

SEVERITIES = {Severity.ERROR: "错误", Severity.NOTE: "提示"}

campaign = Group(
    name="campaign",
    help="专项活动：检查方案、载入方案、看进展。",
    examples=("campaign check workflows/campaigns/fazhi-2020", "campaign status --actor zhangsan"),
    no_args_is_help=True,
)
retention.add_to(campaign)
FOLDER = click.argument("folder", metavar="方案目录", type=click.Path(path_type=Path))


@campaign.command(
    "check",
    cls=Command,
    help="检查方案：自相矛盾、落在休息日、重叠、缺人和禁用的考核指标。有错误时退出码为 6。",
    examples=("campaign check workflows/campaigns/fazhi-2020",),
)
@FOLDER
def check(folder: Path) -> None:
    """List what contradicts in a plan."""
    findings = findings_of(read_campaign(folder), china_calendar(), shipped_definitions())
    rows = [(SEVERITIES[finding.severity], finding.text, "、".join(finding.rows)) for finding in findings]
    emit(
        [_told(finding) for finding in findings],
        table(("级别", "内容", "出处"), rows, most=110) if rows else "未发现矛盾",
    )
    _require_no_errors(folder, findings)


def _told(finding: PlanFinding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "text": finding.text,
        "rows": list(finding.rows),
    }


def _require_no_errors(folder: Path, findings: tuple[PlanFinding, ...]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        problems = tuple(Problem(where="、".join(f.rows) or f.code, text=f.text) for f in errors)
        raise Invalid(f"检查方案 {folder}", problems)


@campaign.command(
    "load",
    cls=Command,
    help="载入方案：发布流程、登记单位岗位人员、建立阶段任务和报送。已过的阶段按补录处理。",
    examples=("campaign load workflows/campaigns/fazhi-2020",),
)
@FOLDER
def load(folder: Path) -> None:
    """Load a plan."""
    plan = read_campaign(folder)
    _require_no_errors(folder, findings_of(plan, china_calendar(), shipped_definitions()))
    with desk() as at:
        loader: Actor | None = at.asker if at.app.settings.actor else None
        command = LoadCampaign(plan, shipped_definitions(), loader)
        items = load_campaign(at.app.writing(), at.now, command)
    emit(
        {"campaign": plan.id, "opened": len(items)},
        f"已载入“{plan.title}”（{plan.id}），建立 {len(items)} 件阶段、任务和报送",
    )


@campaign.command(
    "status",
    cls=Command,
    help="各单位各环节件数、灯色和逾期件数。只计您有权查看的单位。",
    examples=("campaign status --actor zhangsan", "campaign status fazhi-2020 --json"),
)
@click.argument("name", metavar="[专项活动编号]", required=False)
def status(name: str | None) -> None:
    """Show how far a campaign has come."""
    with desk() as at:
        progress = campaign_progress(at.app.reading(), at.now, at.asker, name)
    emit(progress, _status_text(progress))
    if progress.reckoned_count < progress.open_count:
        warn(f"灯色只计了 {progress.reckoned_count} 件：时限最先到期的在内")


def _status_text(progress: Progress) -> str:
    rows: dict[tuple[str, str], dict[Stage, str]] = {}
    lamps = _lamps(progress)
    for count in progress.counts:
        cell = f"{count.count}{lamps.get((count.kind, count.unit, count.stage), '')}"
        rows.setdefault((named(count.kind, KINDS), count.unit_name), {})[count.stage] = cell
    lines = [
        (kind, unit, *(stages.get(Stage(stage), "") for stage in STAGES))
        for (kind, unit), stages in rows.items()
    ]
    heads = ("类别", "单位", *STAGES.values())
    title = f"{progress.title}　未办结 {progress.open_count} 件，其中逾期 {progress.overdue_count} 件"
    return f"{title}\n{table(heads, lines)}" if lines else f"{title}\n没有您有权查看的事项"


def _lamps(progress: Progress) -> dict[tuple[str, UnitCode, Stage], str]:
    """The lamps of each cell that are not green, worst first, by their words."""
    cells: dict[tuple[str, UnitCode, Stage], list[str]] = {}
    for lamp in reversed(Lamp):
        for each in progress.lamps:
            if each.lamp is lamp is not Lamp.GREEN:
                cells.setdefault((each.kind, each.unit, each.stage), []).append(f"{LAMPS[lamp]}{each.count}")
    return {cell: f"（{' '.join(words)}）" for cell, words in cells.items()}
