"""Every page, wide and on a phone: readable for everybody, complete on the screen, looked at."""

import re

import pytest

from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_days import ordered

PAGES = (
    "/",
    "/todo",
    "/inbox",
    "/done",
    "/opened",
    "/items?kind=item&sort=due",
    "/filters",
    "/new/item",
    "/review",
    "/board",
    "/board?wall=1",
    "/phases",
    "/duties",
    "/orders",
    "/bulletin",
    "/password",
    "/tokens",
)


@pytest.mark.parametrize(
    ("role", "size"),
    [
        pytest.param("责任民警", WIDE, id="officer wide"),
        pytest.param("领导小组办公室", PHONE, id="office phone"),
    ],
)
def test_no_page_has_a_barrier_or_runs_out_of_the_screen(eyes, demo, role, size):
    ordered(demo, "督办的样例")
    who = eyes(demo.people[role], size)
    barriers = []
    for number, path in enumerate(PAGES):
        who.go(path)
        assert who.page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        who.shot(f"{number:02}-{re.sub('[^a-z0-9]+', '-', path.strip('/')) or 'workbench'}")
        barriers += who.barriers()
    who.go("/items?kind=item")
    who.page.click("td.title a")
    who.shot("item")
    barriers += who.barriers()
    move = who.page.query_selector(".moves a.btn")
    if move:
        move.click()
        who.shot("move")
        barriers += who.barriers()

    assert barriers == []


@pytest.mark.parametrize(
    ("role", "size"),
    [
        pytest.param("领导小组", WIDE, id="leader wide"),
        pytest.param("审计", WIDE, id="auditor wide"),
        pytest.param("部门主要负责人", PHONE, id="head phone"),
    ],
)
def test_everybody_has_a_workbench_and_a_ledger(eyes, demo, role, size):
    who = eyes(demo.people[role], size)
    for path in ("/", "/items?kind=item"):
        who.go(path)
        assert who.page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        who.shot(path.strip("/").partition("?")[0] or "workbench")


KEPT = {
    "审计": ("/audit", "/past", "/audit/conformance", "/anchor", "/definitions", "/calendar"),
    "系统管理员": ("/accounts", "/system"),
    "安全管理员": ("/organisation", "/notices", "/redaction"),
}


@pytest.mark.parametrize("role", KEPT)
def test_pages_of_those_who_keep_the_system_have_no_barrier(eyes, demo, role):
    who, barriers = eyes(demo.people[role]), []
    for path in KEPT[role]:
        who.go(path)
        assert who.page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], path
        who.shot(path.strip("/"))
        barriers += who.barriers()
    if role == "安全管理员":
        who.go("/organisation")
        who.page.click(".person a")
        who.page.click("td summary")
        who.shot("posts of one")
        barriers += who.barriers()
    if role == "审计":
        who.go("/items?kind=item")
        who.page.click("td.title a")
        for link in ("当时的样子", "谁收到了通知", "看完整流程"):
            back = who.page.url
            who.press(link)
            barriers += who.barriers()
            who.page.goto(back)

    assert barriers == []


@pytest.mark.parametrize("role", KEPT)
def test_pages_of_those_who_keep_the_system_fit_on_a_phone(eyes, demo, role):
    who, barriers = eyes(demo.people[role], PHONE), []
    for path in KEPT[role]:
        who.go(path)
        assert who.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        who.shot(path.strip("/"))
        barriers += who.barriers()

    assert barriers == []


def test_the_doors_and_problems_have_no_barrier(eyes, size):
    who = eyes(None, size)
    who.go("/login")
    barriers = who.barriers()
    who.page.fill("#login", "nobody")
    who.page.fill("#password", "wrong")
    who.page.click("main button")
    barriers += who.barriers()
    who.shot("login")

    assert "登录名或密码不对" in who.page.inner_text("main")
    assert barriers == []


def test_a_lamp_keeps_its_word_and_its_ground_on_paper(eyes, demo):
    who = eyes(demo.people["责任民警"], WIDE)
    who.go("/items?kind=item")
    who.page.emulate_media(media="print")

    lamp = who.page.locator(".lamp").first
    assert lamp.inner_text().strip() in ("绿", "蓝", "黄", "红")
    assert lamp.evaluate("node => getComputedStyle(node).printColorAdjust") == "exact"
    assert not who.page.locator(".side").is_visible()
    who.shot("paper")


SHOWN_COLUMNS = """row => [...row.cells].filter(cell => cell.checkVisibility()).map(cell => {
  const box = cell.getBoundingClientRect();
  return [Math.round(box.left), Math.round(box.right)];
})"""


@pytest.mark.parametrize("path", ["/items?kind=item", "/todo"])
def test_on_paper_each_column_stands_under_its_head(eyes, demo, path):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    who.go(path)
    who.page.emulate_media(media="print")

    head, row = (who.page.locator(f"{part} tr").first.evaluate(SHOWN_COLUMNS) for part in ("thead", "tbody"))
    assert head == row


def test_on_a_phone_each_row_is_a_card(eyes, demo):
    who = eyes(demo.people["责任民警"], PHONE)
    who.go("/items?kind=item")

    assert who.page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).display") == "block"


NARROWED = """[...document.querySelectorAll(".rows td > .said, .rows td > .person")].filter(part => {
  const card = part.closest(".table-frame").getBoundingClientRect(), box = part.getBoundingClientRect();
  return box.right > card.right || box.height > 60 && box.width < card.width / 2;
}).map(part => part.innerText)"""
"""Parts of cells that are cut off or squeezed beside each other."""


@pytest.mark.parametrize(("role", "path"), [("领导小组办公室", "/orders"), ("安全管理员", "/organisation")])
def test_on_a_phone_a_cell_of_many_parts_has_room_for_each(eyes, demo, role, path):
    who = eyes(demo.people[role], PHONE)
    who.go(path)
    who.shot("cards")

    assert who.page.evaluate(NARROWED) == []
