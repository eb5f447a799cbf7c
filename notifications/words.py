"""The words of notices as they leave the house: the shipped ones, or those that an administrator wrote in their place.

A template of one's own lies in a folder under the name of the shipped one. Where it cannot be rendered, or says
nothing, the shipped words are used, and what was wrong is told to whoever sends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.model.causes import in_chinese
from engine.model.notice import Notice
from notifications.bounded import Job, Spoilt, rendered
from notifications.catalogue import KINDS, template_of
from notifications.plain import plain
from notifications.render import Message, facts_told, partials, written

LARGEST_TEMPLATE: Final = 16_384
"""Bytes of a template of one's own."""
_LONGEST_LINE: Final = 2000
_LONGEST_SUBJECT: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in the shipped words; `unit` is the name of its unit."""

    notice: Notice
    unit: str
    message: Message


@dataclass(frozen=True, slots=True)
class Words:
    """Puts notices into the words of this bureau. `folder` holds the templates of this bureau, if it has any."""

    folder: Path | None = None
    _own: Mapping[str, str] = field(init=False, repr=False, default_factory=dict)
    _wrong: Mapping[str, str] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        own, wrong = _read(self.folder) if self.folder else ({}, {})
        object.__setattr__(self, "_own", own)
        object.__setattr__(self, "_wrong", wrong)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with the folder: files that are no templates, or cannot be read."""
        return tuple(f"{name}：{told}" for name, told in sorted(self._wrong.items()))

    @property
    def has_any(self) -> bool:
        """Whether this bureau has words of its own for anything."""
        return bool(self._own)

    def replaced(self, told: Sequence[Told]) -> tuple[list[Message], str | None]:
        """The messages with words of one's own where there are any, and what was wrong with these, if anything was."""
        messages, warning = [one.message for one in told], None
        places = [place for place, one in enumerate(told) if one.notice.kind in self._own]
        jobs = [Job(self._own[told[n].notice.kind], facts_told(told[n].notice, told[n].unit)) for n in places]
        for place, text in zip(places, rendered(jobs, partials()) if jobs else (), strict=True):
            notice = told[place].notice
            try:
                messages[place] = _message(text, notice)
            except Spoilt as error:
                warning = f"自定文稿 {template_of(notice.kind)} 用不了，已用原文稿：{plain(f'{error}', 200)}"
        return messages, warning


def _message(text: str | Spoilt, notice: Notice) -> Message:
    if isinstance(text, Spoilt):
        raise text
    lines = [plain(line, _LONGEST_LINE) for line in text.strip().split("\n")]
    if not lines[0]:
        raise Spoilt("写出来是空的")
    return written("\n".join([plain(lines[0], _LONGEST_SUBJECT), *lines[1:]]), notice.written_at)


def _read(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The templates in a folder by their kinds, and what is wrong with the other files."""
    own: dict[str, str] = {}
    wrong: dict[str, str] = {}
    known = {template_of(kind): kind for kind in KINDS}
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        return {}, {f"{folder}": f"读不出来：{in_chinese(error)}"}
    for path in files:
        if path.name not in known:
            wrong[path.name] = "不是文稿的文件名"
            continue
        try:
            own[known[path.name]] = _source(path)
        except (OSError, ValueError) as error:
            wrong[path.name] = f"读不出来：{in_chinese(error)}"
    return own, wrong


def _source(path: Path) -> str:
    if path.stat().st_size > LARGEST_TEMPLATE:
        raise ValueError(f"超过 {LARGEST_TEMPLATE} 字节")
    return path.read_text(encoding="utf-8")
