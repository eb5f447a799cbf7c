"""Words of a bureau's own: used where they are good, replaced by the shipped ones where not, always in time."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from notifications import child
from notifications.bounded import Job, Spoilt, rendered
from notifications.render import facts_told, partials, render
from notifications.words import Told, Words
from tests.unit.notifications.hostile_templates import BLOCKS, BOMBS, CLASSES, TEMPLATES
from tests.unit.notifications.test_render import FACTS, a_notice

HARMLESS = {
    "{{ self }}",
    "{{ title[0:3] }}",
    "{% extends '_facts.txt.j2' %}{{ self.x }}",
    "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{% raw %}",
    "# for a in title",
    "",
    "   ",
    "\n\n",
    "{{ '' }}",
    "{% if 0 %}x{% endif %}",
}
"""What says no more than it may."""
FILLED = facts_told(a_notice(**{**FACTS, "title": "长" * 200}), "示例一队")


def told(kind: str = "overdue") -> Told:
    notice = a_notice(kind, **FACTS)
    return Told(notice, "示例一队", render(notice, "示例一队"))


def words(folder: Path, **templates: str) -> Words:
    for kind, source in templates.items():
        (folder / f"{kind}.txt.j2").write_text(source, encoding="utf-8")
    return Words(folder)


def test_there_are_enough_of_them() -> None:
    assert len(set(TEMPLATES)) >= 150


@pytest.mark.parametrize("template", [*CLASSES, *BLOCKS])
def test_no_template_reaches_an_attribute_a_call_or_a_sum(template: str) -> None:
    """Asked of the language itself; the process around it comes on top."""
    request = {"partials": partials(), "jobs": [{"template": template, "facts": FILLED}]}

    (answer,) = child.answers(request)

    assert ("error" in answer) is (template not in HARMLESS) or len(answer["text"]) <= child.LARGEST
    assert not [
        leak for leak in ("<class", "built-in", "os.", "0x", "root:") if leak in answer.get("text", "")
    ]


def test_no_template_takes_more_than_it_may() -> None:
    """Bombs, each in a process of its own, two at a time; the shipped words come out."""
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda bomb: rendered([Job(bomb, FILLED)], partials(), 1.5), BOMBS))

    assert [isinstance(one[0], Spoilt) for one in answers] == [True] * len(BOMBS)
    assert time.monotonic() - start < 60


def test_a_child_that_is_too_slow_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    answers = rendered([Job(BOMBS[0], FILLED), Job("{{ title }}", FILLED)], partials(), 0.4)

    assert [f"{one}" for one in answers] == ["没有写成：超出时间或内存"] * 2
    assert time.monotonic() - start < 10


def test_words_of_ones_own_are_used(tmp_path: Path) -> None:
    own = words(
        tmp_path,
        overdue="【督办】{{ named }}逾期\n\n{{ unit }}：{{ due }} 已过"
        "{% if days_left is gt 0 %}，{{ days_left }}{% endif %}。\n{% include '_facts.txt.j2' %}\n",
    )

    (message,), warning = own.replaced([told()])

    assert warning is None
    assert message.subject == "【督办】“案卷制作不规范”（ZG-2020-000417）逾期"
    assert message.text.startswith("示例一队：2020-06-30 18:00 已过，3。\n")
    assert "时限依据：" in message.text
    assert "<h1" in message.html


def test_other_kinds_keep_the_shipped_words_and_no_child_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = words(tmp_path, overdue="一\n\n二")
    monkeypatch.setattr("subprocess.Popen", None)

    assert own.replaced([told("returned")]) == ([told("returned").message], None)


@pytest.mark.parametrize(
    "source", ["{{ no_such_fact }}", "{{ title.__class__ }}", "{% if %}", "", "x" * 20_000]
)
def test_words_that_fail_give_way_to_the_shipped_ones_with_a_warning(tmp_path: Path, source: str) -> None:
    own = words(tmp_path, overdue=source, returned="退回\n\n请改")

    messages, warning = own.replaced([told(), told("returned")])

    assert messages[0] == told().message
    assert messages[1].subject == "退回"
    if len(source) > 16_384:
        assert own.warnings == ("overdue.txt.j2：读不出来：超过 16384 字节",)
    else:
        assert warning is not None
        assert warning.startswith("自定文稿 overdue.txt.j2 用不了，已用原文稿：")


def test_nothing_invisible_leaves(tmp_path: Path) -> None:
    (message,), _ = words(tmp_path, overdue="主\x07题\u202e\r\nBcc: x\n\n正\x1b[2J文").replaced([told()])

    assert message.subject == "主 题"
    assert "\x1b" not in message.text
    assert "\u202e" not in message.subject


def test_a_folder_tells_what_in_it_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "overdu.txt.j2").write_text("x", encoding="utf-8")
    (tmp_path / "returned.txt.j2").write_bytes(b"\xff\xfe")

    warnings = Words(tmp_path).warnings

    assert [one.partition("：")[0] for one in warnings] == ["overdu.txt.j2", "returned.txt.j2"]
    assert Words(tmp_path / "nowhere").warnings[0].endswith("读不出来：没有这个文件或目录")
