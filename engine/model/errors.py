"""The error tree. One class per kind of next action; each skin maps it to exit codes or HTTP statuses.

Error
├── Refused          the rules say no; carries every reason
│   └── NotPermitted     the only obstacle is who asks
├── NotFound         no such thing, or not for this asker: the two are not told apart
├── Conflict         somebody was faster, or the key was used for something else
├── Invalid          the input cannot be read; carries every problem with its place
├── Unavailable      the store cannot be reached, is full, read-only or of another version
│   ├── Interrupted      the store gave the transaction up: nothing is stored, it may be asked again
│   ├── InDoubt          the answer was lost: all of it is stored (or has arrived), or nothing
│   └── Busy             the other side asks to be left alone for a while
└── Broken           an invariant is violated; never handled
"""

from dataclasses import dataclass
from datetime import timedelta

from engine.model.reasons import Reason


class Error(Exception):
    """Base of everything duban raises on purpose. `code` is stable; `tried` says what was attempted."""

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Refused(Error):
    """The rules say no."""

    code = "refused"

    def __init__(self, tried: str, reasons: tuple[Reason, ...]) -> None:
        super().__init__(tried)
        self.reasons = reasons

    def __str__(self) -> str:
        return "；".join([self.message, *(reason.why for reason in self.reasons)])


class NotPermitted(Refused):
    """The rules say no to this person; somebody else may."""

    code = "not_permitted"


class NotFound(Error):
    """No such thing for this asker."""

    code = "not_found"


class Conflict(Error):
    """Somebody was faster; the message says what the state is now."""

    code = "conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in an input, with its place (`where` is file, line, column or cell) and the way out."""

    where: str
    text: str
    hint: str = ""
    excerpt: str = ""


class Invalid(Error):
    """The input cannot be read."""

    code = "invalid"

    def __init__(self, tried: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(tried)
        self.problems = problems


class Unavailable(Error):
    """The store cannot be used as it is."""

    code = "unavailable"


class Interrupted(Unavailable):
    """The store gave the transaction up and stored nothing of it."""


class InDoubt(Unavailable):
    """The connection was lost before the answer came: everything is stored or has arrived, or nothing."""


class Busy(Unavailable):
    """The other side asks to be left alone for `wait`."""

    code = "busy"

    def __init__(self, message: str, *, wait: timedelta, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.wait = wait


class Broken(Error):
    """An invariant is violated."""

    code = "broken"
