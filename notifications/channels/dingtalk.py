"""The robot of a DingTalk group (钉钉): signed, and with a keyword where the group asks for one.

More than twenty messages a minute, and it takes none for ten minutes.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from notifications.outgoing import Outgoing
from notifications.robot import Codes, Verdict, in_json, speak, told
from notifications.wire import Wire

LONGEST: Final = 16_000
"""Bytes; a request may have 20,000 and the JSON around the text is ours."""
CODES: Final = Codes(
    ("errcode",),
    ("errmsg",),
    {
        130101: Verdict.BUSY,
        90030: Verdict.BUSY,
        410100: Verdict.BUSY,
        302033: Verdict.BUSY,
        310000: Verdict.CHANNEL,
        300001: Verdict.CHANNEL,
        400102: Verdict.CHANNEL,
        40035: Verdict.CHANNEL,
        430101: Verdict.MESSAGE,
        430102: Verdict.MESSAGE,
        430103: Verdict.MESSAGE,
        430104: Verdict.MESSAGE,
    },
    busy_for=timedelta(minutes=10),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DingtalkChannel:
    """Speaks to one group. The signature holds for an hour, so `clock` must be right."""

    wire: Wire
    clock: Callable[[], datetime]
    token: str = field(repr=False)
    secret: str = field(default="", repr=False)
    keyword: str = ""
    mention: bool = False

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        query = urlencode({"access_token": self.token, **self._signed()})
        speak(self.wire, f"/robot/send?{query}", self._content(outgoing), CODES)

    def _signed(self) -> dict[str, str]:
        if not self.secret:
            return {}
        at = f"{int(self.clock().timestamp() * 1000)}"
        return {"timestamp": at, "sign": signature(at, self.secret)}

    def _content(self, outgoing: Outgoing) -> dict[str, object]:
        text = told(outgoing, LONGEST, in_json)
        if self.keyword not in text:
            text = f"【{self.keyword}】{text}"
        called = {"at": {"atUserIds": [outgoing.login]}} if self.mention else {}
        return {"msgtype": "text", "text": {"content": text}, **called}


def signature(timestamp: str, secret: str) -> str:
    """HMAC-SHA256 over the timestamp in milliseconds and the secret, keyed with the secret."""
    return b64encode(hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), "sha256")).decode()
