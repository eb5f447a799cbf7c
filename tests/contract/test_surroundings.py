"""Notices, people, definitions, replies, evidence and views."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from engine.model.actor import Grant, Person, Post, Role, Unit
from engine.model.calendar import CalendarOverride, SpecialDays
from engine.model.campaign import Campaign, Roster, Scheme
from engine.model.channel import Gate
from engine.model.deadline import Deadline, Outcome
from engine.model.definition import Stage
from engine.model.errors import Conflict, NotFound
from engine.model.ids import DefinitionRef
from engine.model.notice import Backlog, Cause, DeliveryStatus, Lease, Notice, Wanted
from engine.model.transition import Evidence
from engine.model.views import ItemFilter
from engine.rules.sending import EVER
from tests.contract.conftest import NOW

ANNA, BERT = "a" * 32, "b" * 32
DAY = date(2020, 4, 1)
ROSTER = Roster(
    units=(
        Unit(code="u0", name="分局", parent=None, ordinal=0, handles_cases=False),
        Unit(code="u1", name="一所", parent="u0", ordinal=1, handles_cases=True),
    ),
    posts=(
        Post(code="p0", unit="u0", scope="u0", title="主任", roles=frozenset({Role.OFFICE, Role.OFFICER})),
        Post(code="p1", unit="u1", scope="u1", title="民警", roles=frozenset({Role.OFFICER})),
    ),
    persons=(
        Person(id=ANNA, login="anna", name="安", is_sample=True),
        Person(id=BERT, login="bert", name="白", is_sample=True),
    ),
    grants=(
        Grant(person=ANNA, post="p0", from_on=DAY, until_on=None),
        Grant(person=BERT, post="p1", from_on=DAY, until_on=date(2020, 5, 1)),
        Grant(person=BERT, post="p0", from_on=DAY, until_on=None, on_behalf_of=ANNA),
    ),
)


CAMPAIGN = Campaign(
    id="zfzs-2020",
    title="专项",
    bureau="u0",
    issued_on=DAY,
    starts_on=DAY,
    ends_on=DAY,
    hard_stop_on=DAY,
    source="方案",
    categories=(),
    tasks=(),
    phases=(),
    duties=(),
    scheme=Scheme(full_marks=100, criteria=(), source="方案"),
    definitions={"finding": DefinitionRef("finding", 1)},
    roster=ROSTER,
    sha256="0" * 64,
    document="{}",
)


def _notice(item, number=1, recipient=ANNA):
    return Notice(
        key=f"{number:064x}",
        kind="listed",
        item=item.id,
        recipient=recipient,
        facts={"number": item.number, "days": 3, "none": None},
        written_at=NOW + timedelta(seconds=number),
    )


def test_notices_are_written_once(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.items.add([item])
        assert uow.notices.write([_notice(item), _notice(item, 2)], ("mail",)) == 2
        assert uow.notices.write([_notice(item)], ("mail",)) == 0
        assert uow.notices.get(_notice(item).key) == _notice(item)
        assert uow.notices.get("f" * 64) is None
        assert list(uow.notices.scan()) == [_notice(item), _notice(item, 2)]
        assert uow.deliveries.count() == {"pending": 2}


def test_notices_are_paged_newest_first(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.items.add([item])
        uow.notices.write([_notice(item, 1), _notice(item, 2), _notice(item, 3, BERT)], ("mail",))
        every = uow.notices.rows(None, None, None, 10)

        assert [row.key for row in every] == [_notice(item, n).key for n in (3, 2, 1)]
        assert (every[0].recipient_name, every[0].deliveries) == ("白", {"mail": "pending"})
        assert [row.key for row in uow.notices.rows(ANNA, item.id, every[1].key, 10)] == [every[2].key]


def _claim(uow, worker, seconds, **wanted):
    now = uow.gates.now()
    given = {"channel": "mail", "limit": 5, "written_before": EVER, **wanted}
    lease = Lease(worker=worker, at=now, until=now + timedelta(seconds=seconds))
    return uow.deliveries.claim(lease, Wanted(**given))


def test_a_stale_worker_settles_nothing(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.items.add([item])
        uow.notices.write([_notice(item)], ("mail",))
        (lost,) = _claim(uow, "w1", 0)
        assert _claim(uow, "w1", 60, channel="other") == []
        (held,) = _claim(uow, "w2", 60)
        assert _claim(uow, "w3", 60) == []
        sent = {"status": DeliveryStatus.SENT, "attempts": 1, "sent_at": NOW}

        assert (lost.token, held.token) == (1, 2)
        assert uow.deliveries.settle([replace(lost, **sent)]) == 0
        assert uow.deliveries.settle([replace(held, **sent)]) == 1
        assert uow.deliveries.count() == {"sent": 1}


def test_a_letter_is_claimed_with_its_mates(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.items.add([item])
        mine = [_notice(item, n) for n in (1, 2, 3)]
        uow.notices.write([*mine, _notice(item, 4, BERT)], ("mail",))
        (head,) = _claim(uow, "w", 60, limit=1)
        mates = _claim(uow, "w", 60, recipient=ANNA)

        assert [one.notice for one in (head, *mates)] == mine
        assert {one.letter for one in (head, *mates)} == {None}
        back = {"status": DeliveryStatus.PENDING, "not_before": NOW, "letter": "k" * 64, "attempts": 1}
        uow.deliveries.settle([replace(one, **back) for one in (head, *mates[:1])])
        assert _claim(uow, "w", 60, recipient=ANNA) == []
        again = _claim(uow, "w", 60, recipient=ANNA, letter="k" * 64)
        assert [one.notice for one in again] == mine[:2]


def test_what_may_not_leave_yet_is_passed_over_unless_it_is_urgent(begin, new_item):
    item = new_item()
    urgent = replace(_notice(item, 2), kind="overdue")
    with begin() as uow:
        uow.items.add([item])
        uow.notices.write([_notice(item, 1), urgent, _notice(item, 3)], ("mail",))
        asked = {"written_before": NOW + timedelta(seconds=2), "urgent": frozenset({"overdue"})}

        assert [one.notice for one in _claim(uow, "w", 60, **asked)] == [_notice(item, 1), urgent]


def test_what_has_become_of_a_limit_and_of_an_item_is_told(begin, new_item):
    open_item, closed = new_item(1), new_item(2, stage=Stage.CLOSED, closed_at=NOW)
    limit = {"clock": "rectify", "revision": 1}
    with begin() as uow:
        uow.items.add([open_item, closed])
        at = dict.fromkeys(("armed_at", "started_at", "counts_from", "due_at", "original_due_at"), NOW)
        rest = {"proof": "", "is_provisional": False, "calendar": "plain", "next_rung": None, "next_at": None}
        ended = {"outcome": Outcome.MET, "ended_at": NOW}
        uow.deadlines.arm([Deadline(item=open_item.id, **limit, **at, **rest, **ended)])
        told = [replace(_notice(open_item, 1), **limit), _notice(open_item, 2), _notice(closed, 3)]
        uow.notices.write(told, ("mail",))

        causes = uow.deliveries.causes([one.key for one in told])
        assert [causes[one.key] for one in told] == [
            Cause(outcome=Outcome.MET, ended_at=NOW, closed_at=None),
            Cause(outcome=None, ended_at=None, closed_at=None),
            Cause(outcome=None, ended_at=None, closed_at=NOW),
        ]
        assert uow.notices.get(told[0].key) == told[0]


def test_the_backlog_is_told_by_channel(begin, new_item):
    item = new_item()
    with begin() as uow:
        uow.items.add([item])
        uow.notices.write([_notice(item, 1), _notice(item, 2)], ("mail", "file"))
        (one,) = _claim(uow, "w", 60, limit=1)
        uow.deliveries.settle([replace(one, status=DeliveryStatus.SENT, sent_at=NOW)])

        later = NOW + timedelta(seconds=1)
        assert uow.deliveries.backlog() == [
            Backlog(channel="file", status=DeliveryStatus.PENDING, count=2, oldest=later),
            Backlog(
                channel="mail", status=DeliveryStatus.PENDING, count=1, oldest=NOW + timedelta(seconds=2)
            ),
        ]


def test_what_waits_too_long_is_hastened_and_the_rest_left_alone(begin, new_item):
    item, later = new_item(), NOW + timedelta(days=3650)
    with begin() as uow:
        uow.items.add([item])
        uow.notices.write([_notice(item, 1), replace(_notice(item, 2), written_at=later)], ("mail",))

        assert uow.deliveries.hasten(NOW + timedelta(hours=6), NOW) == 1
        assert uow.deliveries.hasten(NOW + timedelta(hours=6), NOW) == 0
        assert uow.deliveries.backlog()[0].oldest == NOW


def test_every_worker_sees_the_same_gate(begin):
    gate = Gate(
        channel="mail",
        recent=(NOW, NOW + timedelta(microseconds=1)),
        failures=2,
        shut_until=NOW,
        last_error="连不上",
        failed_at=NOW,
    )
    with begin(write=False) as uow:
        assert uow.gates.get("mail") == Gate(channel="mail")
        assert abs(uow.gates.now() - datetime.now(UTC)) < timedelta(minutes=1)
    with begin() as uow:
        assert uow.gates.get("mail") == Gate(channel="mail")
        uow.gates.put(gate)
        uow.commit()
    with begin() as uow:
        assert uow.gates.get("mail") == gate
        assert uow.gates.get("other") == Gate(channel="other")


def test_people_hold_posts_by_day(begin):
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.people.add(ROSTER)
        anna, bert = uow.people.actor(ANNA, DAY), uow.people.actor(BERT, date(2020, 5, 1))

        assert anna.posts[0].roles == {Role.OFFICE, Role.OFFICER}
        assert [(held.post, held.on_behalf_of) for held in bert.posts] == [("p0", ANNA)]
        assert uow.people.by_login(["bert", "nobody"]) == {"bert": ROSTER.persons[1]}
        assert uow.people.units() == list(ROSTER.units)
        with pytest.raises(NotFound):
            uow.people.actor("c" * 32, DAY)


def test_roles_reach_down_the_tree(begin):
    with begin() as uow:
        uow.people.add(ROSTER)

        assert uow.people.lineage("u1") == ("u1", "u0")
        assert uow.people.lineage("u9") == ()
        assert uow.people.subtree("u0") == {"u0", "u1"}
        assert uow.people.holders("officer", "u1", DAY) == (BERT, ANNA)
        assert uow.people.holders("office", "u1", DAY) == (ANNA, BERT)
        assert uow.people.holders("office", "u1", date(2020, 3, 1)) == ()
        uow.people.grant(Grant(person=BERT, post="p1", from_on=date(2020, 6, 1), until_on=None))


def test_a_campaign_comes_back_as_it_was(begin):
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)

        assert uow.campaigns.get("zfzs-2020") == CAMPAIGN
        assert uow.campaigns.loaded_at("zfzs-2020") == NOW
        assert uow.campaigns.ids() == ["zfzs-2020"]
        with pytest.raises(NotFound):
            uow.campaigns.get("other")
        with pytest.raises(Conflict):
            uow.campaigns.add(CAMPAIGN, NOW)


def test_a_definition_version_is_published_once(begin):
    ref = DefinitionRef("finding", 1)
    definition = SimpleNamespace(ref=ref, sha256="0" * 64, document='{"a":1}')
    with begin() as uow:
        assert uow.definitions.find(ref) is None
        uow.definitions.publish(definition, NOW)

        assert uow.definitions.get(ref).document == '{"a":1}'
        assert uow.definitions.refs() == [ref]
        with pytest.raises(NotFound):
            uow.definitions.get(DefinitionRef("finding", 2))
        with pytest.raises(Conflict):
            uow.definitions.publish(definition, NOW)


def test_a_key_is_answered_once(begin):
    with begin() as uow:
        uow.replies.keep([(ANNA, "k", "hash", "{}"), (BERT, "l", "hash", "{}")], NOW)

        assert uow.replies.find([(ANNA, "k"), (ANNA, "l")]) == {(ANNA, "k"): ("hash", "{}")}
        with pytest.raises(Conflict):
            uow.replies.keep([(ANNA, "k", "other", "{}")], NOW)


def test_the_same_bytes_are_one_piece_of_evidence(begin, new_item):
    item = new_item()
    piece = Evidence(sha256="0" * 64, name="照片.jpg", size=3, made_on=DAY)
    with begin() as uow:
        uow.items.add([item])
        uow.evidence.add(item.id, [piece, replace(piece, name="又一张.jpg")], ANNA, NOW)

        assert uow.evidence.of_item(item.id) == [piece]


def test_lists_are_narrowed_and_paged(begin, new_item):
    late = {
        "clock": "limit",
        "revision": 1,
        "proof": "",
        "is_provisional": False,
        "calendar": "plain",
        "next_rung": None,
        "next_at": None,
    }
    at = dict.fromkeys(("armed_at", "started_at", "counts_from", "due_at", "original_due_at"), NOW)
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.items.add([new_item(1, owner=ANNA), new_item(2, unit="u0"), new_item(3, owner=BERT, unit="u9")])
        uow.deadlines.arm([Deadline(item=new_item(1).id, **late, **at)])

        def numbers(**wanted):
            return [int(row.number[-6:]) for row in uow.views.items(ItemFilter(**wanted))]

        assert numbers() == [1, 2, 3]
        assert numbers(limit=1, after="ZG-2020-000001") == [2]
        assert numbers(owner=ANNA, kind="finding", stage=Stage.FINDING, state="found", unit="u1") == [1]
        assert numbers(units=frozenset({"u0"}), asker=BERT) == [2, 3]
        assert numbers(overdue_at=NOW) == []
        assert numbers(overdue_at=NOW + timedelta(seconds=1)) == [1]
        row = uow.views.items(ItemFilter(owner=ANNA))[0]
        assert (row.unit_name, row.owner_name, row.due_at) == ("一所", "安", NOW)
        counts = uow.views.stage_counts("zfzs-2020")
        assert [(c.unit_name, c.count) for c in counts if c.unit != "u9"] == [("分局", 1), ("一所", 1)]
        held = uow.views.holdings("zfzs-2020", NOW + timedelta(seconds=1))
        assert {(h.person, h.open_count, h.overdue_count) for h in held} == {
            (ANNA, 1, 1),
            (BERT, 1, 0),
            (None, 1, 0),
        }


def test_the_asker_sees_units_and_own_items_in_one_order(begin, new_item):
    def item(number, **changes):
        return new_item(number, **{"unit": "u9", "opener": BERT, **changes})

    own = [item(4, owner=ANNA), item(5, opener=ANNA), item(6, reviewer=ANNA)]
    with begin() as uow:
        uow.items.add([item(1, unit="u1"), item(2, unit="u2", owner=ANNA), item(3), *own])

        def numbers(codes, **more):
            wanted = ItemFilter(units=frozenset(codes), asker=ANNA, **more)
            return [int(row.number[-6:]) for row in uow.views.items(wanted)]

        many = [f"u{n}" for n in (1, 2, *range(100, 120))]
        for codes in (["u1", "u2"], many):
            assert numbers(codes, stage=Stage.FINDING) == [1, 2, 4, 5, 6]
            assert numbers(codes, limit=2, after="ZG-2020-000002") == [4, 5]
            assert numbers(codes, owner=ANNA) == [2, 4]
            assert numbers(codes, owner="c" * 32) == []
            assert numbers(codes, unit="u9") == [4, 5, 6]
            assert numbers(codes, unit="u2") == [2]
        assert numbers([]) == [2, 4, 5, 6]


def test_running_limits_are_listed_by_their_instant(begin, new_item):
    def limit(number, days, **changes):
        due = NOW + timedelta(days=days)
        given = {
            "armed_at": NOW,
            "started_at": NOW,
            "counts_from": NOW,
            "due_at": due,
            "original_due_at": due,
            "proof": "",
        }
        given |= {"clock": "limit", "revision": 1, "is_provisional": False, "calendar": "plain"}
        return Deadline(item=f"{number:032x}", **{**given, "next_rung": None, "next_at": None, **changes})

    first, second, other = limit(1, 3), limit(2, 1), limit(3, 2)
    with begin() as uow:
        uow.items.add([new_item(1), new_item(2), new_item(3, unit="u2", opener=BERT)])
        uow.deadlines.arm([first, second, other, limit(1, 0, clock="met", outcome=Outcome.MET, ended_at=NOW)])

        def due(days, **wanted):
            return uow.views.due(ItemFilter(**wanted), NOW + timedelta(days=days))

        assert due(9) == [second, other, first]
        assert due(3) == [second, other]
        assert due(9, unit="u1", limit=1) == [second]
        assert due(9, overdue_at=NOW + timedelta(days=2)) == [second]
        assert due(9, units=frozenset({"u2"}), asker="c" * 32) == [other]


def test_items_are_counted_where_they_stand(begin, new_item):
    def counts(uow):
        return {(c.unit, c.stage.value): c.count for c in uow.views.stage_counts("zfzs-2020")}

    with begin() as uow:
        uow.items.add([new_item(1), new_item(2), new_item(3, unit="u2")])
        uow.commit()
    with begin() as uow:
        moved = [
            new_item(1, version=2, stage=Stage.CLOSED, closed_at=NOW, owner=ANNA),
            new_item(2, version=2, unit="u2", owner=ANNA),
        ]
        uow.items.rehead([new_item(1, head=b"1" * 32)])
        uow.items.replace(moved)
        uow.commit()
    with begin() as uow:
        assert counts(uow) == {("u1", "closed"): 1, ("u2", "finding"): 2}
        assert {(h.person, h.open_count) for h in uow.views.holdings("zfzs-2020", NOW)} == {
            (ANNA, 1),
            (None, 1),
        }
        assert uow.items.units_with("zfzs-2020", "finding") == {"u1", "u2"}
        assert uow.views.integrity() == []


def test_what_is_open_is_found_by_number_and_by_its_limits(begin, new_item):
    at = dict.fromkeys(("armed_at", "started_at", "counts_from", "original_due_at"), NOW)
    rest = {"proof": "", "is_provisional": False, "calendar": "plain", "next_rung": None, "next_at": None}
    closed = {"stage": Stage.CLOSED, "closed_at": NOW}
    items = [new_item(1), new_item(2), new_item(3, **closed), new_item(4, unit="u9"), new_item(5)]
    units = frozenset({"u1"})
    with begin() as uow:
        uow.items.add(items)
        uow.deadlines.arm(
            [
                Deadline(item=each.id, clock=clock, revision=1, due_at=NOW + timedelta(days=days), **at, **rest)
                for each, clock, days in [
                    (items[1], "limit", 1), (items[0], "limit", 2), (items[1], "other", 3), (items[3], "limit", 0),
                ]
            ]
        )  # fmt: skip

        assert uow.views.open_items("zfzs-2020", units, 9) == [items[0].id, items[1].id, items[4].id]
        assert uow.views.open_items("zfzs-2020", units, 1) == [items[0].id]
        assert uow.views.urgent_items("zfzs-2020", units, 9) == [items[1].id, items[0].id, items[1].id]
        assert uow.views.open_items("other", units, 9) == uow.views.urgent_items("other", units, 9) == []


def _revision(item, revision, days, ended=None, outcome=None):
    at = dict.fromkeys(("armed_at", "started_at", "counts_from", "original_due_at"), NOW)
    rest = {"proof": "", "is_provisional": False, "calendar": "plain", "next_rung": None, "next_at": None}
    return Deadline(
        item=item.id,
        clock="report",
        revision=revision,
        due_at=NOW + timedelta(days=days),
        outcome=outcome,
        ended_at=None if ended is None else NOW + timedelta(days=ended),
        **at,
        **rest,
    )


def test_a_report_stands_by_the_limit_that_ran_when_it_was_first_handed_in(begin, new_item):
    ref = DefinitionRef("report", 1)
    silent, late, moved = (
        new_item(n, definition=ref, duty="monthly", period=f"2020-0{n}", state="s") for n in (1, 2, 3)
    )
    ad_hoc, other = new_item(4, definition=ref, duty="adhoc"), new_item(5, duty="monthly", period="2020-01")
    with begin() as uow:
        uow.items.add([silent, late, moved, ad_hoc, other])
        uow.deadlines.arm([_revision(silent, 1, 5), _revision(other, 1, 5), _revision(ad_hoc, 1, 5)])
        uow.deadlines.arm([_revision(late, 1, 5, 6, Outcome.MET), _revision(late, 2, 9)])
        uow.deadlines.arm(
            [_revision(moved, 1, 5, 1, Outcome.REARMED), _revision(moved, 2, 7, 6, Outcome.MET)]
        )
        found = uow.views.reports("zfzs-2020", "report", frozenset({"u1"}))

        told = {row.period: (row.due_at - NOW, row.submitted_at and row.submitted_at - NOW) for row in found}
        assert told == {
            "2020-01": (timedelta(days=5), None),
            "2020-02": (timedelta(days=5), timedelta(days=6)),
            "2020-03": (timedelta(days=7), timedelta(days=6)),
        }
        assert len(uow.views.reports("zfzs-2020", "report", frozenset({"u1"}), "monthly")) == 3
        assert uow.views.reports("zfzs-2020", "report", frozenset({"u9"})) == []
        assert uow.views.reports("zfzs-2020", "report", frozenset({"u1"}), "weekly") == []


def test_what_runs_under_a_version_comes_in_pages_by_number(begin, new_item):
    second = DefinitionRef("finding", 2)
    items = [new_item(n, definition=second if n == 3 else DefinitionRef("finding", 1)) for n in (1, 2, 3, 4)]
    with begin() as uow:
        uow.items.add([*reversed(items), new_item(9, campaign="other")])
        first = DefinitionRef("finding", 1)

        assert uow.items.under("zfzs-2020", first, "", 2) == items[:2]
        assert uow.items.under("zfzs-2020", first, items[1].number, 2) == [items[3]]
        assert uow.items.under("zfzs-2020", first, items[3].number, 2) == []
        assert uow.items.under("zfzs-2020", second, "", 9) == [items[2]]


def test_a_campaign_opens_items_under_the_version_that_was_pinned_last(begin):
    with begin() as uow:
        uow.campaigns.add(CAMPAIGN, NOW)
        uow.campaigns.pin(CAMPAIGN.id, DefinitionRef("finding", 2), NOW)
        uow.campaigns.pin(CAMPAIGN.id, DefinitionRef("finding", 3), NOW)
        uow.campaigns.pin("other", DefinitionRef("finding", 9), NOW)
        uow.commit()
    with begin(write=False) as uow:
        pinned = uow.campaigns.get(CAMPAIGN.id)
        assert pinned.definitions == {**CAMPAIGN.definitions, "finding": DefinitionRef("finding", 3)}
        assert replace(pinned, definitions=CAMPAIGN.definitions) == CAMPAIGN


def test_a_sound_database_says_nothing(begin):
    with begin(write=False) as uow:
        assert uow.views.integrity() == []


OVERRIDE = CalendarOverride(
    id="county",
    version=1,
    label="放假安排",
    source="通知",
    days=(SpecialDays(first=date(2020, 7, 1), last=date(2020, 7, 2), works=False, label="建县纪念日"),),
    covers=2021,
    hours=((540, 720), (840, 1020)),
    sha256="0" * 64,
)


def test_the_calendar_in_force_is_the_newest_that_was_loaded(begin):
    later = replace(OVERRIDE, version=2, days=())
    with begin() as uow:
        assert uow.calendars.newest() is None
        assert uow.calendar is uow.calendars.shipped()
        uow.calendars.add(OVERRIDE, NOW)
        uow.commit()
    with begin() as uow:
        assert not uow.calendar.works_on(date(2020, 7, 2))
        assert uow.calendar.id == "plain+county@1"
        assert uow.calendars.newest() == uow.calendars.find("county", 1) == OVERRIDE
        assert uow.calendars.find("county", 2) is None
        uow.calendars.add(later, NOW)
        uow.commit()
    with begin() as uow:
        assert uow.calendar.works_on(date(2020, 7, 2))
        assert uow.calendar.covered_until == date(2021, 12, 31)


def test_a_version_of_a_calendar_is_loaded_once(begin):
    with begin() as uow:
        uow.calendars.add(OVERRIDE, NOW)
        with pytest.raises(Conflict):
            uow.calendars.add(OVERRIDE, NOW)
