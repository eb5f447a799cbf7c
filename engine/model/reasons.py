"""Why a move is refused: a closed catalogue, each with its sentence and the way out. User texts, hence Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Every reason the rules can give."""

    UNKNOWN_VERB = "unknown_verb"
    WRONG_STATE = "wrong_state"
    NOT_STANDING = "not_standing"
    REASON_MISSING = "reason_missing"
    TARGET_MISSING = "target_missing"
    TARGET_UNKNOWN = "target_unknown"
    INPUT_MISSING = "input_missing"
    INPUT_UNKNOWN = "input_unknown"
    FIELD_NOT_SETTABLE = "field_not_settable"
    FIELD_UNKNOWN = "field_unknown"
    FIELD_INVALID = "field_invalid"
    FIELD_MISSING = "field_missing"
    FIELD_RESERVED = "field_reserved"
    EVIDENCE_MISSING = "evidence_missing"
    NOT_INDEPENDENT = "not_independent"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    DAY_OVER = "day_over"
    FIELD_TOO_LATE = "field_too_late"
    CHILDREN_OPEN = "children_open"
    PREDECESSOR_NOT_STARTED = "predecessor_not_started"
    UNITS_SILENT = "units_silent"
    NO_EXTENSION = "no_extension"
    EXTENSION_OPEN = "extension_open"
    CLOCK_EXPIRED = "clock_expired"
    CLOCK_RUNNING = "clock_running"
    EXTENSION_NOT_LATER = "extension_not_later"
    EXTENSION_OWN = "extension_own"
    EXTENSION_BEYOND = "extension_beyond"
    SECTION_MISSING = "section_missing"
    CATEGORY_UNKNOWN = "category_unknown"
    NOT_YOUR_TURN = "not_your_turn"
    ALREADY_SIGNED = "already_signed"
    LEVEL_AT_TOP = "level_at_top"
    BATCH_NOT_ALLOWED = "batch_not_allowed"
    NOBODY_TO_URGE = "nobody_to_urge"
    URGED_LATELY = "urged_lately"
    SIGN_IN_WRONG = "sign_in_wrong"
    SIGN_IN_BRAKED = "sign_in_braked"
    CODE_WRONG = "code_wrong"
    PASSWORD_WEAK = "password_weak"  # noqa: S105 - the name of a reason
    PASSWORD_SAME = "password_same"  # noqa: S105
    THREE_OFFICES = "three_offices"
    OWN_POST = "own_post"
    NO_CANDIDATE = "no_candidate"
    FILTER_UNFIT = "filter_unfit"
    BASIS_MISSING = "basis_missing"
    HELD = "held"
    NOT_ERASABLE = "not_erasable"
    OWN_ENTRY = "own_entry"
    TOKEN_UNFIT = "token_unfit"  # noqa: S105 - the name of a reason


CATALOGUE: dict[ReasonCode, tuple[str, str]] = {
    ReasonCode.UNKNOWN_VERB: ("流程中没有“{verb}”这个动作", "可用动作：{allowed}"),
    ReasonCode.WRONG_STATE: ("当前为“{state}”，不能“{verb}”", "当前可用动作：{allowed}"),
    ReasonCode.NOT_STANDING: ("您不是可以办理此动作的人", "应由{who}办理"),
    ReasonCode.REASON_MISSING: ("没有写明理由", "请写明理由（--reason）"),
    ReasonCode.TARGET_MISSING: ("没有写明退到哪一步", "请从{targets}中选择（--to）"),
    ReasonCode.TARGET_UNKNOWN: ("不能到“{target}”", "请从{targets}中选择（--to）"),
    ReasonCode.INPUT_MISSING: ("缺少“{input}”", "请补上 {option}"),
    ReasonCode.INPUT_UNKNOWN: ("“{value}”不存在", "请核对 {option}"),
    ReasonCode.FIELD_NOT_SETTABLE: ("此动作不能改“{field}”", "此动作可填：{allowed}"),
    ReasonCode.FIELD_UNKNOWN: ("没有“{field}”这一栏", "可填：{allowed}"),
    ReasonCode.FIELD_INVALID: ("“{field}”填写不对：{problem}", "请改正后再办理"),
    ReasonCode.FIELD_MISSING: ("“{field}”没有填写", "请用 --set {id}=… 补上"),
    ReasonCode.EVIDENCE_MISSING: (
        "佐证材料不足：需要 {needed} 份，现有 {present} 份",
        "请用 --evidence 文件 附上",
    ),
    ReasonCode.NOT_INDEPENDENT: (
        "{person}参与过此事项（{capacities}），不能再办理",
        "请改由未参与者办理，或指定交叉复核人",
    ),
    ReasonCode.TOO_EARLY: ("未到时间：{day} 起方可办理", "请届时再办"),
    ReasonCode.TOO_LATE: ("已过时间：{day} 后不再办理", "请报领导小组办公室处理"),
    ReasonCode.DAY_OVER: ("{day} 已经过去", "请写今天或以后的日期"),
    ReasonCode.FIELD_TOO_LATE: ("“{field}”晚于 {day}", "请改为不晚于 {day} 的日期；确需延后的另行申请延期"),
    ReasonCode.CHILDREN_OPEN: ("还有 {count} 件下级事项没有办结", "请先办结下级事项"),
    ReasonCode.PREDECESSOR_NOT_STARTED: ("上一阶段尚未启动", "请先启动上一阶段"),
    ReasonCode.UNITS_SILENT: (
        "还有 {count} 个单位既无问题也无零报告：{units}",
        "请催报，或由该单位签报零报告",
    ),
    ReasonCode.NO_EXTENSION: ("没有待批的延期申请", "请先申请延期"),
    ReasonCode.EXTENSION_OPEN: ("已有一份延期申请待批", "请等待批复"),
    ReasonCode.CLOCK_EXPIRED: ("时限已过，延期须在到期前申请", "请尽快办结；考核按原时限计"),
    ReasonCode.CLOCK_RUNNING: ("{clocks}还没有逾期，不能升级", "逾期仍未回复、又无经批准的理由的，方可升级"),
    ReasonCode.FIELD_RESERVED: ("“{field}”不能由您写为“{value}”", "应由{who}办理"),
    ReasonCode.EXTENSION_NOT_LATER: ("申请的日期不晚于现时限", "请写晚于 {day} 的日期"),
    ReasonCode.EXTENSION_BEYOND: ("申请延至 {day}，晚于方案规定的完成日 {stop}", "应由{who}批准"),
    ReasonCode.CATEGORY_UNKNOWN: ("没有问题类别“{value}”", "方案中的类别：{known}"),
    ReasonCode.SECTION_MISSING: (
        "“{field}”缺少方案要求的部分：{sections}",
        "请每一部分另起一行，以其名称开头，例如“{first}：……”",
    ),
    ReasonCode.EXTENSION_OWN: ("延期申请是{person}提出的，不能由本人批准", "请改由其他有权批准的人办理"),
    ReasonCode.NOT_YOUR_TURN: ("会签依次进行，现在应由{party}签", "请等待"),
    ReasonCode.ALREADY_SIGNED: ("{party}已经签过", "无需重复"),
    ReasonCode.LEVEL_AT_TOP: ("已是红色督办单，不能再升级", "请报领导小组处理"),
    ReasonCode.BATCH_NOT_ALLOWED: ("此动作不能成批办理", "请逐件办理"),
    ReasonCode.NOBODY_TO_URGE: ("现在没有别人需要办理", "请先看下一步由谁办理：duban item why"),
    ReasonCode.URGED_LATELY: ("{at} 已催办过", "请于 {again} 之后再催"),
    ReasonCode.SIGN_IN_WRONG: ("登录名或密码不对", "请核对后再试；忘记密码的，请系统管理员重置"),
    ReasonCode.SIGN_IN_BRAKED: ("失败次数过多，暂时不能登录", "请 {seconds} 秒后再试，或换用常用的电脑登录"),
    ReasonCode.CODE_WRONG: ("动态口令不对，或已经用过", "请等下一个六位数字；一直不对的，请核对手机时间"),
    ReasonCode.PASSWORD_WEAK: ("{problem}", "请换一个密码，例如几个不相干的词连在一起"),
    ReasonCode.PASSWORD_SAME: ("新密码与现在的密码相同", "请换一个密码"),
    ReasonCode.THREE_OFFICES: (
        "系统管理员、安全管理员、审计员须由三人分任",
        "请另选一人，或先收回其现有岗位",
    ),
    ReasonCode.OWN_POST: ("这是您自己的岗位", "请由另一名安全管理员办理"),
    ReasonCode.FILTER_UNFIT: ("{problem}", "请改正后再存；不再用的，可在“我的筛选”里删去"),
    ReasonCode.TOKEN_UNFIT: ("{problem}", "请改正后再建立"),
    ReasonCode.HELD: ("“{campaign}”已封存：{why}", "须先解除封存：duban campaign release"),
    ReasonCode.BASIS_MISSING: ("没有写明依据", "请写明法律或文件依据（--basis）"),
    ReasonCode.NOT_ERASABLE: (
        "第 {index} 条是流程、岗位、密钥、检查点或恢复的记录，不能抹去",
        "请换一个说法，使它不含其中的词",
    ),
    ReasonCode.OWN_ENTRY: ("第 {index} 条是您自己办理的", "请由另一名安全管理员办理"),
    ReasonCode.NO_CANDIDATE: ("没有待决定的通报批评候选", "duban criticism list 列出候选"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with the facts that fill its sentence."""

    code: ReasonCode
    facts: Mapping[str, str | int]

    @property
    def why(self) -> str:
        """The sentence that says why not."""
        return CATALOGUE[self.code][0].format_map(self.facts)

    @property
    def way_out(self) -> str:
        """What to do next."""
        return CATALOGUE[self.code][1].format_map(self.facts)


def reason(code: ReasonCode, **facts: str | int) -> Reason:
    """A reason with its facts."""
    return Reason(code, facts)
