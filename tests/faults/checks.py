"""What must hold after every attack."""

from engine.usecases.doctor import Acknowledged, examine_deeply, unaccounted


def findings(stage, acknowledged=()):
    """Every broken invariant (I1-I6, I10-I12), and what the database says of its own health (I14)."""
    with stage.begin() as uow:
        damage = uow.views.integrity()
    return [*damage, *examine_deeply(stage.begin()), *unaccounted(stage.begin(), acknowledged)]


def acknowledgement(attempt, version):
    """What the client may rely on."""
    return Acknowledged(person=attempt.actor.person, key=attempt.key, item=attempt.item, version=version)


def entries(stage):
    """The size of the log."""
    with stage.begin() as uow:
        return uow.history.head().size


def item_of(stage):
    """The one item of the stage as it stands."""
    with stage.begin() as uow:
        return uow.items.get(stage.items[:1])[stage.items[0]]


def state_of(stage):
    """The state of the one item, by the name that people read."""
    item = item_of(stage)
    with stage.begin() as uow:
        return uow.definitions.get(item.definition).states_by_id[item.state].label
