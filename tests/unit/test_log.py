"""One event is one line: no text can forge a second, obey a terminal or show a secret."""

import json
import logging
import random
import unicodedata

import pytest

from engine.model.errors import Unavailable
from runtime.log import MASK, JsonLine, OneLine

SECRET = "p4ss:wörd@"
NASTY = [
    "\n",
    "\r\n",
    "\x1b[2J",
    "\x00",
    "\x85",
    "\u2028",
    "\u202e",
    "\ud800",
    '"',
    "\\",
    "}",
    "催",
    "🚨",
    SECRET,
]


def logged(formatter: logging.Formatter, text: str, error: Exception | None = None, **facts: object) -> str:
    """What is written for a text, without the line's end."""
    trace = error and (type(error), error, error.__traceback__)
    record = logging.LogRecord("duban", logging.ERROR, "", 0, "%s", (text,), trace)
    record.event, record.facts = "tested", facts
    return formatter.format(record)


def hostile(count: int) -> list[str]:
    dice = random.Random(2020)
    return ["".join(dice.choices([*NASTY, "a", " "], k=dice.randrange(1, 30))) for _ in range(count)]


@pytest.mark.parametrize("formatter", [OneLine([SECRET]), JsonLine([SECRET])], ids=["plain", "json"])
def test_three_hundred_hostile_texts_each_stay_one_harmless_line(formatter: logging.Formatter):
    for text in hostile(300):
        line = logged(formatter, text, number=text)

        assert not [c for c in line if unicodedata.category(c)[0] in "CZ" and c != " "]
        assert SECRET not in line
        assert line.encode()


def test_a_json_line_gives_back_the_text_and_the_facts():
    text = "第一行\n第二行\u2028\U000e0001\x1b"

    told = json.loads(logged(JsonLine(), text, item="ZG-1\n"))

    assert (told["text"], told["item"], told["event"], told["level"]) == (text, "ZG-1\n", "tested", "error")


def test_a_secret_is_masked_also_where_json_writes_it_otherwise():
    secret = 'quo"te'

    line = logged(JsonLine([secret]), f"密码 {secret}")

    assert json.loads(line)["text"] == f"密码 {MASK}"


def test_what_the_world_did_is_told_without_a_trace_and_a_mistake_of_ours_with_one():
    def raised(error: Exception) -> Exception:
        try:
            raise error
        except type(error) as caught:
            return caught

    told = logged(OneLine(), "没有办成", raised(Unavailable("数据库暂不可用")))
    traced = logged(OneLine(), "没有办成", raised(ZeroDivisionError("零")))

    assert told.endswith("错误 没有办成：数据库暂不可用")
    assert "Traceback" in traced
    assert "\\u000a" in traced
