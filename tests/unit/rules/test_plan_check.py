"""What a plan says against itself is found before it is loaded."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.model.actor import Grant, Role
from engine.model.campaign import Campaign, Criterion, DutyDate, Severity
from engine.model.clock import Roll
from engine.model.ids import DefinitionRef
from engine.rules.plan_check import CITATION, FORBIDDEN, findings_of, forbidden_in
from runtime.calendars import china_calendar
from workflows.campaign import read_campaign
from workflows.shipped import shipped_definitions

PLAN = read_campaign(Path(__file__).parents[3] / "workflows" / "campaigns" / "fazhi-2020")


def found(campaign: Campaign, code: str) -> list[tuple[Severity, str]]:
    return [(f.severity, f.text) for f in findings_of(campaign, china_calendar()) if f.code == code]


def test_the_plan_of_2020_has_notes_and_no_errors() -> None:
    findings = findings_of(PLAN, china_calendar())

    assert {finding.severity for finding in findings} == {Severity.NOTE}
    assert {finding.code for finding in findings} == {
        "issued_late",
        "phases_overlap",
        "report_after_phase",
        "rest_day",
    }


def test_it_was_issued_after_its_first_phase_had_ended() -> None:
    assert "动员部署阶段（4月上旬）已结束" in found(PLAN, "issued_late")[0][1]


def test_a_saturday_is_rolled_back_and_a_worked_sunday_is_none() -> None:
    texts = [text for _, text in found(PLAN, "rest_day")]

    assert any("2020-12-05（周六）休息，时限为 2020-12-04 18:00" in text for text in texts)
    assert not any("2020-04-26" in text for text in texts)


def test_the_plan_of_2020_fits_the_shipped_definitions() -> None:
    calendar = china_calendar()

    assert findings_of(PLAN, calendar, shipped_definitions()) == findings_of(PLAN, calendar)


def test_what_the_definitions_ask_for_and_the_plan_has_not_is_told() -> None:
    posts = tuple(post for post in PLAN.roster.posts if Role.SUPERVISOR not in post.roles)
    pinned = {**PLAN.definitions, "task": DefinitionRef("task", 9)}
    duty = PLAN.duties[0]
    forward = replace(duty, dates=(replace(duty.dates[0], roll=Roll.FORWARD),))
    plan = replace(PLAN, roster=replace(PLAN.roster, posts=posts), definitions=pinned, duties=(forward,))

    found = findings_of(plan, china_calendar(), shipped_definitions())

    assert [finding.text for finding in found if finding.code == "definition_missing"] == ["没有流程 task@9"]
    assert [finding.rows for finding in found if finding.code == "roll_differs"] == [
        ("mobilisation/2020-05",)
    ]
    assert any("没有岗位担任角色 supervisor" in f.text for f in found if f.code == "role_without_post")


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_indicator_is_an_error(word: str) -> None:
    line = Criterion(code="x", label=f"{word}排名", indicator="returned", points=0, per_case=0, quote="样例")
    scheme = replace(PLAN.scheme, criteria=(*PLAN.scheme.criteria, line))

    assert found(replace(PLAN, scheme=scheme), "forbidden_indicator")[0][0] is Severity.ERROR


@pytest.mark.parametrize(
    "text",
    ["刑事拘留人数", "行拘数", "破 案 率", "发案·数", "罚没款数额", "罚款总额", "退查率高低", "发案率"],
)
def test_a_forbidden_indicator_is_found_under_another_name(text: str) -> None:
    assert forbidden_in(text)


@pytest.mark.parametrize("text", ["罚没款物保管", "拘留审批规范", "罚款决定书送达", "破案后回访", "按期办结"])
def test_the_quality_of_the_work_may_be_assessed(text: str) -> None:
    assert forbidden_in(text) is None


def test_the_refusal_of_an_indicator_cites_its_source() -> None:
    line = replace(PLAN.scheme.criteria[0], label="破案率")
    scheme = replace(PLAN.scheme, criteria=(line,))

    ((_, text),) = found(replace(PLAN, scheme=scheme), "forbidden_indicator")

    assert CITATION in text


def test_a_period_without_a_first_day_says_when_its_report_is_opened() -> None:
    duty = PLAN.duties[0]
    unread = replace(duty, dates=(replace(duty.dates[0], period="首季"),))
    ahead = replace(unread, ahead=10)

    ((_, text),) = found(replace(PLAN, duties=(unread,)), "period_unread")
    assert "“首季”读不出首日" in text
    assert found(replace(PLAN, duties=(ahead,)), "period_unread") == []


def test_a_report_that_comes_after_the_next_phase_is_told_with_both_phases() -> None:
    ((_, text),) = found(PLAN, "report_after_phase")

    assert text == (
        "动员部署情况和工作实施方案5月底前（2020-05-31）报送，"
        "此时动员部署阶段（4月上旬）及其后的查摆问题阶段（4月中下旬）均已结束"
    )


def test_two_periods_that_roll_to_one_day_are_told() -> None:
    monthly = next(duty for duty in PLAN.duties if duty.code == "monthly")
    saturday = DutyDate(period="2020-05b", due_on=date(2020, 5, 30), words="月末", roll=Roll.BACK)
    duty = replace(monthly, dates=(*monthly.dates, saturday))

    ((_, text),) = found(replace(PLAN, duties=(duty,)), "rolled_twice")

    assert "2020-05 与 2020-05b 两期同在 2020-05-29" in text


def test_a_date_that_is_not_what_its_words_say_is_told() -> None:
    first, *others = PLAN.phases
    longer = replace(first, ends_on=date(2020, 4, 20))
    duty = PLAN.duties[0]
    earlier = replace(duty, dates=(replace(duty.dates[0], due_on=date(2020, 5, 30)),))
    free = replace(duty, dates=(replace(duty.dates[0], words="印发后尽快", due_on=date(2020, 5, 30)),))

    assert found(replace(PLAN, phases=(longer, *others)), "words_differ") == [
        (Severity.NOTE, "动员部署阶段写作“4月上旬”，日期却是 2020-04-01 至 2020-04-20")
    ]
    assert found(replace(PLAN, duties=(earlier,)), "words_differ") == [
        (Severity.NOTE, "动员部署情况和工作实施方案（2020-05）写作“5月底前”，日期却是 2020-05-30")
    ]
    assert found(replace(PLAN, duties=(free,)), "words_differ") == []


def test_a_period_or_a_row_twice_is_an_error() -> None:
    monthly = next(duty for duty in PLAN.duties if duty.code == "monthly")
    duty = replace(monthly, dates=(*monthly.dates, monthly.dates[0]))

    assert found(replace(PLAN, duties=(duty,)), "row_twice") == [(Severity.ERROR, "monthly 2020-04出现 2 次")]
    assert found(replace(PLAN, tasks=(*PLAN.tasks, PLAN.tasks[0])), "row_twice")


def test_days_without_an_official_notice_are_told() -> None:
    calendar = replace(china_calendar(), covered_until=date(2020, 11, 30))

    (finding,) = [f for f in findings_of(PLAN, calendar) if f.code == "uncovered_days"]

    assert finding.text.startswith("2020-12-05 起的 2 个日期")


def test_a_phase_that_ends_before_it_starts_or_waits_for_itself_is_an_error() -> None:
    first, second, *rest = PLAN.phases
    circle = (replace(first, follows=second.code), replace(second, follows=first.code), *rest)
    inverted = (replace(first, ends_on=date(2020, 3, 1)), second, *rest)

    assert len(found(replace(PLAN, phases=circle), "phase_circular")) == 2
    assert found(replace(PLAN, phases=circle), "phase_too_early")
    assert found(replace(PLAN, phases=inverted), "phase_inverted")[0][0] is Severity.ERROR
    assert found(replace(PLAN, phases=inverted), "outside_campaign")[0][0] is Severity.ERROR


def test_a_hard_stop_outside_the_campaign_is_an_error() -> None:
    assert found(replace(PLAN, hard_stop_on=date(2021, 1, 1)), "campaign_inverted")[0][0] is Severity.ERROR


def test_an_assisting_unit_without_head_cannot_countersign() -> None:
    grants = tuple(g for g in PLAN.roster.grants if g.post != "command_head")

    texts = [
        text for _, text in found(replace(PLAN, roster=replace(PLAN.roster, grants=grants)), "role_unfilled")
    ]

    assert texts == ["指挥中心没有主要负责人，无人会签"]


def test_an_auditor_with_a_business_post_and_a_missing_officer_of_the_three_are_told() -> None:
    auditor = next(g for g in PLAN.roster.grants if g.post == "auditor")
    business = replace(auditor, post=PLAN.roster.posts[0].code)
    posts = tuple(p for p in PLAN.roster.posts if Role.ADMINISTRATOR not in p.roles)
    roster = replace(PLAN.roster, grants=(*PLAN.roster.grants, business), posts=posts)

    assert len(found(replace(PLAN, roster=roster), "three_in_business")) == 1
    assert found(replace(PLAN, roster=roster), "three_missing") == [(Severity.NOTE, "没有人任系统管理员")]


def test_a_vacant_post_and_a_unit_without_head_are_found() -> None:
    roster = replace(PLAN.roster, grants=tuple(g for g in PLAN.roster.grants if g.post != "station_1_head"))
    campaign = replace(PLAN, roster=roster)

    assert len(found(campaign, "vacant_post")) == 1
    assert "没有主要负责人" in found(campaign, "role_unfilled")[0][1]


def test_one_person_in_two_posts_of_a_station_calls_for_mutual_review() -> None:
    officer = next(g for g in PLAN.roster.grants if g.post == "station_2_officer")
    doubled = tuple(
        replace(g, person=officer.person) if g.post == "station_2_head" else g
        for g in PLAN.roster.grants
        if g.post != "station_2_officer" or g == officer
    )
    campaign = replace(PLAN, roster=replace(PLAN.roster, grants=doubled))

    assert "交叉复核" in found(campaign, "cross_review")[0][1]


def test_security_and_system_administration_must_be_apart() -> None:
    administrator = next(g for g in PLAN.roster.grants if g.post == "administrator")
    both = Grant(
        person=administrator.person,
        post=next(p.code for p in PLAN.roster.posts if p.code == "auditor"),
        from_on=date(2020, 1, 1),
        until_on=None,
    )
    campaign = replace(PLAN, roster=replace(PLAN.roster, grants=(*PLAN.roster.grants, both)))

    assert len(found(campaign, "three_apart")) == 1


def test_a_measure_after_the_hard_stop_is_an_error() -> None:
    campaign = replace(PLAN, hard_stop_on=date(2020, 6, 30))

    assert found(campaign, "after_hard_stop")[0][0] is Severity.ERROR
