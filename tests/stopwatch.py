"""How long is long here: limits in seconds hold on an ordinary machine, and stretch on one that is slow just now."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

import yaml

# What most of the time goes into where a limit is set, done by the library alone.
KNOWN_WORK = "字段: 值\n" * 300
ORDINARY = 0.010  # seconds of processor for it


def _slowness() -> float:
    """1.0 on an ordinary machine or a faster one, 2.5 where the known work takes two and a half times as long."""
    began = process_time()
    list(yaml.scan(KNOWN_WORK))
    return max(1.0, (process_time() - began) / ORDINARY)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Passes if the block takes at most so many seconds of processor, as an ordinary machine counts them."""
    began = process_time()
    yield
    taken = process_time() - began
    assert taken < seconds or taken < seconds * _slowness()
