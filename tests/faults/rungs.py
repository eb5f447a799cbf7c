"""Rungs as facts: which were fired, and which must have been by an instant, reckoned from the ladders alone."""

from engine.rules.escalation import reached


def spots(escalation):
    """What one escalation says it fired."""
    at, step = escalation.deadline, escalation.reached
    return [(at.item, at.clock, at.revision, rung.id) for rung in step.rungs]


def fired(stage):
    """Every firing that is stored."""
    with stage.begin() as uow:
        return {(f.item, f.clock, f.revision, f.rung): f for f in uow.deadlines.scan_firings()}


def wanted(stage, now):
    """Every rung that is due at an instant and was not fired yet."""
    with stage.begin() as uow:
        running = [one for one in uow.deadlines.scan() if one.outcome is None]
        items = uow.items.get(sorted({one.item for one in running}))
        due = [(one, reached(_ladder(uow, items, one), one, now, uow.calendar)) for one in running]
    return {(one.item, one.clock, one.revision, rung.id) for one, step in due if step for rung in step.rungs}


def next_at(stage):
    """The instant at which the next rung comes due."""
    with stage.begin() as uow:
        return uow.deadlines.next_at()


def _ladder(uow, items, deadline):
    definition = uow.definitions.get(items[deadline.item].definition)
    return definition.ladders_by_id[definition.clocks_by_id[deadline.clock].ladder]
