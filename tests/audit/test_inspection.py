"""An inspection of a living history: what it shows, to whom, and that an auditor's looking is an entry."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from cli.inspection_text import findings_text
from engine.model.actor import Role
from engine.model.entry import EntryFlag, EntryKind
from engine.model.errors import NotFound, NotPermitted, Refused
from engine.model.ids import DefinitionRef, UnitCode
from engine.model.inspection import LogFilter, Measure, Suspicion
from engine.model.transition import Attempt
from engine.rules.replay import document_of
from engine.rules.suspicion import SELF_REVIEW
from engine.usecases import inspection
from engine.usecases.doctor import examine_deeply
from engine.usecases.inspecting import READ, Inspector, Sight
from engine.usecases.inspection import inspect_entry, inspect_item, inspect_log
from engine.usecases.items import move_item, move_items
from engine.usecases.past import Page, board_as_of, board_diff, item_as_of, item_diff
from engine.usecases.suspicion import Asked, list_questions
from tests.audit.bureau import PLAN, START, Bureau
from tests.audit.life import FIELDS, walked
from workflows.values import person_id


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A bureau after some weeks, with what every item was at a day in the middle."""
    bureau = Bureau(tmp_path_factory.mktemp("bureau"), 1)
    bureau.live(45)
    bureau.middle = bureau.now
    bureau.then = every_item(bureau)
    bureau.live(45)
    bureau.tick()
    yield bureau
    bureau.close()


def every_item(bureau):
    with bureau.app.reading() as uow:
        return {item.number: item for item in uow.items.scan()}


def by(bureau, login="auditor"):
    return Inspector(bureau.app.reading, bureau.app.writing, bureau.now, bureau.actor(login))


def supervisor_of_team(bureau):
    """Somebody who reads the log, and sees one team."""
    head = bureau.actor("head_a")
    posts = tuple(replace(held, roles=frozenset({Role.SUPERVISOR})) for held in head.posts)
    return replace(by(bureau), asker=replace(head, posts=posts))


def everything(bureau):
    with bureau.app.reading() as uow:
        return list(uow.history.scan())


def indexes(bureau, who=None, **wanted):
    page = inspect_log(who or by(bureau), LogFilter(limit=500, **wanted))
    assert page.before is None
    return [line.entry.index for line in page.lines if line.entry.what != READ]


def test_an_auditor_sees_every_entry_newest_first(lived):
    entries = [entry for entry in everything(lived) if entry.what != READ]

    assert indexes(lived) == [entry.index for entry in entries][::-1]


def test_each_filter_narrows_to_what_the_entries_say(lived):
    entries = [entry for entry in everything(lived) if entry.what != READ]
    told = {entry.index: json.loads(entry.payload) for entry in entries}
    items = {item.id: item for item in every_item(lived).values()}

    def those(is_wanted):
        return [entry.index for entry in entries if is_wanted(entry)][::-1]

    def acting(entry, name):
        return (told[entry.index].get("actor") or {}).get(name)

    number, item = next((i.number, i.id) for i in items.values() if i.version > 3)
    head = person_id("head_a")
    assert indexes(lived, number=number) == those(lambda e: e.item == item)
    assert indexes(lived, unit=UnitCode("team_a")) == those(
        lambda e: e.item is not None and items[e.item].unit == "team_a"
    )
    assert indexes(lived, actor=head) == those(lambda e: e.actor == head)
    assert indexes(lived, standing="owner") == those(lambda e: acting(e, "standing") == "owner")
    assert indexes(lived, principal=head) == those(lambda e: acting(e, "for") == head)
    assert indexes(lived, what="submit") == those(lambda e: e.what == "submit")
    assert indexes(lived, kind=EntryKind.FIRING) == those(lambda e: e.kind is EntryKind.FIRING)
    assert indexes(lived, text="材料不齐") == those(lambda e: "材料不齐" in e.payload.decode())
    assert indexes(lived, flags=EntryFlag.CLAIMED_EARLIER) == those(lambda e: e.flags & 1)
    assert indexes(lived, until=lived.middle) == those(lambda e: e.at < lived.middle)
    assert indexes(lived, since=lived.middle) == those(lambda e: e.at >= lived.middle)
    with lived.app.reading() as uow:
        sha256 = uow.definitions.get(PLAN.definitions["item"]).sha256
    assert indexes(lived, rules=PLAN.definitions["item"]) == those(
        lambda e: told[e.index].get("sha256") == sha256
    )
    assert indexes(lived, rules=DefinitionRef("item", 9)) == []
    assert all((indexes(lived, what="submit"), indexes(lived, standing="owner"), indexes(lived, actor=head)))


def test_pages_follow_each_other_without_gap_or_repetition(lived, monkeypatch):
    monkeypatch.setattr(inspection, "SEARCHED_AT_ONCE", 20)
    monkeypatch.setattr(inspection, "_BATCH", 5)
    whole, found, before = indexes_of_moves(lived, "submit"), [], None
    rounds = 0
    while rounds == 0 or before is not None:
        page = inspect_log(by(lived, "supervisor"), LogFilter(what="submit", before=before, limit=3))
        found += [line.entry.index for line in page.lines]
        before, rounds = page.before, rounds + 1
        assert rounds < 50

    assert found == whole
    assert rounds > 3


def indexes_of_moves(bureau, what):
    return [entry.index for entry in everything(bureau) if entry.what == what][::-1]


def test_a_line_tells_what_changed_how_long_it_was_and_who_had_it(lived):
    item = max(every_item(lived).values(), key=lambda each: each.version)
    record = inspect_item(by(lived), item.number)

    assert [line.entry.item_version for line in record.lines][-1] == item.version
    changed = Counter(change.name for line in record.lines for change in line.changes)
    assert changed["state"] >= 2
    for spell, following in zip(record.spells, record.spells[1:], strict=False):
        assert (spell.ended, spell.ended_at) == (following.began, following.began_at)
        assert spell.seconds == int((spell.ended_at - spell.began_at).total_seconds())
        assert spell.by
    ended = {line.entry.index: line.ended for line in record.lines if line.ended}
    assert ended == {spell.ended: spell for spell in record.spells if spell.ended is not None}
    names = {*record.names}
    assert all(who in names or len(who) < 32 for spell in record.spells for who in spell.by)


def test_one_entry_is_shown_in_full_and_what_is_not_there_is_not_found(lived):
    (line,) = inspect_entry(by(lived), 0).lines
    size = len(everything(lived))

    assert line.entry.index == 0
    for index in (size + 5, -1):
        with pytest.raises(NotFound, match=f"没有第 {index} 条"):
            inspect_entry(by(lived), index)


def test_other_readers_see_the_entries_of_their_items_only_and_nothing_beside(lived):
    items, reader = {item.id: item for item in every_item(lived).values()}, supervisor_of_team(lived)
    mine = indexes(lived, reader)
    entries = {entry.index: entry for entry in everything(lived)}

    assert {items[entries[index].item].unit for index in mine} == {"team_a"}
    hidden = next(item for item in items.values() if item.unit == "team_b")
    beside = next(entry for entry in entries.values() if entry.item is None)
    for look in (
        lambda: inspect_item(by(lived, "head_a"), hidden.number),
        lambda: inspect_log(reader, LogFilter(number=hidden.number)),
        lambda: inspect_entry(reader, beside.index),
        lambda: item_as_of(by(lived, "head_a"), hidden.number, lived.now),
        lambda: item_diff(by(lived, "head_a"), hidden.number, START, lived.now),
    ):
        with pytest.raises(NotFound):
            look()
    with pytest.raises(NotFound, match="没有事项 ZG-2020-999999"):
        inspect_item(by(lived, "head_a"), "ZG-2020-999999")
    board = board_as_of(by(lived, "head_a"), lived.now, Page(limit=500))
    assert {row.unit for row in board.rows} == {count.unit for count in board.counts} == {"team_a"}


@pytest.mark.parametrize("login", ["office", "head_a", "leader", "administrator"])
def test_the_log_itself_is_closed_to_whoever_has_no_office_for_it(lived, login):
    before = len(everything(lived))
    for look in (lambda who: inspect_log(who, LogFilter()), lambda who: inspect_entry(who, 0)):
        with pytest.raises(NotPermitted):
            look(by(lived, login))
    assert len(everything(lived)) == before


def test_whoever_reads_the_log_leaves_an_entry(lived):
    before = len(everything(lived))
    inspect_log(by(lived, "supervisor"), LogFilter(what="approve"))
    inspect_entry(by(lived, "supervisor"), first_on_an_item(lived))

    looks = everything(lived)[before:]
    assert [(look.what, look.actor) for look in looks] == [(READ, person_id("supervisor"))] * 2


def first_on_an_item(bureau):
    return next(entry.index for entry in everything(bureau) if entry.item)


def test_an_auditors_look_at_an_item_is_an_entry_before_anything_is_shown_and_nobody_elses(lived):
    number, before = next(iter(every_item(lived))), len(everything(lived))
    inspect_item(by(lived, "office"), number)
    assert len(everything(lived)) == before

    inspect_log(by(lived), LogFilter(what="approve"))
    with pytest.raises(NotFound):
        inspect_item(by(lived), "ZG-2020-999999")

    looks = everything(lived)[before:]
    assert [(look.what, look.kind, look.actor) for look in looks] == [
        (READ, EntryKind.OPERATIONS, person_id("auditor"))
    ] * 2
    told = [json.loads(look.payload) for look in looks]
    assert [each["view"] for each in told] == ["log", "item"]
    assert [each["about"] for each in told] == [{"what": "approve"}, {"number": "ZG-2020-999999"}]


def test_the_past_is_what_the_rows_were_then(lived):
    for number, item in lived.then.items():
        past = item_as_of(by(lived), number, lived.middle).past
        assert past.version == item.version
        assert {name: value for name, value in past.document.items() if value is not None} == {
            name: value for name, value in document_of(item).items() if value is not None
        }


def test_a_board_of_the_past_is_what_the_rows_were_then(lived):
    board = board_as_of(by(lived), lived.middle, Page(limit=500))

    told = [(row.number, row.unit, row.state, row.stage, row.owner or None) for row in board.rows]
    assert told == [
        (number, item.unit, item.state, item.stage, item.owner) for number, item in sorted(lived.then.items())
    ]
    counted = Counter((item.definition.id, item.unit, item.stage.value) for item in lived.then.values())
    assert {(c.kind, c.unit, c.stage): c.count for c in board.counts} == counted
    first = board_as_of(by(lived), lived.middle, Page(limit=4)).rows
    second = board_as_of(by(lived), lived.middle, Page(after=first[-1].number, limit=500)).rows
    assert (*first, *second) == board.rows
    assert board_as_of(by(lived), START - timedelta(days=1), Page()).rows == ()


def test_looking_at_one_item_more_costs_the_same_however_many_were_looked_at(lived):
    """Else a look through a million entries takes hours."""

    def seconds(known):
        with lived.app.reading() as uow:
            sight = Sight(uow, lived.actor("auditor"))
            sight.learn(f"{number:032x}" for number in range(known))
            began = process_time()
            for number in range(100):
                sight.item(f"f{number:031x}")
            return process_time() - began

    assert seconds(100_000) < 5 * seconds(0)


def test_nothing_is_known_of_an_item_before_it_was_there(lived):
    number = max(lived.then)
    with pytest.raises(NotFound, match="当时还没有"):
        item_as_of(by(lived), number, START - timedelta(days=1))
    with pytest.raises(NotFound, match="当时还没有"):
        item_diff(by(lived), number, START - timedelta(days=2), START - timedelta(days=1))


def test_a_diff_leads_from_one_past_to_the_other(lived):
    now = every_item(lived)
    moved = {number for number, item in now.items() if lived.then.get(number) != item}
    found = board_diff(by(lived), lived.middle, lived.now, Page(limit=500))

    told = {each.after.number: each for each in found.moved}
    states = {n for n in moved if n not in lived.then or lived.then[n].state != now[n].state}
    assert states <= {*told} <= moved
    assert {n for n, each in told.items() if each.before is None} == now.keys() - lived.then.keys()
    number = next(n for n in sorted(states) if n in lived.then)
    each = item_diff(by(lived), number, lived.middle, lived.now)
    assert {change.name for change in each.changes} >= {"state"}
    assert len(each.entries) >= now[number].version - lived.then[number].version
    assert item_diff(by(lived), number, lived.now, lived.now).changes == ()


def test_the_past_does_not_ask_the_tables(tmp_path):
    bureau = Bureau(tmp_path, 5)
    item = bureau.open()
    day = bureau.tick()
    with bureau.app.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE item SET state = 'closed', title = '改过的标题'")

    past = item_as_of(by(bureau), item.number, day).past

    assert (past.document["state"], past.document["title"]) == ("draft", item.title)
    bureau.close()


@pytest.fixture
def reviewing(bureau):
    """An item in review, with the people who have worked on it."""
    bureau.reviewed = walked(bureau)
    return bureau


def an_approval(bureau, login, key="k"):
    return Attempt(item=bureau.reviewed.id, verb="approve", actor=bureau.actor(login), key=key)


def test_trying_to_review_ones_own_work_is_refused_and_entered_once(reviewing):
    attempts = [e for e in everything(reviewing) if e.what == SELF_REVIEW]
    assert attempts == []
    team = reviewing.reviewed.unit[-1]
    for key in ("1", "2"):
        with pytest.raises(Refused, match="参与过此事项"):
            move_items(
                reviewing.app.writing(), reviewing.tick(), [an_approval(reviewing, f"head_{team}", key)]
            )

    (entry,) = [e for e in everything(reviewing) if e.what == SELF_REVIEW]
    told = json.loads(entry.payload)
    assert (entry.actor, told["item"], told["verb"]) == (
        person_id(f"head_{team}"),
        reviewing.reviewed.id,
        "approve",
    )
    assert list(examine_deeply(reviewing.app.reading())) == []
    found = list_questions(by(reviewing), Asked())
    (question,) = [q for q in found.questions if q.suspicion is Suspicion.SELF_REVIEW]
    assert (question.entries, found.numbers[entry.index]) == ((entry.index,), reviewing.reviewed.number)
    other = "b" if team == "a" else "a"
    assert list_questions(by(reviewing, f"head_{other}"), Asked()).questions == ()


def test_another_refusal_is_no_entry(reviewing):
    size = len(everything(reviewing))
    with pytest.raises(Refused):
        move_item(reviewing.app.writing(), reviewing.tick(), an_approval(reviewing, "leader"))

    assert len(everything(reviewing)) == size


def test_patterns_of_a_real_history_are_asked_about(bureau):
    measure = Measure(reviews=4, fast=3)
    for number in range(4):
        bureau.reviewed = walked(bureau)
        move_item(bureau.app.writing(), bureau.now, an_approval(bureau, "office", f"{number}"))

    found = list_questions(by(bureau), Asked(measure=measure))

    told = {question.suspicion: question for question in found.questions}
    assert set(told) == {Suspicion.SAME_TEXT, Suspicion.NEVER_RETURNS, Suspicion.FAST_APPROVAL}
    assert found.altogether == 3
    assert told[Suspicion.SAME_TEXT].about == FIELDS["progress"]
    assert told[Suspicion.FAST_APPROVAL].count == told[Suspicion.NEVER_RETURNS].count == 4
    kinds = {e.index: e.what for e in everything(bureau)}
    assert {kinds[index] for index in told[Suspicion.FAST_APPROVAL].entries} == {"approve"}
    assert "4 处进展写的是同样的话：“已对全队组织培训" in findings_text(found)
    assert "依据记录：" in findings_text(found)
    first = list_questions(by(bureau), Asked(measure=measure, limit=1)).questions
    rest = list_questions(by(bureau), Asked(measure=measure, after=first[0].key)).questions
    assert (*first, *rest) == found.questions
    late = Asked(measure=measure, since=bureau.now + timedelta(days=1))
    assert list_questions(by(bureau), late).questions == ()


def test_a_time_that_begins_in_the_middle_knows_what_was_before(bureau):
    measure = Measure(fast=1)
    bureau.reviewed = walked(bureau)
    since = bureau.tick()
    move_item(bureau.app.writing(), bureau.tick(), an_approval(bureau, "office"))

    found = list_questions(by(bureau), Asked(measure=replace(measure, seconds_an_item=10**6), since=since))

    (question,) = found.questions
    assert (question.suspicion, question.count) == (Suspicion.FAST_APPROVAL, 1)
