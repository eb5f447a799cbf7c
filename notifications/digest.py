"""Messages of no single notice: several as one, each with its subject and first sentence, and one to try a channel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from notifications.render import Message, laid_out

DIGEST: Final = "digest"
"""The kind of a message that holds several notices."""
TRIAL: Final = "trial"
"""The kind of a message that only tries a channel out."""
MOST_TOLD: Final = 50
"""How many are told one by one; the others are counted. The inbox has them all."""


def gathered(messages: Sequence[Message]) -> Message:
    """One message for all of them; a single one stays as it is. The same ones give the same words."""
    if len(messages) == 1:
        return messages[0]
    told, rest = messages[:MOST_TOLD], messages[MOST_TOLD:]
    subject = f"督办通知 {len(messages)} 条：{messages[0].subject} 等"
    paragraphs = [[f"您有 {len(messages)} 条督办通知："]]
    paragraphs += [[f"{n}. {one.subject}", _first_paragraph(one)] for n, one in enumerate(told, 1)]
    paragraphs += [[f"另有 {len(rest)} 条，请登录督办系统查看收件箱。"]] if rest else []
    paragraphs += [["请登录督办系统办理。本通知由系统自动发出，请勿回复。"]]
    return laid_out(subject, paragraphs, max(one.written_at for one in messages))


def trial_message(name: str, now: datetime) -> Message:
    """What somebody gets who tries a channel out."""
    lines = [f"这是{name}试发的一条消息，用来核对渠道是否可用。", "没有任何事项需要办理。"]
    return laid_out("【测试】督办系统渠道测试", [lines], now)


def _first_paragraph(message: Message) -> str:
    return " ".join(message.text.partition("\n\n")[0].split("\n"))
