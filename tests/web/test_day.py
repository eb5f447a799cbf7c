"""The days of four people as a browser without scripts lives them; tests/browser takes such steps in a Chromium."""

import html
import re
from string import Formatter

import pytest

from engine.model.reasons import CATALOGUE, ReasonCode, reason
from engine.usecases import queries
from tests.web.browser import Browser, Office, Page
from web.pages import ledger
from web.problems import line_of

PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
PLAN = {
    "field.goal": "全程开启",
    "field.standard": "连续两月抽查无缺",
    "field.measures": "每周抽查",
    "field.due_on": "2020-10-30",
}


def do(browser: Browser, number: str, verb: str, files=None, **typed: str) -> Page:
    form = browser.get(f"/items/{number}/do/{verb}").form(f"/items/{number}/do/{verb}")
    return browser.send(form, files, **typed)


def opened(browser: Browser, title: str = "执法记录仪未按规定佩戴") -> str:
    form = browser.get("/new/item").form("/new/item")
    page = browser.send(form, title=title, unit="unit_a", **{"field.problem": "出警时未开启"})
    assert page.url.startswith("/items/ZG-"), page.words
    return page.url.rsplit("/", 1)[1]


def test_whoever_goes_back_to_the_form_and_sends_it_again_finds_the_item_that_was_opened(office: Office):
    officer = office.signed_in("officer")
    typed = {"title": "返回再交", "unit": "unit_a", "field.problem": "出警时未开启"}
    address = f"{officer.client.get('/new/item').url}"
    first, again = (officer.send(officer.get(address).form("/new/item"), **typed) for _ in range(2))

    assert (first.url, first.status) == (again.url, 200)
    other = officer.send(officer.get(address).form("/new/item"), **typed | {"title": "另一件"})
    anew = officer.send(officer.get("/new/item").form("/new/item"), **typed)
    assert len({first.url, other.url, anew.url}) == 3


def test_an_item_goes_from_the_officer_to_the_review(office: Office):
    officer, head, desk = (office.signed_in(login) for login in ("officer", "head", "office"))
    number = opened(officer)
    assert "“报送”已办理" in do(officer, number, "submit").words

    todo = desk.get("/todo")
    assert f"/items/{number}/do/list" in todo.text
    assert "立项" in todo.words
    refused = do(desk, number, "list", **{"field.goal": "全程开启"})
    assert refused.status == 422
    assert "“对策措施”没有填写" in refused.words
    assert 'value="全程开启"' in refused.text or ">全程开启<" in refused.text
    assert "--" not in refused.words
    assert do(desk, number, "list", **PLAN).status == 200

    person = re.search(r'value="([0-9a-f]{32})">示例officer', head.get(f"/items/{number}/do/assign").text)[1]
    do(head, number, "assign", assignee=person)
    assert "签收" in officer.get(f"/items/{number}").words
    assert "交办" in officer.get("/inbox").words
    do(officer, number, "sign_for")
    do(officer, number, "progress", **{"field.progress": "已培训", "field.progress_percent": "40"})
    handed = do(
        head, number, "self_check", [("结果.png", PICTURE, "image/png")], **{"field.result": "已整改"}
    )
    assert "结果.png" in handed.words
    do(head, number, "submit_review")

    returned = do(desk, number, "return", target="returned", reason="佐证不足")
    assert "退回 1 次" in returned.words
    assert "佐证不足" in officer.get(f"/items/{number}").words
    assert number in officer.get("/todo").text
    assert number in office.signed_in("director").get("/items?kind=item&sort=due").text


def test_the_same_form_sent_twice_has_one_effect(office: Office):
    officer = office.signed_in("officer")
    form = officer.get("/new/item").form("/new/item")
    typed = {"title": "只办一次", "unit": "unit_a", "field.problem": "样例"}

    first, second = officer.send(form, **typed), officer.send(form, **typed)
    form = officer.get(f"{first.url}/do/submit").form(f"{first.url}/do/submit")
    moved, again = officer.send(form), officer.send(form)

    assert first.url == second.url
    assert moved.url == again.url == first.url
    assert officer.get("/opened").text.count("只办一次") == 1


def test_a_conflict_shows_what_the_other_did_and_keeps_what_was_typed(office: Office):
    officer, legal = office.signed_in("officer"), office.signed_in("legal")
    number = opened(officer)
    form = officer.get(f"/items/{number}/do/submit").form(f"/items/{number}/do/submit")
    do(legal, number, "submit")

    page = officer.send(form, **{"field.cause": "责任不实"})

    assert page.status == 409
    assert "示例legal" in page.words
    assert "责任不实" in page.words


def test_what_was_typed_outlives_the_session(office: Office):
    officer = office.signed_in("officer")
    number = opened(officer)
    form = officer.get(f"/items/{number}/do/submit").form(f"/items/{number}/do/submit")
    office.wait(hours=2)

    door = officer.send(form, **{"field.cause": "写了半天的原因"})
    assert (door.status, "佐证材料要重新选择" in door.words) == (401, True)
    resumed = officer.send(door.form("/login"), login="officer", password="清晨的河边有三只白鹭")
    page = officer.send(resumed.form(f"/items/{number}/do/submit"))

    assert "写了半天的原因" in page.text
    assert "“报送”已办理" in officer.send(page.form(f"/items/{number}/do/submit")).words
    assert "写了半天的原因" in officer.get(f"/items/{number}").words


def test_notices_are_read_one_by_one_and_only_by_their_recipient(office: Office):
    officer, desk = office.signed_in("officer"), office.signed_in("office")
    do(officer, opened(officer), "submit")
    page = desk.get("/inbox")
    assert "未阅 1 份" in page.words
    key = page.form("/inbox").fields["notice"]

    form = desk.get(f"/inbox/{key}").form("/inbox")
    desk.send(form)

    assert "未阅 0 份" in desk.get("/inbox").words


def test_what_an_owner_hands_over_is_on_the_delegates_list(office: Office):
    officer, head, desk, legal = (office.signed_in(each) for each in ("officer", "head", "office", "legal"))
    number = opened(officer)
    do(officer, number, "submit")
    do(desk, number, "list", **PLAN)
    do(head, number, "assign", login="officer")
    do(officer, number, "sign_for")
    assert number not in legal.get("/todo").text

    do(officer, number, "delegate", login="legal", until="2020-05-08", reason="出差")

    assert number in legal.get("/todo").text


def test_a_list_by_due_instants_goes_on_where_the_page_ended(office: Office, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger, "PAGE", 2)
    officer, head, desk = (office.signed_in(each) for each in ("officer", "head", "office"))
    numbers = [opened(officer) for _ in range(5)]
    for number in numbers:
        do(officer, number, "submit")
        do(desk, number, "list", **PLAN)
        do(head, number, "assign", login="officer")

    path, found = "/items?kind=item&sort=due", []
    while path:
        page = officer.get(path)
        found += dict.fromkeys(re.findall(r"/items/(ZG-\d+-\d+)", page.text))
        path = next((html.unescape(link) for link in page.links() if "after=" in link and "sort" in link), "")

    assert sorted(found) == sorted(numbers)


def test_a_search_that_read_many_titles_goes_on_where_it_stopped(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "SEARCHED_AT_ONCE", 3)
    officer = office.signed_in("officer")
    for title in ("甲", "乙", "丙", "丁", "印章管理不严"):
        opened(officer, title)

    page = officer.get("/items?q=印章")
    assert "还没有找到" in page.words
    further = next(html.unescape(link) for link in page.links() if "after=" in link)

    assert "印章管理不严" in officer.get(further).text


def test_no_way_out_on_a_page_is_a_command():
    facts = {
        name: 1
        for sentences in CATALOGUE.values()
        for sentence in sentences
        for _, name, _, _ in Formatter().parse(sentence)
        if name
    }
    for code in ReasonCode:
        said = line_of(reason(code, **facts))
        assert not re.search(r"--|duban ", f"{said.text} {said.hint}"), code


def test_an_empty_day_says_what_to_do(office: Office):
    officer = office.signed_in("officer")

    for path in ("/", "/todo", "/inbox", "/done", "/opened", "/items"):
        assert re.search(r"没有|还没有", officer.get(path).words), path
