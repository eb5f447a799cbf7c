"""Turns a notice into words: the template of its kind, filled with the facts frozen when it was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.model.errors import NotFound
from engine.model.notice import Notice
from notifications.catalogue import KINDS, LAMPS, PARTIES, ROLES, template_of
from notifications.plain import plain

Fact = str | int | None
_POSTS: Final = {**PARTIES, **ROLES}

DEFAULTS: Final[Mapping[str, Fact]] = {
    "number": "",
    "title": "未列名称",
    "kind": "事项",
    "state": "",
    "unit": "",
    "reason": "",
    "verb": "",
    "by": "",
    "post": "",
    "clock": "时限",
    "rung": "",
    "due": "",
    "original": "",
    "proof": "",
    "days_left": None,
    "lamp": "",
    "skipped": "",
    "reached": "",
    "pace": "",
    "paper": "",
}
"""Every fact a template may use, and what it reads where a notice does not say."""
_LONGEST: Final = {"title": 200, "number": 64, "reason": 2000, "proof": 1000, "skipped": 1000}
_USUAL: Final = 100
_PAGE: Final = "_page.html.j2"
_FACTS: Final = "_facts.txt.j2"

_TEMPLATES: Final = ImmutableSandboxedEnvironment(
    loader=PackageLoader("notifications"),
    autoescape=lambda name: name is not None and name.endswith(".html.j2"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a channel sends, the same at every try: `written_at` is the date it bears."""

    subject: str
    text: str
    html: str
    written_at: datetime


def render(notice: Notice, unit: str = "") -> Message:
    """The words of a notice; `unit` is the name of the unit, where it is known, instead of its code.

    Raises NotFound where there is no template for its kind.
    """
    if notice.kind not in KINDS:
        raise NotFound(f"没有“{plain(notice.kind, _USUAL)}”这种通知的文稿")
    template = _TEMPLATES.get_template(template_of(notice.kind))
    return written(template.render(facts_told(notice, unit)), notice.written_at)


def facts_told(notice: Notice, unit: str = "") -> dict[str, Fact]:
    """Everything that a template may say of a notice, made harmless."""
    return _context({**notice.facts, **({"unit": unit} if unit else {})})


def partials() -> dict[str, str]:
    """The parts that a template may include, by their names."""
    loader = PackageLoader("notifications")
    return {_FACTS: loader.get_source(_TEMPLATES, _FACTS)[0]}


def written(text: str, written_at: datetime) -> Message:
    """The message that a rendered template is: its subject on the first line, then paragraphs."""
    subject, _, body = text.partition("\n")
    return laid_out(subject, _paragraphs(body), written_at)


def laid_out(subject: str, paragraphs: Sequence[Sequence[str]], written_at: datetime) -> Message:
    """A message of these paragraphs, each of some lines, as text and as a page."""
    text = "\n\n".join("\n".join(lines) for lines in paragraphs)
    page = _TEMPLATES.get_template(_PAGE).render(subject=subject, paragraphs=paragraphs)
    return Message(subject=subject, text=f"{text}\n", html=page, written_at=written_at)


def _context(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    known = {name: _said(name, facts.get(name)) for name in DEFAULTS}
    number = f"（{known['number']}）" if known["number"] else ""
    lamp, post = LAMPS.get(str(known["lamp"]), ""), _POSTS.get(str(known["post"]), "")
    return {**known, "lamp": lamp, "post": post, "named": f"“{known['title']}”{number}"}


def _said(name: str, fact: Fact) -> Fact:
    if name == "days_left":
        return fact if isinstance(fact, int) else None
    said = plain(f"{'' if fact is None else fact}", _LONGEST.get(name, _USUAL))
    return said or DEFAULTS[name]


def _paragraphs(text: str) -> list[list[str]]:
    blocks = "\n".join(line.strip() for line in text.splitlines()).split("\n\n")
    return [lines for block in blocks if (lines := [line for line in block.split("\n") if line])]
