"""Whether a definition can be lived in: one start, no dead ends, no two winners, somebody who acts, a limit."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.model.actor import WORK, Capacity, Party, Role
from engine.model.campaign import Roster
from engine.model.clock import Anchor
from engine.model.definition import Definition, Effect, MoveDef, Stage, StateDef
from engine.model.guards import Countersign, Independent

RESERVED: Final = frozenset({"open", "migrate"})
"""Verbs that the engine itself enters on an item."""
APART: Final = {
    Role.ADMINISTRATOR: "系统管理员",
    Role.SECURITY_OFFICER: "安全管理员",
    Role.AUDITOR: "审计员",
}
"""三员: who runs and audits the system has no part in the business."""


Path = tuple[str | int, ...]
"""Keys and places in lists that lead to a value of a document."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A reason why a definition may not be published, in Chinese, and the path in its document that it speaks of."""

    text: str
    path: Path = ()


def problems_of(definition: Definition) -> tuple[Flaw, ...]:
    """Every reason why the definition may not be published; none when it is sound."""
    return (
        *_start(definition),
        *_unreachable(definition),
        *_dead_ends(definition),
        *_two_winners(definition),
        *_idle(definition),
        *_apart(definition),
        *_paces(definition),
        *_never_extended(definition),
        *_levels(definition),
        *_reserved(definition),
        *_unguarded(definition),
    )


def staffing_problems(definition: Definition, roster: Roster) -> tuple[str, ...]:
    """Every role that the definition counts on and no post of the roster carries, in Chinese."""
    carried = {role for post in roster.posts for role in post.roles}
    return tuple(
        f"没有岗位担任角色 {role}：{'、'.join(dict.fromkeys(places))}"
        for role, places in _roles_used(definition).items()
        if role not in carried
    )


def _roles_used(definition: Definition) -> dict[Role, list[str]]:
    """Each role that is named somewhere, with the places that name it."""
    found: dict[Role, list[str]] = {}
    for place, names in _namings(definition):
        for name in names:
            if name in set(Role):
                found.setdefault(Role(name), []).append(place)
    return found


def _namings(definition: Definition) -> Iterator[tuple[str, Iterable[str]]]:
    yield "新建", definition.openers
    yield from (("新建的通知", tell.to) for tell in definition.opening_tells)
    for state in definition.states:
        yield f"状态 {state.label}", state.acts
    for move in definition.moves:
        yield f"动作 {move.label}", move.who
        yield from ((f"动作 {move.label}的通知", tell.to) for tell in move.tells)
        signing = (guard for guard in move.guards if isinstance(guard, Countersign))
        yield from ((f"动作 {move.label}的会签", guard.of) for guard in signing)
    for ladder in definition.ladders:
        yield from ((f"阶梯 {rung.label}", rung.tell) for rung in ladder.rungs)
    yield from ((f"质量 {level.label}", level.tell) for level in definition.levels)


def _start(definition: Definition) -> Iterator[Flaw]:
    if definition.initial not in definition.states_by_id:
        yield Flaw(f"起始状态 {definition.initial or '（空）'} 不存在", ("initial",))
    if not definition.openers:
        yield Flaw("没有人可以新建", ("openers",))


def _ways(definition: Definition) -> dict[str, set[str]]:
    """The states that each state leads to."""
    ways: dict[str, set[str]] = {state.id: set() for state in definition.states}
    for move in definition.moves:
        for state in move.from_states:
            ways.setdefault(state, set()).update(move.to)
    return ways


def _reached(starts: Iterable[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached = set(starts)
    waiting = list(reached)
    while waiting:
        new = ways.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _named(states: Iterable[StateDef]) -> str:
    return "、".join(f"{state.label}（{state.id}）" for state in states)


def _at(states: Sequence[StateDef], state: StateDef) -> Path:
    return "states", states.index(state)


def _unreachable(definition: Definition) -> Iterator[Flaw]:
    reached = _reached([definition.initial], _ways(definition))
    if lost := [state for state in definition.states if state.id not in reached]:
        yield Flaw(f"从起始状态走不到：{_named(lost)}", _at(definition.states, lost[0]))


def _dead_ends(definition: Definition) -> Iterator[Flaw]:
    ends, ways = [state.id for state in definition.states if state.final], _ways(definition)
    if not ends:
        yield Flaw("没有终止状态", ("states",))
        return
    if leaving := [state for state in definition.states if state.final and ways[state.id]]:
        yield Flaw(f"终止状态之后还有动作：{_named(leaving)}", _at(definition.states, leaving[0]))
    ending = _reached(ends, _backwards(ways))
    if stuck := [state for state in definition.states if state.id not in ending]:
        yield Flaw(f"走不到终止状态：{_named(stuck)}", _at(definition.states, stuck[0]))


def _backwards(ways: Mapping[str, set[str]]) -> dict[str, set[str]]:
    back: dict[str, set[str]] = {}
    for state, targets in ways.items():
        for target in targets:
            back.setdefault(target, set()).add(state)
    return back


def _two_winners(definition: Definition) -> Iterator[Flaw]:
    seen: set[tuple[str, str]] = set()
    for number, move in enumerate(definition.moves):
        if not move.who:
            yield Flaw(f"动作 {move.verb} 没有人可以办理", ("verbs", number, "who"))
        for state in sorted(move.from_states):
            if (state, move.verb) in seen:
                yield Flaw(f"状态 {state} 有两个同名动作 {move.verb}", ("verbs", number))
            seen.add((state, move.verb))


def _idle(definition: Definition) -> Iterator[Flaw]:
    clocks = [clock for clock in definition.clocks if clock.pending is None]
    timed, movers = {state for clock in clocks for state in clock.runs_in}, _movers(definition)
    for number, state in enumerate(definition.states):
        if state.final:
            continue
        name, path = _named([state]), ("states", number)
        if not state.acts:
            yield Flaw(f"状态 {name} 没有写明由谁办理", path)
        elif not _doers(state).intersection(movers.get(state.id, ())):
            yield Flaw(f"状态 {name} 写明的办理人没有任何动作可做", (*path, "acts"))
        if state.id not in timed and not state.deadline_none:
            yield Flaw(f"状态 {name} 没有时限，也没有写明 deadline: none", path)
        if state.id in timed and state.deadline_none:
            yield Flaw(f"状态 {name} 有时限，却写明 deadline: none", (*path, "deadline"))


def _movers(definition: Definition) -> dict[str, set[str]]:
    """Who may make some move out of each state."""
    movers: dict[str, set[str]] = {}
    for move in definition.moves:
        for state in move.from_states:
            movers.setdefault(state, set()).update(move.who)
    return movers


def _doers(state: StateDef) -> set[str]:
    """Whom a state names as acting; a delegate acts as the owner does."""
    return {Party.OWNER if who == Party.DELEGATE else who for who in state.acts}


def _reserved(definition: Definition) -> Iterator[Flaw]:
    for number, move in enumerate(definition.moves):
        if move.verb in RESERVED:
            yield Flaw(f"动作不能叫 {move.verb}：这是系统自己的记录", ("verbs", number, "verb"))


def _never_extended(definition: Definition) -> Iterator[Flaw]:
    if any(clock.due.anchor is Anchor.FIELD for clock in definition.clocks):
        return
    for number, move in enumerate(definition.moves):
        if Effect.APPLY_EXTENSION in move.effects:
            name = f"{move.label}（{move.verb}）"
            yield Flaw(f"动作 {name}申请延期，却没有按日期字段起算的时限可延", ("verbs", number, "effects"))


def _apart(definition: Definition) -> Iterator[Flaw]:
    for place, who, path in _doing(definition):
        for role, label in APART.items():
            if role in who:
                yield Flaw(f"{place} 不能由{label}（{role}）办理：三员不办业务", path)


def _unguarded(definition: Definition) -> Iterator[Flaw]:
    """What ends a review is refused to whoever has worked on the item, in whatever way."""
    for number, move in enumerate(definition.moves):
        asks = {each for guard in move.guards if isinstance(guard, Independent) for each in guard.of}
        if _ends_review(definition, move) and not asks.issuperset(WORK):
            name = f"{move.label}（{move.verb}）"
            yield Flaw(f"动作 {name}结束复核，须写明 independent：参与过整改的不能复核", ("verbs", number))


def _ends_review(definition: Definition, move: MoveDef) -> bool:
    """Whether a move leads out of the review to the assessment, or to the end as a review."""
    stages = {state.id: state.stage for state in definition.states}
    onward = {Stage.ASSESSING, Stage.CLOSED} if move.contributes is Capacity.REVIEWER else {Stage.ASSESSING}
    begins = {stages.get(state) for state in move.from_states}
    return Stage.REVIEWING in begins and any(stages.get(state) in onward for state in move.to)


def _doing(definition: Definition) -> Iterator[tuple[str, Iterable[str], Path]]:
    """Every place that says who does something."""
    yield "新建", definition.openers, ("openers",)
    for number, move in enumerate(definition.moves):
        yield f"动作 {move.label}（{move.verb}）", move.who, ("verbs", number, "who")
    for number, state in enumerate(definition.states):
        yield f"状态 {_named([state])}", state.acts, ("states", number, "acts")


def _paces(definition: Definition) -> Iterator[Flaw]:
    """Progress that a clock expects can be reported while it runs, and is a percentage."""
    for number, clock in enumerate(definition.clocks):
        if clock.pace is None:
            continue
        path = ("clocks", number, "pace", "field")
        field = definition.fields_by_id[clock.pace.field]
        if (field.minimum, field.maximum) != (0, 100):
            yield Flaw(f"{clock.label}的序时进度取自“{field.label}”，它应为 0 至 100 的整数", path)
        if not any(clock.pace.field in m.sets and m.from_states & clock.runs_in for m in definition.moves):
            yield Flaw(f"{clock.label}计时期间没有动作可以填写“{field.label}”，序时进度无从谈起", path)


def _levels(definition: Definition) -> Iterator[Flaw]:
    counted = any(Effect.COUNT_RETURN in move.effects for move in definition.moves)
    if definition.levels and not counted:
        yield Flaw("写明了按质量升级，却没有动作计退回次数（count_return）", ("levels",))
