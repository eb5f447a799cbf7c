"""A small bureau behind pages: real SQLite, real hashing (cheap), a clock that tests set."""

from datetime import date

import pytest

from engine.model.actor import Grant, Person, Post, Role
from engine.model.campaign import Roster
from tests.builders import BUREAU
from tests.web.browser import Office


@pytest.fixture
def office(tmp_path):
    with Office(tmp_path) as opened:
        yield opened


@pytest.fixture
def administered(office: Office) -> Office:
    """The same with an administrator."""
    post = Post(
        code="p_admin", unit=BUREAU, scope=BUREAU, title="管理员", roles=frozenset({Role.ADMINISTRATOR})
    )
    person = Person(id=f"{90:032x}", login="admin", name="示例admin", is_sample=True)
    held = Grant(person=person.id, post=post.code, from_on=date(2020, 1, 1), until_on=None)
    with office.app.writing() as uow:
        uow.people.add(Roster(units=(), posts=(post,), persons=(person,), grants=(held,)))
        uow.commit()
    return office
