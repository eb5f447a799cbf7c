"""Every verb of every shipped definition is made on each store, and leaves it sound."""

from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item
from tests.lives import LIVES, attempt_of, moves_of, undone


def lived(house, life):
    item = life.opened(house)
    for number, (now, step) in enumerate(moves_of(life)):
        move_item(house.begin(), now, attempt_of(house, item, number, step))
    with house.begin() as uow:
        return {(life.kind, entry.what) for entry in uow.history.of_item(item.id)}


def test_every_verb_of_every_definition_is_made_and_leaves_the_store_sound(house):
    made = set().union(*(lived(house, life) for life in LIVES))

    assert undone(made) == set()
    assert list(examine_deeply(house.begin())) == []
