"""docs/api.md names the addresses, statuses and scopes that there are."""

import re
from pathlib import Path

from engine.model.token import Scope
from tests.web.browser import Office
from tests.web.program import Program
from tests.web.test_gate import routes

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_every_address_that_is_named_is_there(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        paths = Program(office, None).get("/openapi.json").json()["paths"]
        own = {route.path for route in routes(office)}
    named = re.findall(r"^(GET|POST) ([^\s?]+)", PAGE, flags=re.MULTILINE)

    assert len(named) >= 8
    for method, path in named:
        assert method.lower() in paths[path], path
    assert {"/metrics", "/health", "/calendar/{token}.ics"} <= own


def test_every_status_and_scope_is_explained(tmp_path: Path) -> None:
    with Office(tmp_path) as office:
        paths = Program(office, None).get("/openapi.json").json()["paths"]
    possible = {status for path in paths.values() for each in path.values() for status in each["responses"]}

    assert possible - {"200", "201"} == set(re.findall(r"^\| (\d{3}) \|", PAGE, flags=re.MULTILINE))
    for scope in Scope:
        assert f"`{scope.value}`" in PAGE
