"""Runs one rehearsal from an empty folder to a folder that can be inspected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign
from engine.model.definition import Definition
from engine.usecases.assessment import score_sheets
from engine.usecases.campaigns import LoadCampaign, load_campaign
from engine.usecases.deliver import deliver
from engine.usecases.doctor import examine_deeply
from runtime.backups import back_up
from runtime.calendars import china_calendar
from runtime.entropy import SeededEntropy
from runtime.post import office
from runtime.rehearsal.dice import Dice
from runtime.rehearsal.folder import Folder
from runtime.rehearsal.outages import Outages, outages_between
from runtime.rehearsal.outcome import Outcome, outcome_of
from runtime.rehearsal.scale import scaled
from runtime.rehearsal.stage import Stage
from runtime.rehearsal.summary import Figures, figures_of, write_page
from runtime.rehearsal.year import LOADED_AT, Deliver, Year, ends_at
from runtime.settings import Settings
from runtime.stores import upgrade_store
from runtime.wiring import App, build
from workflows.campaign import read_campaign
from workflows.shipped import shipped_definitions

LETTERS_A_ROUND = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a rehearsal is made of: a plan, its definitions, an empty installation and a seed."""

    campaign: Campaign
    definitions: Sequence[Definition]
    app: App
    seed: int
    items: int
    outages: Outages

    @property
    def unit_count(self) -> int:
        """How many units handle cases."""
        return sum(unit.handles_cases for unit in self.campaign.roster.units)

    @property
    def loaded_on(self) -> date:
        """The day on which the campaign is loaded."""
        return LOADED_AT.astimezone(LOCAL).date()


def prepare(  # noqa: PLR0913 - what a rehearsal may be asked for
    campaign: Path,
    folder: Folder,
    *,
    seed: int,
    units: int | None,
    items: int,
    longest_outage: timedelta | None = None,
) -> Rehearsal:
    """Read the plan, scale it, and make an empty installation in `folder`."""
    plan = read_campaign(campaign)
    settings = Settings(
        database=f"sqlite:///{folder.database}",
        file=folder.database,
        evidence=folder.evidence,
        outbox=folder.outbox,
        channels=("file",),
    )
    upgrade_store(settings)
    return Rehearsal(
        campaign=plan if units is None else scaled(plan, units),
        definitions=shipped_definitions(),
        app=build(settings, entropy=SeededEntropy(seed)),
        seed=seed,
        items=items,
        outages=_outages(plan, longest_outage, seed),
    )


def _outages(plan: Campaign, longest: timedelta | None, seed: int) -> Outages:
    if longest is None:
        return Outages()
    return outages_between(LOADED_AT, ends_at(plan), longest, Dice(seed))


def load(rehearsal: Rehearsal) -> Year:
    """Load the campaign on 20 April; returns its year, which waits to be played."""
    app, stage = rehearsal.app, stage_of(rehearsal)
    command = LoadCampaign(rehearsal.campaign, rehearsal.definitions)
    opened = load_campaign(app.writing(), LOADED_AT, command)
    stage.tell("loaded", f"载入方案，补录已过阶段，建立 {len(opened)} 件阶段、任务和报送")
    return Year(stage, items=rehearsal.items, deliver=postman(app), outages=rehearsal.outages)


def stage_of(rehearsal: Rehearsal) -> Stage:
    """The stage at the instant at which the campaign is loaded."""
    return Stage(
        begin=rehearsal.app.writing,
        campaign=rehearsal.campaign,
        calendar=china_calendar(),
        dice=Dice(rehearsal.seed),
        now=LOADED_AT,
    )


def postman(app: App) -> Deliver:
    """Carries out what lies in the outbox, once a day: nobody in the year waits for a letter of the same morning."""
    post, carried_on = office(app.settings), date.min

    def carry(now: datetime) -> None:
        nonlocal carried_on
        today = now.astimezone(LOCAL).date()
        if today != carried_on:
            carried_on = today
            while deliver(app.writing, now, post, "rehearsal", LETTERS_A_ROUND, jitter=_unspread):
                continue

    return carry


def _unspread() -> float:
    return 1.0


def conclude(rehearsal: Rehearsal, folder: Folder) -> Figures:
    """Check the invariants, score the units, write the summary page into `folder` and return the figures."""
    begin, at = rehearsal.app.reading, ends_at(rehearsal.campaign)
    sheets = score_sheets(begin(), at, rehearsal.campaign.id)
    broken = tuple(examine_deeply(begin()))
    figures = figures_of(begin(), rehearsal.campaign, at, sheets, broken)
    write_page(figures, folder.page)
    return figures


def outcome(rehearsal: Rehearsal, year: Year) -> Outcome:
    """What a year that was played comes to when all that is under way at its end has come to rest.

    Played on in a copy: what was left behind stays as it is.
    """
    settings = rehearsal.app.settings
    with TemporaryDirectory() as folder:
        file = Path(folder) / "rest.db"
        back_up(settings, file)
        app = build(replace(settings, database=f"sqlite:///{file}", file=file))
        year.come_to_rest(app.writing)
        found = outcome_of(app.reading(), rehearsal.campaign.id, tuple(rehearsal.campaign.definitions))
        app.database.close()
    return found
