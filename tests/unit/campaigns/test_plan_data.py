"""The plan of 2020 as data: complete, quoted, consistent, and free of real names."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import (
    Category,
    Criterion,
    Duty,
    DutyDate,
    PhaseLevel,
    PlannedMeasure,
    PlannedPhase,
    PlannedTask,
    SubCategory,
)
from engine.model.clock import Roll
from workflows.reader import CAMPAIGN as SIZE
from workflows.reader import Tree, read_yaml
from workflows.shipped import shipped_definitions

FOLDER = Path(__file__).parents[3] / "workflows" / "campaigns" / "fazhi-2020"
FILES = "campaign duties organisation phases scoring tasks taxonomy".split()
REAL_COUNTY = chr(0x59CB) + chr(0x5174)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
Row = dict[str, Tree]


def load(name: str) -> Row:
    tree = read_yaml((FOLDER / f"{name}.yaml").read_bytes(), f"{name}.yaml", SIZE).tree
    assert isinstance(tree, dict)
    return tree


def rows(parent: Row, key: str) -> list[Row]:
    found = parent[key]
    assert isinstance(found, list)
    return [row for row in found if isinstance(row, dict)]


def texts(parent: Row, key: str) -> list[str]:
    found = parent[key]
    assert isinstance(found, list)
    return [text for text in found if isinstance(text, str)]


def codes(parent: Row, key: str) -> list[Tree]:
    return [row["code"] for row in rows(parent, key)]


def scalars(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """Every scalar below `tree` with the nearest key above it."""
    waiting: list[tuple[str, Tree]] = [("", tree)]
    while waiting:
        key, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((key, each) for each in value)
        else:
            yield key, value


CAMPAIGN = load("campaign")
ORGANISATION = load("organisation")
CATEGORIES = rows(load("taxonomy"), "categories")
TASKS = rows(load("tasks"), "tasks")
PHASES = rows(load("phases"), "phases")
DUTIES = rows(load("duties"), "duties")
SCORING = load("scoring")
UNITS = rows(ORGANISATION, "units")
POSTS = rows(ORGANISATION, "posts")
PERSONS = rows(ORGANISATION, "persons")
GRANTS = rows(ORGANISATION, "grants")
UNIT_CODES = set(codes(ORGANISATION, "units"))
PARTS = [part for category in CATEGORIES for part in rows(category, "parts")]
MEASURES = [measure for task in TASKS for measure in rows(task, "measures")]
DATES = [day for duty in DUTIES for day in rows(duty, "dates")]
CRITERIA = rows(SCORING, "criteria")
QUOTED = [*CATEGORIES, *PARTS, *TASKS, *MEASURES, *PHASES, *DUTIES, *CRITERIA]


def holders(role: Role) -> set[Tree]:
    posts = {post["code"] for post in POSTS if role.value in texts(post, "roles")}
    return {grant["person"] for grant in GRANTS if grant["post"] in posts}


def test_the_folder_holds_the_seven_files_and_nothing_else() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{name}.yaml" for name in FILES]


@pytest.mark.parametrize(
    ("found", "model"),
    [
        (CATEGORIES, Category),
        (PARTS, SubCategory),
        (TASKS, PlannedTask),
        (MEASURES, PlannedMeasure),
        (PHASES, PlannedPhase),
        (DUTIES, Duty),
        (DATES, DutyDate),
        (CRITERIA, Criterion),
        (UNITS, Unit),
        (POSTS, Post),
        (PERSONS, Person),
        (GRANTS, Grant),
    ],
)
def test_keys_are_the_fields_of_the_model(found: list[Row], model: type) -> None:
    fields = set(model.__dataclass_fields__)  # type: ignore[attr-defined]
    assert found
    for row in found:
        left_out = {Grant: {"on_behalf_of"}, Person: {"id"}, Duty: {"ahead"} - set(row)}.get(model, set())
        assert set(row) == fields - left_out


def test_counts_are_those_of_the_plan() -> None:
    assert [len(rows(category, "parts")) for category in CATEGORIES] == [6, 7, 6, 5, 3, 4, 4, 3]
    assert [len(rows(task, "measures")) for task in TASKS] == [5, 8, 8, 7, 5, 5, 3, 4]
    assert [phase["code"] for phase in PHASES] == ["mobilise", "find", "implement", "assess"]
    assert {duty["code"]: len(rows(duty, "dates")) for duty in DUTIES} == {
        "mobilisation": 1,
        "monthly": 8,
        "final": 1,
        "adhoc": 0,
        "nil_return": 0,
    }
    assert len(UNITS) == 24
    assert sum(str(unit["name"]).endswith("派出所") for unit in UNITS) == 6


def test_every_row_has_a_quote() -> None:
    for row in QUOTED:
        assert isinstance(row["quote"], str)
        assert row["quote"].strip() == row["quote"] != ""


def test_codes_are_unique_and_follow_their_parent() -> None:
    for found in (CATEGORIES, PARTS, TASKS, MEASURES, PHASES, DUTIES, CRITERIA, UNITS, POSTS):
        assert max(Counter(row["code"] for row in found).values()) == 1
    for number, category in enumerate(CATEGORIES, 1):
        assert category["code"] == str(number)
        assert codes(category, "parts") == [f"{number}.{n}" for n, _ in enumerate(rows(category, "parts"), 1)]
    for number, task in enumerate(TASKS, 1):
        assert codes(task, "measures") == [f"{number}.{n}" for n, _ in enumerate(rows(task, "measures"), 1)]


def test_every_reference_to_a_unit_resolves() -> None:
    assert CAMPAIGN["bureau"] in UNIT_CODES
    assert [unit["code"] for unit in UNITS if unit["parent"] is None] == [CAMPAIGN["bureau"]]
    assert {unit["parent"] for unit in UNITS} - {None} <= UNIT_CODES
    assert {post[key] for post in POSTS for key in ("unit", "scope")} <= UNIT_CODES
    for task in TASKS:
        assisting = texts(task, "assisting")
        assert {task["lead"], *assisting} <= UNIT_CODES
        assert task["lead"] not in assisting
        assert len(set(assisting)) == len(assisting)


def test_every_grant_joins_a_person_and_a_post_and_none_is_left_over() -> None:
    assert {grant["person"] for grant in GRANTS} == {person["login"] for person in PERSONS}
    assert {grant["post"] for grant in GRANTS} == set(codes(ORGANISATION, "posts"))
    assert {grant["from_on"] for grant in GRANTS} == {"2020-01-01"}


def test_people_are_samples_with_names_of_their_own() -> None:
    for person in PERSONS:
        assert person["is_sample"] is True
        assert re.fullmatch(r"示例\D+\d{2}", str(person["name"]))
        assert re.fullmatch(r"[a-z]+\d{2}", str(person["login"]))
    for key in ("login", "name"):
        assert len({person[key] for person in PERSONS}) == len(PERSONS)


def test_every_unit_has_a_head_a_legal_officer_and_officers() -> None:
    roles = {(post["unit"], role) for post in POSTS for role in texts(post, "roles")}
    for unit in UNIT_CODES - {"bureau", "office"}:
        assert {(unit, role) for role in ("unit_head", "unit_legal_officer", "officer")} <= roles
    assert {role for _, role in roles} == {role.value for role in Role}


def test_posts_of_the_office_reach_over_the_bureau() -> None:
    assert {post["scope"] for post in POSTS if post["unit"] in ("office", "bureau")} == {"bureau"}


def test_audit_administration_and_security_are_three_people_without_other_posts() -> None:
    three = [holders(role) for role in (Role.AUDITOR, Role.ADMINISTRATOR, Role.SECURITY_OFFICER)]
    assert [len(each) for each in three] == [1, 1, 1]
    people = set.union(*three)
    assert len(people) == 3
    assert sum(grant["person"] in people for grant in GRANTS) == 3


def test_phases_follow_known_phases_that_start_no_later() -> None:
    starts = {phase["code"]: str(phase["starts_on"]) for phase in PHASES}
    for phase in PHASES:
        assert PhaseLevel(str(phase["level"]))
        assert str(phase["starts_on"]) <= str(phase["ends_on"])
        assert phase["follows"] is None or starts[phase["follows"]] <= str(phase["starts_on"])
    assert {phase["code"]: phase["gate"] for phase in PHASES if phase["gate"]} == {
        "find": "every_unit_reported"
    }


def test_reports_are_due_when_the_plan_says() -> None:
    due = {(duty["code"], day["period"]): day["due_on"] for duty in DUTIES for day in rows(duty, "dates")}
    assert due[("mobilisation", "2020-05")] == "2020-05-31"
    assert due[("final", "2020")] == "2020-12-05"
    monthly = [str(day) for (code, _), day in due.items() if code == "monthly"]
    assert [day[5:] for day in monthly] == "04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30".split()
    assert all(str(day)[:7] == period for (code, period), day in due.items() if code == "monthly")
    assert {Roll(str(day["roll"])) for day in DATES} == {Roll.BACK}
    assert [len(texts(duty, "sections")) for duty in DUTIES if duty["code"] == "final"] == [5]


def test_scores_take_from_full_marks_and_never_count_cases() -> None:
    assert [criterion["indicator"] for criterion in CRITERIA] == [
        "on_time_closure",
        "returned",
        "overdue_days",
        "report_lateness",
        "escalations",
    ]
    assert SCORING["full_marks"] == 100
    assert sum(int(str(criterion["points"])) for criterion in CRITERIA) == 100
    text = (FOLDER / "scoring.yaml").read_text(encoding="utf-8")
    assert not [word for word in "发案数 破案率 罚没款 拘留数 退查率".split() if word in text]


def test_definitions_are_pinned_to_the_library() -> None:
    assert CAMPAIGN["definitions"] == {d.ref.id: d.ref.version for d in shipped_definitions()}


@pytest.mark.parametrize("name", FILES)
def test_the_real_county_is_not_named(name: str) -> None:
    assert REAL_COUNTY not in (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in FILES if name != "organisation"])
def test_every_date_lies_within_the_campaign(name: str) -> None:
    first, last = (date.fromisoformat(str(CAMPAIGN[key])) for key in ("starts_on", "ends_on"))
    for key, value in scalars(load(name)):
        if key.endswith("_on") and value is not None:
            assert DAY.fullmatch(str(value))
            assert first <= date.fromisoformat(str(value)) <= last


def test_every_measure_is_planned_before_the_hard_stop() -> None:
    assert all(str(measure["due_on"]) <= str(CAMPAIGN["hard_stop_on"]) for measure in MEASURES)
