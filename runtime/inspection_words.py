"""What an inspection reads, in Chinese: attributes and their values, entries beside items, questions."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from engine.model.calendar import LOCAL
from engine.model.definition import Definition
from engine.model.entry import EntryKind
from engine.model.inspection import Question, Suspicion
from engine.rules.fields import field_named
from engine.rules.ledger import Json
from engine.rules.past import Change
from engine.usecases.inspection import LogLine, Spell
from runtime.words import CAPACITIES, PEOPLE, STAGES, named

ATTRIBUTES: Mapping[str, str] = {
    "number": "编号",
    "definition": "流程版本",
    "campaign": "专项活动",
    "unit": "单位",
    "title": "标题",
    "parent": "上级事项",
    "link": "与上级的关系",
    "category": "类别",
    "duty": "报送任务",
    "period": "期次",
    "as_of": "补录日期",
    "opened_at": "填报时间",
    "opener": "填报人",
    "owner": "责任人",
    "reviewer": "复核人",
    "delegation": "委托",
    "assisting": "协办单位",
    "contributions": "参与人员",
    "votes": "会签",
    "extension": "延期申请",
    "state": "状态",
    "stage": "环节",
    "entered_at": "进入状态的时间",
    "closed_at": "办结时间",
    "returned_count": "退回次数",
    "evidence_count": "佐证份数",
}
ENTRY_KINDS: Mapping[EntryKind, str] = {
    EntryKind.TRANSITION: "办理",
    EntryKind.EVIDENCE: "佐证",
    EntryKind.COMMENT: "意见",
    EntryKind.DEFINITION: "流程和方案",
    EntryKind.ACCOUNT: "账户和岗位",
    EntryKind.FIRING: "自动催办",
    EntryKind.CHECKPOINT: "签名和锚定",
    EntryKind.REDACTION: "抹去内容",
    EntryKind.OPERATIONS: "运行",
    EntryKind.MIGRATION: "迁移",
}
BESIDE: Mapping[str, str] = {
    "publish_definition": "发布流程",
    "publish_campaign": "载入专项活动",
    "publish_calendar": "载入日历",
    "publish_migration": "发布迁移方案",
    "grant_post": "授予岗位",
    "recall_post": "收回岗位",
    "add_account": "建立账户",
    "reset_password": "重置密码",
    "disable_account": "停用账户",
    "enable_account": "启用账户",
    "sign_in": "登录",
    "sign_out": "退出",
    "change_password": "改密码",
    "make_token": "建立访问令牌",
    "revoke_token": "作废访问令牌",
    "signing_key": "启用签名密钥",
    "checkpoint": "检查点",
    "anchor": "锚定",
    "cosignature": "联署",
    "settings": "设置",
    "backup": "备份",
    "restore": "恢复",
    "rollback": "接受回退",
    "move": "迁移数据库",
    "upgrade": "升级数据库",
    "clock_jumped": "时钟跳动",
    "clock_accepted": "认可时钟",
    "resend": "重新投递",
    "read_log": "查阅历史",
    "redaction": "抹去内容",
    "campaign_archived": "专项活动归档",
    "campaign_held": "封存",
    "campaign_released": "解除封存",
    "self_review_refused": "本人复核被拒",
}
QUESTIONS: Mapping[Suspicion, str] = {
    Suspicion.BULK_CLOSING: "{person} 在 {about} 一天销号 {count} 件（共 {of} 件），是否逐件核过？",
    Suspicion.MONTH_END: "{unit} {about} 销号 {of} 件，其中 {count} 件在最后三天，是否为月底凑数？",
    Suspicion.SAME_TEXT: "{count} 处进展写的是同样的话：“{about}”，是否照抄？",
    Suspicion.NEVER_RETURNS: "{person} 复核 {count} 件，一件也没有退回，是否认真看过？",
    Suspicion.FAST_APPROVAL: "{person} 复核 {of} 件，其中 {count} 件短于看完材料所需的时间，是否看过材料？",
    Suspicion.SELF_REVIEW: "{person} {count} 次想复核自己参与的事项（均已拒绝），是否清楚回避要求？",
}
"""Each ends in a question mark: what the entries show is asked about, never judged."""
_DERIVED = ("entered_at", "contributions", "stage")
"""What always changes along with something else that is shown."""
_LONGEST = 40


def attribute(name: str, definition: Definition | None) -> str:
    """What an attribute or a field is called."""
    field = field_named(definition, name) if definition else None
    return field.label if field else named(name, ATTRIBUTES)


def value(name: str, given: Json, definition: Definition | None, names: Mapping[str, str]) -> str:
    """A value of an attribute as a reader sees it."""
    if given is None or given == []:
        return "（无）"
    if isinstance(given, list | tuple):
        return "、".join(value(name, part, definition, names) for part in given)
    text = f"{given}"
    if name == "state" and definition and text in definition.states_by_id:
        return definition.states_by_id[text].label
    if name.endswith("_at"):
        return f"{datetime.fromisoformat(text).astimezone(LOCAL):%Y-%m-%d %H:%M}"
    words = STAGES if name == "stage" else CAPACITIES if name == "contributions" else {}
    return names.get(text, named(text, words))


def change_told(change: Change, definition: Definition | None, names: Mapping[str, str]) -> str:
    """One attribute before → after."""
    before, after = (value(change.name, each, definition, names) for each in (change.before, change.after))
    return f"{attribute(change.name, definition)}：{before} → {after}"


def worth_showing(changes: Iterable[Change]) -> list[Change]:
    """What an entry changed, without what only follows from it or is as empty as before."""
    return [each for each in changes if each.name not in _DERIVED and each.after not in (each.before, [], 0)]


def label_told(line: LogLine) -> str:
    """What an entry is called."""
    return line.label if line.definition else named(line.entry.what, BESIDE)


def held_told(spell: Spell, names: Mapping[str, str]) -> str:
    """In whose hands an item was: the people, and the roles where nobody is named."""
    return "、".join(names.get(who, named(who, PEOPLE)) for who in spell.by)


def ended_told(line: LogLine, names: Mapping[str, str]) -> str:
    """How long the state had lasted that an entry ended; empty where it ended none."""
    spell = line.ended
    if spell is None:
        return ""
    held = held_told(spell, names)
    return f"“{spell.label}”历时 {lasted(spell.seconds)}（{spell.working_days} 个工作日），在 {held} 手里"


def question_told(question: Question, names: Mapping[str, str]) -> str:
    """A question with its numbers."""
    about = question.about.replace("\n", " ")
    return QUESTIONS[question.suspicion].format(
        person=names.get(question.person or "", question.person),
        unit=names.get(question.unit or "", question.unit),
        about=about if len(about) <= _LONGEST else f"{about[:_LONGEST]}…",
        count=question.count,
        of=question.of,
    )


def lasted(seconds: int) -> str:
    """A time as one speaks of it: days and hours, or minutes where it is short."""
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3_600, rest % 3_600 // 60
    if days:
        return f"{days} 天" + f" {hours} 小时" * bool(hours)
    return f"{hours} 小时 {minutes} 分" if hours else f"{minutes} 分"
