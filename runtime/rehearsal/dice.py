"""Chance that depends on the seed and on what it is asked about, never on the order of asking."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

Choice = TypeVar("Choice")
_RANGE = 2**64


class Dice:
    """Throws for one rehearsal: the same seed gives the same year."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def share(self, *about: str | int) -> float:
        """A number from 0 up to but not including 1."""
        drawn = sha256(f"{self._seed}/{'/'.join(map(str, about))}".encode()).digest()
        return int.from_bytes(drawn[:8]) / _RANGE

    def between(self, low: int, high: int, *about: str | int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.share(*about) * (high - low + 1))

    def pick(self, choices: Sequence[Choice], *about: str | int) -> Choice:
        """One of the choices."""
        return choices[self.between(0, len(choices) - 1, *about)]
