"""The Chinese names of the closed sets: roles, parties, capacities, stages, outcomes; both skins speak with them."""

from collections.abc import Mapping

from engine.model.entry import EntryFlag
from engine.model.reasons import Reason, reason
from notifications import catalogue

ROLES: Mapping[str, str] = catalogue.ROLES
PARTIES: Mapping[str, str] = catalogue.PARTIES
CAPACITIES: Mapping[str, str] = {
    "drafter": "起草",
    "performer": "办理",
    "delegator": "交办",
    "uploader": "提供佐证",
    "extension_approver": "批准延期",
    "checker": "自查自验",
    "reviewer": "复核",
}
STAGES: Mapping[str, str] = {
    "finding": "查摆",
    "rectifying": "整改",
    "reviewing": "复核",
    "assessing": "考核",
    "closed": "办结",
}
SCOPES: Mapping[str, str] = {
    "read": "查看",
    "write": "办理",
    "calendar": "日历",
    "metrics": "指标",
}
KINDS: Mapping[str, str] = {
    "item": "问题",
    "phase": "阶段",
    "task": "任务",
    "report": "报送",
    "supervision_order": "督办单",
    "special_report": "专报",
}
OUTCOMES: Mapping[str, str] = {"met": "已完成", "rearmed": "已重新起算", "suspended": "已中止"}
STANDINGS: Mapping[str, str] = {
    "reported": "已报",
    "late": "迟报",
    "nil": "零报告",
    "missing": "未报",
    "not_due": "未到期",
    "exempt": "—",
}
CAUSES: Mapping[str, str] = {
    "start": "起算",
    "extension": "准予延期",
    "suspension": "中止后恢复",
    "return": "退回",
    "reassignment": "改派",
    "migration": "流程迁移",
    "calendar": "日历变更",
    "move": "重新起算",
}
RUNG_EFFECTS: Mapping[str, str] = {
    "open_supervision_order": "发督办单",
    "move": "由系统办理",
    "mark_criticism": "列为通报批评候选",
    "raise_lamp": "保持灯色",
    "count_for_assessment": "计入考核",
}
DELIVERIES: Mapping[str, str] = {
    "pending": "待发",
    "leased": "发送中",
    "sent": "已发",
    "dead": "发送失败",
    "withdrawn": "已撤回",
}
CHANNELS: Mapping[str, str] = {
    "smtp": "邮件",
    "wecom": "企业微信",
    "dingtalk": "钉钉",
    "feishu": "飞书",
    "webhook": "接口",
    "apprise": "Apprise",
    "file": "文件",
    "console": "屏幕",
}
LAMPS: Mapping[str, str] = {"green": "绿", "blue": "蓝", "yellow": "黄", "red": "红"}
VERDICTS: Mapping[str, str] = {"issued": "通报批评", "dropped": "不予通报批评"}
MARKS: Mapping[str, str] = {"CLAIMED_EARLIER": "补录", "BY_DELEGATE": "代办", "OVERRIDE": "破例"}


def marks_of(flags: EntryFlag) -> list[str]:
    """The names of the marks that an entry carries, as MARKS knows them."""
    return [flag.name for flag in flags if flag.name]


PEOPLE = {**PARTIES, **ROLES}
_IN_REASONS = {"who": PEOPLE, "party": PEOPLE, "capacities": CAPACITIES}


def named(word: str, words: Mapping[str, str] = PEOPLE) -> str:
    """The Chinese name of a word; the word itself where it has none."""
    return words.get(word, word)


def listed(text: str, words: Mapping[str, str]) -> str:
    """A list joined by 、, each word by its Chinese name."""
    return "、".join(named(word, words) for word in text.split("、"))


def in_words(given: Reason) -> Reason:
    """A reason that names roles, parties and capacities in Chinese."""
    facts = {
        name: listed(f"{value}", _IN_REASONS[name]) if name in _IN_REASONS else value
        for name, value in given.facts.items()
    }
    return reason(given.code, **facts)
