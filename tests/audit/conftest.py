"""A bureau whose history is signed."""

import pytest

from tests.audit.bureau import Bureau


@pytest.fixture
def bureau(tmp_path):
    made = Bureau(tmp_path)
    yield made
    made.close()
