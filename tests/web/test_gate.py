"""What every request passes: no forged request gets through, nothing too large, every answer has its headers."""

import re

import pytest
from fastapi.routing import APIRoute

from tests.web.browser import SAME, SITE, Browser, Office
from web.gate import FORM_BYTES, HEADERS, SAFE, UPLOAD_BYTES, proof_of

ELSEWHERE = {"origin": "http://elsewhere.test", "sec-fetch-site": "cross-site"}


def routes(office: Office) -> list[APIRoute]:
    return [route for route in _flat(office.web.routes) if isinstance(route, APIRoute)]


def _flat(found):
    for route in found:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from _flat(inner.routes)


def changing(office: Office) -> list[tuple[str, str]]:
    """Every route that may change something, with a method."""
    return [
        (method, re.sub(r"\{[^}]+\}", "x", route.path))
        for route in routes(office)
        for method in route.methods - SAFE
    ]


def forged(token: str):
    """Six ways in which another site, or somebody without the session, might send a form."""
    proof = proof_of(token)
    cookie = {"cookie": f"duban={token}"}
    form = {"csrf": proof}
    yield "no proof", SAME | cookie, {"data": {}}
    yield "a proof of another session", SAME | cookie, {"data": {"csrf": proof_of("0" * 64)}}
    yield "from another site", ELSEWHERE | cookie, {"data": form}
    yield "a method in disguise", ELSEWHERE | cookie | {"x-http-method-override": "POST"}, {"data": form}
    kind = {"content-type": "text/plain"}
    yield "JSON as plain text", SAME | cookie | kind, {"content": f'{{"csrf":"{proof}"}}'}
    twice = {"cookie": f"duban={token}; duban={'0' * 64}"}
    yield "two cookies", SAME | twice, {"data": form}
    yield "no origin at all", cookie, {"data": form}
    yield (
        "the proof behind a file",
        SAME | cookie,
        {"files": {"evidence": ("x", b"x"), "csrf": (None, proof)}},
    )


def _size_of_history(office: Office) -> int:
    with office.app.reading() as uow:
        return uow.history.head().size


def test_no_forged_request_passes_any_route_that_changes_something(office: Office):
    """G-SEC-1: every such route of the router, by every forgery."""
    token = office.signed_in("officer").client.cookies["duban"]
    client = Browser(office.web).client
    size = _size_of_history(office)
    tried = 0

    for method, path in changing(office):
        for what, headers, sent in forged(token):
            client.cookies.clear()
            answer = client.request(method, path, headers=headers, **sent)
            assert answer.status_code == 403, f"{method} {path}: {what}"
            tried += 1

    assert tried >= 8 * 4
    assert _size_of_history(office) == size


def test_an_own_form_passes_with_field_or_header(office: Office):
    token = office.signed_in("officer").client.cookies["duban"]
    client = Browser(office.web).client
    client.cookies.set("duban", token, domain="duban.test")

    for sent in ({"data": {"csrf": proof_of(token)}}, {"headers": {"x-csrf": proof_of(token)}}):
        answer = client.post("/password", **{**sent, "headers": SAME | sent.get("headers", {})})
        assert answer.status_code == 422


def test_a_get_changes_nothing_whatever_it_is_called(office: Office):
    browser = office.signed_in("officer")
    size = _size_of_history(office)

    for method, path in changing(office):
        browser.get(path, **{"x-http-method-override": method})

    assert _size_of_history(office) == size


def test_every_page_but_the_doors_asks_who_is_there(office: Office):
    open_to_all = {"/login", "/static/{name}", "/health"}
    by_token = {"/metrics", "/calendar/{token}.ics"}  # tests/web/test_watch.py
    client = Browser(office.web).client

    for route in routes(office):
        if route.path in open_to_all | by_token or "GET" not in route.methods:
            continue
        answer = client.get(re.sub(r"\{[^}]+\}", "x", route.path), follow_redirects=False)
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/login"), (
            route.path
        )


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/static/duban.css", "/static/nothing", "/items/x"])
def test_every_answer_has_its_headers(office: Office, path: str):
    answer = Browser(office.web).client.get(path)

    for name, value in HEADERS.items():
        if name != "cache-control":
            assert answer.headers[name] == value
    assert "cache-control" in answer.headers
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(tmp_path):
    with Office(tmp_path, is_https=True) as office:
        given = Browser(office.web).client.get("/login").headers["set-cookie"].lower()

    assert {"httponly", "samesite=lax", "secure", "path=/"} <= {part.strip() for part in given.split(";")}


@pytest.mark.parametrize("length", [FORM_BYTES + 1, UPLOAD_BYTES * 2])
def test_a_form_that_is_too_large_is_turned_away(office: Office, length: int):
    browser = office.signed_in("officer")
    token = browser.client.cookies["duban"]
    headers = SAME | {"content-type": "application/x-www-form-urlencoded"}

    def drip():
        yield f"csrf={proof_of(token)}&old=".encode()
        for _ in range(FORM_BYTES // 4096 + 1):
            yield b"x" * 4096

    announced = browser.client.post(
        "/password", headers=headers | {"content-length": f"{length}"}, content=b""
    )
    dripped = browser.client.post("/password", headers=headers, content=drip())

    assert announced.status_code == dripped.status_code == 413
    assert "内容太大" in announced.text


def test_a_thousand_fields_and_an_endless_address_are_turned_away(office: Office):
    browser = office.signed_in("officer")
    form = browser.get("/password").form("/password")

    many = browser.send(form, **{f"f{number}": "x" for number in range(1000)})

    assert many.status == 403
    assert browser.get("/?" + "x" * 5000).status == 414


def test_a_defect_shows_no_trace(office: Office, monkeypatch):
    browser = office.signed_in("officer")
    monkeypatch.setattr("web.pages.desk.workbench.__code__", (lambda guest: 1 / 0).__code__)

    page = browser.get("/")

    assert page.status == 500
    assert "ZeroDivisionError" not in page.text
    assert "Traceback" not in page.text
    assert "请转告系统管理员" in page.words


def test_whoever_is_refused_or_lost_keeps_the_menu(office: Office):
    browser = office.signed_in("officer")

    for path, status in (("/audit", 403), ("/items/none", 404), ("/nowhere", 404)):
        page = browser.get(path)
        assert (page.status, "/todo" in page.links()) == (status, True), path
    assert "/todo" not in Browser(office.web).get("/nowhere").links()


def test_the_table_of_problems_is_total():
    from engine.model import errors
    from web.problems import KINDS

    classes = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Error)
    ]

    assert {kind for kind in classes if kind is not errors.Error} <= set(KINDS)


def test_pages_load_nothing_from_elsewhere(office: Office):
    browser = office.signed_in("officer")

    for path in ("/login", "/", "/password"):
        found = re.findall(r'(?:src|href|action)="([^"]*)"', browser.get(path).text)
        assert all(each.startswith(("/", "#")) for each in found)
        assert f"{SITE}" not in found
