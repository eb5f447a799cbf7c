"""Reads a plan for what contradicts itself, the calendar, or the people there are. Findings are for a person to weigh.

A note is a contradiction that the engine can live with; an error keeps the campaign from being loaded.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import combinations
from typing import Final

from engine.model.actor import Role
from engine.model.calendar import LOCAL, Calendar
from engine.model.campaign import Campaign, Duty, DutyDate, PlanFinding, PlannedPhase, Severity
from engine.model.clock import Anchor, DueRule, Roll
from engine.model.dates import Span
from engine.model.definition import Definition
from engine.model.ids import PersonId, UnitCode
from engine.rules.date_words import day_rule, due_days, spans
from engine.rules.duties import opens_on
from engine.rules.periods import due_at
from engine.rules.soundness import APART, staffing_problems

FORBIDDEN: Final = ("发案数", "破案率", "罚没款", "罚款数", "拘留数", "退查率")
"""Indicators that may not be assessed, under whatever name they hide (see `forbidden_in`)."""
CITATION: Final = "公安部《关于改革完善受案立案制度的意见》（公通字〔2015〕32号）禁止以此考评"
_HIDDEN = re.compile(
    r"(?P<发案数>发案(总|起)?[数率量])|(?P<破案率>破案[数率量])|(?P<罚没款>罚没(款(?!物)|金额|收入|总?[数额]))"
    r"|(?P<罚款数>罚款(金额|收入|总?[数额]))|(?P<拘留数>(拘留|刑拘|行拘)(总|人)?[数率量次])|(?P<退查率>退查[数率量])"
)
_FILLING = re.compile(r"[^\w]|_")
UNIT_ROLES: Final = {
    Role.UNIT_HEAD: "主要负责人",
    Role.UNIT_LEGAL_OFFICER: "法制员",
    Role.OFFICER: "责任民警",
}
CUTOFF: Final = 18 * 60
_WEEKDAYS = "一二三四五六日"

Check = Callable[[Campaign, Calendar], Iterator[PlanFinding]]


def findings_of(
    campaign: Campaign, calendar: Calendar, definitions: Sequence[Definition] = ()
) -> tuple[PlanFinding, ...]:
    """Everything worth knowing before the plan is loaded, in a fixed order; with definitions also what they ask for."""
    found = [finding for check in CHECKS for finding in check(campaign, calendar)]
    return (*found, *(_against_definitions(campaign, definitions) if definitions else ()))


def forbidden_in(text: str) -> str | None:
    """The forbidden indicator that a text names, also with spaces or marks between its characters."""
    found = _HIDDEN.search(_FILLING.sub("", text))
    return None if found is None else found.lastgroup


def _note(code: str, text: str, *rows: str) -> PlanFinding:
    return PlanFinding(code=code, severity=Severity.NOTE, text=text, rows=rows)


def _error(code: str, text: str, *rows: str) -> PlanFinding:
    return PlanFinding(code=code, severity=Severity.ERROR, text=text, rows=rows)


def _issued_late(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    for phase in campaign.phases:
        if phase.starts_on < campaign.issued_on:
            over = "已结束" if phase.ends_on < campaign.issued_on else "已开始"
            text = f"方案 {campaign.issued_on} 印发时，{phase.label}（{phase.words}）{over}：按补录载入"
            yield _note("issued_late", text, phase.code)


def _overlaps(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    for one, other in combinations(campaign.phases, 2):
        start, end = max(one.starts_on, other.starts_on), min(one.ends_on, other.ends_on)
        if start <= end:
            text = f"{one.label}（{one.words}）与{other.label}（{other.words}）在 {start} 至 {end} 重叠"
            yield _note("phases_overlap", text, one.code, other.code)


def _disorder(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """Phases that end before they start, or start before the phase they follow, or follow each other in a circle."""
    phases = {phase.code: phase for phase in campaign.phases}
    for phase in campaign.phases:
        before = phases.get(phase.follows or "")
        if phase.ends_on < phase.starts_on:
            yield _error("phase_inverted", f"{phase.label}结束早于开始", phase.code)
        if before is not None and phase.starts_on < before.starts_on:
            yield _note(
                "phase_too_early", f"{phase.label}早于其前提{before.label}开始", phase.code, before.code
            )
        if _is_circular(phase, phases):
            yield _error("phase_circular", f"{phase.label}以自己为前提，永远不能启动", phase.code)


def _is_circular(phase: PlannedPhase, phases: dict[str, PlannedPhase]) -> bool:
    at = phases.get(phase.follows or "")
    for _ in phases:
        if at is None or at.code == phase.code:
            break
        at = phases.get(at.follows or "")
    return at is not None and at.code == phase.code


def _late_reports(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """A report on a phase that is due only when the phase after it has ended as well."""
    for duty in campaign.duties:
        about = _reported_phase(campaign, duty)
        after = None if about is None else _following(campaign, about)
        if about is None or after is None:
            continue
        for row in duty.dates:
            if row.due_on > after.ends_on:
                over = f"{about.label}（{about.words}）及其后的{after.label}（{after.words}）均已结束"
                text = f"{duty.label}{row.words}（{row.due_on}）报送，此时{over}"
                yield _note("report_after_phase", text, duty.code, about.code, after.code)


def _reported_phase(campaign: Campaign, duty: Duty) -> PlannedPhase | None:
    """The phase whose name the duty bears: 动员部署情况 reports on 动员部署阶段."""
    return next((p for p in campaign.phases if p.label.removesuffix("阶段") in duty.label), None)


def _following(campaign: Campaign, about: PlannedPhase) -> PlannedPhase | None:
    following = [phase for phase in campaign.phases if phase.follows == about.code]
    return min(following, key=lambda phase: phase.ends_on, default=None)


def _dates(campaign: Campaign) -> Iterator[tuple[str, str, date, Roll]]:
    """Every due day of the plan: its row, what it is, the day, and where it rolls."""
    for phase in campaign.phases:
        yield phase.code, f"{phase.label}结束", phase.ends_on, Roll.BACK
    for task in campaign.tasks:
        for measure in task.measures:
            yield measure.code, measure.label, measure.due_on, Roll.BACK
    for duty in campaign.duties:
        for row in duty.dates:
            what = f"{duty.label}（{row.period}，{row.words}）"
            yield f"{duty.code}/{row.period}", what, row.due_on, row.roll


def _rest_days(campaign: Campaign, calendar: Calendar) -> Iterator[PlanFinding]:
    for row, what, day, roll in _dates(campaign):
        if not calendar.works_on(day):
            due = f"{_rolled(day, roll, calendar):%Y-%m-%d %H:%M}"
            text = f"{what}：{day}（周{_WEEKDAYS[day.weekday()]}）休息，时限为 {due}"
            yield _note("rest_day", text, row)


def _rolled(day: date, roll: Roll, calendar: Calendar) -> datetime:
    """The local instant at which a written day is up; the hour at which one asks does not matter."""
    rule = DueRule(anchor=Anchor.FIELD, roll=roll, cutoff_minutes=CUTOFF)
    return due_at(rule, datetime.combine(day, time(12), LOCAL), day, calendar).at.astimezone(LOCAL)


def _uncovered(campaign: Campaign, calendar: Calendar) -> Iterator[PlanFinding]:
    days = [day for _, _, day, _ in _dates(campaign) if not calendar.is_covered(day)]
    if days:
        text = f"{min(days)} 起的 {len(days)} 个日期尚无官方放假安排，按周末和固定节日推算，标“待核”"
        yield _note("uncovered_days", text)


def _outside(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    if not campaign.starts_on <= campaign.hard_stop_on <= campaign.ends_on:
        text = f"专项活动 {campaign.starts_on} 至 {campaign.ends_on}，全面完成日 {campaign.hard_stop_on} 不在其间"
        yield _error("campaign_inverted", text)
    starts = ((p.code, f"{p.label}开始", p.starts_on, Roll.NONE) for p in campaign.phases)
    for row, what, day, _roll in (*starts, *_dates(campaign)):
        if not campaign.starts_on <= day <= campaign.ends_on:
            text = f"{what}的 {day} 不在专项活动期间（{campaign.starts_on} 至 {campaign.ends_on}）"
            yield _error("outside_campaign", text, row)
    for task in campaign.tasks:
        for measure in task.measures:
            if measure.due_on > campaign.hard_stop_on:
                text = f"{measure.label}的 {measure.due_on} 晚于全面完成日 {campaign.hard_stop_on}"
                yield _error("after_hard_stop", text, measure.code)


def _worded(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """Days that are not those that the plan's own words name. Words that name no day are left to the reader."""
    for phase in campaign.phases:
        rule, span = day_rule(phase.words), Span(phase.starts_on, phase.ends_on)
        if rule and span not in spans(rule, phase.starts_on.year):
            text = f"{phase.label}写作“{phase.words}”，日期却是 {span.first} 至 {span.last}"
            yield _note("words_differ", text, phase.code)
    for duty in campaign.duties:
        for row in duty.dates:
            rule = day_rule(row.words)
            if rule and row.due_on not in due_days(rule, row.due_on, row.due_on):
                text = f"{duty.label}（{row.period}）写作“{row.words}”，日期却是 {row.due_on}"
                yield _note("words_differ", text, f"{duty.code}/{row.period}")


def _periods(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """Periods whose first day cannot be read: their reports are opened with the campaign."""
    for duty in campaign.duties:
        for row in duty.dates:
            if opens_on(duty, row) == date.min:
                text = f"{duty.label}的期次“{row.period}”读不出首日，也没有写 ahead：载入时即建立报送"
                yield _note("period_unread", text, f"{duty.code}/{row.period}")


def _twice(campaign: Campaign, calendar: Calendar) -> Iterator[PlanFinding]:
    rows = [(duty.code, row.period) for duty in campaign.duties for row in duty.dates]
    rows += [(phase.code, "") for phase in campaign.phases]
    rows += [(task.code, "") for task in campaign.tasks]
    rows += [(measure.code, "") for task in campaign.tasks for measure in task.measures]
    for (code, period), count in Counter(rows).items():
        if count > 1:
            yield _error("row_twice", f"{code} {period}出现 {count} 次", code)
    for duty in campaign.duties:
        for one, other in combinations(duty.dates, 2):
            yield from _same_day(duty, one, other, calendar)


def _same_day(duty: Duty, one: DutyDate, other: DutyDate, calendar: Calendar) -> Iterator[PlanFinding]:
    due = _rolled(one.due_on, one.roll, calendar)
    if due == _rolled(other.due_on, other.roll, calendar):
        text = f"{duty.label}的 {one.period} 与 {other.period} 两期同在 {due.date()} 到期"
        yield _note("rolled_twice", text, f"{duty.code}/{one.period}", f"{duty.code}/{other.period}")


def _vacancies(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    held = {grant.post for grant in campaign.roster.grants if grant.is_held_on(campaign.issued_on)}
    for post in campaign.roster.posts:
        if post.code not in held:
            yield _note("vacant_post", f"{post.title}（{post.code}）无人任职：通知将逐级上报", post.code)


def _unstaffed(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """Units that cannot do the work, or cannot keep it and its check apart with their own people."""
    leads, assisting = _units_of_tasks(campaign)
    for unit in campaign.roster.units:
        people = _people(campaign, unit.code)
        if unit.handles_cases or unit.code in leads:
            yield from _missing(unit.code, unit.name, people)
            yield from _few(unit.code, unit.name, people)
        elif unit.code in assisting and Role.UNIT_HEAD not in people:
            yield _error("role_unfilled", f"{unit.name}没有主要负责人，无人会签", unit.code)


def _units_of_tasks(campaign: Campaign) -> tuple[set[UnitCode], set[UnitCode]]:
    """The units that lead a task, and those that assist in one."""
    assisting = {unit for task in campaign.tasks for unit in task.assisting}
    return {task.lead for task in campaign.tasks}, assisting


def _missing(code: UnitCode, name: str, people: dict[Role, set[PersonId]]) -> Iterator[PlanFinding]:
    for role, label in UNIT_ROLES.items():
        if role not in people:
            yield _error("role_unfilled", f"{name}没有{label}", code)


def _few(code: UnitCode, name: str, people: dict[Role, set[PersonId]]) -> Iterator[PlanFinding]:
    count = len(set[PersonId]().union(*people.values()))
    if count < len(UNIT_ROLES):
        posts = "、".join(UNIT_ROLES.values())
        text = f"{name}{posts}三职只有 {count} 人：办理与自查无法分开，建议与邻近单位交叉复核"
        yield _note("cross_review", text, code)


def _people(campaign: Campaign, unit: UnitCode) -> dict[Role, set[PersonId]]:
    """Who holds which role of a unit: the roles of a post reach over everything below its scope."""
    lineage = _lineage(campaign, unit)
    roles = {post.code: post.roles for post in campaign.roster.posts if post.scope in lineage}
    people: dict[Role, set[PersonId]] = {}
    for grant in campaign.roster.grants:
        if grant.is_held_on(campaign.issued_on):
            for role in roles.get(grant.post, frozenset()) & UNIT_ROLES.keys():
                people.setdefault(role, set()).add(grant.person)
    return people


def _lineage(campaign: Campaign, unit: UnitCode) -> set[UnitCode]:
    parents = {each.code: each.parent for each in campaign.roster.units}
    passed: set[UnitCode] = set()
    at: UnitCode | None = unit
    while at is not None and at not in passed:
        passed.add(at)
        at = parents.get(at)
    return passed


def _not_apart(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """三员: three people, and none of them in the business that they administer or audit."""
    roles = {post.code: post.roles for post in campaign.roster.posts}
    held: dict[PersonId, set[Role]] = {person.id: set() for person in campaign.roster.persons}
    for grant in campaign.roster.grants:
        held.setdefault(grant.person, set()).update(roles.get(grant.post, frozenset()))
    for person in campaign.roster.persons:
        several = [label for role, label in APART.items() if role in held[person.id]]
        if len(several) > 1:
            text = f"系统管理员、安全管理员、审计员应由三人分任，{person.name}兼任{'、'.join(several)}"
            yield _error("three_apart", text, person.login)
        elif several and held[person.id] - APART.keys():
            text = f"{person.name}任{several[0]}，又任业务岗位：宜由专人担任"
            yield _note("three_in_business", text, person.login)
    for role, label in APART.items():
        if not any(role in roles for roles in held.values()):
            yield _note("three_missing", f"没有人任{label}")


def _forbidden(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    for criterion in campaign.scheme.criteria:
        word = forbidden_in(criterion.label) or forbidden_in(criterion.indicator)
        if word is not None:
            text = f"计分项“{criterion.label}”含禁用指标“{word}”：{CITATION}"
            yield _error("forbidden_indicator", text, criterion.code)
    points = sum(criterion.points for criterion in campaign.scheme.criteria)
    if points > campaign.scheme.full_marks:
        yield _error("too_many_points", f"各项共 {points} 分，多于满分 {campaign.scheme.full_marks} 分")


def _against_definitions(campaign: Campaign, definitions: Sequence[Definition]) -> Iterator[PlanFinding]:
    """Definitions that are not there, roles that no post carries, report dates that roll another way."""
    known = {definition.ref: definition for definition in definitions}
    for kind, ref in campaign.definitions.items():
        definition = known.get(ref)
        if definition is None:
            yield _error("definition_missing", f"没有流程 {ref}", kind)
            continue
        for problem in staffing_problems(definition, campaign.roster):
            yield _note("role_without_post", f"{definition.label}：{problem}，通知将逐级上报", kind)
        if kind == "report":
            yield from _other_rolls(campaign, definition)


def _other_rolls(campaign: Campaign, report: Definition) -> Iterator[PlanFinding]:
    rolls = {clock.due.roll for clock in report.clocks if clock.due.anchor is Anchor.FIELD}
    for duty in campaign.duties:
        for row in duty.dates:
            if rolls and row.roll not in rolls:
                ruling = "、".join(sorted(rolls))
                text = (
                    f"{duty.label}（{row.period}）写明 roll: {row.roll}，流程 {report.ref} 按 {ruling} 计算"
                )
                yield _note("roll_differs", text, f"{duty.code}/{row.period}")


CHECKS: tuple[Check, ...] = (
    _issued_late,
    _overlaps,
    _disorder,
    _late_reports,
    _rest_days,
    _uncovered,
    _outside,
    _worded,
    _periods,
    _twice,
    _vacancies,
    _unstaffed,
    _not_apart,
    _forbidden,
)
