"""Renders templates that an administrator wrote, in a process of its own that knows nothing and may do little.

Run as a script by `notifications.bounded`: reads one request from its input, writes one answer, ends. It imports
nothing of duban. A template gets texts and numbers; it may ask, compare, repeat and join them, and nothing else: no
attribute, no call, no arithmetic. Where the system knows limits, memory and time of the process are limited besides.
"""

import json
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final, NoReturn

from jinja2 import DictLoader, StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

LARGEST: Final = 65_536
"""Bytes that one template may become."""
MEMORY: Final = 256 * 1024 * 1024
SECONDS: Final = 2
FILTERS: Final = (
    "default", "d", "join", "length", "replace", "trim", "first", "last", "string", "upper", "lower",
)  # fmt: skip
TESTS: Final = (
    "defined", "undefined", "none", "string", "number", "in",
    "eq", "==", "equalto", "ne", "!=", "lt", "<", "le", "<=", "gt", ">", "ge", ">=",
)  # fmt: skip
OPERATORS: Final = frozenset({"+", "-", "*", "/", "//", "**", "%"})


class _Box(ImmutableSandboxedEnvironment):
    """A template language without attributes, calls and arithmetic."""

    intercepted_binops = OPERATORS
    intercepted_unops = frozenset({"+", "-"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ARG002 - the name is the library's
        """See `SandboxedEnvironment.is_safe_attribute`: none is."""
        return False

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ARG002 - the name is the library's
        """See `SandboxedEnvironment.is_safe_callable`: none is."""
        return False

    def getattr(self, obj: Any, attribute: str) -> NoReturn:
        """Refuse: facts are texts and numbers, and have nothing inside."""
        raise SecurityError(f"{type(obj).__name__}.{attribute}")

    def getitem(self, obj: Any, argument: Any) -> NoReturn:
        """Refuse, for the same reason."""
        raise SecurityError(f"{type(obj).__name__}[{str(argument)[:40]}]")

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> NoReturn:  # noqa: ARG002
        """Refuse: a text that is multiplied fills the memory."""
        raise SecurityError(f"算式 {operator}")

    def call_unop(self, context: Any, operator: str, arg: Any) -> NoReturn:  # noqa: ARG002
        """Refuse."""
        raise SecurityError(f"算式 {operator}")


def box(partials: dict[str, str]) -> _Box:
    """The language, and the parts that a template may include."""
    made = _Box(loader=DictLoader(partials), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals.clear()
    made.filters = {name: made.filters[name] for name in FILTERS}
    made.tests = {name: made.tests[name] for name in TESTS}
    return made


def answers(request: dict[str, Any]) -> list[dict[str, str]]:
    """The text of each job, or what was wrong with it."""
    language = box(request["partials"])
    return [_answer(language, job) for job in request["jobs"]]


def _answer(language: _Box, job: dict[str, Any]) -> dict[str, str]:
    try:
        return {"text": _bounded(language.from_string(job["template"]).generate(job["facts"]))}
    except Exception as error:  # noqa: BLE001 - whatever a template does, the others are rendered
        return {"error": f"{type(error).__name__}: {error}"[:300]}


def _bounded(pieces: Iterable[str]) -> str:
    text, size = [], 0
    for piece in pieces:
        size += len(piece.encode())
        if size > LARGEST:
            raise ValueError("写出来超过 64 KB")
        text.append(piece)
    return "".join(text)


def _limit() -> None:
    """Limit memory and time, and let no file be written. Windows cannot: there only the clock of the parent counts."""
    try:
        resource = import_module("resource")
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> None:
    """Read one request, write one answer."""
    request = json.loads(sys.stdin.buffer.read())
    _limit()
    sys.stdout.buffer.write(json.dumps(answers(request)).encode())


if __name__ == "__main__":
    main()
