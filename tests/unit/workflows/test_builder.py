"""Building a definition: each mistake is told with its place, its line and the way out, all in one pass."""

import re
from collections.abc import Callable
from dataclasses import replace
from time import process_time

import pytest

from engine.model.actor import Post, Role
from engine.model.campaign import Roster
from engine.model.errors import Invalid
from engine.model.ids import PostCode, UnitCode
from engine.rules.soundness import problems_of, staffing_problems
from workflows.builder import definition_from_json, read_definition

GOOD = """\
id: sample
version: 1
label: 样例
number_prefix: YL
initial: open
openers: [office]
required_to_open: [title]
fields:
  - {id: title, label: 标题, type: text, max_length: 100}
  - {id: due_on, label: 时限, type: date}
  - {id: grade, label: 等次, type: choice, choices: [好, 差]}
  - {id: percent, label: 比例, type: integer, minimum: 0, maximum: 100}
states:
  - {id: open, label: 办理中, stage: rectifying, acts: [owner]}
  - {id: done, label: 已办结, stage: closed, final: true}
verbs:
  - verb: finish
    label: 办结
    from: [open]
    to: [done]
    who: [owner]
    reason: true
    sets: [percent]
    guards:
      - required_fields: [title]
      - required_evidence: 1
      - independent: [performer]
      - not_before: "2020-04-01"
      - not_after: 2020-12-31
      - before_hard_stop: due_on
      - beyond_hard_stop: [leading_group]
      - every_section: title
      - children_closed
      - before_expiry: main
      - every_unit_reported: {kind: item, nil_duty: nil_return}
      - countersign: {mode: quorum, of: [office, assisting_units], quorum: 2}
    effects: [count_return]
    contributes: performer
    tells:
      - {to: [office], notice: finished}
clocks:
  - id: main
    label: 时限
    runs_in: [open]
    restarts_on: [finish]
    due: {anchor: field, field: due_on, roll: back, cutoff: "18:00"}
    ladder: plain
    pace:
      field: percent
      curve: milestones
      measure: working_day
      points: [{time: 30, progress: 10}, {time: 70, progress: 80}]
      red: 20
ladders:
  - id: plain
    rungs:
      - {id: half, label: 过半, elapsed: 50, behind: 10, measure: working_day, tell: [owner], notice: slow, lamp: blue}
      - {id: near, label: 临近, offset: -1, tell: [owner], notice: due_soon, lamp: blue}
      - {id: late, label: 逾期, offset: 1, tell: [owner], notice: overdue, lamp: red, effects: [move: finish]}
levels:
  - {id: twice, label: 第二次退回, returned: 2, tell: [owner], notice: poor, lamp: yellow, effects: [raise_lamp]}
  - {id: thrice, label: 第三次退回, returned: 3, tell: [office], notice: poor, lamp: red, effects: [mark_criticism]}
"""

WRONG: list[tuple[str, str, str]] = [
    ("id: sample", "id: Sample", "标识不合规"),
    ("id: sample\n", "", "缺少 id"),
    ("id: sample", "id: 7", "应为文字"),
    ("version: 1", "version: 0", "应在"),
    ("version: 1", "version: one", "应为整数"),
    ("version: 1", "version: true", "应为整数"),
    ("label: 样例", "lable: 样例", "未知的键：lable"),
    ("label: 样例", 'label: ""', "1 至 200"),
    ("number_prefix: YL", "number_prefix: yl1", "大写字母"),
    ("initial: open", "initial: opne", "未知的状态：opne"),
    ("openers: [office]", "openers: [offcie]", "未知的角色：offcie"),
    ("openers: [office]", "openers: office", "应为列表"),
    ("openers: [office]", "openers: [office, office]", "重复：office"),
    ("required_to_open: [title]", "required_to_open: [titel]", "未知的字段：titel"),
    ("type: text", "type: txt", "未知的字段类型：txt"),
    ("max_length: 100", "max_length: 0", "应在"),
    ("max_length: 100", "max_len: 100", "未知的键：max_len"),
    ("{id: due_on, label: 时限", "{id: title, label: 时限", "重复：title"),
    (", choices: [好, 差]", "", "choices"),
    ("type: choice", "type: date", "choices"),
    ("stage: rectifying", "stage: rectify", "未知的阶段：rectify"),
    ("final: true", "final: yes", "应为 true 或 false"),
    ("final: true", "final: 1", "应为 true 或 false"),
    ("final: true", "deadline: never", "未知的时限：never"),
    ("acts: [owner]", "acts: [nobody]", "未知的角色：nobody"),
    ("from: [open]", "from: [opened]", "未知的状态：opened"),
    ("to: [done]", "to: [gone]", "未知的状态：gone"),
    ("    who: [owner]\n", "", "缺少 who"),
    ("reason: true", "reason: on", "应为 true 或 false"),
    ("sets: [percent]", "sets: [percentage]", "未知的字段：percentage"),
    ("required_fields: [title]", "required_field: [title]", "未知的键：required_field"),
    ("required_fields: [title]", "required_fields: [x]", "未知的字段：x"),
    ("- required_evidence: 1", "- required_evidence", "需要设定"),
    ("required_evidence: 1", "required_evidence: 0", "应在"),
    ("independent: [performer]", "independent: [worker]", "未知的参与方式：worker"),
    ('not_before: "2020-04-01"', "not_before: 2020-04-31", "YYYY-MM-DD"),
    ("not_after: 2020-12-31", "not_after: 20201231", "应为文字"),
    ("before_hard_stop: due_on", "before_hard_stop: title", "未知的日期字段：title"),
    ("beyond_hard_stop: [leading_group]", "beyond_hard_stop: [leaders]", "未知的角色：leaders"),
    ("every_section: title", "every_section: titel", "未知的字段：titel"),
    ("- children_closed", "- children_close", "未知的条件：children_close"),
    ("- children_closed", "- children_closed: true", "不带设定"),
    ("- children_closed", "- [children_closed]", "条件应为"),
    ("before_expiry: main", "before_expiry: mian", "未知的时限：mian"),
    ("nil_duty: nil_return", "nil: nil_return", "未知的键：nil"),
    ("mode: quorum", "mode: most", "未知的会签方式：most"),
    (", quorum: 2", "", "quorum"),
    ("assisting_units]", "assisting]", "未知的会签方：assisting"),
    ("effects: [count_return]", "effects: [count]", "未知的效果：count"),
    ("contributes: performer", "contributes: doer", "未知的参与方式：doer"),
    ("{to: [office], notice: finished}", "{to: [office]}", "缺少 notice"),
    ("notice: finished", "notice: 完成", "标识不合规"),
    ("runs_in: [open]", "runs_in: [opne]", "未知的状态：opne"),
    ("restarts_on: [finish]", "restarts_on: [finnish]", "未知的动作：finnish"),
    ("anchor: field", "anchor: start", "未知的起算点：start"),
    ("field: due_on, ", "", "field"),
    ("anchor: field, field: due_on", "anchor: entry", "缺少 length"),
    ("roll: back", "roll: backward", "未知的顺延方式：backward"),
    ('cutoff: "18:00"', 'cutoff: "25:00"', "时刻不合规"),
    ("ladder: plain", "ladder: plan", "未知的阶梯：plan"),
    ("field: percent", "field: grade", "未知的整数字段：grade"),
    ("curve: milestones", "curve: linera", "未知的曲线：linera"),
    ("curve: milestones", "curve: linear", "points"),
    ("measure: working_day", "measure: hour", "未知的计时方式：hour"),
    ("time: 70", "time: 30", "里程碑"),
    ("progress: 80", "progress: 10", "里程碑"),
    ("progress: 80", "progres: 80", "未知的键：progres"),
    ("time: 70", "time: 101", "应在"),
    ("red: 20", "red: 9", "亮红灯"),
    ("offset: -1", "offset: 9", "由小到大"),
    ("elapsed: 50, behind: 10, ", "", "写且只写一个"),
    ("offset: -1", "offset: -1, elapsed: 20", "写且只写一个"),
    ("offset: -1", "offset: -1, behind: 20", "behind 只能"),
    ("elapsed: 50", "elapsed: 0", "应在"),
    ("elapsed: 50, behind: 10, measure: working_day", "elapsed: 50, measure: hour", "用时只能按"),
    ("elapsed: 50, behind: 10, measure: working_day", "elapsed: 50", "计时方式（measure）不同"),
    ("    pace:\n", "    pase:\n", "未知的键：pase"),
    ("returned: 2", "returned: 3", "由小到大排列，不得相同"),
    ("id: thrice", "id: twice", "重复：twice"),
    ("returned: 2", "returnd: 2", "未知的键：returnd"),
    ("effects: [raise_lamp]", "effects: [raise_lamps]", "未知的效果：raise_lamps"),
    ("effects: [mark_criticism]", "effects: [move: finnish]", "未知的动作：finnish"),
    ("lamp: blue", "lamp: pink", "未知的灯色：pink"),
    ("id: late", "id: near", "重复：near"),
    ("move: finish", "move: finnish", "未知的动作：finnish"),
    ("[move: finish]", "[explode]", "未知的效果：explode"),
    (GOOD, "[]", "应为键值对"),
    (GOOD, "just words", "应为键值对"),
    (GOOD, "states: 1\nverbs: {}\nfields: x\n", "应为列表"),
    (GOOD, "states: [1, [], null]\n", "应为键值对"),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_a_mistake_is_told_fast_with_its_place(old: str, new: str, words: str) -> None:
    assert old in GOOD
    began = process_time()

    with pytest.raises(Invalid) as caught:
        read_definition(GOOD.replace(old, new, 1).encode(), "x.yaml")

    assert process_time() - began < 0.2
    assert any(words in problem.text for problem in caught.value.problems)
    assert all(re.fullmatch(r"x\.yaml:\d+:\d+", problem.where) for problem in caught.value.problems)
    assert all(problem.excerpt for problem in caught.value.problems)


def test_the_good_document_is_read_and_sound() -> None:
    definition = read_definition(GOOD.encode(), "x.yaml")

    assert problems_of(definition) == ()
    assert definition.clocks[0].due.cutoff_minutes == 18 * 60
    assert len(definition.moves[0].guards) == 12


def test_all_mistakes_are_told_in_one_pass_with_the_nearest_word() -> None:
    text = GOOD.replace("stage: closed", "stage: closd").replace("who: [owner]", "who: [ownr]")

    with pytest.raises(Invalid) as caught:
        read_definition(text.encode(), "x.yaml")

    assert [(p.where, p.hint) for p in caught.value.problems] == [
        ("x.yaml:15:35", "是不是想写 closed？"),
        ("x.yaml:21:11", "是不是想写 owner？"),
    ]


def test_layout_and_order_of_keys_do_not_change_the_hash() -> None:
    first, *rest = GOOD.splitlines(keepends=True)

    assert (
        read_definition(GOOD.encode(), "a").sha256
        == read_definition(("# 注\n" + "".join(rest) + first).encode(), "b").sha256
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace("to: [done]", "to: []"), "走不到"),
        (lambda t: t.replace(", final: true", ", deadline: none, acts: [owner]"), "没有终止状态"),
        (lambda t: t.replace("from: [open]", "from: [open, done]"), "终止状态之后"),
        (lambda t: t.replace("acts: [owner]", "acts: []"), "由谁办理"),
        (lambda t: t.replace("acts: [owner]", "acts: [auditor]"), "没有任何动作"),
        (lambda t: t.replace("acts: [owner]", "acts: [owner], deadline: none"), "有时限，却"),
        (lambda t: t.replace("runs_in: [open]", "runs_in: []"), "没有时限"),
        (lambda t: t.replace("openers: [office]", "openers: []"), "没有人可以新建"),
        (lambda t: t.replace("    who: [owner]", "    who: []"), "没有人可以办理"),
        (
            lambda t: t.replace(
                "clocks:", "  - {verb: finish, label: 又, from: [open], who: [owner]}\nclocks:"
            ),
            "同名",
        ),
        (
            lambda t: t.replace(
                "verbs:",
                "  - {id: limbo, label: 悬置, stage: finding, acts: [owner], deadline: none}\nverbs:",
            ),
            "走不到终止状态：悬置",
        ),
        (lambda t: t.replace("effects: [count_return]", "effects: []"), "没有动作计退回次数"),
        (lambda t: t.replace("sets: [percent]", "sets: []"), "没有动作可以填写“比例”"),
        (lambda t: t.replace("maximum: 100}", "maximum: 99}"), "0 至 100 的整数"),
        (lambda t: t.replace("    who: [owner]", "    who: [owner, auditor]"), "不能由审计员"),
        (lambda t: t.replace("openers: [office]", "openers: [administrator]"), "新建 不能由系统管理员"),
        (lambda t: t.replace("acts: [owner]", "acts: [owner, security_officer]"), "不能由安全管理员"),
    ],
)
def test_an_unsound_definition_says_what_is_wrong(change: Callable[[str], str], words: str) -> None:
    problems = problems_of(read_definition(change(GOOD).encode(), "x"))

    assert any(words in problem for problem in problems), problems


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
    began = process_time()

    with pytest.raises(Invalid) as caught:
        read_definition(LARGE[name].encode(), "x.yaml")

    assert process_time() - began < 0.3
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
    began = process_time()

    problems = problems_of(read_definition(text.encode(), "x.yaml"))

    assert process_time() - began < 0.3
    assert len(problems) == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "{}", "[]", "1.5", '{"id": 1.5, "states": [{"id": 2}]}']
)
def test_a_stored_document_that_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        definition_from_json(text)
