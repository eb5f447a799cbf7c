"""One setting as it was given, turned into a value; what does not fit is noted with its place, and reading goes on."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from engine.model.causes import in_chinese
from engine.model.errors import Problem

HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Given:
    """A value, where it was written, and the folder that paths in it start from."""

    value: object
    where: str
    folder: Path


def near(name: str, known: Sequence[str]) -> str:
    """The known name that was probably meant, or all there are."""
    close = get_close_matches(name, known, 1)
    return f"是不是“{close[0]}”？" if close else f"可用：{'、'.join(known)}"


class Reader:
    """Gives settings as values; `problems` collects what does not fit."""

    def __init__(self, given: Mapping[str, Given], problems: list[Problem]) -> None:
        self.given = given
        self.problems = problems

    def complain(self, name: str, expected: str, hint: str = "") -> None:
        """Note that a setting is not what was expected."""
        found = self.given[name]
        self.problems.append(
            Problem(where=found.where, text=f"应为{expected}，实为“{found.value}”", hint=hint)
        )

    def require(self, names: Iterable[str], where: str, what: str) -> None:
        """Note each of these settings that is missing."""
        for missing in [name for name in names if not self.text(name)]:
            self.problems.append(Problem(where=where, text=f"{what}缺少“{missing}”", hint="请补上这一项设置"))

    def text(self, name: str, default: str = "") -> str:
        """A text; the default where there is none."""
        value = self.given[name].value if name in self.given else default
        if not isinstance(value, str):
            self.complain(name, "文字", "请加引号")
            return default
        return value or default

    def path(self, name: str) -> Path | None:
        """A path, from the folder of the file in which it was written."""
        text = self.text(name)
        return self.given[name].folder / text if text else None

    def secret(self, name: str, file: str) -> str:
        """A secret from the environment, or from the file that a setting names."""
        return self.text(name) or self._read(file)

    def _read(self, name: str) -> str:
        path = self.path(name)
        if path is None:
            return ""
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            self.complain(name, "能读的文本文件", in_chinese(error))
            return ""

    def choice(self, name: str, known: Sequence[str]) -> str:
        """One of a few words; the first where there is none."""
        text = self.text(name, known[0])
        if text not in known:
            self.complain(name, f"{'、'.join(known)}之一", near(text, known))
        return text

    def whole(self, name: str, default: int, most: int) -> int:
        """A number from 1 to `most`."""
        value = self.given[name].value if name in self.given else default
        number = int(f"{value}") if f"{value}".isdecimal() and len(f"{value}") < 10 else 0
        if not 1 <= number <= most:
            self.complain(name, f"1 至 {most} 的整数")
        return number

    def flag(self, name: str) -> bool:
        """Yes or no; no where there is none."""
        value = self.given[name].value if name in self.given else False
        if value in (True, False, "true", "false"):
            return value in (True, "true")
        self.complain(name, "true 或 false")
        return False

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts: a TOML list, or one text with commas."""
        value = self.given[name].value if name in self.given else []
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        return tuple(text for part in parts if (text := f"{part}".strip()))
