"""What a rehearsal leaves to read: its figures, and one page that can be opened in a browser and printed."""

from base64 import b64encode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign
from engine.model.definition import Stage as Step
from engine.model.entry import EntryKind
from engine.model.views import Holding, StageCount
from engine.ports import UnitOfWork
from engine.rules.assessment import ScoreSheet
from engine.rules.tree import root_of
from engine.usecases.audit import Finding
from runtime.words import KINDS

STEPS = {
    Step.FINDING: "查摆",
    Step.RECTIFYING: "整改",
    Step.REVIEWING: "复核",
    Step.ASSESSING: "考核",
    Step.CLOSED: "办结",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures at the end of a year."""

    campaign: Campaign
    at: datetime
    counts: tuple[StageCount, ...]
    holdings: tuple[Holding, ...]
    sheets: tuple[ScoreSheet, ...]
    escalations: Counter[str]
    """How many firings spoke, by the label of the rung."""
    returns: int
    notices: int
    deliveries: dict[str, int]
    entries: int
    root: str
    broken: tuple[Finding, ...]
    """Invariants that do not hold; empty after a sound year."""


def figures_of(
    uow: UnitOfWork, campaign: Campaign, at: datetime, sheets: Sequence[ScoreSheet], broken: Sequence[Finding]
) -> Figures:
    """Gather the figures from what is stored."""
    with uow:
        head = uow.history.head()
        labels = _rung_labels(uow)
        spoken: Counter[str] = Counter()
        returns = 0
        for entry in uow.history.scan():
            spoken[entry.what] += entry.kind is EntryKind.FIRING
            returns += entry.kind is EntryKind.TRANSITION and entry.what == "return"
        return Figures(
            campaign=campaign,
            at=at,
            counts=tuple(uow.views.stage_counts(campaign.id)),
            holdings=tuple(uow.views.holdings(campaign.id, at)),
            sheets=tuple(sheets),
            escalations=Counter({labels.get(rung, rung): count for rung, count in (+spoken).items()}),
            returns=returns,
            notices=sum(1 for _ in uow.notices.scan()),
            deliveries=dict(uow.deliveries.count()),
            entries=head.size,
            root=b64encode(root_of(head.frontier)).decode(),
            broken=tuple(broken),
        )


def _rung_labels(uow: UnitOfWork) -> dict[str, str]:
    """The label of each rung and each level; where definitions name one differently, that of the item's own."""
    found = [uow.definitions.get(ref) for ref in uow.definitions.refs()]
    ordered = sorted(found, key=lambda definition: definition.ref.id == "item")
    steps = ([rung for ladder in d.ladders[::-1] for rung in ladder.rungs] + [*d.levels] for d in ordered)
    return {step.id: step.label for each in steps for step in each}


def stage_table(figures: Figures) -> list[tuple[str, str, dict[Step, int]]]:
    """Rows (kind, unit, how many in each stage) in the order of the annex."""
    rows: dict[tuple[str, str], dict[Step, int]] = {}
    for count in figures.counts:
        rows.setdefault((count.kind, count.unit_name), {})[count.stage] = count.count
    return [(KINDS.get(kind, kind), unit, stages) for (kind, unit), stages in rows.items()]


def write_page(figures: Figures, path: Path) -> None:
    """Write the summary page."""
    environment = Environment(
        loader=PackageLoader("runtime.rehearsal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("summary.html.j2").render(
        figures=figures, rows=stage_table(figures), steps=STEPS, at=figures.at.astimezone(LOCAL)
    )
    path.write_text(page, encoding="utf-8")
