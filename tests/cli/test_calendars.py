"""The calendar as its readers and its administrator meet it."""

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from engine.model.actor import Grant, Person, Post, Role
from engine.model.campaign import Roster
from engine.model.ids import PostCode
from tests.builders import BUREAU, a_person
from tests.cli.conftest import Run, printed
from tests.cli.test_items import assigned
from tests.integration.house import House

COUNTY = """\
id: county
version: 1
label: 建县纪念日放假
source: 示例县人民政府通知
rests:
  - {from: 2020-06-29, to: 2020-06-30, label: 建县纪念日}
works:
  - {from: 2020-06-27, label: 建县纪念日调休}
"""


@pytest.fixture
def county(tmp_path: Path) -> str:
    path = tmp_path / "county.yaml"
    path.write_text(COUNTY, encoding="utf-8")
    return str(path)


@pytest.fixture
def administered(house: House) -> None:
    """The bureau has an administrator, who is a sample person like all others."""
    person, post = a_person(20), PostCode("administrator")
    roster = Roster(
        units=(),
        posts=(
            Post(
                code=post,
                unit=BUREAU,
                scope=BUREAU,
                title="系统管理员",
                roles=frozenset({Role.ADMINISTRATOR}),
            ),
        ),
        persons=(Person(id=person, login="admin", name="示例admin", is_sample=True),),
        grants=(Grant(person=person, post=post, from_on=date(2020, 1, 1), until_on=None),),
    )
    with house.begin() as uow:
        uow.people.add(roster)
        uow.commit()
    house.database.close()


def test_a_year_shows_its_holidays_and_its_horizon(duban: Run) -> None:
    shown = duban("calendar", "show", "2020")
    told = printed(duban("calendar", "show", "2020", "--json"))

    assert "2020-10-01 至 2020-10-08  休息  国庆节" in shown.stdout
    assert "2020-05-09                上班  劳动节调休" in shown.stdout
    assert told["loaded"] is None
    assert told["hours"] == ["08:30-12:00", "14:30-18:00"]
    assert {"first": "2020-06-28", "last": "2020-06-28", "works": True, "label": "端午调休"} in told["days"]


def test_a_year_without_notice_says_so(duban: Run) -> None:
    assert "天（待核）" in duban("calendar", "show", "2090").stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("2020-05-09", "2020-05-09 周六 上班：劳动节调休"),
        ("12月5日前", "12月5日前 → 2020-12-05 周六 → 内部报送：提前 → 2020-12-04 18:00"),
        ("5月底前", "5月底前 → 2020-05-31 周日 → 内部报送：提前 → 2020-05-29 18:00"),
        ("4月上旬", "2020-04-01 起；4月上旬 → 2020-04-10 周五 → 2020-04-10 18:00"),
    ],
)
def test_a_day_and_the_words_of_a_plan_explain_themselves(duban: Run, words: str, told: str) -> None:
    assert duban("calendar", "explain", words).stdout == f"{told}\n"


def test_words_that_name_no_day_are_answered_with_what_may_be_written(duban: Run) -> None:
    refused = duban("calendar", "explain", "尽快")

    assert refused.exit_code == 2
    assert "读不懂“尽快”" in refused.stderr
    assert "每月底" in refused.stderr


@pytest.mark.parametrize("year", ["1991", "3000", "99999", "明年", "-1"])
def test_a_year_out_of_range_is_refused_with_the_range(duban: Run, year: str) -> None:
    shown, explained = (
        duban("calendar", "show", "--", year),
        duban("calendar", "explain", "每月底", "--year", year),
    )

    assert (shown.exit_code, explained.exit_code) == (2, 2)
    assert "应为 1992 至 2999 的年份" in shown.stderr
    assert "应为 1992 至 2999 的年份" in explained.stderr


@pytest.mark.parametrize("words", ["2020-02-30", "2020-W01-1", "20200501", "2020-5-1", ""])
def test_a_day_is_written_in_full_or_refused(duban: Run, words: str) -> None:
    assert duban("calendar", "explain", words).exit_code == 2


def test_a_file_is_checked_without_a_database(duban: Run, county: str, tmp_path: Path) -> None:
    checked = duban("calendar", "check", county, "--database", str(tmp_path / "none.db"))
    broken = tmp_path / "broken.yaml"
    broken.write_text(COUNTY.replace("2020-06-30", "2020-06-31"), encoding="utf-8")
    refused = duban("calendar", "check", str(broken))

    assert checked.stdout.splitlines()[0] == "county@1 可用，与随附日历不同的有 3 天"
    assert "2020-06-29 周一 休息：建县纪念日" in checked.stdout
    assert refused.exit_code == 6
    assert "broken.yaml:6:28 不是日期：2020-06-31" in refused.stderr


def test_a_horizon_that_jumps_over_a_year_is_refused_by_the_check(duban: Run, county: str) -> None:
    text = COUNTY.replace("2020-", "2999-") + "covers: 2999\n"
    Path(county).write_text(text, encoding="utf-8")

    refused = duban("calendar", "check", county)

    assert refused.exit_code == 6
    assert refused.stdout == ""
    assert "county.yaml covers 之内的 2998 年没有一天放假安排" in refused.stderr


def test_a_calendar_is_tried_then_loaded_and_the_item_tells_both_dates(
    duban: Run, county: str, administered: None
) -> None:
    number = assigned(duban)
    change = "整改时限 2020-06-30 18:00 → 2020-06-28 18:00"

    tried = duban("calendar", "what-if", county, actor="office")
    refused = duban("calendar", "load", county, actor="office")
    dry = duban("calendar", "load", county, "--dry-run", actor="admin")
    loaded = duban("calendar", "load", county, actor="admin")
    again = duban("calendar", "reproject", actor="admin")

    assert tried.stdout.splitlines()[0] == "载入 county@1 将改动 1 个时限"
    assert change in tried.stdout
    assert refused.exit_code == 4
    assert "系统管理员" in refused.stderr
    assert change in dry.stdout
    assert loaded.stdout.splitlines()[0] == "已载入 county@1（建县纪念日放假），改动 1 个时限"
    assert again.stdout == "改动 0 个时限\n"
    _tells_both_dates(duban, number, change)


def _tells_both_dates(duban: Run, number: str, change: str) -> None:
    explained = duban("deadline", "explain", number, actor="officer").stdout
    assert "变更  2020-06-30 18:00  原定" in explained
    assert "变更  2020-06-28 18:00  日历变更（" in explained
    assert "内部报送：提前 → 2020-06-28 18:00，正在计时" in explained
    assert change in duban("history", "show", number, actor="officer").stdout
    (line,) = duban("deadline", "show", number, actor="officer").stdout.splitlines()[2:]
    assert line.split()[:6] == ["整改时限", "2020-06-28", "18:00", "2020-06-30", "18:00", "正在计时"]
    assert (
        "已载入 county@1：建县纪念日放假；依据：示例县人民政府通知"
        in duban("calendar", "show", "2020").stdout
    )
    assert duban("doctor", "--deep").exit_code == 0


def test_a_limit_that_did_not_move_names_the_calendar_it_was_reckoned_with(
    duban: Run, county: str, administered: None
) -> None:
    number = assigned(duban)
    Path(county).write_text(COUNTY.replace("2020-06-", "2020-07-"), encoding="utf-8")

    before = duban("deadline", "explain", number, actor="officer").stdout
    loaded = duban("calendar", "load", county, actor="admin").stdout
    after = duban("deadline", "explain", number, actor="officer").stdout

    assert loaded == "已载入 county@1（建县纪念日放假），改动 0 个时限\n"
    assert "推算时的日历" not in before
    assert "+county@1）" in after.partition("推算时的日历：china-")[2]


def test_rungs_beyond_the_last_notice_are_marked(duban: Run) -> None:
    later = partial(duban, at="2090-03-01T09:00")
    number = assigned(later)

    explained = later("deadline", "explain", number, actor="officer").stdout

    assert "2090-03-03 周五 → 2090-03-03 18:00 待核，正在计时" in explained
    assert "签收到期       2090-03-03 18:00（待核）  黄灯" in explained


def test_a_version_with_another_content_is_refused_with_the_way_out(
    duban: Run, county: str, administered: None
) -> None:
    assert duban("calendar", "load", county, actor="admin").exit_code == 0
    Path(county).write_text(COUNTY.replace("2020-06-27", "2020-06-28"), encoding="utf-8")

    refused = duban("calendar", "load", county, actor="admin")

    assert refused.exit_code == 5
    assert "请提高 version 后再载入" in refused.stderr
