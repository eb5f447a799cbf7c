"""Reading a campaign: whole, or with every mistake and its place."""

import shutil
from pathlib import Path

import pytest

from engine.model.errors import Invalid
from runtime.rehearsal.scale import scaled
from workflows.campaign import read_campaign

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
