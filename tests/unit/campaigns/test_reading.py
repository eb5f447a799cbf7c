"""Reading a campaign: whole, or with every mistake and its place."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from engine.model.errors import Invalid
from engine.rules.plan_check import CITATION
from runtime.rehearsal.scale import scaled
from tests.stopwatch import within
from workflows.campaign import FILES, read_campaign

PLAN = Path(__file__).parents[3] / "workflows" / "campaigns" / "fazhi-2020"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLAN, tmp_path / "plan"))


def problems(folder: Path) -> list[str]:
    with pytest.raises(Invalid) as caught:
        read_campaign(folder)
    return [f"{problem.where} {problem.text}" for problem in caught.value.problems]


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_plan_of_2020_is_read_whole_and_always_with_the_same_hash() -> None:
    campaign = read_campaign(PLAN)

    assert len(campaign.categories) == len(campaign.tasks) == 8
    assert campaign.sha256 == read_campaign(PLAN).sha256


def test_mistakes_in_several_files_are_told_in_one_pass(folder: Path) -> None:
    change(folder, "phases", "level: unit", "level: county")
    change(folder, "scoring", "points: 40", "points: many")
    change(folder, "duties", "label:", "lable:")

    found = problems(folder)

    assert any("phases.yaml:" in line and "county" in line for line in found)
    assert any("scoring.yaml:" in line for line in found)
    assert any("duties.yaml:" in line and "lable" in line for line in found)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tasks", "lead: legal", "lead: leagal"),
        ("organisation", "post: leading_head", "post: leading_had"),
        ("phases", "follows: mobilise", "follows: mobilize"),
        ("scoring", "indicator: returned", "indicator: 破案率"),
        ("campaign", "bureau: bureau", "bureau: buro"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_place(
    folder: Path, name: str, old: str, new: str
) -> None:
    change(folder, name, old, new)

    (problem,) = problems(folder)

    assert f"{name}.yaml:" in problem


def test_a_forbidden_indicator_is_refused_with_its_source(folder: Path) -> None:
    change(folder, "scoring", "indicator: returned", "indicator: 破案率")

    with pytest.raises(Invalid) as caught:
        read_campaign(folder)

    assert caught.value.problems[0].hint == CITATION


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "tasks.yaml").unlink()

    assert "tasks.yaml" in problems(folder)[0]


@pytest.mark.parametrize("units", [1, 4, 17, 40])
def test_a_plan_is_scaled_to_any_number_of_units(units: int) -> None:
    campaign = scaled(read_campaign(PLAN), units)
    codes = {unit.code for unit in campaign.roster.units}

    assert sum(unit.handles_cases for unit in campaign.roster.units) == units
    assert {post.unit for post in campaign.roster.posts} <= codes
    assert {grant.post for grant in campaign.roster.grants} <= {post.code for post in campaign.roster.posts}
    assert {unit for task in campaign.tasks for unit in task.assisting} <= codes


def test_the_id_of_a_person_follows_from_the_login() -> None:
    person = read_campaign(PLAN).roster.persons[0]

    assert person.id == sha256(f"person:{person.login}".encode()).hexdigest()[:32]


def test_a_file_that_cannot_be_read_hides_no_mistake_of_another(folder: Path) -> None:
    change(folder, "duties", "duties:", "duties: &x")
    (folder / "tasks.yaml").unlink()
    change(folder, "phases", "follows: mobilise", "follows: mobilize")
    change(folder, "campaign", "title:", "titel:")

    found = problems(folder)

    for name in "duties tasks phases campaign".split():
        assert any(f"{name}.yaml:" in line for line in found)


def test_a_file_with_a_strange_name_is_told(folder: Path) -> None:
    (folder / "tasks.yaml").rename(folder / "task.yaml")

    assert len(problems(folder)) == 2


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("organisation", "code: office\n", "code: command\n", "单位代码重复：command"),
        ("organisation", "login: leader02", "login: leader01", "人员代码重复"),
        ("organisation", "code: office\n    name", "code: 'o ffice'\n    name", "代码不合规"),
        ("organisation", "parent: bureau", "parent: null", "都要有上级：office"),
        ("organisation", "parent: bureau", "parent: office", "成环：office"),
        ("taxonomy", "code: '1.2'", "code: '1.1'", "分类代码重复"),
        ("tasks", "code: task_2", "code: '1.1'", "任务代码重复"),
        ("phases", "gate: every_unit_reported", "gate: every_unit", "没有这个结束条件"),
        ("campaign", "  report: 3\n", "", "没有写明 report 的版本"),
        ("campaign", "'2020-04-20'", "'20200420'", "不是日期"),
        ("campaign", "'2020-04-20'", "'0001-01-01'", "不是日期"),
        ("campaign", "'2020-04-20'", "'2020-04-31'", "不是日期"),
        ("organisation", "handles_cases: false", "handles_cases: 否", "true 或 false"),
        ("duties", "roll: back\n", "roll: backward\n", "未知的词：backward"),
        ("duties", "      - 动员部署情况\n      - 工作实施方案", "      无", "应为列表"),
        ("organisation", "is_sample: true", "is_sample: true\n    id: x", "未知的键：id"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(
    folder: Path, name: str, old: str, new: str, words: str
) -> None:
    change(folder, name, old, new)

    assert any(f"{name}.yaml:" in line and words in line for line in problems(folder))


@pytest.mark.parametrize("text", ["7", "[]", "units: 3", "null", "a: [1, {b: null}]", ""])
def test_whatever_the_files_hold_mistakes_are_told(tmp_path: Path, text: str) -> None:
    for name in FILES:
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")

    found = problems(tmp_path)

    assert all(any(f"{name}.yaml:" in line for line in found) for name in FILES)


def test_the_plan_of_2020_is_read_fast() -> None:
    with within(1):
        read_campaign(PLAN)


def recur(folder: Path, line: str) -> None:
    """Let one line stand for the eight month ends of the monthly report."""
    path = folder / "duties.yaml"
    text = path.read_text(encoding="utf-8")
    rows = re.search(r"(?s)      - period: '2020-04'.*?(?=  - code: final)", text)
    assert rows
    path.write_text(text.replace(rows.group(), f"      - {line}\n"), encoding="utf-8")


def test_one_line_names_every_date_of_a_duty_that_recurs(folder: Path) -> None:
    recur(folder, "{words: 每月底, from: '2020-04-01', to: '2020-11-30', roll: back}")

    assert read_campaign(folder).duties == read_campaign(PLAN).duties


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{words: 尽快, from: '2020-04-01', to: '2020-11-30', roll: back}", "读不懂的日期：尽快"),
        ("{words: 每月底, from: '2020-04-01', to: '2020-04-31', roll: back}", "不是日期：2020-04-31"),
        (
            "{words: 每月底, from: '2020-04-01', to: '2020-04-29', roll: back}",
            "2020-04-01 至 2020-04-29 不是一段有“每月底”的时间",
        ),
        (
            "{words: 每周五前, from: '2020-04-01', to: '2999-04-29', roll: back}",
            "2020-04-01 至 2999-04-29 不是一段有“每周五前”的时间",
        ),
        ("{words: 每月底, from: '2020-04-01', roll: back}", "缺少 to"),
        ("{words: 每月底, from: '2020-04-01', to: '2020-11-30', rol: back}", "未知的键：rol"),
    ],
)
def test_a_line_that_recurs_wrongly_is_told_with_its_place(folder: Path, line: str, told: str) -> None:
    recur(folder, line)
    text = (folder / "duties.yaml").read_text(encoding="utf-8")
    number = text[: text.index("- {words:")].count("\n") + 1

    assert any(f"duties.yaml:{number}:" in problem and told in problem for problem in problems(folder))
