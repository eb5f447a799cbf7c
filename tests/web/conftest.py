"""A small bureau behind pages: real SQLite, real hashing (cheap), a clock that tests set."""

import pytest

from tests.web.browser import Office


@pytest.fixture
def office(tmp_path):
    with Office(tmp_path) as opened:
        yield opened
