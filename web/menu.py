"""The main menu: groups of pages, in the order in which people need them, and for whom."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Final

from engine.model.actor import Role
from engine.usecases.anchors import READERS as WITNESSES
from engine.usecases.inspecting import READERS
from engine.usecases.outbox import LOOKERS
from engine.usecases.redaction import ERASERS

MINDERS: Final = frozenset(
    {Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR, Role.OFFICE, Role.OFFICE_DIRECTOR}
)
"""Who looks whether all is well."""
THREE: Final = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu; `roles` are those who find it there, everybody where there are none."""

    path: str
    label: str
    roles: frozenset[Role] = frozenset()


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
    Entry("/bulletin", "通报批评"),
)
OVERVIEW: Final = (
    Entry("/board", "红黄绿看板"),
    Entry("/phases", "阶段"),
    Entry("/duties", "报送"),
)
LOOKING_UP: Final = (
    Entry("/organisation", "机构和岗位"),
    Entry("/definitions", "流程"),
    Entry("/calendar", "日历"),
)
KEEPING: Final = (
    Entry("/notices", "对外通知", frozenset(LOOKERS)),
    Entry("/audit", "审计", frozenset(READERS)),
    Entry("/anchor", "历史校验页", frozenset(WITNESSES)),
    Entry("/redaction", "抹去个人信息", frozenset(ERASERS)),
    Entry("/accounts", "账户", THREE),
    Entry("/system", "运行情况", MINDERS),
)
GROUPS: Final = (DAILY, WORK, OVERVIEW, LOOKING_UP, KEEPING)


def menu_of(roles: Set[Role]) -> list[list[Entry]]:
    """The groups with what these roles find in them; what is not there is still judged where it is asked for."""
    groups = [[each for each in group if not each.roles or each.roles & roles] for group in GROUPS]
    return [group for group in groups if group]
