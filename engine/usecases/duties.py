"""Duties: opening the report of each unit for each period ahead of time, signing nil returns, and who has not reported.

Reports are opened by whoever sweeps, when their period comes. A report is one by its place (campaign, duty, unit,
period), so that any number of processes may try at once, and again after an outage.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine.model.actor import Actor, system_actor
from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign, Duty, DutyDate
from engine.model.clock import Anchor, ClockDef, DueRule
from engine.model.definition import Definition
from engine.model.errors import Conflict, Interrupted, NotFound
from engine.model.ids import UnitCode
from engine.model.item import Item, NewItem
from engine.model.transition import Attempt
from engine.ports import UnitOfWork
from engine.rules.duties import Cell, Standing, cell_of, opened_by
from engine.rules.periods import due_at
from engine.usecases.again import Again
from engine.usecases.items import move_within, open_within
from engine.usecases.queries import visible_units

KIND = "report"
SIGN_NIL = "submit_nil"
_OPENER = system_actor("duties")

Begin = Callable[[], UnitOfWork]
unless_taken = Again(Interrupted, Conflict)
"""Somebody else opened the same reports meanwhile: look again at what is left."""


def open_duties(begin: Begin, now: datetime) -> Iterator[Item]:
    """Open every report whose period has come and that is not there yet; yields them once they are durable.

    A period that was over before it was opened counts as recorded after the fact (补录). A unit that came later gets
    the reports that are not due yet, and those after them.
    """
    today = now.astimezone(LOCAL).date()
    with begin() as uow:
        wanting = [want for name in uow.campaigns.ids() for want in _wanting(uow, name, today)]
    for campaign, duty, row in wanting:
        yield from _open_period(begin(), now, campaign, (duty, row))


def reports_ahead(uow: UnitOfWork, campaign: Campaign, today: date) -> Iterator[NewItem]:
    """The reports that are to be there on a day and are not, inside a unit of work that somebody else commits."""
    for _, duty, row in _wanting(uow, campaign.id, today):
        yield from _news(uow, campaign, duty, row, today)


def _wanting(uow: UnitOfWork, name: str, today: date) -> Iterator[tuple[Campaign, Duty, DutyDate]]:
    """The periods that some unit has no report for. What is over is asked of nobody who came later."""
    campaign = uow.campaigns.get(name)
    opened = [*opened_by(campaign, today)]
    if KIND not in campaign.definitions or not opened:
        return
    counts, reporting = uow.items.count_by_period(name, KIND), len(_reporting(uow, campaign))
    for duty, row in opened:
        count = counts.get((duty.code, row.period), 0)
        if not count or (count < reporting and today <= row.due_on):
            yield campaign, duty, row


def _reporting(uow: UnitOfWork, campaign: Campaign) -> list[UnitCode]:
    """The units that have to report, in the order of the annex."""
    below = uow.people.subtree(campaign.bureau)
    return [unit.code for unit in uow.people.units() if unit.handles_cases and unit.code in below]


@unless_taken
def _open_period(
    uow: UnitOfWork, now: datetime, campaign: Campaign, asked: tuple[Duty, DutyDate]
) -> list[Item]:
    with uow:
        news = _news(uow, campaign, *asked, now.astimezone(LOCAL).date())
        if not news:
            return []
        items = open_within(uow, now, news, _OPENER)
        uow.commit()
    return items


def _news(uow: UnitOfWork, campaign: Campaign, duty: Duty, row: DutyDate, today: date) -> list[NewItem]:
    there = uow.items.units_with(campaign.id, KIND, duty.code, row.period)
    return [
        NewItem(
            definition=campaign.definitions[KIND],
            campaign=campaign.id,
            unit=unit,
            title=f"{duty.label}（{row.period}）",
            duty=duty.code,
            period=row.period,
            fields={"quote": duty.quote, "due_on": row.due_on.isoformat()},
            as_of=row.due_on if row.due_on < today else None,
        )
        for unit in _reporting(uow, campaign)
        if unit not in there
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class NilReturn:
    """A head of unit declares that there is nothing to report for a period; sent twice with one key it is one."""

    campaign: str
    duty: str
    unit: UnitCode
    period: str
    actor: Actor
    key: str


@unless_taken
def sign_nil(uow: UnitOfWork, now: datetime, command: NilReturn) -> Item:
    """Sign the nil return (零报告) of a period, opening its report where the plan gives it no date.

    Raises NotFound (no such duty, or a period that has not come yet), Refused, Conflict.
    """
    with uow:
        campaign = uow.campaigns.get(command.campaign)
        duty = next((each for each in campaign.duties if each.code == command.duty), None)
        if duty is None:
            known = "、".join(each.code for each in campaign.duties)
            raise NotFound(f"没有报送任务 {command.duty}", hint=f"本方案的报送任务：{known}")
        report = uow.items.of_plan(campaign.id, KIND, duty.code, command.unit, command.period)
        item = report or _ad_hoc(uow, now, campaign, duty, command)
        attempt = Attempt(item=item.id, verb=SIGN_NIL, actor=command.actor, key=command.key)
        (signed,) = move_within(uow, now, [attempt])
        uow.commit()
    return signed


def _ad_hoc(uow: UnitOfWork, now: datetime, campaign: Campaign, duty: Duty, command: NilReturn) -> Item:
    if duty.dates:
        periods = "、".join(row.period for row in duty.dates)
        raise NotFound(
            f"{duty.label}还没有 {command.period} 这一期的报送", hint=f"期次：{periods}；到期前会自动建立"
        )
    new = NewItem(
        definition=campaign.definitions[KIND],
        campaign=campaign.id,
        unit=command.unit,
        title=f"{duty.label}（{command.period}）",
        duty=duty.code,
        period=command.period,
        fields={"quote": duty.quote},
    )
    return open_within(uow, now, [new], command.actor)[0]


# ------------------------------------------------------------------------------------------------------ who reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What part of the matrix is asked for; None does not narrow. The days are those by which reports are due."""

    campaign: str | None = None
    duty: str | None = None
    unit: UnitCode | None = None
    from_on: date | None = None
    until_on: date | None = None


WHOLE = Part()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodCount:
    """How many units stand how with one period of a duty."""

    duty: str
    period: str
    due_at: datetime
    """The limit that a unit has whose own was not put off."""
    counts: Mapping[Standing, int]

    @property
    def asked(self) -> int:
        """How many units have to report on it."""
        return sum(count for standing, count in self.counts.items() if standing is not Standing.EXEMPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Every unit the asker may see × every period of the plan: units as in the annex, periods by their due day."""

    campaign: str
    title: str
    duties: tuple[Duty, ...]
    units: tuple[tuple[UnitCode, str], ...]
    periods: tuple[PeriodCount, ...]
    cells: tuple[Cell, ...]


def report_matrix(uow: UnitOfWork, now: datetime, asker: Actor, part: Part = WHOLE) -> Matrix:
    """How each unit stands with each period. Raises NotFound (no such campaign or duty)."""
    with uow:
        plan = _plan(uow, part.campaign)
        duties = [each for each in plan.duties if each.dates and part.duty in (None, each.code)]
        if not duties:
            raise NotFound(f"没有定期的报送任务 {part.duty or ''}", hint="duban report matrix 列出全部")
        units = [pair for pair in _visible(uow, asker, plan) if part.unit in (None, pair[0])]
        clock = _clock(uow.definitions.get(plan.definitions[KIND]))
        rows = uow.views.reports(plan.id, clock.id, frozenset(code for code, _ in units), part.duty)
        there = {(row.duty, row.period, row.unit): cell_of(row, now) for row in rows}
        blanks = [*_blanks(uow, now, plan, _narrowed(duties, part), clock.due)]
    columns = [
        (blank, [there.get((blank.duty, blank.period, unit)) or blank.of(unit) for unit, _ in units])
        for blank in blanks
    ]
    return Matrix(
        campaign=plan.id,
        title=plan.title,
        duties=tuple(duties),
        units=tuple(units),
        periods=tuple(_counted(*column) for column in columns),
        cells=tuple(cell for _, cells in columns for cell in cells),
    )


def missing_reports(uow: UnitOfWork, now: datetime, asker: Actor, part: Part = WHOLE) -> Matrix:
    """The same with those cells alone whose time is up and for which nothing was handed in."""
    whole = report_matrix(uow, now, asker, part)
    return replace(whole, cells=tuple(cell for cell in whole.cells if cell.standing is Standing.MISSING))


def _narrowed(duties: Sequence[Duty], part: Part) -> Iterator[Duty]:
    """The duties with those dates alone that are asked for."""
    first, last = part.from_on or date.min, part.until_on or date.max
    for duty in duties:
        yield replace(duty, dates=tuple(row for row in duty.dates if first <= row.due_on <= last))


def _counted(blank: "_Blank", cells: Sequence[Cell]) -> PeriodCount:
    counts = Counter(cell.standing for cell in cells)
    return PeriodCount(duty=blank.duty, period=blank.period, due_at=blank.due_at, counts=counts)


def _plan(uow: UnitOfWork, name: str | None) -> Campaign:
    loaded = uow.campaigns.ids()
    if name is None and len(loaded) != 1:
        raise NotFound(
            f"没有写明哪个专项活动（已载入：{'、'.join(loaded) or '无'}）", hint="请加 --campaign 编号"
        )
    return uow.campaigns.get(name or loaded[0])


def _visible(uow: UnitOfWork, asker: Actor, plan: Campaign) -> list[tuple[UnitCode, str]]:
    seen, names = visible_units(uow, asker), {unit.code: unit.name for unit in uow.people.units()}
    return [(code, names[code]) for code in _reporting(uow, plan) if code in seen]


def _clock(definition: Definition) -> ClockDef:
    """The clock by whose limit a report is on time: the one over its written date."""
    return next(clock for clock in definition.clocks if clock.due.anchor is Anchor.FIELD)


@dataclass(frozen=True, slots=True)
class _Blank:
    """A period as it stands with a unit that has no report for it."""

    duty: str
    period: str
    due_at: datetime
    standing: Standing

    def of(self, unit: UnitCode) -> Cell:
        return Cell(unit=unit, duty=self.duty, period=self.period, standing=self.standing, due_at=self.due_at)


def _blanks(
    uow: UnitOfWork, now: datetime, campaign: Campaign, duties: Iterable[Duty], rule: DueRule
) -> Iterator[_Blank]:
    counts = uow.items.count_by_period(campaign.id, KIND)
    for duty in duties:
        for row in sorted(duty.dates, key=lambda row: row.due_on):
            due = due_at(rule, now, row.due_on, uow.calendar).at
            over = Standing.EXEMPT if (duty.code, row.period) in counts else Standing.MISSING
            yield _Blank(duty.code, row.period, due, over if due <= now else Standing.NOT_DUE)
