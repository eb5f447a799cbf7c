"""The closed vocabulary of definitions: every key that may be written, what it holds, and every word that may follow.

Builder, schema and reference all read this one table. Shapes are fragments of JSON Schema.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from engine.model.actor import Capacity, Party, Role
from engine.model.clock import Anchor, Curve, Lamp, Measure, Pending, Roll, RungEffectKind
from engine.model.definition import Effect, FieldType, Stage
from engine.model.guards import CountersignMode

Shape = Mapping[str, object]
"""What a value must look like."""

PEOPLE: Final = (*Role, *Party)
"""Whom `who`, `acts`, `tell` and `openers` may name."""
LISTENERS: Final = (*PEOPLE, "assisting_units")
"""Whom a notice may go to."""
PACES: Final = (Measure.NATURAL_DAY, Measure.WORKING_DAY)
"""How elapsed time may be counted: all of it, or the office hours."""
SIGNERS: Final = (*Role, "assisting_units")
"""Who may be a party of a countersignature."""


class GuardName(StrEnum):
    """The guards by the names a definition gives them."""

    REQUIRED_FIELDS = "required_fields"
    REQUIRED_EVIDENCE = "required_evidence"
    INDEPENDENT = "independent"
    NOT_BEFORE = "not_before"
    NOT_AFTER = "not_after"
    BEFORE_HARD_STOP = "before_hard_stop"
    BEYOND_HARD_STOP = "beyond_hard_stop"
    EVERY_SECTION = "every_section"
    CHILDREN_CLOSED = "children_closed"
    PREDECESSOR_STARTED = "predecessor_started"
    EVERY_UNIT_REPORTED = "every_unit_reported"
    EXTENSION_PENDING = "extension_pending"
    NO_EXTENSION_PENDING = "no_extension_pending"
    BEFORE_EXPIRY = "before_expiry"
    AFTER_EXPIRY = "after_expiry"
    COUNTERSIGN = "countersign"


BARE: Final = (
    GuardName.INDEPENDENT,
    GuardName.CHILDREN_CLOSED,
    GuardName.PREDECESSOR_STARTED,
    GuardName.EXTENSION_PENDING,
    GuardName.NO_EXTENSION_PENDING,
)
"""Guards that are written as a word alone."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a key means (for people who write definitions), what it holds, and whether it must be there."""

    meaning: str
    holds: Shape
    needed: bool = False


@dataclass(frozen=True)
class Keys:
    """The keys of one kind of mapping."""

    known: Mapping[str, Key]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The keys that the mapping must have."""
        return tuple(name for name, key in self.known.items() if key.needed)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """The keys that it may have besides."""
        return tuple(name for name, key in self.known.items() if not key.needed)


def _text(most: int = 200) -> Shape:
    return {"type": "string", "minLength": 1, "maxLength": most}


def _whole(least: int, most: int) -> Shape:
    return {"type": "integer", "minimum": least, "maximum": most}


def _word(words: Iterable[str]) -> Shape:
    return {"enum": [f"{word}" for word in words]}


def _words(words: Iterable[str]) -> Shape:
    return {"type": "array", "items": _word(words), "uniqueItems": True}


def _table(name: str) -> Shape:
    return {"$ref": f"#/$defs/{name}"}


def _tables(name: str) -> Shape:
    return {"type": "array", "items": _table(name)}


LARGEST: Final = 2**53 - 1
ID: Final[Shape] = {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}
IDS: Final[Shape] = {"type": "array", "items": ID, "uniqueItems": True}
FLAG: Final[Shape] = {"type": "boolean"}
DAY: Final[Shape] = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
RESERVED: Final[Shape] = {"type": "object", "additionalProperties": _words(Role)}
_PREFIX: Final[Shape] = {"type": "string", "pattern": "^[A-Z]{2,4}$"}
_CUTOFF: Final[Shape] = {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}

DEFINITION: Final = Keys(
    {
        "id": Key("类别的标识，发布后不变", ID, needed=True),
        "version": Key("版本号；已发布的版本不再改动，修改要升版本", _whole(1, 9999), needed=True),
        "label": Key("类别的中文名", _text(), needed=True),
        "number_prefix": Key("编号前缀，2 至 4 个大写字母", _PREFIX, needed=True),
        "initial": Key("新建后所处的状态", ID, needed=True),
        "openers": Key("谁可以新建", _words(PEOPLE), needed=True),
        "states": Key("全部状态", _tables("state"), needed=True),
        "verbs": Key("全部动作", _tables("verb"), needed=True),
        "required_to_open": Key("新建时必须填写的字段", IDS),
        "opening": Key("新建的人以何种方式参与（默认 drafter）", _word(Capacity)),
        "opening_tells": Key("新建后当即通知谁", _tables("tell")),
        "fields": Key("全部字段", _tables("field")),
        "clocks": Key("全部时限", _tables("clock")),
        "ladders": Key("全部升级阶梯", _tables("ladder")),
        "paper": Key("纸质文书的编号：年-类-号", _table("paper")),
        "levels": Key("按质量升级的各级，每级只升一次", _tables("level")),
        "source": Key("依据的文件", _text(2000)),
    }
)
FIELD: Final = Keys(
    {
        "id": Key("字段的标识", ID, needed=True),
        "label": Key("字段的中文名", _text(), needed=True),
        "type": Key("字段类型", _word(FieldType), needed=True),
        "max_length": Key("文字的最大长度（默认 2000）", _whole(1, 20_000)),
        "choices": Key("选项，仅用于 type: choice", {"type": "array", "items": _text(), "uniqueItems": True}),
        "minimum": Key("整数的最小值（默认 0）", _whole(-LARGEST, LARGEST)),
        "maximum": Key("整数的最大值", _whole(-LARGEST, LARGEST)),
        "reserved": Key("选项: 角色；这些选项只有这些角色可以填写，仅用于 type: choice", RESERVED),
    }
)
PAPER: Final = Keys(
    {
        "field": Key("编号记在哪一栏；此栏不由人填写", ID, needed=True),
        "kind": Key("年-类-号的“类”取自哪一栏（type: choice）；此栏每改一次，另编一号", ID, needed=True),
    }
)
STATE: Final = Keys(
    {
        "id": Key("状态的标识", ID, needed=True),
        "label": Key("状态的中文名", _text(), needed=True),
        "stage": Key("所属环节", _word(Stage), needed=True),
        "acts": Key("下一步由谁办理；终止状态不写", _words(PEOPLE)),
        "final": Key("终止状态：不再有任何动作", FLAG),
        "deadline": Key("明示此状态没有时限", _word(["none"])),
    }
)
VERB: Final = Keys(
    {
        "verb": Key("动作的标识；同一动作可按起始状态分几条写", ID, needed=True),
        "label": Key("动作的中文名", _text(), needed=True),
        "from": Key("可以从哪些状态办理", IDS, needed=True),
        "who": Key("谁可以办理", _words(PEOPLE), needed=True),
        "to": Key("办理后的状态；不写则状态不变，写几个则由办理人选定", IDS),
        "reason": Key("必须写明理由", FLAG),
        "sets": Key("办理时可以填写的字段", IDS),
        "guards": Key("办理的条件，全部满足才可办理", _tables("guard")),
        "effects": Key("除状态外的效果", _words(Effect)),
        "contributes": Key("办理的人以何种方式参与，用于职责分离", _word(Capacity)),
        "tells": Key("办理后通知谁", _tables("tell")),
        "batch": Key("可以成批办理", FLAG),
    }
)
TELL: Final = Keys(
    {
        "to": Key("通知谁；岗位空缺时逐级上报", _words(LISTENERS), needed=True),
        "notice": Key("通知的种类，即模板名", ID, needed=True),
    }
)
CLOCK: Final = Keys(
    {
        "id": Key("时限的标识", ID, needed=True),
        "label": Key("时限的中文名", _text(), needed=True),
        "runs_in": Key("在哪些状态计时", IDS, needed=True),
        "due": Key("到期时刻的算法", _table("due"), needed=True),
        "ladder": Key("用哪个升级阶梯", ID, needed=True),
        "pauses_in": Key("在哪些状态暂停计时", IDS),
        "restarts_on": Key("哪些动作使时限重新起算", IDS),
        "pending": Key("只在此事未决期间计时，例如延期申请的批复时限", _word(Pending)),
        "not_later_than": Key("另外几种算法；取其中最早的", _tables("due")),
        "pace": Key("序时进度：随用时应完成多少，落后多少亮灯", _table("pace")),
    }
)
PACE: Final = Keys(
    {
        "field": Key("填报完成比例的字段，0 至 100 的整数", ID, needed=True),
        "curve": Key("应完成的比例随用时如何增长", _word(Curve), needed=True),
        "measure": Key("用时怎么计（默认 natural_day）；中止期间不计", _word(PACES)),
        "points": Key("里程碑，先后排列，仅用于 curve: milestones", _tables("milestone")),
        "yellow": Key("落后几个百分点起亮黄灯（默认 10）", _whole(1, 100)),
        "red": Key("落后超过几个百分点亮红灯（默认 30）", _whole(1, 100)),
    }
)
MILESTONE: Final = Keys(
    {
        "time": Key("用时的百分比", _whole(1, 100), needed=True),
        "progress": Key("此时应完成的百分比", _whole(1, 100), needed=True),
    }
)
DUE: Final = Keys(
    {
        "anchor": Key("从何起算", _word(Anchor), needed=True),
        "field": Key("日期字段，仅用于 anchor: field", ID),
        "clock": Key("另一时限，自其办结起算，仅用于 anchor: clock", ID),
        "on": Key("哪一日，例如 每月底、12月5日前，仅用于 anchor: day", _text()),
        "length": Key("长度；从一个时刻起算时必须写，从日期倒推时写负数", _whole(-3650, 36_500)),
        "measure": Key("计算单位（默认 natural_day）", _word(Measure)),
        "roll": Key("末日遇休息日如何调整（默认 none）；只用于自然日", _word(Roll)),
        "cutoff": Key("当日截止时刻，例如 18:00（默认 24:00）；只用于按日计", _CUTOFF),
        "words": Key("制度或方案的原话", _text()),
        "source": Key("依据的文件", _text()),
    }
)
LADDER: Final = Keys(
    {
        "id": Key("阶梯的标识", ID, needed=True),
        "rungs": Key("各级，先按 elapsed、再按 offset 由小到大", _tables("rung"), needed=True),
    }
)
RUNG: Final = Keys(
    {
        "id": Key("级的标识", ID, needed=True),
        "label": Key("级的中文名", _text(), needed=True),
        "tell": Key("通知谁", _words(LISTENERS), needed=True),
        "notice": Key("通知的种类，即模板名", ID, needed=True),
        "lamp": Key("灯色", _word(Lamp), needed=True),
        "offset": Key("与到期时刻的距离，负数为到期之前；与 elapsed 写且只写一个", _whole(-3650, 3650)),
        "elapsed": Key("用时达到百分之几；所在时限须写明 pace", _whole(1, 100)),
        "behind": Key("落后应完成的几个百分点才提醒，仅用于 elapsed", _whole(1, 100)),
        "measure": Key("offset 或 elapsed 的计算单位（默认 natural_day）", _word(Measure)),
        "effects": Key("除通知外的效果", _tables("rung_effect")),
    }
)
LEVEL: Final = Keys(
    {
        "id": Key("级的标识", ID, needed=True),
        "label": Key("级的中文名", _text(), needed=True),
        "returned": Key("退回到第几次，当即到此级", _whole(1, 100), needed=True),
        "tell": Key("通知谁", _words(LISTENERS), needed=True),
        "notice": Key("通知的种类，即模板名", ID, needed=True),
        "lamp": Key("灯色", _word(Lamp), needed=True),
        "effects": Key("除通知外的效果", _tables("rung_effect")),
    }
)
GUARDS: Final[Mapping[GuardName, Key]] = {
    GuardName.REQUIRED_FIELDS: Key("这些字段必须已经填写", IDS),
    GuardName.REQUIRED_EVIDENCE: Key("至少附有几份佐证", _whole(1, 1000)),
    GuardName.INDEPENDENT: Key("办理人未以这些方式参与过；单写则指全部办理方式", _words(Capacity)),
    GuardName.NOT_BEFORE: Key("此日之前不得办理", DAY),
    GuardName.NOT_AFTER: Key("此日之后不得办理", DAY),
    GuardName.BEFORE_HARD_STOP: Key("此日期字段不得晚于全面完成日", ID),
    GuardName.BEYOND_HARD_STOP: Key("申请延至全面完成日之后的，只由这些角色办理", _words(Role)),
    GuardName.EVERY_SECTION: Key("此字段须逐部分写明方案对这项报送要求的各部分", ID),
    GuardName.CHILDREN_CLOSED: Key("下级事项须全部办结", {}),
    GuardName.PREDECESSOR_STARTED: Key("前一阶段须已启动", {}),
    GuardName.EVERY_UNIT_REPORTED: Key(
        "每个办案部门都已报过问题，或签过零报告",
        {
            "type": "object",
            "properties": {"kind": ID, "nil_duty": ID},
            "required": ["kind", "nil_duty"],
            "additionalProperties": False,
        },
    ),
    GuardName.EXTENSION_PENDING: Key("须有尚未决定的延期申请", {}),
    GuardName.NO_EXTENSION_PENDING: Key("不得有尚未决定的延期申请", {}),
    GuardName.BEFORE_EXPIRY: Key("此时限尚未到期", ID),
    GuardName.AFTER_EXPIRY: Key("这些时限之一已经逾期", IDS),
    GuardName.COUNTERSIGN: Key(
        "会签：签齐后才办理",
        {
            "type": "object",
            "properties": {
                "mode": _word(CountersignMode),
                "of": _words(SIGNERS),
                "quorum": _whole(1, 100),
            },
            "required": ["mode", "of"],
            "additionalProperties": False,
        },
    ),
}
"""Every guard with its setting; the empty shape means that it takes none."""
EFFECTS: Final[Mapping[Effect, str]] = {
    Effect.ASSIGN_OWNER: "指定责任人",
    Effect.ASSIGN_REVIEWER: "指定复核人",
    Effect.TRANSFER_UNIT: "移交另一部门，责任人清空",
    Effect.DELEGATE: "委托他人办理到某日",
    Effect.COUNT_RETURN: "退回次数加一",
    Effect.APPLY_EXTENSION: "登记延期申请",
    Effect.GRANT_EXTENSION: "准予延期，时限重新起算，原日期保留",
    Effect.REFUSE_EXTENSION: "不准延期",
    Effect.SPLIT: "拆成几个下级事项",
    Effect.MERGE: "并入另一事项",
    Effect.RELAPSE: "另立一件反弹事项并相互链接",
    Effect.LEVEL_UP: "督办单升一级：蓝、黄、红",
    Effect.LEVEL_TOP: "督办单直升红色",
}
RUNG_EFFECTS: Final[Mapping[RungEffectKind, str]] = {
    RungEffectKind.OPEN_SUPERVISION_ORDER: "对此事项发出督办单（已有未办结的则不再发）",
    RungEffectKind.MOVE: "由系统办理所写的动作（届时可以办理的话）",
    RungEffectKind.MARK_CRITICISM: "列为通报批评的候选，由人决定",
    RungEffectKind.RAISE_LAMP: "灯色至少为此级的灯色，直到按时办完一个时限或办结",
    RungEffectKind.COUNT_FOR_ASSESSMENT: "计入考核（计分指标 escalations）",
}
TABLES: Final[Mapping[str, Keys]] = {
    "definition": DEFINITION,
    "field": FIELD,
    "paper": PAPER,
    "state": STATE,
    "verb": VERB,
    "tell": TELL,
    "clock": CLOCK,
    "due": DUE,
    "pace": PACE,
    "milestone": MILESTONE,
    "ladder": LADDER,
    "rung": RUNG,
    "level": LEVEL,
}
"""Every kind of mapping that a definition is made of."""
