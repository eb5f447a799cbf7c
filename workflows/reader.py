"""Reads the strict YAML of definitions and campaigns into plain values with the place of each of them.

Only what a person can see at a glance is allowed: mappings, lists, text, whole numbers, true, false and null.
Nothing here recurses, so no document can exhaust the stack; nothing expands, so none can exhaust memory.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from engine.model.errors import Invalid, Problem

MAX_DEPTH: Final = 20
MAX_PROBLEMS: Final = 50
MAX_LINE: Final = 4_000

Tree = str | int | bool | None | list["Tree"] | dict[str, "Tree"]
"""What a document may hold."""
Path = tuple[str | int, ...]
"""The keys and list indexes that lead to a value."""
Place = tuple[int, int]
"""Line and column, both from 1."""

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"-?[1-9][0-9]{0,15}|0")
_ODD_NUMBER = re.compile(
    r"[-+]?(0[0-9_]+|0[xob][0-9a-fA-F_]+|[0-9][0-9_]*|[0-9_]*\.[0-9_]+|[0-9][0-9_]*\.)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_LONG_LINE = re.compile(rf"[^\n]{{{MAX_LINE + 1}}}")
_NEST = re.compile(rf"(?:[\[{{] *){{{MAX_DEPTH + 1}}}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a document may be: the time that reading takes grows with both."""

    bytes: int
    nodes: int


DEFINITION: Final = Limits(bytes=32 * 1024, nodes=3_000)
"""A definition is accepted or refused within a fifth of a second, whatever it holds."""
CAMPAIGN: Final = Limits(bytes=1024 * 1024, nodes=50_000)
"""A file of a campaign: the people of a bureau with some hundred units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document: its values, the place of each value and of each key, its text and the name of its origin."""

    tree: Tree
    places: Mapping[Path, Place]
    text: str
    origin: str
    keys: Mapping[Path, Place] = field(default_factory=dict)

    def problem(self, path: Path, text: str, hint: str = "", *, at_key: bool = False) -> Problem:
        """A problem with the value (or the key) at `path`, or at its nearest ancestor that has a place."""
        place = self.keys.get(path) if at_key else None
        while place is None:
            place = self.places.get(path, (1, 1) if not path else None)
            path = path[:-1]
        return _problem(self.origin, self.text, place, text, hint)


def read_yaml(data: bytes, origin: str, limits: Limits = DEFINITION) -> Document:
    """The document in `data`.

    Raises Invalid with every problem that could be found, each with file, line and column.
    """
    text = _decoded(data, origin, limits.bytes)
    reading = _Reading(text, origin, limits.nodes)
    _check_text(reading)
    try:
        _consume(reading)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = _place(mark) if mark else reading.last
        reading.complain(place, f"YAML 语法错误：{error.problem or error.context}", "检查缩进、冒号和引号")
    except (YAMLError, ValueError, OverflowError) as error:
        reading.complain(reading.last, f"YAML 无法读取：{str(error).splitlines()[0]}")
    except Enough:
        pass
    if not reading.problems and not reading.values:
        reading.complain((1, 1), "文件没有内容")
    if reading.problems:
        raise Invalid(f"读取 {origin}", tuple(reading.problems))
    return Document(
        tree=reading.values[0], places=reading.places, text=text, origin=origin, keys=reading.keys
    )


class Enough(Exception):
    """The document is refused; reading on would bring nothing."""


@dataclass(slots=True)
class _Open:
    """A mapping or list that has begun and not ended; `key` is the key whose value comes next."""

    value: list[Tree] | dict[str, Tree]
    path: Path
    key: str | None = None
    spare: int = 0

    def step(self) -> str | int:
        """The key or index of the next value."""
        return len(self.value) if isinstance(self.value, list) else self.key or ""


@dataclass(slots=True)
class _Reading:
    """The state of one reading."""

    text: str
    origin: str
    most: int
    problems: list[Problem] = field(default_factory=list)
    values: list[Tree] = field(default_factory=list)
    places: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    stack: list[_Open] = field(default_factory=list)
    nodes: int = 0
    last: Place = (1, 1)

    def complain(self, place: Place, text: str, hint: str = "") -> None:
        self.problems.append(_problem(self.origin, self.text, place, text, hint))
        if len(self.problems) >= MAX_PROBLEMS:
            raise Enough

    def awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].value, dict) and self.stack[-1].key is None


def _problem(origin: str, text: str, place: Place, what: str, hint: str) -> Problem:
    lines = text.splitlines()
    line, column = place
    if lines and line > len(lines):
        line, column = len(lines), len(lines[-1]) + 1
    excerpt = lines[line - 1][:200] if lines else ""
    return Problem(where=f"{origin}:{line}:{column}", text=what, hint=hint, excerpt=excerpt)


def _place(mark: StringMark) -> Place:
    return mark.line + 1, mark.column + 1


def _place_of_offset(text: str, offset: int) -> Place:
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def _refuse(origin: str, text: str, place: Place, what: str, hint: str) -> Invalid:
    return Invalid(f"读取 {origin}", (_problem(origin, text, place, what, hint),))


def _decoded(data: bytes, origin: str, most: int) -> str:
    if len(data) > most:
        raise _refuse(origin, "", (1, 1), f"文件超过 {most // 1024} KB", "删去不必要的内容")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _refuse(origin, "", (1, 1), "文件以 BOM 开头", "另存为不带 BOM 的 UTF-8")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8")
        place = _place_of_offset(good, len(good))
        raise _refuse(origin, good, place, "文件不是 UTF-8 编码", "另存为 UTF-8") from error


def _check_text(reading: _Reading) -> None:
    """Refuses what can be told from the characters alone, before any parsing."""
    text = reading.text
    if found := _FORBIDDEN.search(text):
        place = _place_of_offset(text, found.start())
        what = f"含有控制字符 U+{ord(found.group()):04X}"
        raise _refuse(reading.origin, text, place, what, "删去这个不可见的字符")
    if found := _LONG_LINE.search(text):
        place = _place_of_offset(text, found.start())
        raise _refuse(reading.origin, text, place, f"一行超过 {MAX_LINE} 字", "分成几行")
    if found := _NEST.search(text):
        place = _place_of_offset(text, found.start())
        raise _refuse(reading.origin, text, place, f"嵌套超过 {MAX_DEPTH} 层", "减少嵌套")
    separators = re.finditer(r"[,\n\[{]", text)
    if crossing := next(islice(separators, reading.most, None), None):
        place = _place_of_offset(text, crossing.start())
        raise _refuse(reading.origin, text, place, f"内容超过 {reading.most} 项", "删去不必要的内容")


def _consume(reading: _Reading) -> None:
    documents = 0
    for event in _events(reading.text):
        reading.last = _place(event.start_mark)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            _check_document(reading, event, documents)
        elif isinstance(event, NodeEvent):
            _node(reading, event)
        elif isinstance(event, CollectionEndEvent):
            _close(reading)


def _events(text: str) -> Iterator[Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


def _check_document(reading: _Reading, event: DocumentStartEvent, number: int) -> None:
    if number > 1:
        reading.complain(reading.last, "一个文件只能有一个文档", "删去第二个 --- 及其后的内容")
        raise Enough
    if event.version or event.tags:
        reading.complain(reading.last, "不允许 % 指令", "删去以 % 开头的行")


def _node(reading: _Reading, event: NodeEvent) -> None:
    reading.nodes += 1
    if reading.nodes > reading.most:
        reading.complain(reading.last, f"内容超过 {reading.most} 项", "删去不必要的内容")
        raise Enough
    _check_marks(reading, event)
    if reading.awaits_key():
        _key(reading, event)
    elif isinstance(event, ScalarEvent):
        _put(reading, _scalar(reading, event))
    elif isinstance(event, SequenceStartEvent):
        _begin(reading, [])
    elif isinstance(event, MappingStartEvent):
        _begin(reading, {})


def _check_marks(reading: _Reading, event: NodeEvent) -> None:
    if isinstance(event, AliasEvent):
        reading.complain(reading.last, f"不允许引用 *{event.anchor}", "把内容写全")
        raise Enough
    if event.anchor is not None:
        reading.complain(reading.last, f"不允许锚点 &{event.anchor}", "删去锚点，把内容写全")
    if getattr(event, "tag", None) is not None:
        reading.complain(reading.last, "不允许类型标记（!）", "删去以 ! 开头的标记")


def _key(reading: _Reading, event: NodeEvent) -> None:
    if not isinstance(event, ScalarEvent):
        reading.complain(reading.last, "键必须是一个词", "检查花括号、方括号和问号")
        raise Enough
    top, place = reading.stack[-1], reading.last
    value = _scalar(reading, event)
    key = value if isinstance(value, str) else f"{event.value}"
    if not isinstance(value, str) or not key:
        reading.complain(place, f"键必须是文字：{event.value or '（空）'}", "加引号，或改用英文名")
    elif key == "<<" and event.style is None:
        reading.complain(place, "不允许合并键 <<", "把内容写全")
    if key in top.value:
        reading.complain(place, f"键重复：{key}", "合并或删去其中一个")
        top.spare += 1
        key = f"{key}\x00{top.spare}"
    top.key = key
    reading.keys[(*top.path, key)] = place


def _put(reading: _Reading, value: Tree) -> Path:
    """Puts a value where it belongs; answers its path."""
    if not reading.stack:
        reading.values.append(value)
        reading.places[()] = reading.last
        return ()
    top = reading.stack[-1]
    path = (*top.path, top.step())
    if isinstance(top.value, list):
        top.value.append(value)
    else:
        top.value[top.key or ""] = value
        top.key = None
    reading.places[path] = reading.last
    return path


def _begin(reading: _Reading, value: list[Tree] | dict[str, Tree]) -> None:
    if len(reading.stack) >= MAX_DEPTH:
        reading.complain(reading.last, f"嵌套超过 {MAX_DEPTH} 层", "减少嵌套")
        raise Enough
    path = _put(reading, value)
    reading.stack.append(_Open(value=value, path=path))


def _close(reading: _Reading) -> None:
    reading.stack.pop()


def _scalar(reading: _Reading, event: ScalarEvent) -> Tree:
    text = f"{event.value}"
    if found := _FORBIDDEN.search(text) or _SURROGATE.search(text):
        reading.complain(reading.last, f"含有控制字符 U+{ord(found.group()):04X}", "删去这个转义")
        return ""
    if event.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if text == "~" or _ODD_NUMBER.fullmatch(text):
        reading.complain(reading.last, f"写法有歧义：{text}", "文字请加引号；数只用十进制整数；空值写 null")
    return text
