"""A notice becomes words: whole with every fact, sensible with none, harmless with any."""

from datetime import UTC, datetime
from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.sandbox import SecurityError

from engine.model.errors import NotFound
from engine.model.ids import ItemId
from engine.model.notice import Notice
from notifications import render as rendering
from notifications.catalogue import KINDS
from notifications.render import DEFAULTS, render
from tests.builders import a_person

WRITTEN = datetime(2020, 6, 30, 10, tzinfo=UTC)
FACTS: dict[str, str | int | None] = {
    "number": "ZG-2020-000417",
    "title": "案卷制作不规范",
    "kind": "整改事项",
    "state": "整改中",
    "unit": "unit_a",
    "reason": "佐证不足",
    "verb": "return",
    "by": "示例民警",
    "post": "unit_head",
    "clock": "整改时限",
    "rung": "逾期3天",
    "due": "2020-06-30 18:00",
    "original": "2020-05-29 18:00",
    "proof": "完成时限前 → 2020-06-30 18:00",
    "days_left": 3,
    "lamp": "red",
    "skipped": "到期前7天、到期前3天",
    "reached": "逾期7天",
    "paper": "2020-黄-0003",
    "pace": "已用时 62%，应完成 62%，实际 45%，落后 17 个百分点",
}


def a_notice(kind: str = "overdue", /, **facts: Any) -> Notice:
    return Notice(
        key="ab" * 32,
        kind=kind,
        item=ItemId("c" * 32),
        recipient=a_person(1),
        facts=facts,
        written_at=WRITTEN,
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_reads_well_with_all_its_facts(kind: str) -> None:
    message = render(a_notice(kind, **FACTS), "示例一队")

    assert "案卷制作不规范" in message.subject
    assert "ZG-2020-000417" in message.subject
    assert "责任单位：示例一队" in message.text
    assert "unit_a" not in message.text
    assert "预警等级：红色" in message.text
    assert "案卷制作不规范" in message.html
    assert not [odd for odd in ("None", "return", "red", "{", "\n\n\n") if odd in message.text]
    assert "\n" not in message.subject
    assert message.text.count("\n\n") in range(2, 6)
    assert message.written_at == WRITTEN


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("facts", [{}, dict.fromkeys(FACTS)], ids=["absent", "unknown"])
def test_every_kind_reads_sensibly_without_any_fact(kind: str, facts: dict[str, None]) -> None:
    message = render(a_notice(kind, **facts))

    assert "未列名称" in message.subject
    assert not [empty for empty in ("（）", "“”", "None") if empty in message.text + message.subject]
    assert not [line for line in message.text.splitlines() if line.endswith("：")]


def test_the_defaults_name_every_fact_there_is() -> None:
    assert set(DEFAULTS) == set(FACTS)


def test_what_was_missed_is_named() -> None:
    assert "一并告知：到期前7天、到期前3天。" in render(a_notice(**FACTS)).text


def test_an_overdue_notice_in_full() -> None:
    message = render(a_notice(number="ZG-2020-000417", title="记录不全", due="2020-06-30 18:00", rung="到期"))

    assert message.subject == "到期提醒：“记录不全”（ZG-2020-000417）"
    assert message.text == (
        "事项“记录不全”（ZG-2020-000417）的时限已于2020-06-30 18:00届满，至今未办结，请立即办理并说明情况。\n"
        "\n编号：ZG-2020-000417\n名称：记录不全\n时限：2020-06-30 18:00\n"
        "\n请登录督办系统办理。本通知由系统自动发出，请勿回复。\n"
    )


def test_a_kind_without_words_is_not_found() -> None:
    with pytest.raises(NotFound, match="no_such"):
        render(a_notice("no_such\r\n"))


@pytest.mark.parametrize("kind", ["_page.html", "../secret", "_facts", ""])
def test_a_kind_never_reaches_another_file(kind: str) -> None:
    with pytest.raises(NotFound):
        render(a_notice(kind))


def test_markup_in_a_fact_is_text() -> None:
    message = render(a_notice(title="<script>alert(1)</script>", reason="{{ 7 * 7 }}{% raw %}"))

    assert "<script>" not in message.html
    assert "&lt;script&gt;" in message.html
    assert "49" not in message.text


def test_a_fact_never_adds_a_line() -> None:
    message = render(a_notice("returned", title="甲\r\n乙\u2028丙\x85丁", reason="一\n\n二"))

    assert "甲 乙 丙 丁" in message.subject
    assert "理由：一 二\n" in message.text


def test_an_endless_fact_is_cut() -> None:
    message = render(a_notice("returned", title="长" * 10_000_000, reason="久" * 10_000_000))

    assert len(message.subject) < 250
    assert len(message.html) < 5_000


def test_a_template_cannot_use_what_does_not_exist() -> None:
    with pytest.raises(UndefinedError):
        rendering._TEMPLATES.from_string("{{ no_such_fact }}").render()


@pytest.mark.parametrize(
    "source",
    ["{{ ''.__class__.__mro__ }}", "{{ facts.__init__.__globals__ }}", "{{ facts.update(a=1) }}"],
)
def test_a_template_stays_in_its_box(source: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        rendering._TEMPLATES.from_string(source).render(facts={"a": 0})
