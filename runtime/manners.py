"""How each channel may be used, as the settings say: in which hours, how often, and whether notices go together."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from engine.model.channel import Digest, Manner
from notifications.catalogue import KINDS
from runtime.given import Reader, near

OFFICE_HOURS: Final = (8 * 60 + 30, 18 * 60)
"""When people may be disturbed, where the settings say nothing: 08:30 to 18:00 of working days."""
MOST_A_MINUTE: Final = 1000
ALWAYS: Final = "always"
_PERSON: Final = Manner(hours=OFFICE_HOURS, digest=Digest.TOGETHER)
MANNERS: Final[Mapping[str, Manner]] = {
    "smtp": replace(_PERSON, per_minute=600),
    "wecom": replace(_PERSON, per_minute=20),
    "dingtalk": replace(_PERSON, per_minute=20),
    "feishu": replace(_PERSON, per_minute=100),
    "webhook": Manner(hours=OFFICE_HOURS, per_minute=600),
    "apprise": Manner(hours=OFFICE_HOURS, per_minute=60),
    "file": Manner(at_once=200),
    "console": Manner(),
}
"""Every channel, and how it is used where the settings say nothing."""
KEYS: Final = (
    "urgent",
    *(f"{name}.{word}" for name in MANNERS for word in ("hours", "digest")),
    *(f"{name}.per_minute" for name, usual in MANNERS.items() if usual.per_minute),
)
_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")


def read_manners(given: Reader) -> dict[str, Manner]:
    """The manner of every channel."""
    urgent = given.texts("urgent")
    for unknown in [kind for kind in urgent if kind not in KINDS]:
        given.complain("urgent", "通知的种类", near(unknown, tuple(KINDS)))
    return {name: _manner(given, name, usual, frozenset(urgent)) for name, usual in MANNERS.items()}


def _manner(given: Reader, name: str, usual: Manner, urgent: frozenset[str]) -> Manner:
    limit = usual.per_minute
    return replace(
        usual,
        per_minute=None if limit is None else given.whole(f"{name}.per_minute", limit, MOST_A_MINUTE),
        hours=_hours(given, f"{name}.hours", usual.hours),
        digest=_digest(given, f"{name}.digest", usual.digest),
        urgent=urgent,
    )


def _digest(given: Reader, name: str, usual: Digest) -> Digest:
    if name not in given.given:
        return usual
    text = given.choice(name, tuple(Digest))
    return Digest(text) if text in set(Digest) else usual


def _hours(given: Reader, name: str, usual: tuple[int, int] | None) -> tuple[int, int] | None:
    text = given.text(name)
    if not text or text == ALWAYS:
        return None if text else usual
    match = _HOURS.fullmatch(text)
    if match is not None:
        start, end = (int(match[n]) * 60 + int(match[n + 1]) for n in (1, 3))
        if start < end:
            return start, end
    given.complain(name, f"“08:30-18:00”这样的起止时刻，或“{ALWAYS}”")
    return usual
