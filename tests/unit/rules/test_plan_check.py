"""What a plan says against itself is found before it is loaded."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from engine.model.actor import Grant
from engine.model.campaign import Campaign, Criterion, Severity
from engine.rules.plan_check import FORBIDDEN, findings_of
from runtime.calendars import china_calendar
from workflows.campaign import read_campaign

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


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_indicator_is_an_error(word: str) -> None:
    line = Criterion(code="x", label=f"{word}排名", indicator="returned", points=0, per_case=0, quote="样例")
    scheme = replace(PLAN.scheme, criteria=(*PLAN.scheme.criteria, line))

    assert found(replace(PLAN, scheme=scheme), "forbidden_indicator")[0][0] is Severity.ERROR


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
