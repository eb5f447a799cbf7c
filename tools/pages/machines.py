"""The page of state machines: each shipped definition as a diagram and as tables that say what the diagram cannot."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from engine.model.definition import Definition, MoveDef
from runtime.diagrams.layout import by_stage, ways_of
from runtime.words import LAMPS, STAGES
from tools.pages.markdown import GENERATED, code, page, table
from tools.pages.meanings import consequences, due_words, effect_words, needs, pace_words, people, rung_words
from workflows.shipped import shipped_definitions

INTRODUCTION = """\
The life of every kind of thing, as shipped in `workflows/library/`. Forward moves are on the right, moves back on the
left; a double frame is an end; inside a box stand who acts next, which time limits run, and what can be done without
leaving the state. The drawings are black on white for paper. What the words mean: [glossary.md](glossary.md); how a
definition is written: [definitions.md](definitions.md)."""


def machines_text() -> str:
    """The page as it is kept in the file."""
    sections = (_section(definition) for definition in shipped_definitions())
    return page("# State machines", GENERATED, INTRODUCTION, *sections)


def _section(definition: Definition) -> str:
    name, label = definition.ref.id, definition.label
    return page(
        f"## {label} `{definition.ref}`",
        f"![{label}：状态图](diagrams/{name}.svg)",
        f"新建：{people(definition.openers)}。编号前缀 {definition.number_prefix}。"
        + (f"依据：{definition.source}。" if definition.source else ""),
        "### 动作",
        table(("动作", "标识", "从", "到", "谁可办理", "条件", "结果"), _moves(definition)),
        "### 时限",
        table(("时限", "计时状态", "算法", "暂停", "重新起算", "序时进度"), _clocks(definition)),
        table(("时限", "级", "通知", "灯", "另外"), _rungs(definition)),
        "<details><summary>Mermaid</summary>",
        f"```mermaid\n{mermaid_of(definition)}```",
        "</details>",
    )


def _moves(definition: Definition) -> Iterator[tuple[str, ...]]:
    for move in definition.moves:
        yield (
            move.label,
            code(move.verb),
            _labels(definition, move.from_states),
            _targets(definition, move),
            people(move.who),
            "；".join(needs(definition, move)),
            "；".join(consequences(move)),
        )


def _targets(definition: Definition, move: MoveDef) -> str:
    return " 或 ".join(definition.states_by_id[state].label for state in move.to) or "（不变）"


def _labels(definition: Definition, states: Iterable[str]) -> str:
    """The states by their Chinese names, in the order of the definition."""
    wanted = set(states)
    return "、".join(state.label for state in definition.states if state.id in wanted)


def _clocks(definition: Definition) -> Iterator[tuple[str, ...]]:
    for clock in definition.clocks:
        verbs = [definition.moves_by_verb[verb][0].label for verb in sorted(clock.restarts_on)]
        yield (
            clock.label,
            _labels(definition, clock.runs_in),
            due_words(definition, clock),
            _labels(definition, clock.pauses_in),
            "、".join(verbs),
            pace_words(definition, clock),
        )


def _rungs(definition: Definition) -> Iterator[tuple[str, ...]]:
    for clock in definition.clocks:
        for rung in definition.ladders_by_id[clock.ladder].rungs:
            yield (
                clock.label,
                rung.label,
                people(rung.tell),
                LAMPS[rung.lamp],
                "；".join(rung_words(definition, rung)),
            )
    for level in definition.levels:
        yield (
            "质量",
            level.label,
            people(level.tell),
            LAMPS[level.lamp],
            "；".join(effect_words(definition, level)),
        )


def mermaid_of(definition: Definition) -> str:
    """The diagram for viewers that draw Mermaid; a subgraph is a stage."""
    lines = ["flowchart TB", "  start(( )) --> s_" + definition.initial]
    for stage, states in groupby(by_stage(definition), key=lambda state: state.stage):
        lines.append(f'  subgraph g_{stage}["{STAGES[stage]}"]')
        for state in states:
            left, right = ("([", "])") if state.final else ("[", "]")
            lines.append(f'    s_{state.id}{left}"{state.label}"{right}')
        lines.append("  end")
    for way in ways_of(definition):
        lines += [f"  s_{source} -->|{way.label}| s_{way.target}" for source in way.sources]
    return "\n".join(lines) + "\n"
