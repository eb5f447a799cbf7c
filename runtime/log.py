"""The log of a process that runs on: one event is one line, whatever is in it, and no secret of the settings."""

import json
import logging
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, TextIO

from engine.model.calendar import LOCAL
from engine.model.errors import Error

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_LEVELS: Final = {"INFO": "", "WARNING": "注意 ", "ERROR": "错误 ", "CRITICAL": "错误 "}
MASK: Final = "***"


class OneLine(logging.Formatter):
    """Writes a record for people. A program's own mistake carries its trace; what the world did to it does not."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        super().__init__()
        written = {
            form for secret in secrets for form in (secret, json.dumps(secret, ensure_ascii=False)[1:-1])
        }
        self._secrets = sorted(written - {""}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """One line without control characters and secrets."""
        line = self.line(record)
        for secret in self._secrets:
            line = line.replace(secret, MASK)
        return "".join(_visible(character) for character in line)

    def line(self, record: logging.LogRecord) -> str:
        """The line before anything is taken out of it."""
        at = _at(record).astimezone(LOCAL)
        return f"{at:%Y-%m-%d %H:%M:%S} {_LEVELS.get(record.levelname, '')}{self.told(record)}"

    def told(self, record: logging.LogRecord) -> str:
        """The sentence of a record, with what went wrong."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return record.getMessage()
        cause = (
            f"{error}"
            if isinstance(error, Error)
            else self.formatException((type(error), error, error.__traceback__))
        )
        return f"{record.getMessage()}：{cause}"


class JsonLine(OneLine):
    """Writes a record for programs: an object with `at`, `level`, `event`, `text` and the facts of the event."""

    def line(self, record: logging.LogRecord) -> str:
        """See `OneLine.line`."""
        facts: dict[str, Any] = getattr(record, "facts", {})
        told = {
            "at": _at(record).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "other"),
            "text": self.told(record),
            **facts,
        }
        return json.dumps(told, ensure_ascii=False)


def write_log(stream: TextIO, *, as_json: bool, secrets: Sequence[str] = ()) -> None:
    """Send everything this process logs to a stream."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine(secrets) if as_json else OneLine(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("duban").setLevel(logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def _at(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    number = ord(character)
    return f"\\u{number:04x}" if number <= 0xFFFF else "".join(f"\\u{half:04x}" for half in _halves(number))


def _halves(number: int) -> tuple[int, int]:
    """The two halves as which JSON writes a character beyond the first 65,536."""
    number -= 0x10000
    return 0xD800 + (number >> 10), 0xDC00 + (number & 0x3FF)
