"""The kinds of notice that have words, each with the name readers know it by and a template of its own."""

from collections.abc import Mapping
from typing import Final

KINDS: Final = {
    "submitted": "报送待办",
    "returned": "退回",
    "listed": "立项",
    "rejected": "不予立项",
    "merged": "并案",
    "split_up": "拆分",
    "transferred": "移送",
    "assigned": "交办",
    "delegated": "委托办理",
    "suspended": "中止",
    "resumed": "恢复",
    "extension_applied": "延期申请",
    "extension_granted": "准予延期",
    "extension_refused": "不准延期",
    "handed_over": "移交",
    "review_requested": "提请复核",
    "reviewer_assigned": "指定复核人",
    "countersign_requested": "会签",
    "approved": "复核通过",
    "closed_out": "办结",
    "sustained": "巩固期满",
    "relapsed": "问题反弹",
    "voided": "作废",
    "withdrawn": "撤销",
    "phase_started": "阶段启动",
    "phase_finished": "阶段验收通过",
    "order_replied": "督办回复",
    "order_escalated": "督办升级",
    "special_report": "重要情况专报",
    "instructed": "批示",
    "due_soon": "临期提醒",
    "overdue": "逾期提醒",
    "escalated": "提级督促",
    "behind": "进度落后",
    "poor_quality": "质量不高",
    "supervision": "督办",
    "vacancy": "岗位空缺",
    "urged": "催办",
    "rescheduled": "时限调整",
    "checkpoint_anchored": "历史检查点",
}

BEYOND_THE_LIBRARY: Final = frozenset({"vacancy", "urged", "rescheduled", "checkpoint_anchored"})
"""Kinds that no shipped definition names: a bureau's own may, a person urges, a post is found empty, a new calendar
tells whose limit it moves, and leaders keep the signed head of the history."""

PARTIES: Final = {
    "owner": "责任人",
    "delegate": "受托人",
    "reviewer": "复核人",
    "opener": "填报人",
    "system": "系统",
    "assisting_units": "协办单位负责人",
}
"""What the part is called that somebody has in an item."""

ROLES: Final = {
    "officer": "责任民警",
    "unit_legal_officer": "法制员",
    "unit_head": "部门主要负责人",
    "office": "领导小组办公室",
    "office_director": "办公室主任",
    "leading_group": "领导小组",
    "supervisor": "监督室",
    "auditor": "审计",
    "administrator": "系统管理员",
    "security_officer": "安全管理员",
}
"""What a post that has a role is called."""

LAMPS: Final = {"green": "绿色", "blue": "蓝色", "yellow": "黄色", "red": "红色"}
"""The word that is always shown with a colour."""


SAMPLE: Final[Mapping[str, str | int]] = {
    "number": "ZG-2020-000417",
    "title": "案卷制作不规范（样例）",
    "kind": "整改事项",
    "state": "整改中",
    "unit": "示例一队",
    "reason": "佐证不足（样例）",
    "by": "示例民警",
    "post": "unit_head",
    "clock": "整改时限",
    "rung": "逾期3天",
    "due": "2020-06-30 18:00",
    "original": "2020-05-29 18:00",
    "proof": "完成时限前 → 2020-06-30 18:00",
    "days_left": -3,
    "lamp": "red",
    "skipped": "到期前3天",
    "reached": "逾期7天",
}
"""Facts of an invented item, to see how a template reads."""


def template_of(kind: str) -> str:
    """The file name of the template of a kind."""
    return f"{kind}.txt.j2"
