"""A database from before lists knew who shares in an item: its delegates and assisting units are found afterwards."""

from datetime import date
from pathlib import Path

from engine.model.ids import UnitCode
from engine.model.item import Delegation
from engine.model.views import ItemFilter
from storage.schema import is_current, upgrade
from tests.integration.house import House, person_in
from tests.migrations.older import put_back
from tests.unit.usecases.test_queries import assigned, moved, opened


def test_delegates_and_assisting_units_are_kept(tmp_path: Path) -> None:
    house = House(tmp_path)
    legal = person_in("legal")
    helped = opened(house, assisting=(UnitCode("unit_x"),))
    handed = moved(house, assigned(house), "sign_for", "officer")
    moved(house, handed, "delegate", "officer", assignee=legal, until_on=date(2020, 6, 1), reason="出差")
    put_back(house.database, "0010")
    assert not is_current(house.database)

    upgrade(house.database)

    with house.begin() as uow:
        (row,) = uow.views.items(ItemFilter(delegate=legal))
        assert uow.items.get([row.id])[row.id].delegation == Delegation(legal, date(2020, 6, 1))
        assisted = ItemFilter(units=frozenset({UnitCode("unit_x")}))
        assert [row.id for row in uow.views.items(assisted)] == [helped.id]
