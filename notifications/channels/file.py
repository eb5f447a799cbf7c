"""The file drop: one text file a notice, in a folder a day, for whoever prints, forwards or inspects them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.model.calendar import LOCAL
from engine.model.causes import in_chinese
from engine.model.errors import Unavailable
from notifications.catalogue import KINDS
from notifications.outgoing import Outgoing
from notifications.plain import plain

_UNFIT: Final = re.compile(r"[^\w-]+")
_LONGEST_NAME: Final = 40
_ENOUGH_OF_KEY: Final = 16


@dataclass(frozen=True, slots=True)
class FileChannel:
    """Drops notices under `folder`. The same notice again replaces its own file by the same words."""

    folder: Path

    def send(self, outgoing: Outgoing) -> None:
        """See `Channel.send`."""
        path = self.folder / _path_of(outgoing)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, _content(outgoing).encode())
        except OSError as error:
            raise Unavailable(
                f"通知写不进 {self.folder}：{in_chinese(error)}", hint="请核对路径、权限和磁盘空间"
            ) from error


def _path_of(outgoing: Outgoing) -> Path:
    """The day, and a name that sorts by time; made of nothing that a file system takes amiss."""
    at = outgoing.message.written_at.astimezone(LOCAL)
    who = _UNFIT.sub("_", outgoing.login)[:_LONGEST_NAME]
    kind = KINDS.get(outgoing.kind, "通知")
    return Path(f"{at:%Y-%m-%d}") / f"{at:%H%M}-{who}-{kind}-{outgoing.key[:_ENOUGH_OF_KEY]}.txt"


def _content(outgoing: Outgoing) -> str:
    at = outgoing.message.written_at.astimezone(LOCAL)
    head = (
        f"主题：{plain(outgoing.message.subject, 200)}",
        f"收件人：{plain(outgoing.name, 100)}（{plain(outgoing.login, 100)}）",
        f"时间：{at:%Y-%m-%d %H:%M}",
        f"编号：{outgoing.key}",
    )
    return "\n".join((*head, "", outgoing.message.text))


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, whatever happens in between."""
    draft = path.with_suffix(".part")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
