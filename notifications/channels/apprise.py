"""Any service that apprise knows, of the schemes and at the hosts that the settings allow, and of no other.

apprise follows redirections, asks proxies and knows no time limit for a whole message; so it runs in a process of its
own, under a guard, and is ended when its time is up.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from engine.model.errors import InDoubt, Unavailable
from notifications import apprise_child as child
from notifications.address import Place
from notifications.bounded import asked
from notifications.line import LONGEST
from notifications.outgoing import NotTaken, Outgoing
from notifications.robot import in_text, told

LARGEST_BODY: Final = 16_000
"""Bytes."""
_MOST: Final = 1_024
_SCHEME: Final = re.compile(r"([a-z][a-z0-9]{0,30})://[^\s]+", re.ASCII)
_WHY: Final = {
    child.BARRED: "去往的主机不在允许之列",
    child.UNREADABLE: "地址读不懂",
    child.ABSENT: "没有安装 apprise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseChannel:
    """Speaks to the one service that `url` names; the address holds its keys."""

    url: str = field(repr=False)
    schemes: Collection[str]
    allowed: Collection[Place]
    ca_file: Path | None = None
    longest: float = LONGEST

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        if scheme_of(self.url) not in self.schemes:
            raise Unavailable("apprise 的这种地址不在允许之列", hint="请核对 apprise.schemes")
        request = {
            "url": self.url,
            "body": told(outgoing, LARGEST_BODY, in_text),
            "places": [[place.host, place.port] for place in self.allowed],
        }
        self._understand(self._asked(json.dumps(request).encode()))

    def _asked(self, request: bytes) -> str:
        environment = {} if self.ca_file is None else {"REQUESTS_CA_BUNDLE": f"{self.ca_file}"}
        try:
            answer = asked(Path(child.__file__), request, _MOST, self.longest, environment)
            return f"{json.loads(answer)['end']}"
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InDoubt(f"apprise 没有答复完：{type(error).__name__}") from error

    def _understand(self, end: str) -> None:
        if end in _WHY:
            raise Unavailable(f"apprise 发不出去：{_WHY[end]}", hint="请核对 allow 和 apprise 的设置")
        if end != child.TAKEN:
            raise NotTaken("apprise 说对方未收下")


def scheme_of(url: str) -> str:
    """The scheme of an address for apprise; empty where it is none."""
    match = _SCHEME.fullmatch(url)
    return match[1] if match else ""
