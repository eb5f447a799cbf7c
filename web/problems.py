"""Every error as a reader of pages meets it: what was tried, why not, what to do; and its status."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from engine.model.errors import (
    Broken,
    Busy,
    Conflict,
    Error,
    InDoubt,
    Interrupted,
    Invalid,
    NotFound,
    NotPermitted,
    Refused,
    Unavailable,
)
from engine.model.reasons import Reason, ReasonCode
from runtime.settings import BadSettings
from runtime.words import in_words

LOG = logging.getLogger("duban.web")
KINDS: Final[Mapping[type[Error], tuple[int, str, str]]] = {
    Refused: (422, "没有办成", "请按下面写明的办法补上，再办一次。"),
    NotPermitted: (403, "没有办成", "请转告写明的办理人。"),
    NotFound: (404, "没有找到", "请核对网址或编号；不归您查看的内容，也显示为没有。"),
    Conflict: (409, "别人已先办理", "请重新打开，看清现在的情况后再办。"),
    Invalid: (400, "填写的内容不对", "请改正下面写明的地方，再提交一次。"),
    BadSettings: (500, "系统设置有误", "请转告系统管理员。"),
    Unavailable: (503, "系统暂时办不了", "请稍等片刻再试；一直如此的，请转告系统管理员。"),
    Busy: (503, "系统正忙", "没有办成，请稍等片刻再办。"),
    Interrupted: (503, "这一次没有存入", "内容没有存入，请再办一次。"),
    InDoubt: (503, "不知是否已存入", "请先重新打开看一看：已经办成的，不必再办；没有办成的，再办一次。"),
    Broken: (500, "系统出错", "数据没有改动。请转告系统管理员，并附上出错编号。"),
}
"""Status, heading and next step of each class of error; the nearest class above an error counts."""
STATUSES: Final[Mapping[int, tuple[str, str]]] = {
    400: ("请求有误", "请返回上一页，重新操作。"),
    403: ("没有提交", "请返回上一页，刷新后再提交；填写的内容可先复制留存。"),
    404: ("没有找到", "请核对网址；或从上方菜单进入。"),
    405: ("请求有误", "请从页面上的按钮操作。"),
    413: ("内容太大", "请减少文件，或分几次提交。"),
    414: ("网址太长", "请从页面上的按钮操作。"),
    500: ("系统出错", "数据没有改动。请转告系统管理员，并附上出错编号。"),
}
"""The same for what goes wrong before a use case is asked."""
_WAYS: Final[Mapping[ReasonCode, str]] = {
    ReasonCode.BASIS_MISSING: "请写明法律或文件依据",
    ReasonCode.HELD: "须先由管理员解除封存",
    ReasonCode.REASON_MISSING: "请写明理由",
    ReasonCode.TARGET_MISSING: "请选择退到哪一步",
    ReasonCode.TARGET_UNKNOWN: "请选择退到哪一步",
    ReasonCode.INPUT_MISSING: "请补上这一项",
    ReasonCode.INPUT_UNKNOWN: "请核对后重新填写",
    ReasonCode.FIELD_MISSING: "请填写“{field}”",
    ReasonCode.EVIDENCE_MISSING: "请附上佐证材料",
    ReasonCode.NOBODY_TO_URGE: "请看事项页上下一步由谁办理",
    ReasonCode.NO_CANDIDATE: "请刷新后看还有哪些候选",
}
"""Where the catalogue names an option of the command line, a page names its form."""


@dataclass(frozen=True, slots=True)
class Line:
    """One reason or problem, and the way out of it."""

    text: str
    hint: str


@dataclass(frozen=True, slots=True)
class Told:
    """An error in words."""

    status: int
    title: str
    text: str
    lines: tuple[Line, ...]
    hint: str
    code: str = ""
    """What an administrator finds in the log."""


def told(error: Error) -> Told:
    """An error in words, with its status."""
    status, title, hint = next(KINDS[above] for above in type(error).__mro__ if above in KINDS)
    text = error.message if status < 500 else title  # what a database says is for its administrator
    return Told(status, title, text, tuple(_lines(error)), hint)


def told_logged(request: Request, error: Exception) -> Told:
    """An error of ours or a defect in words; in the log, too, where somebody has to look into it."""
    said = told(error) if isinstance(error, Error) else told_status(500)
    if said.status >= 500:
        LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return said


def told_status(status: int, text: str = "") -> Told:
    """What went wrong before a use case was asked."""
    known = status if status in STATUSES else 400 if status < 500 else 500
    title, hint = STATUSES[known]
    return Told(status, title, text or title, (), hint)


def line_of(given: Reason) -> Line:
    """A reason as a line of a page."""
    said = in_words(given)
    way = _WAYS.get(said.code, said.way_out)
    return Line(said.why, way.format_map(said.facts))


def _lines(error: Error) -> Iterator[Line]:
    if isinstance(error, Refused):
        yield from map(line_of, error.reasons)
    elif isinstance(error, Invalid):
        yield from (Line(f"{each.where} {each.text}".strip(), each.hint) for each in error.problems)
