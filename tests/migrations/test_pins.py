"""A database from before campaigns could change their versions opens what it opened, until a plan says otherwise."""

from pathlib import Path

from engine.model.ids import DefinitionRef
from storage.schema import is_current, upgrade
from tests.builders import NOON
from tests.integration.house import PLAIN, House
from tests.migrations.older import put_back


def test_a_campaign_keeps_its_versions_and_can_be_given_another(tmp_path: Path) -> None:
    house = House(tmp_path)
    put_back(house.database, "0009")
    assert not is_current(house.database)

    upgrade(house.database)

    with house.begin() as uow:
        assert uow.campaigns.get(PLAIN.id).definitions == PLAIN.definitions
        uow.campaigns.pin(PLAIN.id, DefinitionRef("item", 2), NOON)
        assert uow.campaigns.get(PLAIN.id).definitions["item"].version == 2
