"""The stories of supervision orders: answered in time, excused for a reason, answered poorly, or risen to red."""

from collections.abc import Generator
from datetime import datetime, timedelta

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.item import Item
from runtime.rehearsal.behaviour import Temperament
from runtime.rehearsal.findings import Scene, Story
from runtime.rehearsal.stage import Stage

COLOURS = {"blue": "蓝色", "yellow": "黄色", "red": "红色"}
GRANTED = 0.8
"""How often a reason is accepted."""
POOR = 0.6
"""How often a careless unit answers with nothing, twice."""


def answer(stage: Stage, order: Item, name: str, temper: Temperament) -> Story:
    """An order is signed for and answered, sooner or later; whoever keeps silent answers when it is red.

    name: what it is to the dice, whenever it was opened.
    """
    wait = 20 if temper is Temperament.SILENT else 1
    yield stage.workday(stage.dice.between(wait, wait + 3 * (wait > 1), "answer", name), name)
    order = _signed(stage, order)
    if temper is Temperament.LATE:
        order = yield from _excused(stage, order, name)
    elif temper is Temperament.CARELESS and stage.dice.share("poor answer", name) < POOR:
        order = yield from _poorly(stage, order, name)
    yield stage.workday(1, "reply", name)
    order = _replied(stage, order, "已明确责任人，限期完成（样例）")
    yield stage.workday(2, "close", name)
    stage.do(order, "close_out", stage.one(Role.OFFICE, order.unit))
    stage.tell("supervision", f"{told(order)}办结")


def told(order: Item) -> str:
    """An order as a reader of the year meets it: its number, its colour and the number of its paper."""
    colour = COLOURS[str(order.fields["level"])]
    return f"{order.number} {colour}督办单（{order.fields['paper_number']}）"


def _signed(stage: Stage, order: Item) -> Item:
    """The order signed for; whoever has risen since is a new paper and is signed for again."""
    order = stage.fresh(order)
    if order.state != "issued":
        return order
    return stage.do(order, "sign_for", stage.one(Role.UNIT_HEAD, order.unit))


def _replied(stage: Stage, order: Item, words: str) -> Item:
    order = _signed(stage, order)
    return stage.do(order, "reply", stage.one(Role.UNIT_HEAD, order.unit), fields={"answer": words})


def _excused(stage: Stage, order: Item, name: str) -> Scene:
    """A reason given in time; the director accepts it or not."""
    until = stage.now.astimezone(LOCAL).date() + timedelta(days=14)
    head = stage.one(Role.UNIT_HEAD, order.unit)
    asked = stage.attempt(order, "apply_extension", head, reason="设备未到位（样例）", due_on=until)
    if asked is None:
        return order
    yield stage.office_hours(stage.now.astimezone(LOCAL).date(), "reason", name)
    verb = "grant_extension" if stage.dice.share("reason", name) < GRANTED else "refuse_extension"
    decided = stage.attempt(
        stage.fresh(asked), verb, stage.one(Role.OFFICE_DIRECTOR, order.unit), reason="酌情批复（样例）"
    )
    if decided is None:
        return asked
    word = "采纳，此前不升级" if verb == "grant_extension" else "不采纳"
    stage.tell("excused", f"{told(decided)}说明理由，申请延至 {until}：{word}")
    yield stage.workday(stage.dice.between(3, 6, "excused", name), name)
    return decided


def _poorly(stage: Stage, order: Item, name: str) -> Generator[datetime, None, Item]:
    """Two answers that say nothing: with the second return the order rises by itself."""
    for turn in (1, 2):
        order = _replied(stage, order, "正在办理（样例）")
        yield stage.workday(1, "poor", name, turn)
        office = stage.one(Role.OFFICE, order.unit)
        order = stage.do(order, "return", office, reason="没有写明整改情况（样例）")
    stage.tell("supervision", f"{told(order)}：回复两次被退回，因质量升级")
    return order
