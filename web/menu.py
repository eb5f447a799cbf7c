"""The main menu: groups of pages, in the order in which people need them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu."""

    path: str
    label: str


DAILY: Final = (
    Entry("/", "工作台"),
    Entry("/todo", "待办"),
    Entry("/inbox", "待阅"),
    Entry("/done", "已办"),
    Entry("/opened", "我发起"),
)
WORK: Final = (
    Entry("/review", "审核"),
    Entry("/items?kind=item", "台账"),
    Entry("/orders", "督办单"),
)
OVERVIEW: Final = (
    Entry("/board", "红黄绿看板"),
    Entry("/phases", "阶段"),
    Entry("/duties", "报送"),
)
MENU: Final = (DAILY, WORK, OVERVIEW)
