"""会签: who may sign, whose turn it is, and whether a signature completes the set."""

from collections.abc import Iterator

from engine.model.actor import Actor, Role
from engine.model.guards import Countersign, CountersignMode
from engine.model.item import Item, Vote
from engine.model.reasons import Reason, ReasonCode, reason

ASSISTING_UNITS = "assisting_units"


def parties_of(guard: Countersign, item: Item) -> tuple[str, ...]:
    """The parties that must sign, in order; an assisting unit stands as `unit:<code>`, a role as itself."""
    parties: list[str] = []
    for name in guard.of:
        parties.extend(
            f"unit:{unit}" for unit in item.assisting
        ) if name == ASSISTING_UNITS else parties.append(name)
    return tuple(parties)


def party_of(guard: Countersign, item: Item, actor: Actor) -> str | None:
    """The party the actor signs for: the first unsigned one they may, else one that has signed; None if none."""
    signed = {vote.party for vote in item.votes}
    eligible = [party for party in parties_of(guard, item) if _signs_for(actor, party)]
    return next((party for party in eligible if party not in signed), eligible[0] if eligible else None)


def signature_reasons(guard: Countersign, item: Item, actor: Actor) -> Iterator[Reason]:
    """Why the actor may not sign now."""
    party, signed = party_of(guard, item, actor), {vote.party for vote in item.votes}
    if party is None:
        if parties_of(guard, item):
            yield reason(ReasonCode.NOT_STANDING, who="、".join(parties_of(guard, item)))
        return
    if party in signed or any(vote.person == actor.person for vote in item.votes):
        yield reason(ReasonCode.ALREADY_SIGNED, party=party)
    elif guard.mode is CountersignMode.IN_ORDER and party != _turn(guard, item):
        yield reason(ReasonCode.NOT_YOUR_TURN, party=_turn(guard, item) or "")


def votes_after(guard: Countersign, item: Item, actor: Actor) -> tuple[Vote, ...]:
    """The signatures of the round once the actor has signed."""
    party = party_of(guard, item, actor)
    return item.votes if party is None else (*item.votes, Vote(party, actor.person))


def is_complete(guard: Countersign, item: Item, votes: tuple[Vote, ...]) -> bool:
    """True when these signatures are enough for the mode."""
    needed = len(parties_of(guard, item))
    if guard.mode is CountersignMode.ANY:
        needed = min(needed, 1)
    elif guard.mode is CountersignMode.QUORUM:
        needed = min(needed, guard.quorum)
    return len({vote.party for vote in votes}) >= needed


def _turn(guard: Countersign, item: Item) -> str | None:
    signed = {vote.party for vote in item.votes}
    return next((party for party in parties_of(guard, item) if party not in signed), None)


def _signs_for(actor: Actor, party: str) -> bool:
    if party.startswith("unit:"):
        unit = party.removeprefix("unit:")
        return any(held.unit == unit and Role.UNIT_HEAD in held.roles for held in actor.posts)
    return any(party in held.roles for held in actor.posts)
