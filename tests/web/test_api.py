"""The interface for programs: the same rules as the pages, in JSON."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.model.token import Scope
from tests.web.browser import Office
from tests.web.program import Program, program, token_for
from tests.web.test_day import PICTURE

PLAN = {"goal": "全程开启", "standard": "连续两月抽查无缺", "measures": "每周抽查", "due_on": "2020-10-30"}


def test_an_item_goes_from_opening_to_the_review_by_programs(office: Office):
    officer, head, desk = (program(office, login) for login in ("officer", "head", "office"))
    number = officer.opened()
    assert officer.post(f"/items/{number}/moves/submit", {}, "k-submit-1").json()["version"] == 2

    refused = desk.post(f"/items/{number}/moves/list", {"fields": {"goal": "全程开启"}}, "k-list-01")
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert {each["code"] for each in refused.json()["reasons"]} == {"field_missing"}
    assert len(refused.json()["reasons"]) == 3
    assert desk.post(f"/items/{number}/moves/list", {"fields": PLAN}, "k-list-02").status_code == 200

    assert (
        head.post(f"/items/{number}/moves/assign", {"assignee": "officer"}, "k-assign-1").status_code == 200
    )
    officer.post(f"/items/{number}/moves/sign_for", {}, "k-sign-01")
    handed = head.post(
        f"/items/{number}/moves/self_check/with-evidence",
        key="k-check-1",
        files={"files": ("结果.png", PICTURE, "image/png")},
        data={"move": '{"fields": {"result": "已整改"}}'},
    )
    assert handed.status_code == 200, handed.text
    shown = officer.get(f"/items/{number}").json()
    assert [each["name"] for each in shown["evidence"]] == ["结果.png"]
    digest = shown["evidence"][0]["sha256"]
    assert officer.get(f"/items/{number}/evidence/{digest}").content == PICTURE
    assert officer.get(f"/items/{number}/evidence/{'0' * 64}").status_code == 404
    entries = officer.get(f"/items/{number}/history").json()["entries"]
    assert [each["what"] for each in entries][:2] == ["open", "submit"]
    assert officer.get("/due", days=300).json()[0]["number"] == number
    assert officer.get("/notices").json()["notices"]


def test_lists_are_paged_and_narrowed(office: Office):
    officer = program(office, "officer")
    numbers = [officer.opened(f"样例{n}", f"open-{n:08}") for n in range(5)]

    first = officer.get("/items", limit=2, kind="item").json()
    second = officer.get("/items", limit=2, kind="item", after=first["next"]).json()
    last = officer.get("/items", limit=2, kind="item", after=second["next"]).json()

    assert [each["number"] for page in (first, second, last) for each in page["items"]] == numbers
    assert last["next"] is None
    assert officer.get("/items", title="样例3").json()["items"][0]["number"] == numbers[3]
    assert officer.get("/items", colour="red").status_code == 400
    assert officer.get("/items", limit=201).status_code == 400


def test_a_key_has_one_effect_also_with_files_and_at_once(office: Office):
    officer = program(office, "officer")
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda _: officer.opened("只开一次"), range(16)))
    assert len(numbers) == 1
    (number,) = numbers
    sent = {"files": {"files": ("结果.png", PICTURE, "image/png")}, "key": "k-attach-1"}

    answers = [officer.post(f"/items/{number}/moves/attach/with-evidence", **sent) for _ in range(3)]

    assert [each.status_code for each in answers] == [200] * 3, answers[1].text
    assert len({each.text for each in answers}) == 1
    other = officer.post(f"/items/{number}/moves/submit", {}, "k-attach-1")
    assert other.status_code == 409
    assert officer.post(f"/items/{number}/moves/submit", {}, None).status_code == 400


def test_what_was_seen_before_somebody_else_moved_is_a_conflict(office: Office):
    officer, legal = program(office, "officer"), program(office, "legal")
    number = officer.opened()
    officer.post(f"/items/{number}/moves/submit", {"expected_version": 1}, "k-first-01")

    late = legal.post(f"/items/{number}/moves/submit", {"expected_version": 1}, "k-second-1")

    assert late.status_code == 409
    assert "已被他人办理" in late.json()["detail"]


def test_a_refused_move_keeps_no_file(office: Office):
    officer = program(office, "officer")
    number = officer.opened()
    files = {"files": ("结果.png", PICTURE + b"refused", "image/png")}

    answer = officer.post(f"/items/{number}/moves/self_check/with-evidence", key="k-nothing", files=files)

    assert answer.status_code == 422
    assert not [path for path in office.app.settings.evidence.rglob("*") if path.is_file()]
    shell = {"files": ("脚本.sh", b"#!/bin/sh", "text/plain")}
    assert officer.post(f"/items/{number}/moves/attach/with-evidence", files=shell).status_code == 400


def test_trying_to_review_ones_own_work_is_entered_with_a_file_as_without(office: Office):
    officer, head, desk = (program(office, login) for login in ("officer", "head", "office"))
    number = officer.opened()
    officer.post(f"/items/{number}/moves/submit", {}, "k-submit-1")
    desk.post(f"/items/{number}/moves/list", {"fields": PLAN}, "k-list-01")
    head.post(f"/items/{number}/moves/assign", {"assignee": "officer"}, "k-assign-1")
    officer.post(f"/items/{number}/moves/sign_for", {}, "k-sign-01")
    proof = {"files": {"files": ("结果.png", PICTURE, "image/png")}}
    checked = {"data": {"move": '{"fields": {"result": "已整改"}}'}, **proof}
    head.post(f"/items/{number}/moves/self_check/with-evidence", key="k-check-1", **checked)
    head.post(f"/items/{number}/moves/submit_review", {}, "k-review-1")
    desk.post(f"/items/{number}/moves/assign_reviewer", {"assignee": "head"}, "k-reviewer")

    answer = head.post(f"/items/{number}/moves/approve/with-evidence", key="k-approve", **proof)

    assert {each["code"] for each in answer.json()["reasons"]} == {"not_independent"}
    with office.app.reading() as uow:
        assert uow.history.newest("self_review_refused") is not None


@pytest.mark.parametrize("token", [None, "duban_" + "0" * 64, "x", "é"])
def test_without_a_good_token_nothing_is_told(office: Office, token: str | None):
    stranger = Program(office, None)
    stranger.headers = {"authorization": f"Bearer {token}".encode()} if token else {}

    answers = [stranger.get("/items"), stranger.post("/items", {}), stranger.get("/items/ZG-2020-000001")]

    assert {each.status_code for each in answers} == {401}
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_a_cookie_counts_for_nothing(office: Office):
    browser = office.signed_in("officer")

    assert browser.client.get("/api/v1/items").status_code == 401
    assert browser.client.post("/api/v1/items", json={}).status_code == 401


def test_a_token_reaches_as_far_as_its_scope(office: Office):
    reading, writing = (
        program(office, "officer", frozenset({Scope.READ})),
        program(office, "officer", frozenset({Scope.WRITE})),
    )

    assert reading.get("/items").status_code == 200
    assert reading.post("/items", {}).status_code == 403
    assert writing.get("/items").status_code == 403
    assert "read" in writing.get("/items").json()["detail"]


def test_a_token_ends_when_it_expires_is_revoked_or_its_account_is_closed(office: Office):
    expiring, revoked = token_for(office, "officer", days=1), token_for(office, "officer", days=200)
    closed = token_for(office, "head", days=200)
    office.time += timedelta(days=2)
    assert Program(office, expiring).get("/me").status_code == 401
    assert Program(office, revoked).get("/me").json()["login"] == "officer"
    with office.app.writing() as uow:
        account = uow.accounts.get(uow.people.by_login(["head"])["head"].id)
        uow.accounts.replace(type(account)(**{**_fields(account), "disabled_at": office.time}))
        officer = uow.people.by_login(["officer"])["officer"].id
        last = max(uow.tokens.of_person(officer), key=lambda token: token.expires_at)
        uow.tokens.revoke(last.id, office.time)
        uow.commit()
    assert Program(office, revoked).get("/me").status_code == 401
    assert Program(office, closed).get("/me").status_code == 401


def _fields(account) -> dict:
    return {name: getattr(account, name) for name in account.__dataclass_fields__}


def test_the_schema_and_its_words(office: Office):
    found = Program(office, None).get("/openapi.json").json()

    assert set(found["paths"]) >= {"/items", "/items/{number}", "/items/{number}/moves/{verb}", "/due"}
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            assert operation["security"], (path, method)
            assert {"401", "403", "404", "422", "503"} <= set(operation["responses"]), (path, method)
    kinds = program(office, "officer").get("/kinds").json()
    assert {"item", "phase", "task", "report"} <= {each["id"] for each in kinds}
    assert program(office, "officer").get("/units").json()[0]["name"] == "示例县公安局"


def test_a_defect_tells_nothing_of_itself(office: Office, monkeypatch):
    monkeypatch.setattr("web.api.reads.units_of", lambda _: 1 / 0)

    answer = program(office, "officer").get("/units")

    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text
    assert answer.json()["type"] == "urn:duban:problem:defect"


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**30])
def test_a_number_that_no_field_holds_is_refused(office: Office, number: int):
    officer = program(office, "officer")
    item = officer.opened()

    answer = officer.post(f"/items/{item}/moves/submit", {"fields": {"problem": number}}, "k-number-1")

    assert answer.status_code == 422, answer.text
    assert answer.json()["reasons"][0]["code"] == "field_invalid"


def test_too_much_is_turned_away_before_it_is_read(office: Office):
    officer = program(office, "officer")

    assert officer.post("/items", {"title": "长" * 200_000}).status_code == 413
