"""Bureaus: one that has just begun, and one that has lived for some weeks."""

import pytest

from tests.audit.bureau import Bureau


@pytest.fixture
def bureau(tmp_path):
    made = Bureau(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A bureau after some weeks; to be read, not to be changed but by what reading itself enters."""
    bureau = Bureau(tmp_path_factory.mktemp("bureau"), 3)
    bureau.live(60)
    bureau.tick()
    yield bureau
    bureau.close()
