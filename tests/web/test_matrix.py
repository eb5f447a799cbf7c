"""G-SEC-3: every role in every place × every route about an item × items in every place and state.

In the suite every tenth asker walks the whole matrix; `make storm` sends all of them (more than 5,000 requests). What
one may not see answers like what is not there. Then every role × every door of an office.
"""

import random
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.model.actor import Role
from tests.web.browser import SAME, Office
from tests.web.bureau import Asker, Bureau, Thing, askers
from tests.web.program import Program
from tests.web.test_gate import routes
from web.gate import proof_of

COMMANDS = (("item", "show"), ("item", "why"), ("history", "show"), ("deadline", "explain"))
"""What the command line tells of one item."""
THREE = {Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR}
WITNESSES = {Role.OFFICE_DIRECTOR, Role.LEADING_GROUP, *THREE}
LOG = {Role.AUDITOR, Role.SECURITY_OFFICER, Role.SUPERVISOR}
LISTS = ("/items?limit=200", "/due?days=3660&limit=200", "/items?title=只此一件&limit=200")


def paths_about(office: Office, thing: Thing) -> Iterator[str]:
    """Every address about one item that a browser may get, filled in."""
    for route in routes(office):
        if "{number}" in route.path and "GET" in route.methods:
            path = route.path.replace("{number}", thing.number).replace("{sha256}", thing.sha256)
            if "{verb}" not in path or thing.verb:
                yield path.replace("{verb}", thing.verb)


def programs_paths(thing: Thing) -> Iterator[str]:
    """The same of the interface."""
    yield from (f"/items/{thing.number}{end}" for end in ("", "/history", f"/evidence/{thing.sha256}"))


def walkers(rounds: int | None) -> list[Asker]:
    """All askers, or every tenth of them in an order of chance that the seed decides."""
    found = askers()
    return found if rounds else random.Random(3).sample(found, len(found) // 10)


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    with Office(tmp_path_factory.mktemp("matrix")) as office:
        yield Bureau(office)


def expected(asker: Asker, thing: Thing, path: str) -> set[int]:
    """The one answer that is right: found, or as if it were not there."""
    is_unsigned = path.endswith("/proof")  # no key is in force in this bureau
    is_absent = not thing.is_open_to(asker) or "/evidence/000" in path or is_unsigned
    return {404} if is_absent else {200}


@pytest.mark.storm
def test_pages(bureau: Bureau, rounds: int | None):
    cells = 0
    for asker in walkers(rounds):
        browser = bureau.browser(asker)
        for thing in bureau.things:
            for path in paths_about(bureau.office, thing):
                answer = browser.get(path)
                assert answer.status_code in expected(asker, thing, path), (asker, thing, path)
                cells += 1
        shown = browser.get("/items?q=只此一件").text
        assert {each.number for each in bureau.things if each.number in shown} == _seen(bureau, asker), asker
        cells += len(bureau.things)
    print(f"{cells} cells of pages, seed 3")


@pytest.mark.storm
def test_programs(bureau: Bureau, rounds: int | None):
    cells = 0
    for asker in walkers(rounds):
        program = bureau.program(asker)
        for thing in bureau.things:
            for path in programs_paths(thing):
                assert program.get(path).status_code in expected(asker, thing, path), (asker, thing, path)
                cells += 1
            move = program.post(f"/items/{thing.number}/moves/submit", {"expected_version": 99})
            assert move.status_code == (409 if thing.is_open_to(asker) else 404), (asker, thing, move.text)
            cells += 1
        for path in LISTS:
            shown = program.get(path).text
            listed = {each.number for each in bureau.things if each.number in shown}
            assert listed <= _seen(bureau, asker), (asker, path)
            assert path.startswith("/due") or listed == _seen(bureau, asker), (asker, path)
            cells += len(bureau.things)
    print(f"{cells} cells of programs, seed 3")


@pytest.mark.storm
def test_commands(bureau: Bureau, rounds: int | None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUBAN_DATABASE", str(bureau.office.app.settings.file))
    at, runner, cells = f"{bureau.office.time:%Y-%m-%dT%H:%M}", CliRunner(), 0
    for asker in walkers(rounds)[: None if rounds else 2]:
        for thing in bureau.things:
            for command in COMMANDS:
                more = ["submit"] if command == ("item", "why") else []
                told = runner.invoke(
                    main, ["--at", at, "--actor", asker.login, *command, thing.number, *more]
                )
                said = "没有事项" in told.stderr
                assert said is not thing.is_open_to(asker), (asker, thing, command, told.output)
                cells += 1
    print(f"{cells} cells of commands, seed 3")


def _seen(bureau: Bureau, asker: Asker) -> set[str]:
    return {each.number for each in bureau.things if each.is_open_to(asker)} - {"ZG-2020-999999"}


def test_every_route_of_the_interface_about_an_item_is_in_the_matrix(bureau: Bureau):
    thing = bureau.things[0]
    known = {
        p.replace(thing.number, "{number}").replace(thing.sha256, "{sha256}") for p in programs_paths(thing)
    }
    paths = Program(bureau.office, None).get("/openapi.json").json()["paths"]
    about = {path for path, methods in paths.items() if "{number}" in path and "get" in methods}

    assert about == known


OFFICES: dict[tuple[str, str], tuple[set[Role], dict[str, str]]] = {
    ("GET", "/audit"): (LOG, {}),
    ("GET", "/audit/1.tlog-proof"): (LOG, {}),
    ("GET", "/audit/conformance"): (LOG, {}),
    ("GET", "/accounts"): (THREE, {}),
    ("GET", "/system"): ({Role.OFFICE, Role.OFFICE_DIRECTOR, *THREE}, {}),
    ("GET", "/notices"): ({Role.OFFICE, Role.OFFICE_DIRECTOR, Role.SUPERVISOR, *THREE}, {}),
    ("GET", "/organisation/people/officer"): ({Role.SECURITY_OFFICER}, {}),
    ("POST", "/organisation/people/officer"): ({Role.SECURITY_OFFICER}, {"grant": "none"}),
    ("POST", "/organisation"): ({Role.SECURITY_OFFICER}, {"login": "officer", "post": "nowhere"}),
    ("POST", "/accounts"): ({Role.ADMINISTRATOR}, {"login": "nobody-there", "act": "reset"}),
    ("POST", "/notices"): ({Role.OFFICE, Role.OFFICE_DIRECTOR, Role.ADMINISTRATOR}, {"notice": "none"}),
    ("POST", "/calendar"): ({Role.ADMINISTRATOR}, {}),
    ("POST", "/bulletin"): (
        {Role.OFFICE_DIRECTOR, Role.LEADING_GROUP},
        {"number": "none", "verdict": "issued"},
    ),
    ("GET", "/audit/growth"): (LOG, {"since": "1"}),
    ("GET", "/anchor"): (WITNESSES, {}),
    ("POST", "/anchor"): (WITNESSES, {"to": "月报"}),
    ("GET", "/redaction"): ({Role.SECURITY_OFFICER}, {}),
    ("POST", "/redaction"): ({Role.SECURITY_OFFICER}, {"target": "none", "reason": "无", "basis": "无"}),
}
"""Who is not turned away from what belongs to an office, written down here once more."""
OPEN_TO_ALL = frozenset(
    "/ /static/{name} /login /second-factor /password /logout /todo /inbox /inbox/{key} /done /opened /review /items "
    "/items/batch /items.csv /items.xlsx /filters /filters/{filter_id}/forget /orders /new/{kind} /board /board/cell "
    "/phases /past /duties /definitions /definitions/{name}/{version} /definitions/{name}/{version}/diagram.svg "
    "/tokens /tokens/{token}/revoke /calendar/{token}.ics /health /metrics".split()
)
"""What everybody has, each with what is theirs; a token of one's own leads to the last ones but health."""
OPEN_TO_READ = frozenset({"/organisation", "/calendar", "/bulletin"})
"""What everybody may look at and an office changes."""


def test_every_route_stands_in_the_matrix(bureau: Bureau):
    """A page that is new is about an item, belongs to an office, or is said to be everybody's."""
    left = [
        each for each in routes(bureau.office) if "{number}" not in each.path and each.path not in OPEN_TO_ALL
    ]
    found = {
        (method, each.path.replace("{index}", "1").replace("{login}", "officer"))
        for each in left
        for method in each.methods
    }

    assert found == {*OFFICES, *(("GET", path) for path in OPEN_TO_READ)}


@pytest.mark.storm
def test_offices(bureau: Bureau, rounds: int | None):
    """Everybody in the bureau, and in the long run in every unit, at every door of an office."""
    cells = 0
    for asker in [each for each in askers() if rounds or each.place == "bureau"]:
        browser = bureau.browser(asker, "offices")
        proof = proof_of(browser.cookies["duban"])
        for (method, path), (roles, typed) in OFFICES.items():
            sent = {"data": {"csrf": proof, **typed}, "headers": SAME} if method == "POST" else {}
            answer = browser.request(method, path, follow_redirects=False, **sent)
            assert (answer.status_code != 403) == (asker.role in roles), (
                asker,
                method,
                path,
                answer.status_code,
            )
            assert answer.status_code < 500
            cells += 1
    print(f"{cells} cells of offices")
