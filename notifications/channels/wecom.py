"""The robot of a WeCom group (企业微信). Text holds 2,048 bytes, markdown 4,096; twenty messages a minute."""

from dataclasses import dataclass, field
from typing import Final

from notifications.outgoing import Outgoing
from notifications.robot import Codes, Verdict, in_text, speak, told
from notifications.wire import Wire

TEXT: Final = 2_048
MARKDOWN: Final = 4_096
CODES: Final = Codes(
    ("errcode",),
    ("errmsg",),
    {
        45009: Verdict.BUSY,
        45033: Verdict.BUSY,
        93000: Verdict.CHANNEL,
        93004: Verdict.CHANNEL,
        93008: Verdict.CHANNEL,
        45002: Verdict.MESSAGE,
        40008: Verdict.MESSAGE,
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WecomChannel:
    """Speaks to one group. `form` is "text" or "markdown"; `mention` calls the reader by the login as user id."""

    wire: Wire
    key: str = field(repr=False)
    form: str = "text"
    mention: bool = False

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        speak(self.wire, f"/cgi-bin/webhook/send?key={self.key}", self._content(outgoing), CODES)

    def _content(self, outgoing: Outgoing) -> dict[str, object]:
        if self.form == "markdown":
            head, _, rest = told(outgoing, MARKDOWN - len("****"), in_text).partition("\n")
            return {"msgtype": "markdown", "markdown": {"content": f"**{head}**\n{rest}"}}
        called = {"mentioned_list": [outgoing.login]} if self.mention else {}
        return {"msgtype": "text", "text": {"content": told(outgoing, TEXT, in_text), **called}}
