"""Builds ladders and levels: the steps around a limit, by the share of its time, and by quality."""

from collections.abc import Collection, Iterator

from engine.model.clock import Ladder, Lamp, Level, Measure, Rung, RungEffect, RungEffectKind
from workflows.cursor import Cursor
from workflows.vocabulary import LADDER, LEVEL, LISTENERS, PACES, RUNG


def build_ladder(entry: Cursor, verbs: Collection[str]) -> Ladder:
    """The ladder of this entry. `verbs` are the moves that its rungs may make."""
    entry.closed(LADDER.required, LADDER.optional)
    entry.ids("rungs")
    rungs = tuple(_rung(rung, verbs) for rung in entry.each("rungs"))
    places = [(rung.elapsed is None, rung.elapsed or rung.offset) for rung in rungs]
    if places != sorted(places):
        entry.at("rungs").complain("阶梯各级应先按 elapsed、再按 offset 由小到大排列")
    return Ladder(id=entry.text("id"), rungs=rungs)


def build_levels(root: Cursor, verbs: Collection[str]) -> tuple[Level, ...]:
    """The levels by quality of a definition."""
    root.ids("levels")
    levels = tuple(_level(entry, verbs) for entry in root.each("levels"))
    counts = [level.returned for level in levels]
    if counts != sorted(set(counts)):
        root.at("levels").complain("各级应按 returned 由小到大排列，不得相同")
    return levels


def check_shares(root: Cursor) -> None:
    """Note every clock whose ladder has rungs by elapsed share where it says no pace itself, or counts otherwise."""
    shares = {f"{entry.at('id').value}": set(_share_measures(entry)) for entry in root.each("ladders")}
    for clock in root.each("clocks"):
        wanted = shares.get(f"{clock.at('ladder').value}", set())
        own = clock.at("pace").at("measure").value or Measure.NATURAL_DAY
        if wanted and not clock.has("pace"):
            clock.at("ladder").complain(
                "阶梯有按用时的级，时限却没有写明序时进度", "补上 pace: {field: …, curve: linear}"
            )
        elif wanted - {f"{own}"}:
            clock.at("ladder").complain("阶梯按用时的级与序时进度的计时方式（measure）不同", "写成一致")


def _share_measures(ladder: Cursor) -> Iterator[str]:
    for rung in ladder.each("rungs"):
        if rung.has("elapsed"):
            yield f"{rung.at('measure').value or Measure.NATURAL_DAY}"


def _rung(entry: Cursor, verbs: Collection[str]) -> Rung:
    entry.closed(RUNG.required, RUNG.optional)
    if entry.has("offset") == entry.has("elapsed"):
        entry.complain("offset 与 elapsed 写且只写一个")
    if entry.has("behind") and not entry.has("elapsed"):
        entry.at("behind").complain("behind 只能与 elapsed 同写")
    measure = entry.choice("measure", Measure, "计算单位", Measure.NATURAL_DAY)
    if entry.has("elapsed") and measure not in PACES:
        entry.at("measure").complain(f"用时只能按 {'、'.join(PACES)} 计")
    return Rung(
        id=entry.text("id"),
        label=entry.text("label"),
        offset=entry.integer("offset", 0, -3650, 3650),
        elapsed=entry.integer("elapsed", 1, 1, 100) if entry.has("elapsed") else None,
        behind=entry.integer("behind", 0, 1, 100),
        measure=measure,
        tell=entry.words("tell", LISTENERS, "角色"),
        notice=entry.id("notice"),
        lamp=entry.choice("lamp", Lamp, "灯色", Lamp.GREEN),
        effects=_effects(entry, verbs),
    )


def _level(entry: Cursor, verbs: Collection[str]) -> Level:
    entry.closed(LEVEL.required, LEVEL.optional)
    return Level(
        id=entry.text("id"),
        label=entry.text("label"),
        returned=entry.integer("returned", 1, 1, 100),
        tell=entry.words("tell", LISTENERS, "角色"),
        notice=entry.id("notice"),
        lamp=entry.choice("lamp", Lamp, "灯色", Lamp.GREEN),
        effects=_effects(entry, verbs),
    )


def _effects(entry: Cursor, verbs: Collection[str]) -> tuple[RungEffect, ...]:
    found = (_effect(effect, verbs) for effect in entry.each("effects"))
    return tuple(effect for effect in found if effect is not None)


def _effect(entry: Cursor, verbs: Collection[str]) -> RungEffect | None:
    if isinstance(entry.value, dict):
        entry.closed((RungEffectKind.MOVE,))
        return RungEffect(kind=RungEffectKind.MOVE, verb=entry.one_of("move", verbs, "动作"))
    plain = tuple(kind for kind in RungEffectKind if kind is not RungEffectKind.MOVE)
    word = entry.known(plain, "效果")
    return RungEffect(kind=RungEffectKind(word)) if word in plain else None
