"""The console: notices as they leave, on the screen of whoever runs the worker."""

from dataclasses import dataclass
from typing import TextIO

from engine.model.calendar import LOCAL
from engine.model.causes import in_chinese
from engine.model.errors import Unavailable
from notifications.outgoing import Outgoing
from notifications.plain import plain


@dataclass(frozen=True, slots=True)
class ConsoleChannel:
    """Writes notices to `stream`, one line each."""

    stream: TextIO

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        at = outgoing.message.written_at.astimezone(LOCAL)
        line = f"{at:%Y-%m-%d %H:%M} 致{plain(outgoing.name, 100)}：{plain(outgoing.message.subject, 200)}\n"
        try:
            self.stream.write(line)
            self.stream.flush()
        except (OSError, ValueError) as error:
            raise Unavailable(f"屏幕写不出去：{in_chinese(error)}") from error
