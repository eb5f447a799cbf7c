"""G-SEC-16: the interface is asked whatever its schema allows, and much that it does not, as each role."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_schema_conformance,
    status_code_conformance,
)

from engine.model.actor import Role
from tests.integration.house import POSTS
from tests.web.browser import SITE, Office
from tests.web.program import program
from tests.web.test_scope import _more

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    ignored_auth,
]
ROLES = (*(code for code, *_ in POSTS), "supervisor", "auditor", "administrator", "security_officer")


@pytest.fixture
def full(office: Office) -> Office:
    """The bureau with those who stand outside of its business, too."""
    with office.app.writing() as uow:
        for number, role in enumerate(ROLES[len(POSTS) :], 80):
            uow.people.add(_more(number, role, "bureau", "bureau", Role(role)))
        uow.commit()
    return office


@pytest.mark.storm
@pytest.mark.parametrize("role", ROLES)
def test_no_request_is_answered_with_a_defect(full: Office, rounds: int | None, role: str):
    """With --rounds each role asks so often; every second request about an item is about one that there is."""
    asking, number = program(full, role), program(full, "officer").opened()
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", full.web)
    operations = [found.ok() for found in schema.get_all_operations()]
    count = 0

    def ask(case):
        nonlocal count
        count += 1
        if "number" in case.path_parameters and count % 2:
            case.path_parameters["number"] = number
        case.call_and_validate(
            base_url=f"{SITE}/api/v1",
            headers={"Authorization": asking.headers["authorization"]},
            checks=CHECKS,
        )

    for operation in operations:
        often = settings(
            max_examples=max((rounds or 0) // len(operations), 3),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(1)(often(given(case=operation.as_strategy())(ask)))()
    print(f"{role}: {count} requests, seed 1")
    assert count >= len(operations)
