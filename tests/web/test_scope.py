"""Who may see what (G-SEC-3, first matrix): roles × routes × objects. What is not one's own is as if it were not."""

import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.campaign import Roster
from tests.web.browser import Browser, Form, Office
from tests.web.program import program
from tests.web.test_day import PICTURE, do, opened
from tests.web.test_gate import routes

ROUTES = (
    "/items/{number}",
    "/items/{number}/do/submit",
    "/items/{number}/evidence/{sha256}",
    "/items/{number}/notices",
    "/items/{number}/past",
)
ROLES = ("officer", "legal", "head", "office", "director", "stranger", "neighbour", "auditor")
SEES = {
    "own": {"officer", "legal", "head", "office", "director", "auditor"},
    "elsewhere": {"neighbour", "office", "director", "auditor"},
    "missing": set(),
}


def _more(number: int, login: str, unit: str, scope: str, role: Role | None) -> Roster:
    post = Post(
        code=f"p_{login}", unit=unit, scope=scope, title=login, roles=frozenset({role} if role else ())
    )
    person = Person(id=f"{number:032x}", login=login, name=f"示例{login}", is_sample=True)
    held = Grant(person=person.id, post=post.code, from_on=date(2020, 1, 1), until_on=None)
    unit_b = Unit(code="unit_b", name="示例二队", parent="bureau", ordinal=3, handles_cases=True)
    unit_c = Unit(code="unit_c", name="示例三队", parent="bureau", ordinal=4, handles_cases=True)
    return Roster(units=(unit_b, unit_c), posts=(post,), persons=(person,), grants=(held,))


@pytest.fixture
def wider(office: Office) -> Office:
    """Three units: a neighbour in the second with an item of its own, a stranger in the third, an auditor above."""
    with office.app.writing() as uow:
        uow.people.add(_more(70, "neighbour", "unit_b", "unit_b", Role.OFFICER))
        uow.people.add(_more(71, "stranger", "unit_c", "unit_c", Role.UNIT_HEAD))
        uow.people.add(_more(72, "auditor", "bureau", "bureau", Role.AUDITOR))
        uow.commit()
    return office


def test_every_cell_of_the_matrix(wider: Office):
    browsers = {login: wider.signed_in(login) for login in ROLES}
    numbers = {"own": opened(browsers["officer"]), "missing": "ZG-2020-999999"}
    form = browsers["neighbour"].get("/new/item").form("/new/item")
    page = browsers["neighbour"].send(form, title="别队的问题", unit="unit_b", **{"field.problem": "秘密"})
    numbers["elsewhere"] = page.url.rsplit("/", 1)[1]
    digests = {}
    for place, login in (("own", "officer"), ("elsewhere", "neighbour")):
        do(
            browsers[login],
            numbers[place],
            "attach",
            [(f"{place}.png", PICTURE + place.encode(), "image/png")],
        )
        digests[place] = re.search(
            r"/evidence/([0-9a-f]{64})", browsers[login].get(f"/items/{numbers[place]}").text
        )[1]
    cells = 0
    for login, browser in browsers.items():
        for place, number in numbers.items():
            for route in ROUTES:
                answer = browser.get(route.format(number=number, sha256=digests.get(place, "0" * 64)))
                expected = 200 if login in SEES[place] else 404
                assert answer.status == expected, (login, place, route, answer.words[:300])
                cells += 1
            for told in (browser.get("/items?kind=item").text, *exported(browser)):
                assert (number in told) == (login in SEES[place]), (login, place)

    assert cells == len(ROLES) * 3 * len(ROUTES)


def exported(browser: Browser) -> Iterator[str]:
    """What the asker carries away: every cell of the two files."""
    yield browser.client.get("/items.csv?kind=item").content.decode("utf-8-sig")
    book = load_workbook(BytesIO(browser.client.get("/items.xlsx?kind=item").content))
    yield "\n".join(f"{cell}" for row in book.active.iter_rows(values_only=True) for cell in row)


def test_a_foreign_item_reads_like_a_missing_one(wider: Office):
    officer, stranger = wider.signed_in("officer"), wider.signed_in("stranger")
    number = opened(officer)
    missing = number[:-1] + "9"

    for path in ("/items/{}", "/items/{}/do/submit", "/items/{}/evidence/" + "0" * 64):
        foreign, nothing = stranger.get(path.format(number)), stranger.get(path.format(missing))
        assert foreign.status == nothing.status == 404
        assert foreign.words.replace(number, "N") == nothing.words.replace(missing, "N")
    assert stranger.get(f"/items?q={number}").words.count(number) == 0


def test_programs_meet_the_same_walls(wider: Office):
    numbers = {"own": program(wider, "officer").opened(), "missing": "ZG-2020-999999"}
    paths = ("/items/{}", "/items/{}/history", "/items/{}/evidence/" + "0" * 64)
    for login in ROLES:
        asking = program(wider, login)
        for place, number in numbers.items():
            answers = [asking.get(path.format(number)) for path in paths]
            expected = [200, 200, 404] if login in SEES[place] else [404] * 3
            assert [each.status_code for each in answers] == expected, (login, place)
            if login not in SEES[place]:
                moved = asking.post(f"/items/{number}/moves/submit", {}, f"k-{login}-{place}")
                assert moved.status_code == 404, (login, place, moved.text)
                assert number not in asking.get("/items").text
                assert number not in asking.get("/due", days=3660).text


def test_a_forged_move_on_a_foreign_item_changes_nothing(wider: Office):
    officer, stranger = wider.signed_in("officer"), wider.signed_in("stranger")
    number = opened(officer)
    form = officer.get(f"/items/{number}/do/submit").form(f"/items/{number}/do/submit")
    form.fields["csrf"] = stranger.get("/").form("/logout").fields["csrf"]

    assert stranger.send(form).status == 404
    reminder = Form(f"/items/{number}/urge", "post", {"csrf": form.fields["csrf"]})
    assert stranger.send(reminder).status == 404
    assert "草拟" in officer.get(f"/items/{number}").words


def test_queues_boards_and_orders_hold_nothing_foreign(wider: Office):
    neighbour, stranger = wider.signed_in("neighbour"), wider.signed_in("stranger")
    form = neighbour.get("/new/item").form("/new/item")
    page = neighbour.send(form, title="别队的问题", unit="unit_b", **{"field.problem": "秘密"})
    number = page.url.rsplit("/", 1)[1]
    cell = "/board/cell?kind=item&unit=unit_b&stage=finding&lamp=green"

    assert number in neighbour.get(cell).text
    for path in ("/board", "/board?wall=1", cell, "/review", "/orders", f"/review?at={number}"):
        answer = stranger.get(path)
        assert answer.status == 200
        assert number not in answer.text.replace(path, "")
        assert "别队的问题" not in answer.text
        assert "示例二队" not in answer.words or path == "/orders", path


def test_the_three_offices_do_no_business(wider: Office):
    auditor = wider.signed_in("auditor")
    form = auditor.get("/new/item").form("/new/item")

    page = auditor.send(form, title="审计不办业务", unit="unit_a", **{"field.problem": "样例"})

    assert page.status == 403


def test_routes_are_known_to_the_matrix(office: Office):
    """A new page about one item has to join ROUTES."""
    of_item = {route.path for route in routes(office) if route.path.startswith("/items/{number}")}

    assert of_item == {
        "/items/{number}",
        "/items/{number}/do/{verb}",
        "/items/{number}/evidence/{sha256}",
        "/items/{number}/urge",
        "/items/{number}/notices",
        "/items/{number}/past",
        "/items/{number}/proof",
    }
