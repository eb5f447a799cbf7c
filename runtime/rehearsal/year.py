"""The year itself: virtual time jumps from one instant to the next at which somebody acts or a rung comes due."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.campaign import Campaign, PhaseLevel, SubCategory
from engine.model.clock import RungEffectKind
from engine.model.errors import Error
from engine.model.ids import PostCode, UnitCode
from engine.model.item import Item
from engine.rules.duties import opens_on
from engine.rules.opening import SUPERVISES
from engine.usecases.duties import open_duties
from engine.usecases.firing import Escalation
from engine.usecases.sweep import sweep
from runtime.rehearsal import duties, orders
from runtime.rehearsal.behaviour import Temperament, temperaments
from runtime.rehearsal.findings import Story, finding
from runtime.rehearsal.outages import Outages
from runtime.rehearsal.stage import Begin, Happening, Stage

LOADED_AT = datetime(2020, 4, 20, 8, 30, tzinfo=LOCAL).astimezone(UTC)
SPECIAL_REPORTS = 4
"""How many units have something important to tell in the year."""
REST = timedelta(days=45)
"""How long an order may run that was opened on the last day, also where it rises to red."""
_NEVER = Outages()
Deliver = Callable[[datetime], None]


def _keep_back(_now: datetime) -> None:
    """Whoever delivers nothing."""


class Year:
    """One rehearsal. `play` yields what happens, in order of time.

    A story ends where it meets an error of `given_up_at`; a rehearsal that nobody watches meets none.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        items: int,
        deliver: Deliver,
        outages: Outages = _NEVER,
        given_up_at: tuple[type[Error], ...] = (),
    ) -> None:
        self._stage = stage
        self._outages = outages
        self._given_up_at = given_up_at
        self._deliver = deliver
        self._ends_at = ends_at(stage.campaign)
        self._order = count()
        self._waiting: list[tuple[datetime, int, Story]] = []
        units = tuple(unit for unit in stage.campaign.roster.units if unit.handles_cases)
        self._tempers = temperaments(units, stage.dice)
        self._answered: set[str] = set()
        self._openings = openings(stage.campaign)
        self._cast_findings(items)
        self._cast_plan()

    def play(self, until: datetime | None = None) -> Iterator[Happening]:
        """Play to an instant, by itself to the end of the campaign; the next call goes on from there."""
        end = self._ends_at if until is None else until
        while (at := self._next_instant()) is not None and at < end:
            self._stage.now = at
            is_up = self._outages.up_at(at) == at
            if is_up:
                self._open_duties()
                self._sweep()
            while self._waiting and self._waiting[0][0] <= at:
                self._resume(heapq.heappop(self._waiting)[2])
            if is_up:
                self._deliver(at)
            yield from self._stage.happenings
            self._stage.happenings.clear()
        self._stage.now = end
        self._deliver(end)

    def come_to_rest(self, begin: Begin) -> None:
        """Play on past the end until what was under way then is over, in the store of `begin`; tells nobody."""
        self._stage.begin, self._deliver = begin, _keep_back
        for _ in self.play(self._ends_at + REST):
            continue

    def _next_instant(self) -> datetime | None:
        with self._stage.begin() as uow:
            due = uow.deadlines.next_at()
        now, of_worker = self._stage.now, (due, next(iter(self._openings), None))
        instants = [self._outages.up_at(max(at, now)) for at in of_worker if at is not None]
        instants += [max(at, now) for at, _, _ in self._waiting[:1]]
        return min(instants, default=None)

    def _resume(self, story: Story) -> None:
        try:
            at = next(story, None)
        except self._given_up_at:
            return
        if at is not None:
            heapq.heappush(self._waiting, (at, next(self._order), story))
        self._hand_out()

    def _open_duties(self) -> None:
        """What a worker does at the beginning of a period, and the stories of the reports that are then expected."""
        if not self._openings or self._openings[0] > self._stage.now:
            return
        self._openings = [at for at in self._openings if at > self._stage.now]
        opened = [*open_duties(self._stage.begin, self._stage.now)]
        for title, number in Counter(item.title for item in opened).items():
            self._stage.tell("duty", f"建立报送 {number} 件：{title}")
        self._cast_reports(opened)

    def _cast_reports(self, items: Iterable[Item]) -> None:
        for item in items:
            self._resume(duties.report(self._stage, item, self._tempers[item.unit]))

    def _sweep(self) -> None:
        for escalation in sweep(self._stage.begin, self._stage.now):
            self._tell(escalation)
            self._stage.touched.append(escalation.item)
        self._hand_out()

    def _tell(self, escalation: Escalation) -> None:
        item, rung = escalation.item, escalation.reached.speaker
        if rung.is_early:
            return
        due = escalation.deadline.due_at.astimezone(LOCAL)
        text = f"{item.number} {rung.label}（时限 {due:%m-%d %H:%M}），已通知 {escalation.recipients} 人"
        self._stage.tell("escalated", text)
        for rung in escalation.reached.spoken:
            if any(effect.kind is RungEffectKind.MARK_CRITICISM for effect in rung.effects):
                self._stage.tell("bulletin", f"{item.number} 列为通报批评候选：{rung.label}")

    def _hand_out(self) -> None:
        """Put the papers that were issued into the hands of whoever has to answer them, by a move or by the clock."""
        while self._stage.touched:
            item = self._stage.touched.pop(0)
            above = self._stage.above(item) if item.link == SUPERVISES else item
            papers = [child for child in self._stage.children(above) if child.link == SUPERVISES]
            for place, order in enumerate(papers):
                self._answer(order, f"{above.number}/{place}")

    def _answer(self, order: Item, name: str) -> None:
        paper = f"{name}/{order.fields['level']}"
        if paper not in self._answered:
            self._answered.add(paper)
            self._stage.tell("supervision", f"{orders.told(order)}：{order.fields['demand']}")
            temper = self._tempers.get(order.unit, Temperament.PUNCTUAL)
            self._resume(orders.answer(self._stage, order, paper, temper))

    def _cast_findings(self, items: int) -> None:
        stage, parts = self._stage, _parts(self._stage.campaign)
        finders = [
            unit
            for unit, temper in self._tempers.items()
            if temper not in (Temperament.SILENT, Temperament.CLEAN)
        ]
        for number in range(1, items + 1):
            unit = finders[(number - 1) % len(finders)]
            part = stage.dice.pick(parts, "part", number)
            self._resume(finding(stage, unit, number, part, self._tempers[unit]))
        for unit, temper in self._tempers.items():
            if temper is Temperament.CLEAN:
                self._resume(duties.nil_return(stage, unit))
        for number, unit in enumerate(finders[:SPECIAL_REPORTS]):
            self._resume(duties.special(stage, unit, number))
        self._resume(duties.leave_of_absence(stage, finders[0], _head_post(stage.campaign, finders[0])))

    def _cast_plan(self) -> None:
        stage, campaign = self._stage, self._stage.campaign
        with stage.begin() as uow:
            kinds = {kind: uow.items.of_campaign(campaign.id, kind) for kind in ("report", "phase", "task")}
        self._cast_reports(kinds["report"])
        for item in kinds["task"]:
            self._resume(duties.task(stage, item))
        levels = {phase.code: phase for phase in campaign.phases}
        for item in kinds["phase"]:
            self._resume(_phase(stage, item, levels[str(item.duty)].level))


def _phase(stage: Stage, item: Item, level: PhaseLevel) -> Story:
    if level is PhaseLevel.CAMPAIGN:
        return duties.campaign_phase(stage, item)
    if str(item.fields["ends_on"]) < LOADED_AT.date().isoformat():
        return duties.mobilisation(stage, item)
    return duties.unit_phase(stage, item)


def _head_post(campaign: Campaign, unit: UnitCode) -> PostCode:
    posts = campaign.roster.posts
    return next(post.code for post in posts if post.unit == unit and Role.UNIT_HEAD in post.roles)


def _parts(campaign: Campaign) -> tuple[SubCategory, ...]:
    return tuple(part for category in campaign.categories for part in category.parts)


def openings(campaign: Campaign) -> list[datetime]:
    """The instants after the load at which periods of the duties come, in order."""
    days = {opens_on(duty, row) for duty in campaign.duties for row in duty.dates}
    later = sorted(day for day in days if day > LOADED_AT.astimezone(LOCAL).date())
    return [datetime.combine(day, time(0, 5), LOCAL).astimezone(UTC) for day in later]


def ends_at(campaign: Campaign) -> datetime:
    """The instant after the last day of a campaign."""
    return datetime.combine(campaign.ends_on + timedelta(days=1), time(), LOCAL).astimezone(UTC)
