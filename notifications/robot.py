"""What the robots of chat programs have in common: a short text to one group, and an answer in JSON with a number.

The words of a notice are people's words: in a chat they must not call somebody, open a link or colour the page, so
that whatever a robot could take for its own mark-up is written in full width.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from itertools import accumulate
from typing import Final

from engine.model.errors import Busy, Invalid, Unavailable
from notifications.outgoing import NotTaken, Outgoing
from notifications.plain import plain
from notifications.wire import Answer, Wire

MORE: Final = "……（全文见督办系统）"
JSON: Final = {"Content-Type": "application/json; charset=utf-8"}
BUSY_FOR: Final = timedelta(minutes=1)
LONGEST_BUSY: Final = timedelta(hours=1)
_TOO_MANY: Final = 429
_REFUSED: Final = frozenset({401, 403, 404, 407, 410})
_DOWN: Final = frozenset({502, 503})
_MARKS: Final = str.maketrans("<>@[]()*_#`&\\!~|", "＜＞＠［］（）＊＿＃｀＆＼！～｜")


class Verdict(Enum):
    """What a number in an answer means."""

    BUSY = auto()
    """Too much in too little time."""
    CHANNEL = auto()
    """The robot, its key, its signature or its rules: no message would be taken."""
    MESSAGE = auto()
    """This message can never be taken."""


@dataclass(frozen=True, slots=True)
class Codes:
    """How a robot numbers its answers: the names of the number and of the words, and what the numbers mean."""

    number: tuple[str, ...]
    words: tuple[str, ...]
    meaning: Mapping[int, Verdict]
    busy_for: timedelta = BUSY_FOR


def speak(wire: Wire, path: str, content: Mapping[str, object], codes: Codes) -> None:
    """Say something through a robot; returns where it was taken. Raises what `Wire.post` and `understand` raise."""
    understand(wire.post(path, json.dumps(content, ensure_ascii=False).encode(), JSON), codes)


def told(outgoing: Outgoing, limit: int, size: Callable[[str], int]) -> str:
    """The words for a group: to whom, what about, and the text, in at most `limit` bytes of whole characters.

    size: how many bytes a text is to the robot: `in_text` where it counts the text, `in_json` where the request.
    """
    message = outgoing.message
    head = f"致{plain(outgoing.name, 50)}：{plain(message.subject, 200)}"
    return _cut(f"{head}\n\n{message.text.strip()}".translate(_MARKS), limit, size)


def in_text(text: str) -> int:
    """Bytes in UTF-8."""
    return len(text.encode())


def in_json(text: str) -> int:
    """Bytes in UTF-8 as a string of JSON, without its quotes: a line break takes two, other signs up to six."""
    return len(json.dumps(text, ensure_ascii=False).encode()) - len('""')


def _cut(text: str, limit: int, size: Callable[[str], int]) -> str:
    """The text in at most `limit` bytes, cut between two characters; says where it was cut."""
    if size(text) <= limit:
        return text
    ends = list(accumulate(map(size, text)))
    return text[: bisect_right(ends, limit - size(MORE))] + MORE


def understand(answer: Answer, codes: Codes) -> None:
    """Returns where the message was taken.

    Raises Busy, Unavailable, Invalid or NotTaken where it was not, whatever the status: some say no with a 200, some
    say “too many” with a 400.
    """
    told = _json(answer)
    number = next((told[name] for name in codes.number if name in told), None)
    words = next((told[name] for name in codes.words if name in told), "")
    if not isinstance(number, int):
        raise_for_status(answer)
        raise NotTaken(f"答复读不懂：{_shown(answer)}")
    if number == 0:
        return
    said = f"{number} {plain(f'{words}', 200)}"
    verdict = codes.meaning.get(number)
    if verdict is Verdict.BUSY:
        raise Busy(f"对方限流：{said}", wait=codes.busy_for)
    if verdict is Verdict.CHANNEL:
        raise Unavailable(f"机器人不可用：{said}", hint="请核对密钥、加签、关键词和白名单")
    if verdict is Verdict.MESSAGE:
        raise Invalid(f"对方拒收：{said}", ())
    raise_for_status(answer)
    raise NotTaken(f"对方未收下：{said}")


def raise_for_status(answer: Answer) -> None:
    """Returns where the status is one of success.

    Raises Busy, Unavailable, NotTaken or Invalid: RFC 9110, 15. A redirection is not followed: the address is wrong.
    """
    status, said = answer.status, f"HTTP {answer.status} {_shown(answer)}"
    if 200 <= status < 300:
        return
    if status == _TOO_MANY or answer.wait:
        wait = timedelta(seconds=answer.wait) if answer.wait else BUSY_FOR
        raise Busy(f"对方限流：{said}", wait=min(wait, LONGEST_BUSY))
    if status in _DOWN:
        raise Unavailable(f"对方暂不可用：{said}")
    if status in _REFUSED or 300 <= status < 400:
        raise Unavailable(f"地址或密钥不对：{said}", hint="请核对设置；本系统不跟随转向")
    if 400 <= status < 500:
        raise Invalid(f"对方拒收：{said}", ())
    raise NotTaken(f"对方出错：{said}")


def _json(answer: Answer) -> Mapping[str, object]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _shown(answer: Answer) -> str:
    return plain(answer.body[:500].decode("utf-8", "replace"), 120)
