"""The only maker of ids, salts and chance. An id is its instant in microseconds, then chance: 56 bits and 72 bits."""

import os
import random
from datetime import UTC, datetime, timedelta
from hashlib import sha256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CHANCE_BYTES = 9
_SALT_BYTES = 32


def jitter() -> float:
    """A number from 0 to 1, as evenly as dice."""
    return random.random()


class SystemEntropy:
    """Fulfils `Entropy` from the operating system: nobody can guess what comes next."""

    def new_id(self, now: datetime) -> str:
        """See `Entropy.new_id`."""
        return _timed(now, os.urandom(_CHANCE_BYTES))

    def salt(self) -> bytes:
        """See `Entropy.salt`."""
        return os.urandom(_SALT_BYTES)


class SeededEntropy:
    """Fulfils `Entropy` for rehearsals: the same seed gives the same ids and salts, on every Python."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def new_id(self, now: datetime) -> str:
        """See `Entropy.new_id`."""
        return _timed(now, self._next()[:_CHANCE_BYTES])

    def salt(self) -> bytes:
        """See `Entropy.salt`."""
        return self._next()

    def _next(self) -> bytes:
        self._count += 1
        return sha256(f"duban/{self._seed}/{self._count}".encode()).digest()


def _timed(now: datetime, chance: bytes) -> str:
    microseconds = (now - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:014x}{chance.hex()}"
