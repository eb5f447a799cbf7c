"""Runs a use case again when the store gave its transaction up: a deadlock, a connection that was cut."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from engine.model.errors import Error, InDoubt, Interrupted

P = ParamSpec("P")
R = TypeVar("R")
TRIES = 3


class Again:
    """Decorates a use case whose unit of work may be entered anew after one of these errors."""

    def __init__(self, *errors: type[Error]) -> None:
        self._errors = errors

    def __call__(self, use_case: Callable[P, R]) -> Callable[P, R]:
        """The use case, tried three times at most."""

        @wraps(use_case)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            for _ in range(TRIES - 1):
                try:
                    return use_case(*args, **kwargs)
                except self._errors:
                    continue
            return use_case(*args, **kwargs)

        return run


again = Again(Interrupted)
"""For every use case that writes."""
again_by_key = Again(Interrupted, InDoubt)
"""For those whose commands carry a key: sent twice, they have one effect."""
