"""The stories of everything that is not a finding: reports, phases, tasks, a leave of absence."""

from datetime import date, timedelta

from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.ids import PostCode, UnitCode
from engine.model.item import Item
from runtime.rehearsal.behaviour import HABITS, Temperament
from runtime.rehearsal.findings import ANY_CAPACITY, Story
from runtime.rehearsal.stage import Stage, sample_evidence

NIL_RETURN = "nil_return"


def report(stage: Stage, item: Item, temper: Temperament) -> Story:
    """A report that is expected: handed in early, late, poorly or never."""
    if temper is Temperament.SILENT:
        return
    habits, name = HABITS[temper], f"{item.duty}/{item.period}/{item.unit}"
    due_on = date.fromisoformat(str(item.fields["due_on"]))
    margin = stage.dice.between(*habits.report_margin, "report", name) + (2 if due_on.weekday() > 4 else 0)
    yield stage.office_hours(due_on - timedelta(days=margin), name)
    legal = stage.one(Role.UNIT_LEGAL_OFFICER, item.unit)
    item = stage.do(item, "submit", legal, fields={"content": _written(stage, item, "样例")})
    yield stage.workday(1, "receive", name)
    office = stage.one(Role.OFFICE, item.unit)
    if temper is Temperament.CARELESS and stage.dice.share("poor", name) < 0.3:
        item = stage.do(item, "return", office, reason="缺少数据（样例）")
        yield stage.workday(1, "again", name)
        item = stage.do(item, "submit", legal, fields={"content": _written(stage, item, "补报样例")})
        yield stage.workday(1, "receive again", name)
    stage.do(item, "receive", office)


def _written(stage: Stage, item: Item, word: str) -> str:
    """A report with every part that the plan names for it."""
    sections = next(duty.sections for duty in stage.campaign.duties if duty.code == item.duty)
    return "\n".join([f"{item.title}（{word}）", *(f"{section}：{word}" for section in sections)])


def nil_return(stage: Stage, unit: UnitCode) -> Story:
    """A unit that found nothing signs for it."""
    yield stage.office_hours(date(2020, 4, 28), "nil", unit)
    head = stage.one(Role.UNIT_HEAD, unit)
    item = stage.open("report", unit, head, "零报告", duty=NIL_RETURN, period="2020-04")
    item = stage.do(item, "submit_nil", head)
    stage.tell("nil", f"{item.number} 零报告：本单位未发现问题，主要负责人已签字")
    yield stage.workday(1, "nil", unit)
    stage.do(item, "receive", stage.one(Role.OFFICE, unit))


def special(stage: Stage, unit: UnitCode, number: int) -> Story:
    """Something important happens: the unit tells at once, a leader writes what to do, the unit answers."""
    yield stage.office_hours(date(2020, 5, 1) + timedelta(days=61 * number), "special", unit)
    legal = stage.one(Role.UNIT_LEGAL_OFFICER, unit)
    told = {"content": "重要情况（样例）"}
    item = stage.open("special_report", unit, legal, f"重要情况专报（样例{number + 1:02d}）", fields=told)
    stage.tell("special", f"{item.number} 专报：已当即通知办公室和领导小组")
    yield stage.now + timedelta(minutes=stage.dice.between(5, 150, "receive", item.number))
    item = stage.do(item, "receive", stage.one(Role.OFFICE, unit))
    yield stage.workday(stage.dice.between(0, 2, "instruct", item.number), item.number)
    leader = stage.one(Role.LEADING_GROUP, unit)
    item = stage.do(item, "instruct", leader, fields={"instruction": "迅速核查、妥善处置（样例）"})
    yield stage.workday(stage.dice.between(1, 4, "answer", item.number), item.number)
    item = stage.do(item, "answer", legal, fields={"answer": "已处置（样例）"})
    yield stage.workday(1, "close", item.number)
    stage.do(item, "close_out", stage.one(Role.OFFICE_DIRECTOR, unit))


def mobilisation(stage: Stage, item: Item) -> Story:
    """The phase that was over before the plan was loaded: started and finished as of its day."""
    yield stage.office_hours(date(2020, 4, 20), "mobilise", item.number)
    head = stage.one(Role.UNIT_HEAD, item.unit)
    item = stage.do(item, "start", head, claimed_on=date(2020, 4, 1))
    item = stage.do(
        item, "finish", head, claimed_on=date(2020, 4, 10), fields={"summary": "已动员（补录样例）"}
    )
    yield stage.office_hours(date(2020, 4, 21), "mobilised", item.number)
    stage.do(item, "accept", stage.one(Role.OFFICE_DIRECTOR, item.unit))


def unit_phase(stage: Stage, item: Item) -> Story:
    """A phase of a unit within its window."""
    yield stage.office_hours(date(2020, 4, 21), "start", item.number)
    head = stage.one(Role.UNIT_HEAD, item.unit)
    item = stage.do(item, "start", head)
    yield stage.office_hours(_day(item, "ends_on") - timedelta(days=3), "finish", item.number)
    item = stage.do(item, "finish", head, fields={"summary": "阶段工作已完成（样例）"})
    yield stage.office_hours(_day(item, "ends_on") - timedelta(days=1), "accept", item.number)
    stage.attempt(item, "accept", stage.one(Role.OFFICE_DIRECTOR, item.unit))


def campaign_phase(stage: Stage, item: Item) -> Story:
    """A phase of the whole bureau: its end waits for every unit where it has a gate."""
    start = max(date(2020, 4, 22), _day(item, "starts_on"))
    yield stage.office_hours(start, "start", item.number)
    office = stage.one(Role.OFFICE, item.unit)
    item = stage.do(item, "start", office)
    yield stage.office_hours(_day(item, "ends_on") - timedelta(days=2), "finish", item.number)
    item = stage.do(item, "finish", office, fields={"summary": "阶段工作已完成（样例）"})
    director = stage.one(Role.OFFICE_DIRECTOR, item.unit)
    for attempt in range(6):
        yield stage.workday(attempt + 1, "accept", item.number)
        if done := stage.attempt(item, "accept", director):
            stage.tell("phase", f"{done.number} {done.title}验收通过")
            return
        _open_for_silent_units(stage, item, attempt)


def _open_for_silent_units(stage: Stage, phase: Item, attempt: int) -> None:
    """After two reminders the supervisors open a finding in place of a unit that keeps silent."""
    if attempt < 2 or phase.fields.get("gate") != "every_unit_reported":
        return
    with stage.begin() as uow:
        spoken = uow.items.units_with(phase.campaign, "item")
        spoken |= uow.items.units_with(phase.campaign, "report", NIL_RETURN)
        silent = [u for u in uow.people.units() if u.handles_cases and u.code not in spoken]
    for unit in silent:
        supervisor = stage.one(Role.SUPERVISOR, unit.code)
        item = stage.open(
            "item", unit.code, supervisor, "未按要求查摆问题（样例）", fields={"problem": "逾期未报"}
        )
        stage.tell("supervision", f"{unit.name}（样例）逾期未查摆，督察代为立项 {item.number}")


def task(stage: Stage, item: Item) -> Story:
    """A main task or one of its measures, in the hands of a named person."""
    yield stage.office_hours(date(2020, 4, 23), "assign", item.number)
    officer, head = stage.one(Role.OFFICER, item.unit), stage.one(Role.UNIT_HEAD, item.unit)
    item = stage.do(item, "assign", head, assignee=officer.person)
    yield stage.workday(1, "sign", item.number)
    item = stage.do(item, "sign_for", officer)
    due_on = _day(item, "due_on")
    today = stage.now.astimezone(LOCAL).date()
    yield stage.office_hours(today + (due_on - today) // 2, "progress", item.number)
    item = stage.do(
        item, "progress", officer, fields={"progress": "按计划推进（样例）", "progress_percent": 50}
    )
    yield stage.office_hours(
        due_on - timedelta(days=stage.dice.between(3, 9, "done", item.number)), "done", item.number
    )
    item = stage.do(item, "attach", officer, evidence=(sample_evidence("工作台账"),))
    item = stage.do(item, "submit", officer, fields={"result": "任务完成（样例）"})
    for unit in item.assisting or (item.unit,):
        item = stage.do(item, "countersign", stage.one(Role.UNIT_HEAD, unit))
    yield stage.workday(1, "review", item.number)
    item = stage.do(item, "approve", stage.one(Role.OFFICE, item.unit, besides=item.people_in(ANY_CAPACITY)))
    yield from _close_task(stage, item)


def _close_task(stage: Stage, item: Item) -> Story:
    """A task is closed when its measures are: the director waits for the last of them."""
    while any(child.closed_at is None for child in stage.children(item)):
        yield stage.workday(5, "measures", item.number)
    yield stage.workday(1, "close", item.number)
    stage.do(item, "close_out", stage.one(Role.OFFICE_DIRECTOR, item.unit))


def leave_of_absence(stage: Stage, unit: UnitCode, post: PostCode) -> Story:
    """The head of a unit is away for a fortnight; the legal officer acts as “A for B”."""
    yield stage.office_hours(date(2020, 7, 6), "leave", unit)
    head, legal = stage.one(Role.UNIT_HEAD, unit), stage.one(Role.UNIT_LEGAL_OFFICER, unit)
    back_on = date(2020, 7, 20)
    stage.put_in_charge(legal.person, head.person, post, back_on)
    stage.tell("substitute", f"{legal.name}自 7 月 6 日至 19 日代行{head.name}职务，办理时记为代办")


def _day(item: Item, name: str) -> date:
    return date.fromisoformat(str(item.fields[name]))
