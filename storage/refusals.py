"""What the SQL storage and its twin say alike when they refuse."""

from collections.abc import Iterable, Sequence
from typing import Final

from engine.model.errors import Conflict
from engine.model.item import Item

OVER: Final = "这一笔已经结束"
FAILED: Final = "这一笔已经失败，没有存入"
READ_ONLY: Final = "只读的一笔不能写入"
TAKEN: Final = "已有同样的记录"
NOT_RUNNING: Final = "没有这样的任职，或者到那天已经为止"


def overtaken(wanted: Sequence[Item], found: Iterable[Item]) -> Conflict:
    """Which items stand otherwise than was wanted, and how."""
    told = [f"{item.number} 现为 {item.state}（版本 {item.version}）" for item in found if item not in wanted]
    return too_late("事项已被他人办理：" + ("、".join(told) or "已不存在"))


def too_late(message: str) -> Conflict:
    """Somebody was faster, and what they did can be seen."""
    return Conflict(message, hint="请刷新后再办")
