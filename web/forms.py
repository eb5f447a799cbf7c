"""Forms as they arrive, within limits, and how what was typed is kept while somebody signs in again."""

import json
import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from engine.model.errors import Invalid, Problem
from web.gate import FIELD, FORM_FIELDS

FILES: Final = 20
PART_BYTES: Final = 128 * 1024
DRAFT: Final = "draft"
"""The field that asks for the form to be shown again, filled in, instead of being carried out."""
_PRIVATE = frozenset({FIELD, "password", "old", "new", "again", "code"})


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, by the name of its field, and the files. Text is composed (NFC), with plain line ends."""

    texts: Mapping[str, tuple[str, ...]]
    files: Mapping[str, tuple[UploadFile, ...]]

    def text(self, name: str) -> str:
        """One text without blanks around it; empty where there is none."""
        return next(iter(self.texts.get(name, ())), "").strip()

    @property
    def is_draft(self) -> bool:
        """True when the form is to be shown again instead of being carried out."""
        return DRAFT in self.texts


async def form_of(request: Request) -> AsyncIterator[Form]:
    """The form of a request; its files are there until the answer is given."""
    reading = request.form(max_files=FILES, max_fields=FORM_FIELDS, max_part_size=PART_BYTES)
    async with reading as data:
        yield Form(_texts(data), _files(data))


AnyForm = Annotated[Form, Depends(form_of)]


def _texts(data: FormData) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in data.multi_items():
        if isinstance(value, str):
            found[name] = (*found.get(name, ()), _plain(value))
    return found


def _files(data: FormData) -> dict[str, tuple[UploadFile, ...]]:
    found: dict[str, tuple[UploadFile, ...]] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile) and value.filename:
            found[name] = (*found.get(name, ()), value)
    return found


def _plain(text: str) -> str:
    try:
        return plain_text(text)
    except ValueError as error:
        raise Invalid("填写的内容", (Problem(where="", text=f"{error}", hint="请删去后重新填写"),)) from None


def plain_text(text: str) -> str:
    """A text as it is stored: composed (NFC), with plain line ends. Raises ValueError for signs no store takes."""
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("含有无法识别的字符")
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def day_in(text: str, label: str) -> date | None:
    """A day that was typed into the field with this label; None for nothing. Raises Invalid."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        said = f"应为 2020-12-05 这样的日期，实为“{text}”"
        raise Invalid("没有办成", (Problem(where=label, text=said, hint="请改正后再提交"),)) from None


def kept_text(form: Form) -> str:
    """What was typed, as one hidden field; without passwords, files and proofs."""
    pairs = [[n, v] for n, values in form.texts.items() if n not in _PRIVATE for v in values]
    return json.dumps(pairs, ensure_ascii=False) if pairs else ""


def kept_pairs(text: str) -> list[tuple[str, str]]:
    """The pairs in a hidden field of `kept_text`; none where it holds something else."""
    try:
        pairs = json.loads(text) if text else []
        return [(f"{name}", f"{value}") for name, value in pairs]
    except (ValueError, TypeError):
        return []
