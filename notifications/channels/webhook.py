"""A receiver of one's own: JSON over HTTP, with the key of the notice in a header, so that a second copy is known."""

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from engine.model.calendar import LOCAL
from notifications.outgoing import Outgoing
from notifications.robot import JSON, raise_for_status
from notifications.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChannel:
    """Posts to one address. With a `secret` every request is signed, its instant included."""

    wire: Wire
    clock: Callable[[], datetime]
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        body = json.dumps(_told(outgoing), ensure_ascii=False, sort_keys=True).encode()
        raise_for_status(self.wire.post("", body, self._headers(outgoing.key, body)))

    def _headers(self, key: str, body: bytes) -> dict[str, str]:
        headers = {**JSON, "Duban-Notice": key}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.secret:
            at = f"{int(self.clock().timestamp())}"
            headers |= {"Duban-Timestamp": at, "Duban-Signature": signature(at, body, self.secret)}
        return headers


def signature(timestamp: str, body: bytes, secret: str) -> str:
    """HMAC-SHA256 over the timestamp in seconds, a full stop and the body, in hexadecimal digits."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()


def _told(outgoing: Outgoing) -> dict[str, object]:
    message = outgoing.message
    return {
        "key": outgoing.key,
        "kind": outgoing.kind,
        "notices": [*outgoing.notices],
        "login": outgoing.login,
        "name": outgoing.name,
        "subject": message.subject,
        "text": message.text,
        "written_at": message.written_at.astimezone(LOCAL).isoformat(),
    }
