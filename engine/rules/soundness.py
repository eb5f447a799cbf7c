"""Whether a definition can be lived in: one start, no dead ends, no two winners, somebody who acts, a limit."""

from collections.abc import Iterable, Iterator

from engine.model.actor import Party
from engine.model.definition import Definition, StateDef


def problems_of(definition: Definition) -> tuple[str, ...]:
    """Every reason why the definition may not be published, in Chinese; none when it is sound."""
    return (
        *_start(definition),
        *_unreachable(definition),
        *_dead_ends(definition),
        *_two_winners(definition),
        *_idle(definition),
    )


def _start(definition: Definition) -> Iterator[str]:
    if definition.initial not in definition.states_by_id:
        yield f"起始状态 {definition.initial or '（空）'} 不存在"
    if not definition.openers:
        yield "没有人可以新建"


def _targets(definition: Definition, state: str) -> set[str]:
    return {target for move in definition.moves_from(state) for target in move.to}


def _named(states: Iterable[StateDef]) -> str:
    return "、".join(f"{state.label}（{state.id}）" for state in states)


def _unreachable(definition: Definition) -> Iterator[str]:
    reached, waiting = {definition.initial}, [definition.initial]
    while waiting:
        new = _targets(definition, waiting.pop()) - reached
        reached |= new
        waiting.extend(new)
    if lost := [state for state in definition.states if state.id not in reached]:
        yield f"从起始状态走不到：{_named(lost)}"


def _dead_ends(definition: Definition) -> Iterator[str]:
    ends = {state.id for state in definition.states if state.final}
    if not ends:
        yield "没有终止状态"
        return
    if leaving := [s for s in definition.states if s.final and _targets(definition, s.id)]:
        yield f"终止状态之后还有动作：{_named(leaving)}"
    grown = True
    while grown:
        more = {s.id for s in definition.states if _targets(definition, s.id) & ends} - ends
        ends, grown = ends | more, bool(more)
    if stuck := [state for state in definition.states if state.id not in ends]:
        yield f"走不到终止状态：{_named(stuck)}"


def _two_winners(definition: Definition) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for move in definition.moves:
        if not move.who:
            yield f"动作 {move.verb} 没有人可以办理"
        for state in sorted(move.from_states):
            if (state, move.verb) in seen:
                yield f"状态 {state} 有两个同名动作 {move.verb}"
            seen.add((state, move.verb))


def _idle(definition: Definition) -> Iterator[str]:
    timed = {state for clock in definition.clocks for state in clock.runs_in}
    for state in definition.states:
        if state.final:
            continue
        if not state.acts:
            yield f"状态 {_named([state])} 没有写明由谁办理"
        elif not _can_act(definition, state):
            yield f"状态 {_named([state])} 写明的办理人没有任何动作可做"
        if state.id not in timed and not state.deadline_none:
            yield f"状态 {_named([state])} 没有时限，也没有写明 deadline: none"
        if state.id in timed and state.deadline_none:
            yield f"状态 {_named([state])} 有时限，却写明 deadline: none"


def _can_act(definition: Definition, state: StateDef) -> bool:
    """Somebody named as acting may make a move out of the state; a delegate acts as the owner does."""
    acts = {Party.OWNER if who == Party.DELEGATE else who for who in state.acts}
    return any(acts.intersection(move.who) for move in definition.moves_from(state.id))
