"""Reads a plan for what contradicts itself, the calendar, or the people there are. Findings are for a person to weigh.

A note is a contradiction that the engine can live with; an error keeps the campaign from being loaded.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from itertools import combinations

from engine.model.actor import Role, Unit
from engine.model.calendar import LOCAL, Calendar
from engine.model.campaign import Campaign, PlanFinding, PlannedPhase, Severity
from engine.model.clock import Anchor, DueRule, Roll
from engine.rules.periods import due_at

FORBIDDEN = ("发案数", "破案率", "罚没款", "罚款数", "拘留数", "退查率")
"""Indicators that may not be assessed (公安部《关于改革完善受案立案制度的意见》，公通字〔2015〕32号)."""
APART = (Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR)
UNIT_ROLES = {Role.UNIT_HEAD: "主要负责人", Role.UNIT_LEGAL_OFFICER: "法制员", Role.OFFICER: "责任民警"}
_WEEKDAYS = "一二三四五六日"

Check = Callable[[Campaign, Calendar], Iterator[PlanFinding]]


def findings_of(campaign: Campaign, calendar: Calendar) -> tuple[PlanFinding, ...]:
    """Everything worth knowing before the plan is loaded, in a fixed order."""
    return tuple(finding for check in CHECKS for finding in check(campaign, calendar))


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


def _late_reports(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """A report on a phase that is due only after the phase that follows has ended."""
    phases = {phase.code: phase for phase in campaign.phases}
    for duty in campaign.duties:
        for row in duty.dates:
            about = phases.get("mobilise" if duty.code == "mobilisation" else duty.code)
            after = _following(campaign, about)
            if after is not None and row.due_on > after.ends_on:
                text = f"{duty.label}{row.words}报送，晚于{after.label}结束（{after.words}）"
                yield _note("report_after_phase", text, duty.code, after.code)


def _following(campaign: Campaign, about: PlannedPhase | None) -> PlannedPhase | None:
    return next(
        (phase for phase in campaign.phases if about is not None and phase.follows == about.code), None
    )


def _dates(campaign: Campaign) -> Iterator[tuple[str, str, date, Roll]]:
    """Every due day of the plan: its row, what it is, the day, and where it rolls."""
    for phase in campaign.phases:
        yield phase.code, f"{phase.label}结束", phase.ends_on, Roll.BACK
    for task in campaign.tasks:
        for measure in task.measures:
            yield measure.code, measure.label, measure.due_on, Roll.BACK
    for duty in campaign.duties:
        for row in duty.dates:
            yield (
                f"{duty.code}/{row.period}",
                f"{duty.label}（{row.period}，{row.words}）",
                row.due_on,
                row.roll,
            )


def _rest_days(campaign: Campaign, calendar: Calendar) -> Iterator[PlanFinding]:
    for row, what, day, roll in _dates(campaign):
        if calendar.works_on(day):
            continue
        rule = DueRule(anchor=Anchor.FIELD, roll=roll, cutoff_minutes=18 * 60)
        due = due_at(rule, _noon(day), day, calendar).at.astimezone(LOCAL)
        text = f"{what}：{day}（周{_WEEKDAYS[day.weekday()]}）休息，时限为 {due:%Y-%m-%d %H:%M}"
        yield _note("rest_day", text, row)


def _noon(day: date) -> datetime:
    """Noon of a day: the arithmetic of a written date does not depend on it."""
    return datetime.combine(day, time(12), LOCAL)


def _outside(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    for row, what, day, _roll in _dates(campaign):
        if not campaign.starts_on <= day <= campaign.ends_on:
            yield _error("outside_campaign", f"{what}的 {day} 不在专项活动期间", row)
    for task in campaign.tasks:
        for measure in task.measures:
            if measure.due_on > campaign.hard_stop_on:
                text = f"{measure.label}的 {measure.due_on} 晚于全面完成日 {campaign.hard_stop_on}"
                yield _error("after_hard_stop", text, measure.code)


def _twice(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    rows = [(duty.code, row.period) for duty in campaign.duties for row in duty.dates]
    rows += [(phase.code, "") for phase in campaign.phases]
    rows += [(task.code, "") for task in campaign.tasks]
    rows += [(measure.code, "") for task in campaign.tasks for measure in task.measures]
    for (code, period), count in Counter(rows).items():
        if count > 1:
            yield _error("row_twice", f"{code} {period}出现 {count} 次", code)


def _vacancies(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    held = {grant.post for grant in campaign.roster.grants if grant.is_held_on(campaign.issued_on)}
    for post in campaign.roster.posts:
        if post.code not in held:
            yield _note("vacant_post", f"{post.title}（{post.code}）无人任职：通知将逐级上报", post.code)


def _unstaffed(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """Units that cannot keep the work and its check apart with their own people."""
    for unit in campaign.roster.units:
        if not unit.handles_cases:
            continue
        people = _people(campaign, unit)
        for role, label in UNIT_ROLES.items():
            if role not in people:
                yield _error("role_unfilled", f"{unit.name}没有{label}", unit.code)
        if len(set().union(*people.values())) < len(UNIT_ROLES):
            text = f"{unit.name}人手不足：同一人兼任数职，办理与自查无法分开，建议与邻近单位交叉复核"
            yield _note("cross_review", text, unit.code)


def _people(campaign: Campaign, unit: Unit) -> dict[Role, set[str]]:
    roles = {post.code: post.roles for post in campaign.roster.posts if post.unit == unit.code}
    people: dict[Role, set[str]] = {}
    for grant in campaign.roster.grants:
        if grant.is_held_on(campaign.issued_on):
            for role in roles.get(grant.post, frozenset()) & UNIT_ROLES.keys():
                people.setdefault(role, set()).add(grant.person)
    return people


def _not_apart(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    """三员: system, security and audit administrators are three people."""
    roles = {post.code: post.roles for post in campaign.roster.posts}
    held: dict[str, set[Role]] = {}
    for grant in campaign.roster.grants:
        held.setdefault(grant.person, set()).update(roles.get(grant.post, frozenset()) & set(APART))
    for person, several in held.items():
        if len(several) > 1:
            yield _error("three_apart", "系统管理员、安全管理员、审计员应为三个人，有人兼任", person)


def _forbidden(campaign: Campaign, _: Calendar) -> Iterator[PlanFinding]:
    for criterion in campaign.scheme.criteria:
        for word in FORBIDDEN:
            if word in criterion.label or word in criterion.indicator:
                text = f"计分项“{criterion.label}”含禁用指标“{word}”（公通字〔2015〕32号）"
                yield _error("forbidden_indicator", text, criterion.code)
    points = sum(criterion.points for criterion in campaign.scheme.criteria)
    if points > campaign.scheme.full_marks:
        yield _error("too_many_points", f"各项共 {points} 分，多于满分 {campaign.scheme.full_marks} 分")


CHECKS: tuple[Check, ...] = (
    _issued_late,
    _overlaps,
    _late_reports,
    _rest_days,
    _outside,
    _twice,
    _vacancies,
    _unstaffed,
    _not_apart,
    _forbidden,
)
