"""A message on its way to one person, and what a way out of the house must be."""

from dataclasses import dataclass
from typing import Protocol

from notifications.render import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to one person. `key` is the same at every try, so that a receiver knows a second copy.

    `notices` are the keys of the notices in it; of a single one the key of the message itself.
    """

    key: str
    kind: str
    message: Message
    login: str
    name: str
    notices: tuple[str, ...] = ()


class NotTaken(Exception):
    """The other side did not take this message; it may at another try."""


class Channel(Protocol):
    """A way out of the house."""

    def send(self, outgoing: Outgoing) -> None:
        """Hand a message over, within ten seconds.

        Raises Unavailable where nothing can be handed over now, whatever the message, and nothing has left; InDoubt
        where it may have arrived; Invalid where this one never can be; NotTaken where it was not, this time.
        """
