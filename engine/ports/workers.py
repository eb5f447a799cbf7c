"""What is known of the workers of an installation."""

from datetime import datetime
from typing import Protocol

from engine.model.heartbeat import Heartbeat


class Workers(Protocol):
    """The workers of an installation."""

    def beat(self, beat: Heartbeat) -> None:
        """Store a sign of life in the place of the worker's last."""

    def seen(self) -> list[Heartbeat]:
        """The last sign of life of each worker, newest first."""

    def leave(self, worker: str) -> None:
        """Forget a worker that ends."""

    def forget(self, before: datetime) -> None:
        """Forget the workers that were last heard of before an instant."""
