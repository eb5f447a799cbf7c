"""The stories of findings: from discovery through rectification and review to the end of the watch.

A story is a generator: it acts, then yields the instant at which it goes on.
"""

from collections.abc import Generator
from datetime import date, datetime, timedelta

from engine.model.actor import Actor, Capacity, Role
from engine.model.calendar import LOCAL
from engine.model.campaign import SubCategory
from engine.model.ids import UnitCode
from engine.model.item import Item
from runtime.rehearsal.behaviour import HABITS, Habits, Temperament
from runtime.rehearsal.stage import Stage, sample_evidence

Story = Generator[datetime, None, None]
Scene = Generator[datetime, None, Item]

ANY_CAPACITY = tuple(Capacity)


def finding(stage: Stage, unit: UnitCode, number: int, part: SubCategory, temper: Temperament) -> Story:
    """A finding from its discovery to its end, or to wherever its unit lets it lie."""
    found_on = date(2020, 4, 20) + timedelta(days=stage.dice.between(0, 9, "found", unit, number))
    yield stage.office_hours(found_on, unit, number)
    item = stage.open(
        "item",
        unit,
        stage.one(Role.OFFICER, unit),
        f"{part.label}（样例{number:05d}）",
        fields={"problem": f"自查发现：{part.label}", "cause": "样例：责任不实、检查不经常"},
        category=part.code,
    )
    yield from _listing(stage, item, temper)


def _listing(stage: Stage, item: Item, temper: Temperament) -> Story:
    yield stage.workday(1, item.number)
    item = stage.do(item, "submit", stage.one(Role.UNIT_LEGAL_OFFICER, item.unit))
    yield stage.workday(stage.dice.between(1, 3, "list", item.number), item.number)
    office = stage.one(Role.OFFICE, item.unit)
    if stage.dice.share("reject", item.number) < 0.03:
        stage.do(item, "reject", office, reason="与已立项问题重复（样例）")
        return
    item = stage.do(item, "list", office, fields=_plan(stage, item))
    yield from rectification(stage, item, temper)


def _plan(stage: Stage, item: Item) -> dict[str, str]:
    today = stage.now.astimezone(LOCAL).date()
    longest = max(26, (stage.campaign.hard_stop_on - today).days)
    due_on = today + timedelta(days=stage.dice.between(25, longest, "due", item.number))
    return {
        "goal": "问题全部纠正，不再发生（样例）",
        "standard": "连续两个月抽查无同类问题（样例）",
        "measures": "专题培训、每周抽查、责任到人（样例）",
        "due_on": min(due_on, stage.campaign.hard_stop_on).isoformat(),
    }


def rectification(stage: Stage, item: Item, temper: Temperament) -> Story:
    """From the assignment of a listed item to its end."""
    habits = HABITS[temper]
    officer = stage.one(Role.OFFICER, item.unit)
    yield stage.workday(stage.dice.between(1, 2, "assign", item.number), item.number)
    item = stage.do(item, "assign", stage.one(Role.UNIT_HEAD, item.unit), assignee=officer.person)
    yield stage.workday(stage.dice.between(*habits.sign_days, "sign", item.number), item.number)
    item = stage.do(item, "sign_for", officer)
    item = yield from _work(stage, item, habits)
    item = yield from _review(stage, item, habits)
    yield from _closing(stage, item, temper)


def _work(stage: Stage, item: Item, habits: Habits) -> Scene:
    hand_in_on = _hand_in_on(stage, item, habits)
    today = stage.now.astimezone(LOCAL).date()
    yield stage.office_hours(today + (hand_in_on - today) // 2, item.number)
    percent = stage.dice.between(30, 70, "half", item.number)
    said = {"progress": "已完成培训并开展抽查（样例）", "progress_percent": percent}
    item = stage.do(item, "progress", stage.one(Role.OFFICER, item.unit), fields=said)
    item = yield from _detours(stage, item, habits)
    yield stage.office_hours(hand_in_on, "hand-in", item.number)
    return _hand_in(stage, item)


def _hand_in_on(stage: Stage, item: Item, habits: Habits) -> date:
    margin = stage.dice.between(*habits.margin_days, "margin", item.number)
    return date.fromisoformat(str(item.fields["due_on"])) - timedelta(days=margin)


def _detours(stage: Stage, item: Item, habits: Habits) -> Scene:
    chance = stage.dice.share("detour", item.number)
    if chance < habits.extension_chance:
        return (yield from _extension(stage, item))
    if chance > 0.97:
        return (yield from _suspension(stage, item))
    if chance > 0.94:
        return _delegation(stage, item)
    return item


def _extension(stage: Stage, item: Item) -> Scene:
    later = date.fromisoformat(str(item.fields["due_on"])) + timedelta(days=20)
    wanted = min(later, stage.campaign.hard_stop_on)
    head = stage.one(Role.UNIT_HEAD, item.unit)
    asked = stage.attempt(item, "apply_extension", head, reason="设备未到位（样例）", due_on=wanted)
    if asked is None:
        return item
    yield stage.workday(2, "extension", item.number)
    verb = "grant_extension" if stage.dice.share("grant", item.number) < 0.7 else "refuse_extension"
    director = stage.one(Role.OFFICE_DIRECTOR, item.unit)
    decided = stage.do(asked, verb, director, reason="酌情批复（样例）")
    word = "批准" if verb == "grant_extension" else "不批准"
    stage.tell("extension", f"{item.number} 申请延期至 {wanted}：{word}")
    return decided


def _suspension(stage: Stage, item: Item) -> Scene:
    office = stage.one(Role.OFFICE, item.unit)
    item = stage.do(item, "suspend", office, reason="等待上级统一部署（样例）")
    yield stage.workday(stage.dice.between(5, 20, "suspended", item.number), item.number)
    return stage.do(item, "resume", office)


def _delegation(stage: Stage, item: Item) -> Item:
    until = stage.now.astimezone(LOCAL).date() + timedelta(days=14)
    colleague = stage.one(Role.UNIT_LEGAL_OFFICER, item.unit)
    owner = stage.one(Role.OFFICER, item.unit)
    return stage.do(
        item, "delegate", owner, assignee=colleague.person, until_on=until, reason="外出培训（样例）"
    )


def _hand_in(stage: Stage, item: Item) -> Item:
    head = stage.one(Role.UNIT_HEAD, item.unit)
    proof = (sample_evidence(stage.dice.pick(("抽查记录", "培训签到", "整改照片"), "proof", item.number)),)
    checked = stage.do(item, "self_check", head, fields={"result": "已按标准整改（样例）"}, evidence=proof)
    return stage.do(checked, "submit_review", head)


def _review(stage: Stage, item: Item, habits: Habits) -> Scene:
    for turn in range(3):
        yield stage.workday(stage.dice.between(1, 4, "review", item.number, turn), item.number)
        office = stage.one(Role.OFFICE, item.unit, besides=item.people_in(ANY_CAPACITY))
        if stage.dice.share("return", item.number, turn) >= habits.return_chance:
            return stage.do(item, "approve", office)
        item = stage.do(
            item, "return", office, target="returned", reason="佐证不足以证明达到成效标准（样例）"
        )
        stage.tell("returned", f"{item.number} 复核退回第 {item.returned_count} 次：佐证不足")
        yield stage.workday(1, "take-up", item.number)
        item = stage.do(item, "take_up", stage.one(Role.OFFICER, item.unit))
        yield stage.workday(stage.dice.between(3, 8, "again", item.number, turn), item.number)
        item = _hand_in(stage, item)
    yield stage.workday(2, "last", item.number)
    return stage.do(item, "approve", stage.one(Role.OFFICE, item.unit, besides=item.people_in(ANY_CAPACITY)))


def _closing(stage: Stage, item: Item, temper: Temperament) -> Story:
    yield stage.workday(stage.dice.between(1, 5, "assess", item.number), item.number)
    office = stage.one(Role.OFFICE, item.unit)
    item = stage.do(item, "assess", office, fields={"grade": "好" if item.returned_count == 0 else "一般"})
    yield stage.workday(stage.dice.between(1, 3, "close", item.number), item.number)
    item = stage.do(item, "close_out", _independent_closer(stage, item))
    yield stage.workday(1, "sustain", item.number)
    item = stage.do(item, "sustain", office)
    if stage.dice.share("relapse", item.number) < 0.025:
        yield from _relapse(stage, item, temper)


def _independent_closer(stage: Stage, item: Item) -> Actor:
    contributors = item.people_in(ANY_CAPACITY)
    director = stage.one(Role.OFFICE_DIRECTOR, item.unit)
    if director.person not in contributors:
        return director
    return stage.one(Role.LEADING_GROUP, item.unit, besides=contributors)


def _relapse(stage: Stage, item: Item, temper: Temperament) -> Story:
    yield stage.workday(stage.dice.between(15, 50, "relapsed", item.number), item.number)
    now = stage.fresh(item)
    if now.state != "sustained":
        return
    stage.do(now, "relapse", stage.one(Role.SUPERVISOR, item.unit), reason="回头看发现同类问题反弹（样例）")
    again = next(child for child in stage.children(item) if child.link == "relapse")
    stage.tell("relapse", f"{item.number} 反弹，重开为 {again.number}")
    yield from _listing(stage, again, temper)
