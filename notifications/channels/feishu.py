"""The robot of a Feishu group (飞书): signed in the body; a hundred messages a minute."""

import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from notifications.outgoing import Outgoing
from notifications.robot import Codes, Verdict, in_json, speak, told
from notifications.wire import Wire

LONGEST: Final = 16_000
"""Bytes; a request may have 20,000."""
CODES: Final = Codes(
    ("code", "StatusCode"),
    ("msg", "StatusMessage"),
    {
        9499: Verdict.BUSY,
        11232: Verdict.BUSY,
        99991400: Verdict.BUSY,
        19001: Verdict.CHANNEL,
        19021: Verdict.CHANNEL,
        19022: Verdict.CHANNEL,
        19024: Verdict.CHANNEL,
        230025: Verdict.MESSAGE,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeishuChannel:
    """Speaks to one group. The signature holds for an hour, so `clock` must be right."""

    wire: Wire
    clock: Callable[[], datetime]
    token: str = field(repr=False)
    secret: str = field(default="", repr=False)

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        content = {"msg_type": "text", "content": {"text": told(outgoing, LONGEST, in_json)}}
        speak(self.wire, f"/open-apis/bot/v2/hook/{self.token}", {**content, **self._signed()}, CODES)

    def _signed(self) -> dict[str, str]:
        if not self.secret:
            return {}
        at = f"{int(self.clock().timestamp())}"
        return {"timestamp": at, "sign": signature(at, self.secret)}


def signature(timestamp: str, secret: str) -> str:
    """HMAC-SHA256 over nothing, keyed with the timestamp in seconds and the secret."""
    return b64encode(hmac.digest(f"{timestamp}\n{secret}".encode(), b"", "sha256")).decode()
