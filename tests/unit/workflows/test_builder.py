"""Building a definition: each mistake is told with its place, its line and the way out, all in one pass."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.model.actor import Post, Role
from engine.model.campaign import Roster
from engine.model.errors import Invalid
from engine.model.ids import PostCode, UnitCode
from engine.rules.soundness import problems_of, staffing_problems
from tests.stopwatch import within
from tests.unit.workflows.documents import GOOD, UNSOUND, WRONG
from workflows.builder import definition_from_json, read_definition


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_a_mistake_is_told_fast_with_its_place(old: str, new: str, words: str) -> None:
    assert old in GOOD
    with within(0.2), pytest.raises(Invalid) as caught:
        read_definition(GOOD.replace(old, new, 1).encode(), "x.yaml")

    assert any(words in problem.text for problem in caught.value.problems)
    assert all(re.fullmatch(r"x\.yaml:\d+:\d+", problem.where) for problem in caught.value.problems)
    assert all(problem.excerpt for problem in caught.value.problems)


def test_the_good_document_is_read_and_sound() -> None:
    definition = read_definition(GOOD.encode(), "x.yaml")

    assert problems_of(definition) == ()
    assert definition.clocks[0].due.cutoff_minutes == 18 * 60
    assert len(definition.moves[0].guards) == 13


def test_all_mistakes_are_told_in_one_pass_with_the_nearest_word() -> None:
    text = GOOD.replace("stage: closed", "stage: closd").replace("who: [owner]", "who: [ownr]")

    with pytest.raises(Invalid) as caught:
        read_definition(text.encode(), "x.yaml")

    assert [(p.where, p.hint) for p in caught.value.problems] == [
        ("x.yaml:17:35", "是不是想写 closed？"),
        ("x.yaml:23:11", "是不是想写 owner？"),
    ]


def test_layout_and_order_of_keys_do_not_change_the_hash() -> None:
    first, *rest = GOOD.splitlines(keepends=True)

    assert (
        read_definition(GOOD.encode(), "a").sha256
        == read_definition(("# 注\n" + "".join(rest) + first).encode(), "b").sha256
    )


@pytest.mark.parametrize(("change", "words"), UNSOUND)
def test_an_unsound_definition_says_what_is_wrong(change: Callable[[str], str], words: str) -> None:
    problems = problems_of(read_definition(change(GOOD).encode(), "x"))

    assert any(words in flaw.text for flaw in problems), problems


def test_a_role_that_no_post_carries_is_told_with_its_places() -> None:
    definition = read_definition(GOOD.encode(), "x.yaml")
    owner = Post(
        code=PostCode("a"),
        unit=UnitCode("u"),
        scope=UnitCode("u"),
        title="员",
        roles=frozenset({Role.OFFICER}),
    )
    office = replace(owner, code=PostCode("b"), roles=frozenset({Role.OFFICE}))

    assert staffing_problems(definition, Roster(units=(), posts=(owner, office), persons=(), grants=())) == ()
    assert staffing_problems(definition, Roster(units=(), posts=(owner,), persons=(), grants=())) == (
        "没有岗位担任角色 office：新建、动作 办结的通知、动作 办结的会签、质量 第三次退回",
    )


HEAD = "id: s\nversion: 1\nlabel: x\nnumber_prefix: YL\ninitial: s1\nopeners: [office]\n"
LARGE: dict[str, str] = {
    "unknown keys": "".join(f"key_{number}: v\n" for number in range(1400)),
    "unknown states": HEAD
    + "states:\n"
    + "".join(f"- {{id: state_number_{n}, label: x, stage: finding}}\n" for n in range(300))
    + "verbs:\n- verb: a\n  label: a\n  who: [owner]\n  from:\n"
    + "".join(f"  - state_numbre_{n}\n" for n in range(300)),
    "empty entries": HEAD + "states:\n" + "- {}\n" * 900 + "verbs:\n" + "- {}\n" * 500,
    "one word many times": HEAD + "states: []\nverbs: []\nrequired_to_open:\n" + "- x\n" * 2800,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_wrong_document_is_refused_fast(name: str) -> None:
    with within(0.3), pytest.raises(Invalid) as caught:
        read_definition(LARGE[name].encode(), "x.yaml")

    assert len(caught.value.problems) <= 50


def test_a_large_right_document_is_read_and_judged_fast() -> None:
    states = "".join(
        f"- {{id: s{n}, label: x, stage: finding, acts: [owner], deadline: none}}\n" for n in range(100)
    )
    end = "- {id: end, label: x, stage: closed, final: true}\nverbs:\n"
    verbs = "".join(
        f"- {{verb: go, label: x, from: [s{n}], to: [s{n + 1}], who: [owner]}}\n" for n in range(49)
    )
    rest = ", ".join(f"s{n}" for n in range(49, 100))
    text = (
        HEAD.replace("s1", "s0")
        + "states:\n"
        + states
        + end
        + verbs
        + f"- {{verb: go, label: x, from: [{rest}], to: [end], who: [owner]}}\n"
    )
    with within(0.3):
        problems = problems_of(read_definition(text.encode(), "x.yaml"))

    assert len(problems) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "{}", "[]", "1.5", '{"id": 1.5, "states": [{"id": 2}]}']
)
def test_a_stored_document_that_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        definition_from_json(text)
