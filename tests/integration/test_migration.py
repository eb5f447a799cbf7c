"""What runs goes over to another version of its definition: listed first, then all or nothing, with its limits."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.model.actor import Actor
from engine.model.calendar import LOCAL
from engine.model.deadline import Cause, Deadline, Outcome
from engine.model.definition import Definition
from engine.model.entry import EntryKind
from engine.model.errors import Invalid, NotFound, NotPermitted
from engine.model.item import Item, NewItem
from engine.model.migration import MigrationPlan
from engine.model.transition import Evidence
from engine.rules.tree import root_of
from engine.usecases import migration
from engine.usecases.definitions import pinned, publish_definitions
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_item, open_items
from engine.usecases.migration import Migrate, Migrated, Move, migrate, migration_preview
from engine.usecases.queries import explain_clocks, item_history
from engine.usecases.sweep import sweep
from tests.builders import NOON, UNIT, an_attempt
from tests.integration.house import House, a_campaign, a_roster, definitions, person_in
from tests.integration.next_version import ADMINISTRATOR, a_plan, next_version, with_administrator

LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": "2020-06-30"}
PROOF = Evidence(sha256="c" * 64, name="照片.jpg", size=9)
OLD, NEW = definitions()["item"], next_version()
PLAN = a_plan(OLD, NEW, self_checked="checked")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A bureau with an administrator, and both versions published."""
    house = House(tmp_path, replace(a_campaign(), roster=with_administrator(a_roster())))
    publish_definitions(house.begin(), NOON, [NEW], administrator(house))
    return house


def administrator(house: House) -> Actor:
    with house.begin() as uow:
        return uow.people.actor(ADMINISTRATOR, NOON.date())


def at(days: float) -> datetime:
    return NOON + timedelta(days=days)


def evening(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T18:00").replace(tzinfo=LOCAL).astimezone(UTC)


def do(house: House, item: Item, verb: str, post: str, days: float = 0, **asked: object) -> Item:
    attempt = an_attempt(verb, house.actor(post), **asked)
    key = f"{verb}/{item.number}/{item.version}"
    return move_item(house.begin(), at(days), replace(attempt, item=item.id, key=key))


def an_opening(definition: Definition = OLD) -> NewItem:
    return NewItem(
        definition=definition.ref,
        campaign="sample",
        unit=UNIT,
        title="记录不全",
        fields={"problem": "记录不全"},
    )


WAY: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("submit", "officer", {}),
    ("list", "office", {"fields": LISTING}),
    ("assign", "head", {"assignee": person_in("officer")}),
    ("sign_for", "officer", {}),
    ("self_check", "head", {"evidence": (PROOF,), "fields": {"result": "已改"}}),
    ("submit_review", "head", {}),
)


def brought_to(house: House, state: str) -> Item:
    """A finding on its way, in this state."""
    (item,) = open_items(house.begin(), NOON, [an_opening()], house.actor("officer"))
    for verb, post, asked in WAY:
        if item.state != state:
            item = do(house, item, verb, post, **asked)
    assert item.state == state
    return item


def preview(house: House, plan: MigrationPlan = PLAN, days: float = 1) -> list[Move]:
    return [*migration_preview(house.begin(), at(days), Migrate(plan, administrator(house)))]


def carried(house: House, plan: MigrationPlan = PLAN, days: float = 1) -> Migrated:
    return migrate(house.begin(), at(days), Migrate(plan, administrator(house)))


def fresh(house: House, item: Item) -> Item:
    with house.begin() as uow:
        return uow.items.get([item.id])[item.id]


def running(house: House, item: Item) -> dict[str, Deadline]:
    with house.begin() as uow:
        return {deadline.clock: deadline for deadline in uow.deadlines.open_of([item.id])[item.id]}


def stored(house: House) -> tuple[dict[str, int], bytes]:
    """How many rows every table has, and the root of the log."""
    with house.database.engine.connect() as connection:
        names = (
            connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        )
        counts = {n: connection.exec_driver_sql(f"SELECT count(*) FROM {n}").scalar_one() for n in names}
    with house.begin() as uow:
        return counts, root_of(uow.history.head().frontier)


def told(move: Move) -> tuple[list[str], list[str], list[str], list[str]]:
    return (
        [before.clock for before, _ in move.moved],
        [each.clock for each in move.begun],
        [each.clock for each in move.over],
        [each.clock for each in move.clocks.stepped],
    )


def test_a_dry_run_lists_each_item_and_each_limit_that_would_change_and_writes_nothing(house: House) -> None:
    states = ("draft", "assigned", "rectifying", "self_checked", "in_review")
    items = [brought_to(house, state) for state in states]
    before = stored(house)

    moves = preview(house)

    assert [move.item.number for move in moves] == [item.number for item in items]
    assert [move.states for move in moves][-2:] == [("自查自验", "自查自验"), ("复核中", "复核中")]
    assert [move.item.state for move in moves] == ["draft", "assigned", "rectifying", "checked", "in_review"]
    assert [told(move) for move in moves] == [
        ([], [], [], []),
        ([], [], ["sign_for"], []),
        ([], ["halfway"], [], []),
        ([], [], [], []),
        (["review"], [], [], []),
    ]
    assert stored(house) == before


def test_everything_goes_over_with_an_entry_and_its_limits(house: House) -> None:
    items = [brought_to(house, state) for state in ("assigned", "rectifying", "self_checked", "in_review")]

    done = carried(house)

    assert done == Migrated(items=4, limits=3)
    after = [fresh(house, item) for item in items]
    assert {str(item.definition) for item in after} == {"item@5"}
    assert [(a.state, a.version - b.version) for a, b in zip(after, items, strict=True)] == [
        ("assigned", 1), ("rectifying", 1), ("checked", 1), ("in_review", 1),
    ]  # fmt: skip
    assert running(house, items[1])["halfway"].due_at == at(1).replace(hour=16) + timedelta(days=30)
    review = running(house, items[3])["review"]
    assert (review.revision, review.due_at, review.original_due_at) == (
        2, evening("2020-05-11"), evening("2020-05-13"),
    )  # fmt: skip
    assert review.started_at == NOON  # the days that have passed are not given back
    assert [*examine_deeply(house.begin())] == []


def test_a_limit_that_falls_where_it_fell_goes_on_undisturbed(house: House) -> None:
    item = brought_to(house, "rectifying")
    before = running(house, item)["rectify"]

    carried(house)

    assert running(house, item)["rectify"] == before


def test_another_rung_comes_into_its_place_and_none_speaks_twice(house: House) -> None:
    item = brought_to(house, "rectifying")
    assert [e.reached.speaker.id for e in sweep(house.begin, evening("2020-06-23"))] == ["before_7"]
    days = (evening("2020-06-24") - NOON) / timedelta(days=1)

    assert [told(move) for move in preview(house, days=days)] == [([], ["halfway"], [], ["rectify"])]
    carried(house, days=days)

    step = running(house, item)["rectify"]
    assert (step.revision, step.next_rung, step.next_at) == (1, "before_3", evening("2020-06-25"))
    assert [e.reached.speaker.id for e in sweep(house.begin, evening("2020-06-25"))] == ["before_3"]
    assert [*examine_deeply(house.begin())] == []


def test_what_is_overdue_stays_overdue_and_its_ladder_goes_on(house: House) -> None:
    item = brought_to(house, "in_review")
    late = (evening("2020-05-15") - NOON) / timedelta(days=1)
    assert len([*sweep(house.begin, at(late))]) == 1
    before = running(house, item)["review"]

    carried(house, days=late)

    assert running(house, item)["review"] == before
    assert [*sweep(house.begin, at(late))] == []
    assert [e.reached.speaker.id for e in sweep(house.begin, evening("2020-05-18"))] == ["after_3"]
    assert [*examine_deeply(house.begin())] == []


def test_a_clock_that_stands_still_resumes_under_the_new_version_with_what_it_lost(house: House) -> None:
    item = do(house, brought_to(house, "rectifying"), "suspend", "office", 1, reason="等待部署")
    carried(house, days=2)
    item = do(house, fresh(house, item), "resume", "office", 11)

    assert running(house, item)["rectify"].due_at == evening("2020-07-10")
    assert "中止 10 日" in running(house, item)["rectify"].proof
    assert [*examine_deeply(house.begin())] == []


def test_the_owner_hears_of_a_date_that_is_another_one(house: House) -> None:
    item = brought_to(house, "in_review")
    carried(house)

    with house.begin() as uow:
        rows = [row for row in uow.notices.rows(None, item.id, None, 99) if row.kind == "rescheduled"]
    assert [row.recipient_name for row in rows] == ["示例officer"]
    assert rows[0].facts["reason"] == "复核时限 2020-05-13 18:00 → 2020-05-11 18:00"


def test_what_is_ended_stays_where_it_ended(house: House) -> None:
    item = do(house, brought_to(house, "draft"), "void", "director", reason="重复")

    assert carried(house) == Migrated(items=0, limits=0)
    assert str(fresh(house, item).definition) == "item@4"


def test_an_incomplete_plan_is_refused_with_every_reason_and_nothing_moves(house: House) -> None:
    brought_to(house, "rectifying")
    lacking = {state: there for state, there in PLAN.states.items() if state not in {"assigned", "suspended"}}
    wrong = {**lacking, "draft": "gone", "listed": "archived", "archived": "closed", "nowhere": "draft"}
    before = stored(house)

    with pytest.raises(Invalid) as refused:
        carried(house, replace(PLAN, states=wrong))

    assert [problem.text for problem in refused.value.problems] == [
        "没有写明“待签收”（assigned）迁到哪里",
        "没有写明“中止”（suspended）迁到哪里",
        "item@5 没有状态 gone",
        "不能迁到终止状态“已归档”（archived）：办结要由人办理",
        "“已归档”（archived）是终止状态，已办结的不迁移",
        "item@4 没有状态 nowhere",
    ]
    with pytest.raises(Invalid):
        preview(house, replace(PLAN, states=lacking))
    assert stored(house) == before


@pytest.mark.parametrize(
    ("state", "there"),
    [
        ("in_review", "accepted"),
        ("assessed", "closed"),
        ("rectifying", "in_review"),
        ("self_checked", "sustained"),
    ],
)
def test_no_plan_does_what_people_must_do(house: House, state: str, there: str) -> None:
    """An administrator could have carried an item past its review, or to where it is closed out."""
    brought_to(house, "in_review")
    before = stored(house)

    with pytest.raises(Invalid) as refused:
        carried(house, replace(PLAN, states={**PLAN.states, state: there}))

    assert "更靠后的环节" in refused.value.problems[0].text
    assert stored(house) == before


def test_a_plan_to_the_same_version_or_to_one_nobody_published_is_refused(house: House) -> None:
    with pytest.raises(Invalid, match="item@4"):
        carried(house, replace(PLAN, target=OLD.ref))
    with pytest.raises(NotFound):
        carried(house, replace(PLAN, target=replace(NEW.ref, version=9)))
    with pytest.raises(NotFound):
        carried(house, replace(PLAN, campaign="other"))


def test_only_the_administrator_migrates(house: House) -> None:
    with pytest.raises(NotPermitted):
        migrate(house.begin(), NOON, Migrate(PLAN, house.actor("director")))
    with pytest.raises(NotPermitted):
        next(migration_preview(house.begin(), NOON, Migrate(PLAN, house.actor("director"))))


def test_a_failure_in_the_middle_leaves_everything_as_it_was(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [brought_to(house, "assigned") for _ in range(5)]
    before, pages = stored(house), 0
    store = migration.store_lines

    def fails_on_the_second_page(*given: object) -> object:
        nonlocal pages
        pages += 1
        if pages == 2:
            raise RuntimeError("磁盘已满")
        return store(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(migration, "PAGE", 2)
    monkeypatch.setattr(migration, "store_lines", fails_on_the_second_page)
    with pytest.raises(RuntimeError):
        carried(house)

    assert stored(house) == before
    assert {str(fresh(house, item).definition) for item in items} == {"item@4"}
    monkeypatch.undo()
    monkeypatch.setattr(migration, "PAGE", 2)
    assert carried(house).items == 5
    assert [*examine_deeply(house.begin())] == []


def test_new_items_open_under_the_new_version_and_late_comers_go_over_when_it_is_run_again(
    house: House,
) -> None:
    brought_to(house, "assigned")
    carried(house)
    assert str(pinned(house.begin(), "item").ref) == "item@5"
    late = brought_to(house, "rectifying")  # somebody had read the old version just before

    assert carried(house, days=2).items == 1
    assert str(fresh(house, late).definition) == "item@5"
    back = a_plan(NEW, OLD, checked="self_checked")
    assert carried(house, back, days=3).items == 2
    assert str(pinned(house.begin(), "item").ref) == "item@4"
    assert [*examine_deeply(house.begin())] == []


def test_history_and_limits_speak_of_each_version_in_its_own_words(house: House) -> None:
    item = brought_to(house, "self_checked")
    carried(house)
    item = do(house, fresh(house, item), "submit_review", "head", 2)
    lines = item_history(house.begin(), house.actor("office"), item.number)

    assert (lines[-2].label, lines[-2].entry.kind, lines[-2].states) == (
        "流程迁移", EntryKind.TRANSITION, ("自查自验", "自查自验"),
    )  # fmt: skip
    assert lines[-1].states == ("自查自验", "复核中")
    assert lines[4].label == "签收"
    clocks = {s.clock.id: s for s in explain_clocks(house.begin(), at(2), house.actor("office"), item.number)}
    assert [each.outcome for each in clocks["sign_for"].revisions] == [Outcome.MET]


def test_a_limit_tells_that_the_migration_moved_it(house: House) -> None:
    item = brought_to(house, "in_review")
    carried(house, days=1)
    story = next(
        s
        for s in explain_clocks(house.begin(), at(2), house.actor("office"), item.number)
        if s.clock.id == "review"
    )

    assert [change.cause for change in story.changes] == [Cause.START, Cause.MIGRATION]
    assert story.changes[1].origin is not None
    assert (story.changes[1].origin.reason, story.changes[1].origin.who) == ("为何迁移", "示例keeper")


def test_doctor_sees_an_item_that_went_elsewhere_than_the_plan_says(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought_to(house, "assigned")
    other = replace(PLAN, states={**PLAN.states, "assigned": "rectifying"})
    honest = migration.migrated
    monkeypatch.setattr(migration, "migrated", lambda _, *rest: honest(other, *rest))
    carried(house)

    assert [(f.code, f.text) for f in examine_deeply(house.begin())] == [
        ("I3", "第 6 条：“assigned”没有按迁移方案走，到了“rectifying”")
    ]


def test_doctor_sees_a_pin_that_no_plan_made(house: House) -> None:
    brought_to(house, "assigned")
    carried(house)
    with house.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE pin SET version = 4")

    assert [f.text for f in examine_deeply(house.begin())] == ["新建“item”按 item@4，最近的迁移方案是 item@5"]


def test_a_pending_application_goes_over_while_its_clock_does(house: House) -> None:
    item = brought_to(house, "rectifying")
    item = do(house, item, "apply_extension", "head", due_on=date(2020, 8, 3), reason="设备未到")
    carried(house)
    item = do(house, fresh(house, item), "grant_extension", "director", 2, reason="同意")

    assert running(house, item)["rectify"].due_at == evening("2020-08-03")
    assert [*examine_deeply(house.begin())] == []
