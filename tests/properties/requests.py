"""Whatever may be asked of a store: small worlds, and calls that often meet what is there and rarely break a rule."""

from collections import namedtuple
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from engine.model.actor import Grant
from engine.model.criticism import Mark, Verdict
from engine.model.deadline import Outcome, Raise
from engine.model.definition import Stage
from engine.model.heartbeat import Heartbeat
from engine.model.ids import DefinitionRef
from engine.model.item import Delegation, Item
from engine.model.notice import Delivery, DeliveryStatus, Lease, Wanted
from engine.model.transition import Evidence
from engine.model.views import DuePlace, ItemFilter
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, DAY, ROSTER, a_deadline, a_draft, a_firing, a_notice

IDS = [f"{number:032x}" for number in range(1, 5)]
NUMBERS = [f"ZG-2020-{number:06d}" for number in range(1, 5)]
KEYS = [f"{number:064x}" for number in range(1, 5)]
KINDS = [DefinitionRef("finding", 1), DefinitionRef("finding", 2), DefinitionRef("report", 1)]
PEOPLE = [ANNA, BERT, "c" * 32]
UNITS = ["u0", "u1", "u9"]
HELPERS = [(), ("u1",), ("u1", "u9"), ("u9",)]
"""The units that assist in each item, from its first day to its last."""
MANY = frozenset(map(str, range(20)))
HOURS = [timedelta(hours=number) for number in range(3)]
DAYS = [DAY, date(2020, 6, 15), date(2020, 8, 1)]
MONTH = "2020-05"
WORKERS = ["v" * 32, "w" * 32]
FAR = datetime(2120, 1, 1, tzinfo=NOW.tzinfo)
Named = namedtuple("Named", ["id", "number"], defaults=[NUMBERS[0]])
"""As much of an item as what is told about it needs."""


def some(values):
    return st.sampled_from(values)


def often_none(values):
    return st.one_of(st.none(), st.none(), some(values))


def rarely(value, values):
    return st.integers(0, 19).flatmap(lambda number: st.just(value) if number == 7 else some(values))


def few(values, key=None):
    return st.lists(values, max_size=3, unique_by=key)


def call(repository, method, *arguments):
    return st.tuples(st.just((repository, method)), st.tuples(*arguments))


ANY, THERE = st.integers(1, 4), st.integers(1, 3)
"""Item 4 is not there from the beginning."""
LATER = some([NOW + hours for hours in HOURS])
CHANNELS = some([(), ("mail",), ("mail", "file")])


@st.composite
def items(draw, number, version, duty):
    its, closed = draw(number), draw(some([False, False, True]))
    return Item(
        id=IDS[its - 1],
        number=draw(rarely(NUMBERS[0], [NUMBERS[its - 1]])),
        definition=draw(some(KINDS)),
        campaign="sample",
        unit=draw(some(UNITS)),
        title=f"{its}号",
        state="found",
        stage=Stage.CLOSED if closed else Stage.FINDING,
        version=draw(version),
        head=bytes(32),
        opened_at=NOW,
        entered_at=NOW,
        opener=draw(some(PEOPLE)),
        closed_at=NOW if closed else None,
        owner=draw(often_none(PEOPLE)),
        reviewer=draw(often_none(PEOPLE)),
        assisting=HELPERS[its - 1],
        delegation=draw(often_none([Delegation(person, DAY) for person in PEOPLE])),
        parent=draw(often_none(IDS)),
        duty=draw(duty),
        period=draw(often_none([MONTH])),
    )


@st.composite
def deadlines(draw, number):
    is_over, is_silent = draw(some([False, False, True])), draw(some([False, False, True]))
    return a_deadline(
        Named(IDS[draw(number) - 1]),
        draw(some([1, 2])),
        clock=draw(some(["limit", "other"])),
        due_at=draw(LATER),
        next_rung=None if is_silent else "near",
        next_at=None if is_silent else draw(LATER),
        outcome=Outcome.MET if is_over else None,
        ended_at=NOW if is_over else None,
    )


@st.composite
def notices(draw, number):
    item = Named(IDS[draw(number) - 1])
    clock, revision = draw(often_none([("limit", 1), ("other", 2)])) or (None, None)
    told = {"written_at": draw(LATER), "clock": clock, "revision": revision}
    return a_notice(item, draw(ANY), draw(some(PEOPLE)), **told)


@st.composite
def results(draw):
    status = draw(some([DeliveryStatus.SENT, DeliveryStatus.DEAD, DeliveryStatus.PENDING]))
    return Delivery(
        notice=draw(notices(THERE)),
        channel=draw(some(["mail", "file"])),
        status=status,
        attempts=1,
        token=draw(some([1, 1, 2])),
        not_before=draw(some([NOW, FAR])),
        letter=draw(often_none(["l", "m"])),
        sent_at=NOW if status is DeliveryStatus.SENT else None,
    )


def revision_of(one):
    return one.item, one.clock, one.revision


MOVED = st.lists(
    items(ANY, rarely(0, [2, 2, 2, 3]), often_none(["1"])),
    min_size=1,
    max_size=2,
    unique_by=lambda one: one.id,
)
CHANGED = few(deadlines(THERE), revision_of)
FIRED = few(
    st.builds(
        lambda item, clock, rung, at: a_firing(Named(item), rung, clock=clock, fired_at=at),
        some(IDS[:3]),
        some(["limit", "other"]),
        some(["near", "late"]),
        LATER,
    ),
    lambda one: (*revision_of(one), one.rung),
)
GRANTS = st.builds(
    Grant,
    person=some(PEOPLE),
    post=some(["p0", "p1", "p9"]),
    from_on=some([DAY, date(2020, 6, 1)]),
    until_on=often_none([date(2020, 7, 1)]),
    on_behalf_of=often_none(PEOPLE),
)
PIECES = few(
    st.builds(
        Evidence,
        sha256=some(["0" * 64, "1" * 64]),
        name=some(["甲", "乙"]),
        size=rarely(-1, [0, 3]),
        made_on=often_none([DAY]),
    )
)
REPLIES = few(st.tuples(some(PEOPLE), rarely("", ["k", "l"]), some(["h"]), some(["{}", "[]"])))
LEASES = st.builds(
    lambda at, seconds: Lease(worker="w", at=at, until=at + timedelta(seconds=seconds)),
    LATER,
    some([0, 3600]),
)
WANTED = st.builds(
    lambda recipient, letter, **given: Wanted(
        **given, recipient=recipient, letter=letter if recipient is not None else None
    ),
    channel=some(["mail", "file"]),
    limit=st.integers(1, 3),
    written_before=some([NOW, FAR, FAR]),
    urgent=some([frozenset(), frozenset({"listed"})]),
    recipient=often_none(PEOPLE),
    letter=often_none(["l", "m"]),
)
MARKS = st.builds(
    lambda verdict, **given: Mark(**given, verdict=verdict, decided_at=verdict and NOW),
    item=some(IDS[:3]),
    cause=some(["late", "red"]),
    label=some(["甲", "乙"]),
    marked_at=LATER,
    verdict=often_none([Verdict.ISSUED]),
)
BEATS = st.builds(
    Heartbeat,
    worker=some(WORKERS),
    at=LATER,
    place=some(["甲", "乙"]),
    started_at=st.just(NOW),
    fired=some([0, 3]),
)
WRITES = st.one_of(
    call("items", "add", st.lists(items(ANY, st.just(1), st.none()), max_size=1)),
    *[call("items", "replace", MOVED)] * 3,
    call("items", "rehead", MOVED),
    call("items", "allot_numbers", some(["ZG", "BS"]), some([2020, 2021]), st.integers(1, 3)),
    call("history", "append", few(st.builds(a_draft, often_none(IDS))), LATER),
    call("deadlines", "arm", few(deadlines(ANY), revision_of)),
    call("deadlines", "end", CHANGED),
    call("deadlines", "advance", CHANGED),
    call("deadlines", "claim", FIRED),
    call("notices", "write", few(notices(ANY)), CHANNELS),
    call("notices", "mark_read", some(PEOPLE), few(some(KEYS)), LATER),
    *[call("deliveries", "claim", LEASES, WANTED)] * 3,
    *[call("deliveries", "settle", few(results()))] * 2,
    call("deliveries", "revive", few(results())),
    call("deliveries", "hasten", LATER, LATER),
    call("workers", "beat", BEATS),
    call("workers", "leave", some(WORKERS)),
    call("workers", "forget", LATER),
    call(
        "levels", "claim", few(st.builds(Raise, item=some(IDS), level=some(["red", "blue"]), raised_at=LATER))
    ),
    call("criticisms", "mark", few(MARKS)),
    call(
        "criticisms",
        "decide",
        st.lists(MARKS, min_size=1, max_size=2, unique_by=lambda one: (one.item, one.cause)),
    ),
    call("people", "grant", GRANTS),
    call("replies", "keep", REPLIES, LATER),
    call("evidence", "add", some(IDS), PIECES, some(PEOPLE), LATER),
)
NARROWED = {
    "ids": often_none([tuple(IDS[:2]), ()]),
    "kind": often_none(["finding"]),
    "stage": often_none([Stage.FINDING]),
    "unit": often_none(UNITS),
    "owner": often_none(PEOPLE),
    "opener": often_none(PEOPLE),
    "reviewer": often_none(PEOPLE),
    "delegate": often_none(PEOPLE),
    "overdue_at": often_none([NOW + hours for hours in HOURS]),
    "own": some([frozenset(), frozenset(PEOPLE[:1]), frozenset(PEOPLE[:2])]),
    "assisted": often_none([frozenset({"u1"}), frozenset()]),
    "title": often_none(["1", "号", "%"]),
    "after": often_none(NUMBERS),
    "to": often_none(NUMBERS),
    "newest_first": st.booleans(),
    "limit": some([1, 2, 50]),
}
SOME_SCOPE = often_none([frozenset(), frozenset({"u1"}), frozenset(UNITS), MANY])
FILTERS = st.builds(ItemFilter, **NARROWED, units=SOME_SCOPE)
WALKED = st.builds(ItemFilter, **NARROWED, units=often_none([MANY]))
"""Lists that are walked in one go: of several parts an edge lies somewhere behind the place asked for."""
PLACES = often_none([DuePlace(NOW + hours, item) for hours in HOURS for item in IDS[:2]])
SAMPLE, SOME_KIND, SOME_UNITS, SIZE = (
    st.just("sample"),
    some(["finding", "report"]),
    few(some(UNITS)),
    some([1, 2, 9]),
)
READS = (
    call("items", "get", few(some(IDS))),
    call("items", "by_numbers", few(some(NUMBERS))),
    call("items", "children", some(IDS)),
    call("items", "count_open_children", some(IDS)),
    call("items", "of_campaign", SAMPLE, SOME_KIND),
    call("items", "under", SAMPLE, some(KINDS), some(["", *NUMBERS]), SIZE),
    call("items", "units_with", SAMPLE, SOME_KIND, often_none(["1"]), often_none(["", MONTH])),
    call("items", "count_by_period", SAMPLE, SOME_KIND),
    call("items", "of_plan", SAMPLE, SOME_KIND, st.just("1"), some(UNITS), some(["", MONTH])),
    call("history", "of_item", some(IDS)),
    call("history", "by_actor", some(PEOPLE), often_none([1, 2]), SIZE),
    call("history", "newest", some(["open", "close"])),
    call("history", "scan", some([0, 2])),
    call("history", "hashes", st.just(0), some([0, 1]), SIZE),
    call("deadlines", "open_of", few(some(IDS))),
    call("deadlines", "latest_of", few(some(IDS))),
    call("deadlines", "revisions_of", few(some(IDS))),
    call("deadlines", "fired_on", few(some(IDS))),
    call("deadlines", "of_item", some(IDS)),
    call("deadlines", "due", LATER, SIZE),
    call("deadlines", "running", some(["", *IDS]), SIZE),
    call("deadlines", "scan"),
    call("deadlines", "scan_firings"),
    call("deadlines", "next_at"),
    call("notices", "rows", often_none(PEOPLE), often_none(IDS), often_none([*KEYS, "f" * 64]), SIZE),
    call("notices", "count_unread", some(PEOPLE), SIZE),
    call("deliveries", "count"),
    call("deliveries", "given_up", st.tuples(some(["", *KEYS]), some(["", "file", "mail"])), SIZE),
    call("workers", "seen"),
    call("deliveries", "backlog"),
    call("deliveries", "causes", few(some(KEYS))),
    call("levels", "raised_on", few(some(IDS))),
    call("levels", "scan"),
    call("criticisms", "of_item", some(IDS)),
    call("criticisms", "waiting", SOME_UNITS.map(frozenset), often_none(NUMBERS), SIZE),
    call("criticisms", "issued", SOME_UNITS.map(frozenset), SIZE),
    call("criticisms", "scan"),
    call("checkpoints", "phase_moved_since", some([0, 1])),
    call("people", "actor", some(PEOPLE), some(DAYS)),
    call("people", "holders", some(["office", "officer"]), few(some(UNITS)), some(DAYS)),
    call("people", "members", SOME_UNITS, some(DAYS), SIZE),
    call("people", "roles_from", some(PEOPLE), some(DAYS)),
    call("replies", "find", few(st.tuples(some(PEOPLE), some(["k", "l"])))),
    call("evidence", "of_item", some(IDS)),
    *[call("views", "items", FILTERS)] * 6,
    *[call("views", "soonest", FILTERS, PLACES)] * 2,
    call("views", "edge", WALKED, some([0, 1, 2])),
    call("views", "due", FILTERS, LATER),
    call("views", "reports", SAMPLE, some(["limit", "other"]), SOME_UNITS.map(frozenset), often_none(["1"])),
    call("views", "stage_counts", SAMPLE),
    call("views", "state_counts"),
    call("views", "holdings", SAMPLE, LATER),
    call("dump", "rows", some(["entry", "item", "deadline", "firing", "holding", "post_role", "evidence"])),
    call("views", "open_items", SAMPLE, SOME_UNITS.map(frozenset), SIZE),
    call("views", "urgent_items", SAMPLE, SOME_UNITS.map(frozenset), SIZE),
)


@st.composite
def beginnings(draw):
    """The calls that make a small world: people, three items, and a little of everything about them."""
    new = [draw(items(st.just(n), st.just(1), st.just("1" if n == 1 else None))) for n in (1, 2, 3)]
    armed = draw(
        st.lists(deadlines(THERE), min_size=1, max_size=4, unique_by=lambda one: (one.item, one.clock))
    )
    return [
        (("people", "add"), (ROSTER,)),
        (("items", "add"), (new,)),
        (("deadlines", "arm"), (armed,)),
        (("notices", "write"), (draw(st.lists(notices(THERE), min_size=1, max_size=4)), draw(CHANNELS))),
    ]


PAGES = st.tuples(*READS)
STEPS = st.lists(st.one_of(WRITES, WRITES, WRITES, st.one_of(READS)), min_size=2, max_size=5)
HISTORIES = st.builds(
    lambda beginning, rest: [beginning, *rest],
    st.tuples(beginnings(), st.just(True), PAGES),
    st.lists(st.tuples(STEPS, some([True, True, True, False]), PAGES), min_size=1, max_size=3),
)
"""Units of work: what is asked in each, whether it is committed, and what a reader asks afterwards."""
