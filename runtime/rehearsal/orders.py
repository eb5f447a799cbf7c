"""The stories of supervision orders: answered in time, excused for a reason, answered poorly, or risen to red."""

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.item import Item
from runtime.rehearsal.behaviour import Temperament
from runtime.rehearsal.findings import Story
from runtime.rehearsal.stage import Stage

COLOURS = {"blue": "蓝色", "yellow": "黄色", "red": "红色"}
GRANTED = 0.8
"""How often a reason is accepted."""
POOR = 0.6
"""How often a careless unit answers with nothing, twice."""


def answer(stage: Stage, order: Item, name: str, temper: Temperament) -> Story:
    """What a unit does with one paper from the day it gets it; a colour that follows it is a paper of its own.

    It is reckoned from that day, as every limit of the paper is, so that it is the same whenever the paper comes.
    name: what the paper is to the dice.
    """
    colour = order.fields["level"]
    if temper is Temperament.SILENT and colour != "red":
        return
    yield stage.workday(stage.dice.between(5, 8, "answer", name) if temper is Temperament.SILENT else 1, name)
    order = stage.do(order, "sign_for", stage.one(Role.UNIT_HEAD, order.unit))
    if temper is Temperament.LATE and colour == "blue":
        yield from _excused(stage, order, name)
    elif temper is Temperament.CARELESS and colour != "red" and stage.dice.share("poor", name) < POOR:
        yield from _poorly(stage, order, name)
    else:
        yield from _well(stage, order, name)


def _well(stage: Stage, order: Item, name: str) -> Story:
    yield stage.workday(1, "reply", name)
    order = _replied(stage, order, "已明确责任人，限期完成（样例）")
    yield stage.workday(2, "close", name)
    order = stage.do(order, "close_out", stage.one(Role.OFFICE, order.unit))
    stage.tell("supervision", f"{told(order)}办结")


def told(order: Item) -> str:
    """An order as a reader of the year meets it: its number, its colour and the number of its paper."""
    colour = COLOURS[str(order.fields["level"])]
    return f"{order.number} {colour}督办单（{order.fields['paper_number']}）"


def _replied(stage: Stage, order: Item, words: str) -> Item:
    return stage.do(order, "reply", stage.one(Role.UNIT_HEAD, order.unit), fields={"answer": words})


def _excused(stage: Stage, order: Item, name: str) -> Story:
    """A reason given in time: where the director accepts it the answer comes later, else a paper of the next colour."""
    until = stage.workday(10, "until", name).astimezone(LOCAL).date()
    head = stage.one(Role.UNIT_HEAD, order.unit)
    order = stage.do(order, "apply_extension", head, reason="设备未到位（样例）", due_on=until)
    yield stage.office_hours(stage.now.astimezone(LOCAL).date(), "reason", name)
    is_granted = stage.dice.share("reason", name) < GRANTED
    verb = "grant_extension" if is_granted else "refuse_extension"
    director = stage.one(Role.OFFICE_DIRECTOR, order.unit)
    order = stage.do(order, verb, director, reason="酌情批复（样例）")
    word = "采纳，此前不升级" if is_granted else "不采纳"
    stage.tell("excused", f"{told(order)}说明理由，申请延至 {until}：{word}")
    if is_granted:
        yield stage.workday(stage.dice.between(3, 6, "excused", name), name)
        yield from _well(stage, order, name)


def _poorly(stage: Stage, order: Item, name: str) -> Story:
    """Two answers that say nothing: with the second return the order rises by itself."""
    for turn in (1, 2):
        order = _replied(stage, order, "正在办理（样例）")
        yield stage.workday(1, "poor", name, turn)
        office = stage.one(Role.OFFICE, order.unit)
        order = stage.do(order, "return", office, reason="没有写明整改情况（样例）")
    stage.tell("supervision", f"{told(order)}：回复两次被退回，因质量升级")
