"""Runs one rehearsal from an empty folder to a folder that can be inspected."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from engine.model.calendar import Calendar
from engine.model.campaign import Campaign
from engine.model.definition import Definition
from engine.rules.ledger import root_of
from engine.usecases.assessment import score_sheets
from engine.usecases.campaigns import LoadCampaign, load_campaign
from runtime.rehearsal.dice import Dice
from runtime.rehearsal.stage import Begin, Happening, Stage
from runtime.rehearsal.summary import Figures, figures_of, write_page
from runtime.rehearsal.year import LOADED_AT, Deliver, Year

PAGE = "summary.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal is made of. `begin` gives units of work on an empty, migrated store."""

    campaign: Campaign
    definitions: Sequence[Definition]
    calendar: Calendar
    begin: Begin
    deliver: Deliver
    seed: int
    items: int


def play(rehearsal: Rehearsal) -> Iterator[Happening]:
    """Load the campaign on 20 April and play it to its end; yields what happens."""
    command = LoadCampaign(rehearsal.campaign, rehearsal.definitions)
    opened = load_campaign(rehearsal.begin(), LOADED_AT, command)
    yield Happening(LOADED_AT, "loaded", f"载入方案，补录已过阶段，建立 {len(opened)} 件阶段、任务和报送")
    stage = Stage(
        begin=rehearsal.begin,
        campaign=rehearsal.campaign,
        calendar=rehearsal.calendar,
        dice=Dice(rehearsal.seed),
        now=LOADED_AT,
    )
    yield from Year(stage, items=rehearsal.items, deliver=rehearsal.deliver).play()


def conclude(rehearsal: Rehearsal, at: datetime, folder: Path) -> Figures:
    """Score the units, write the summary page into `folder` and return the figures."""
    sheets = score_sheets(rehearsal.begin(), at, rehearsal.campaign.id)
    figures = figures_of(rehearsal.begin(), rehearsal.campaign, at, sheets, root(rehearsal.begin))
    write_page(figures, folder / PAGE)
    return figures


def root(begin: Begin) -> str:
    """The Merkle root of the log, in base64."""
    with begin() as uow:
        return b64encode(root_of(uow.history.head().frontier)).decode()
