"""One table as plain values by key: what may stand in it, and what only once."""

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

from engine.model.errors import Broken, Conflict
from storage.refusals import TAKEN

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
OtherKey = TypeVar("OtherKey", bound=Hashable)
Other = TypeVar("Other")


class Table(Generic[Key, Value]):
    """Values by `key`, in the order of their coming.

    `sound` says what a value must be; what a function of `alone` returns, only one value may claim (None: nothing).
    """

    def __init__(
        self,
        key: Callable[[Value], Key],
        *alone: Callable[[Value], Hashable | None],
        sound: Callable[[Value], bool] = lambda _: True,
    ) -> None:
        self._key, self._alone, self._sound = key, alone, sound
        self._values: dict[Key, Value] = {}
        self._claims: dict[tuple[int, Hashable], Key] = {}
        self._written: list[Value] = []

    def __copy__(self) -> "Table[Key, Value]":
        twin = Table(self._key, *self._alone, sound=self._sound)
        twin._values, twin._claims = self._values.copy(), self._claims.copy()
        return twin

    def __iter__(self) -> Iterator[Value]:
        return iter(self._values.values())

    def get(self, key: Key) -> Value | None:
        """The value under a key."""
        return self._values.get(key)

    def add(self, value: Value) -> None:
        """Take a value in. Raises Conflict where its key is taken, and as `put` does."""
        if not self.add_new(value):
            raise Conflict(TAKEN, hint=f"{self._key(value)}")

    def add_new(self, value: Value) -> bool:
        """False where the key was taken: the value there stays as it is. Raises as `put` does."""
        self._check(value)
        if self._key(value) in self._values:
            return False
        self.put(value)
        return True

    def put(self, value: Value) -> None:
        """Store a value over the one with its key. Raises Conflict where another has what it claims, Broken."""
        self._check(value)
        key, claims = self._key(value), self._claims_of(value)
        if any(self._claims.get(claim, key) != key for claim in claims):
            raise Conflict(TAKEN, hint=f"{key}")
        if (old := self._values.get(key)) is not None:
            self._release(old)
        self._claims.update(dict.fromkeys(claims, key))
        self._values[key] = value
        self._written.append(value)

    def drop(self, is_unwanted: Callable[[Value], bool]) -> None:
        """Forget values that nothing else names."""
        for value in [value for value in self if is_unwanted(value)]:
            self._release(value)
            del self._values[self._key(value)]

    def lost(
        self, target: "Table[OtherKey, Other]", link: Callable[[Value], OtherKey | None]
    ) -> Iterator[Value]:
        """The values written since the table was copied whose link leads to nothing."""
        for value in self._written:
            key = link(value)
            if key is not None and target.get(key) is None:
                yield value

    def _check(self, value: Value) -> None:
        if not self._sound(value):
            raise Broken(f"数据库拒绝写入：{value}")

    def _release(self, value: Value) -> None:
        for claim in self._claims_of(value):
            del self._claims[claim]

    def _claims_of(self, value: Value) -> list[tuple[int, Hashable]]:
        claims = [(number, claim(value)) for number, claim in enumerate(self._alone)]
        return [claim for claim in claims if claim[1] is not None]
