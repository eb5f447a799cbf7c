"""A newcomer lets the year go on: what happens is told, up to the bulletin that a leader decides on."""

import re
from datetime import datetime
from pathlib import Path

import pytest

from engine.model.account import SessionLimits
from engine.model.calendar import LOCAL
from runtime.rehearsal.demo import PASSWORD, Demo
from runtime.rehearsal.folder import open_folder
from runtime.rehearsal.run import prepare
from tests.web.browser import CHEAP, Browser
from web.app import create_app

PLAN = Path(__file__).parents[2] / "workflows" / "campaigns" / "fazhi-2020"
IN_SUMMER = datetime(2020, 7, 9, 8, 30, tzinfo=LOCAL)


@pytest.fixture
def demo(tmp_path: Path):
    with open_folder(tmp_path / "out", 7) as folder:
        shown = Demo(prepare(PLAN, folder, seed=7, units=5, items=30))
        list(shown.play_until(IN_SUMMER))
        yield shown


def test_week_by_week_what_happens_is_told_until_a_leader_decides_on_a_bulletin(demo: Demo):
    logins = {one.role: one.login for one in demo.give_accounts(CHEAP)}
    ever = SessionLimits(idle=demo.ends_at - IN_SUMMER, absolute=demo.ends_at - IN_SUMMER)
    browser = Browser(create_app(demo.app, CHEAP, demo=demo, limits=ever))
    page = browser.sign_in(logins["办公室主任"], PASSWORD)
    code = re.search(r"现在的口令是 (\d{6})", page.words)[1]
    browser.send(page.form("/second-factor"), code=code)

    told, weeks = "", 0
    while "列为通报批评候选" not in told:
        before = demo.app.now()
        told = browser.send(browser.get("/").form("/demo/advance"), step="week").words
        assert (demo.app.now().astimezone(LOCAL) - before.astimezone(LOCAL)).days in (6, 7), told
        weeks += 1
        assert weeks < 4

    form = browser.get("/bulletin").form("/bulletin")
    done = browser.send(form, reason="多次催办仍未整改", verdict="issued")
    assert f"{form.fields['number']} 已决定通报批评" in done.words
    for word in ("到期升级", "督办"):
        assert word in told or word in browser.get("/orders").words
