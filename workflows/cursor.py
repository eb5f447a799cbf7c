"""Walks a document: typed access to its values that notes every problem with its place and goes on."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from engine.model.errors import Problem
from workflows.reader import MAX_PROBLEMS, Document, Enough, Path, Tree

Word = TypeVar("Word", bound=StrEnum)

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LENGTHS = 3
_CANDIDATES = 80
_LISTED = 30


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A hint: the nearest known word if one is near, and otherwise the first of them."""
    words = sorted(known)
    candidates = [each for each in words if abs(len(each) - len(word)) <= _LENGTHS][:_CANDIDATES]
    if near := get_close_matches(word[:60], candidates, n=1):
        return f"是不是想写 {near[0]}？"
    more = "……" if len(words) > _LISTED else ""
    return f"可用：{'、'.join(words[:_LISTED]) or '（无）'}{more}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """A value of the document, where it stands, and the problems found so far (shared by all cursors)."""

    document: Document
    value: Tree
    path: Path = ()
    problems: list[Problem] = field(default_factory=list)

    def complain(self, text: str, hint: str = "") -> None:
        """Notes a problem with this value."""
        self._note(self.document.problem(self.path, text, hint))

    def _note(self, problem: Problem) -> None:
        """Raises Enough when the list is long enough to work on."""
        self.problems.append(problem)
        if len(self.problems) >= MAX_PROBLEMS:
            raise Enough

    def closed(self, required: Collection[str], optional: Collection[str] = ()) -> "Cursor":
        """This mapping, after noting the keys it must not have and those it lacks."""
        if not isinstance(self.value, dict):
            self.complain("这里应为键值对")
            return Cursor(self.document, {}, self.path, self.problems)
        known = {*required, *optional}
        for key in self.value:
            if key not in known:
                problem = self.document.problem(
                    (*self.path, key), f"未知的键：{key}", did_you_mean(key, known), at_key=True
                )
                self._note(problem)
        for key in required:
            if key not in self.value:
                self.complain(f"缺少 {key}", f"补上 {key}: …")
        return self

    def has(self, key: str) -> bool:
        """Whether this mapping has the key."""
        return isinstance(self.value, dict) and key in self.value

    def at(self, key: str) -> "Cursor":
        """The value under the key; null when there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Cursor(self.document, value, (*self.path, key), self.problems)

    def each(self, key: str) -> Iterator["Cursor"]:
        """The entries of the list under the key."""
        if not self.has(key):
            return
        found = self.at(key)
        if not isinstance(found.value, list):
            found.complain("这里应为列表", "用 [ ] 或以 - 开头的行")
            return
        for index, value in enumerate(found.value):
            yield Cursor(self.document, value, (*found.path, index), self.problems)

    def text(self, key: str, *, limit: int = 200) -> str:
        """A text that is not empty; "" when the key is missing."""
        return self.at(key).as_text(limit=limit) if self.has(key) else ""

    def as_text(self, *, limit: int = 200) -> str:
        """This value as a text that is not empty."""
        if not isinstance(self.value, str):
            self.complain("这里应为文字", "数字和 true、false 请加引号")
            return ""
        if not self.value.strip() or len(self.value) > limit:
            self.complain(f"文字应有 1 至 {limit} 字")
        return self.value

    def as_id(self) -> str:
        """This value as an id."""
        word = self.as_text()
        if word and not ID.fullmatch(word):
            self.complain(f"标识不合规：{word}", "小写字母开头，只用小写字母、数字和下划线，不超过 40 字")
        return word

    def id(self, key: str) -> str:
        """The id under the key; "" when the key is missing."""
        return self.at(key).as_id() if self.has(key) else ""

    def ids(self, key: str) -> tuple[str, ...]:
        """The ids declared in the list under the key, each checked for its form and that it is declared once."""
        seen: list[str] = []
        for entry in self.each(key):
            if not entry.has("id"):
                continue
            name = entry.at("id").as_id()
            if name in seen:
                entry.at("id").complain(f"重复：{name}")
            seen.append(name)
        return tuple(seen)

    def integer(self, key: str, default: int, least: int, most: int) -> int:
        """A whole number within limits; the default when the key is missing."""
        return self.at(key).as_integer(least, most) if self.has(key) else default

    def as_integer(self, least: int, most: int) -> int:
        """This value as a whole number within limits."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.complain("这里应为整数")
            return least
        if not least <= self.value <= most:
            self.complain(f"应在 {least} 至 {most} 之间")
        return self.value

    def flag(self, key: str) -> bool:
        """True or false; false when the key is missing."""
        found = self.at(key)
        if not self.has(key) or isinstance(found.value, bool):
            return found.value is True
        found.complain("这里应为 true 或 false", "只认 true 和 false，不认 yes、no、on、off")
        return False

    def known(self, known: Collection[str], what: str) -> str:
        """This value as one of the known words."""
        word = self.as_text()
        if word and word not in known:
            self.complain(f"未知的{what}：{word}", did_you_mean(word, known))
        return word

    def one_of(self, key: str, known: Collection[str], what: str) -> str:
        """One of the known words; "" when the key is missing."""
        return self.at(key).known(known, what) if self.has(key) else ""

    def words(self, key: str, known: Collection[str], what: str) -> tuple[str, ...]:
        """A list of known words, none twice."""
        found: list[str] = []
        for entry in self.each(key):
            word = entry.known(known, what)
            if word in found:
                entry.complain(f"重复：{word}")
            found.append(word)
        return tuple(found)

    def choice(self, key: str, kind: type[Word], what: str, default: Word) -> Word:
        """A word of a closed vocabulary; the default when it is missing or unknown."""
        word = self.one_of(key, tuple(kind), what)
        return kind(word) if word in tuple(kind) else default

    def choices(self, key: str, kind: type[Word], what: str) -> tuple[Word, ...]:
        """A list of words of a closed vocabulary."""
        return tuple(kind(word) for word in self.words(key, tuple(kind), what) if word in tuple(kind))
