"""The queue of those who judge, the board, supervision orders, and what an item page says besides its moves."""

import re

import pytest

from tests.web.browser import Browser, Office
from tests.web.test_day import PICTURE, PLAN, do, opened


def in_review(officer: Browser, head: Browser, desk: Browser, title: str = "印章管理不严") -> str:
    number = opened(officer, title)
    do(officer, number, "submit")
    do(desk, number, "list", **PLAN)
    do(head, number, "assign", login="officer")
    do(officer, number, "sign_for")
    do(head, number, "self_check", [("结果.png", PICTURE, "image/png")], **{"field.result": "已整改"})
    do(head, number, "submit_review")
    return number


@pytest.fixture
def people(office: Office) -> dict[str, Browser]:
    return {login: office.signed_in(login) for login in ("officer", "head", "office")}


def test_the_queue_shows_an_item_with_its_evidence_and_goes_on_after_the_decision(people):
    officer, head, desk = people.values()
    first, second = in_review(officer, head, desk), in_review(officer, head, desk, "台账不全")

    page = desk.get("/review")
    assert "2 件等您决定" in page.words
    assert "结果.png" in page.words
    assert "已整改" in page.words
    assert f"/review?at={second}" in page.links()

    page = desk.send(page.form(f"/items/{first}/do/approve"))
    assert page.url == "/review"
    assert f"{first} 已办理" in page.words
    assert "待考核" in desk.get(f"/items/{first}").words


def test_a_return_asks_for_its_reason_and_comes_back_to_the_queue(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)
    link = next(x for x in desk.get("/review").links() if "/do/return" in x)

    form = desk.get(link).form(f"/items/{number}/do/return")
    refused = desk.send(form, target="returned")
    assert refused.status == 422
    page = desk.send(refused.form(f"/items/{number}/do/return"), target="returned", reason="看不清")

    assert page.url == "/review"
    assert "没有等您审核的事项" in page.words
    assert "看不清" in officer.get(f"/items/{number}").words


def test_nobody_is_offered_their_own_work_for_review(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)

    assert number not in officer.get("/review").text
    assert number not in head.get("/review").text
    assert officer.get(f"/review?at={number}").status == 200


def test_the_board_counts_and_leads_to_what_it_counts(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)
    opened(officer)

    page = desk.get("/board")
    assert "红灯 0" in page.words
    assert "绿灯 2" in page.words
    cells = [link.replace("&amp;", "&") for link in page.links() if link.startswith("/board/cell")]
    assert number in desk.get(next(link for link in cells if "reviewing" in link)).text
    assert "印章" not in desk.get(next(link for link in cells if "finding" in link)).text
    assert "绿灯 2" in desk.get("/board?wall=1").words
    assert "还没有事项" in desk.get("/board?kind=task").words
    assert desk.get("/board/cell?kind=item&unit=unit_a&stage=x&lamp=red").status == 404


def test_an_order_names_its_subject_and_an_item_its_order(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)
    link = next(x for x in desk.get(f"/items/{number}").links() if "parent=" in x)

    form = desk.get(link).form("/new/supervision_order")
    assert {"field.level", "field.demand"} <= {*form.fields, *form.choices}
    page = desk.send(form, title="督办", **{"field.level": "blue", "field.demand": "三日内办结"})

    assert f"/items/{number}" in page.links()
    assert "督办的是" in page.words
    orders = desk.get("/orders")
    assert "蓝色" in orders.words
    assert "三日内办结" in orders.words
    assert f"/items/{number}" in orders.links()
    assert "没有督办单" in desk.get("/orders?level=red").words
    assert page.url.rsplit("/", 1)[1] in desk.get("/orders?stage=rectifying").text


def test_an_item_says_where_it_stands_and_what_was_promised(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)

    page = desk.get(f"/items/{number}")

    assert "复核中 现在" in page.words
    assert "待考核 下一步可到" in page.words
    assert "草拟 到过" in page.words
    assert "提请复核后5个工作日内" in page.words
    assert "什么时候提醒、升级" in page.words


def test_whoever_waits_may_remind_once_a_day(people):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)

    form = head.get(f"/items/{number}").form(f"/items/{number}/urge")
    assert "已催办" in head.send(form).words
    again = head.send(form)

    assert again.status == 422
    assert "已催办过" in again.words
    assert "催办" in desk.get("/inbox").words


def test_a_wallboard_and_its_pages_need_a_sign_in(office: Office):
    for path in ("/board", "/board?wall=1", "/phases", "/duties", "/orders", "/review"):
        assert Browser(office.web).get(path).url == "/login"


def test_pages_of_an_empty_plan_say_so(people):
    desk = people["office"]

    assert "没有" in desk.get("/review").words
    assert re.search("还没有|没有", desk.get("/board").words)
    assert "没有督办单" in desk.get("/orders").words
