"""Passwords hashed with argon2id, at most four at a time: each takes 64 MiB (RFC 9106, second recommended option)."""

from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Cost:
    """What a hash costs: passes, KiB of memory, lanes."""

    passes: int = 3
    memory: int = 65536
    lanes: int = 4


class Argon2Hasher:
    """Fulfils `Hasher`."""

    def __init__(self, cost: Cost = Cost()) -> None:
        self._hasher = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)
        self._turns = BoundedSemaphore(AT_ONCE)
        self._decoy = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """See `Hasher.hash`."""
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        """See `Hasher.verify`."""
        with self._turns:
            try:
                self._hasher.verify(hashed or self._decoy, password)
                return hashed is not None
            except (Argon2Error, InvalidHashError):
                return False

    def is_outdated(self, hashed: str) -> bool:
        """See `Hasher.is_outdated`."""
        return self._hasher.check_needs_rehash(hashed)
