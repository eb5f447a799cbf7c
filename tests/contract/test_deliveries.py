"""The outbox: what has to leave, and what became of it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.deadline import Outcome
from engine.model.definition import Stage
from engine.model.errors import Broken
from engine.model.notice import Backlog, Cause, DeliveryStatus, Lease, Wanted
from engine.rules.sending import EVER
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, a_deadline, a_notice

SECOND = timedelta(seconds=1)
SENT = {"status": DeliveryStatus.SENT, "attempts": 1, "sent_at": NOW}
DEAD = {"status": DeliveryStatus.DEAD, "last_error": "没有这个信箱"}
AGAIN = {"status": DeliveryStatus.PENDING, "attempts": 1, "last_error": "忙", "letter": "l"}


@pytest.fixture
def items(new_item):
    return [new_item(1), new_item(2, stage=Stage.CLOSED, closed_at=NOW)]


@pytest.fixture
def uow(begin, items):
    with begin() as opened:
        opened.items.add(items)
        yield opened


@pytest.fixture
def tell(uow, items):
    """Write one notice of each number."""

    def write(*numbers, channels=("mail",), **changes):
        uow.notices.write([a_notice(items[0], number, **changes) for number in numbers], channels)

    return write


def claimed(uow, at=NOW + timedelta(hours=1), seconds=60, **wanted):
    given = {"channel": "mail", "limit": 9, "written_before": EVER} | wanted
    lease = Lease(worker="w", at=at, until=at + seconds * SECOND)
    return uow.deliveries.claim(lease, Wanted(**given))


def numbers(deliveries):
    return [int(one.notice.key, 16) for one in deliveries]


def test_a_notice_goes_out_through_each_channel(uow, tell):
    tell(1, channels=("mail", "file"))
    tell(2, channels=())

    assert uow.deliveries.count() == {"pending": 2}
    assert [row.deliveries for row in uow.notices.rows(None, None, None, 9)] == [
        {},
        {"file": "pending", "mail": "pending"},
    ]


def test_a_notice_that_is_there_is_not_sent_again(uow, tell):
    tell(1)
    tell(1, 2)

    assert uow.deliveries.count() == {"pending": 2}


def test_deliveries_are_leased_longest_waiting_first_and_no_more_than_asked(uow, tell):
    tell(3, 2, written_at=NOW)
    tell(1, written_at=NOW + SECOND)

    assert numbers(claimed(uow, limit=2)) == [2, 3]
    assert numbers(claimed(uow, limit=2)) == [1]
    assert claimed(uow, limit=2) == []


def test_a_lease_tells_all_that_a_channel_needs(uow, items, tell):
    tell(1, clock="limit", revision=2)
    at = NOW + timedelta(hours=1)

    (leased,) = claimed(uow, at)

    assert leased.notice == a_notice(items[0], 1, clock="limit", revision=2)
    assert (leased.channel, leased.status, leased.attempts) == ("mail", DeliveryStatus.LEASED, 0)
    assert (leased.token, leased.not_before) == (1, at + 60 * SECOND)
    assert (leased.letter, leased.last_error, leased.sent_at) == (None, None, None)
    assert uow.deliveries.count() == {"leased": 1}


@pytest.mark.parametrize(
    "store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)
def test_the_row_names_the_worker_until_it_is_settled(uow, tell):
    def workers():
        return [worker for (worker,) in uow._session.plain("SELECT worker FROM delivery ORDER BY notice")]

    tell(1, 2)
    (leased,) = claimed(uow, limit=1)
    assert workers() == ["w", None]

    uow.deliveries.settle([replace(leased, **SENT)])
    assert workers() == [None, None]


def test_other_channels_are_left_alone(uow, tell):
    tell(1)

    assert claimed(uow, channel="file") == []
    assert uow.deliveries.count() == {"pending": 1}


def test_what_is_not_written_yet_by_the_clock_of_the_lease_waits(uow, tell):
    tell(5)

    assert claimed(uow, NOW + 4 * SECOND) == []
    assert numbers(claimed(uow, NOW + 5 * SECOND)) == [5]


def test_what_is_leased_is_left_alone_until_its_lease_runs_out(uow, tell):
    tell(1)
    at = NOW + timedelta(hours=1)

    assert [one.token for one in claimed(uow, at)] == [1]
    assert claimed(uow, at + 59 * SECOND) == []
    assert [one.token for one in claimed(uow, at + 60 * SECOND)] == [2]


def test_what_waits_is_left_alone_until_its_time(uow, tell):
    tell(1, 2)
    soon, later = claimed(uow)
    uow.deliveries.settle([replace(soon, **AGAIN, not_before=NOW), replace(later, **AGAIN, not_before=EVER)])

    (again,) = claimed(uow)

    assert (again.notice, again.attempts, again.token) == (soon.notice, 1, 2)
    assert (again.letter, again.last_error) == ("l", "忙")


@pytest.mark.parametrize("end", [SENT, {"status": DeliveryStatus.DEAD}, {"status": DeliveryStatus.WITHDRAWN}])
def test_what_is_over_is_not_leased_again(uow, tell, end):
    tell(1)
    (leased,) = claimed(uow, seconds=0)

    assert uow.deliveries.settle([replace(leased, **end)]) == 1
    assert claimed(uow) == []
    assert uow.deliveries.count() == {end["status"]: 1}


def test_a_stale_worker_settles_nothing(uow, tell):
    tell(1, 2)
    lost = claimed(uow, seconds=0)
    held = claimed(uow, limit=1)

    assert uow.deliveries.settle([replace(one, **SENT) for one in lost]) == 1
    assert uow.deliveries.count() == {"leased": 1, "sent": 1}
    assert uow.deliveries.settle([replace(one, **SENT) for one in held]) == 1
    assert uow.deliveries.settle([replace(one, **SENT) for one in (*lost, *held)]) == 0
    assert uow.deliveries.settle([]) == 0


@pytest.mark.parametrize("half", [{"status": DeliveryStatus.SENT}, {"sent_at": NOW}])
def test_what_is_sent_has_its_instant(uow, tell, half):
    tell(1)
    (leased,) = claimed(uow)

    with pytest.raises(Broken):
        uow.deliveries.settle([replace(leased, **half)])


def test_what_may_not_leave_yet_is_passed_over_unless_it_is_urgent(uow, tell):
    tell(1, 3)
    tell(2, kind="overdue")

    assert numbers(claimed(uow, written_before=NOW + 2 * SECOND, urgent=frozenset({"overdue"}))) == [1, 2]
    assert claimed(uow, written_before=NOW + 3 * SECOND) == []
    assert numbers(claimed(uow, written_before=NOW + 4 * SECOND)) == [3]


def test_a_letter_takes_what_waits_for_its_reader_and_is_in_no_other(uow, tell):
    tell(1, 2, 3)
    tell(4, recipient=BERT)
    (head,) = claimed(uow, limit=1)
    mates = claimed(uow, recipient=ANNA)
    assert numbers(mates) == [2, 3]

    uow.deliveries.settle([replace(one, **AGAIN, not_before=NOW) for one in (head, mates[0])])

    assert claimed(uow, recipient=ANNA) == []
    assert claimed(uow, recipient=BERT, letter="l") == claimed(uow, recipient=ANNA, letter="m") == []
    assert numbers(claimed(uow, recipient=ANNA, letter="l")) == [1, 2]
    assert numbers(claimed(uow)) == [4]


def test_what_was_tried_alone_joins_no_letter(uow, tell):
    tell(1, 2)
    (first,) = claimed(uow, limit=1)
    uow.deliveries.settle([replace(first, **(AGAIN | {"letter": None}), not_before=NOW)])

    assert numbers(claimed(uow, recipient=ANNA)) == [2]


@pytest.fixture
def given_up(uow, tell):
    """Four deliveries, of which three were given up, in their order."""
    tell(1, 3, channels=("mail", "file"))
    leased = [*claimed(uow), *claimed(uow, channel="file")]
    sent = leased.pop(0)
    uow.deliveries.settle([replace(one, **DEAD) for one in leased] + [replace(sent, **SENT)])
    tell(2)
    return sorted((replace(one, **DEAD) for one in leased), key=lambda one: (numbers([one]), one.channel))


def test_what_was_given_up_comes_in_pages_by_notice_and_channel(uow, given_up):
    assert [(*numbers([one]), one.channel) for one in given_up] == [(1, "file"), (3, "file"), (3, "mail")]
    assert uow.deliveries.given_up(("", ""), 9) == given_up
    assert uow.deliveries.given_up(("", ""), 2) == given_up[:2]
    assert uow.deliveries.given_up((given_up[1].notice.key, "file"), 9) == given_up[2:]
    assert uow.deliveries.given_up((given_up[2].notice.key, "mail"), 9) == []


def test_what_was_given_up_waits_again_as_it_is_given(uow, given_up):
    first, *others = given_up
    anew = replace(first, status=DeliveryStatus.PENDING, attempts=0, not_before=NOW, letter="l", token=7)

    assert uow.deliveries.revive([anew]) == 1
    assert uow.deliveries.given_up(("", ""), 9) == others
    (leased,) = claimed(uow, channel="file")
    assert leased == replace(
        anew, status=DeliveryStatus.LEASED, token=first.token + 1, not_before=leased.not_before
    )


def test_only_what_still_is_given_up_is_revived(uow, given_up):
    waiting = [replace(one, status=DeliveryStatus.PENDING) for one in given_up]

    assert uow.deliveries.revive(waiting[:1]) == 1
    assert uow.deliveries.revive(waiting) == 2
    assert uow.deliveries.revive(waiting) == uow.deliveries.revive([]) == 0
    assert uow.deliveries.count() == {"pending": 4, "sent": 1}


def test_what_waits_or_is_under_way_too_long_is_hastened_and_the_rest_left_alone(uow, tell):
    beyond, later = NOW + timedelta(hours=6), NOW + timedelta(days=3650)
    tell(1)
    (over,) = claimed(uow)
    uow.deliveries.settle([replace(over, status=DeliveryStatus.DEAD, not_before=later)])
    tell(2)
    tell(3, 4, written_at=later)
    (under_way,) = claimed(uow, later, limit=1)
    tell(5, written_at=beyond)

    assert numbers([under_way]) == [2]
    assert uow.deliveries.hasten(beyond, NOW) == 3
    assert uow.deliveries.hasten(beyond, NOW) == 0
    assert numbers(claimed(uow, NOW)) == [2, 3, 4]


def test_what_has_become_of_a_limit_and_of_an_item_is_told(uow, items):
    uow.deadlines.arm([a_deadline(items[0], outcome=Outcome.MET, ended_at=NOW), a_deadline(items[0], 2)])
    uow.deadlines.arm([a_deadline(items[1], n, outcome=Outcome.REARMED, ended_at=NOW) for n in (1, 2)])
    told = [
        a_notice(items[0], 1, clock="limit", revision=1),
        a_notice(items[0], 2, clock="limit", revision=2),
        a_notice(items[0], 3),
        a_notice(items[1], 4, clock="gone", revision=1),
    ]
    uow.notices.write(told, ())

    nothing = Cause(outcome=None, ended_at=None, closed_at=None)
    assert uow.deliveries.causes([*(one.key for one in told), "f" * 64]) == {
        told[0].key: Cause(outcome=Outcome.MET, ended_at=NOW, closed_at=None),
        told[1].key: nothing,
        told[2].key: nothing,
        told[3].key: replace(nothing, closed_at=NOW),
    }
    assert uow.deliveries.causes([]) == {}


def test_the_backlog_is_told_by_channel_and_status(uow, tell):
    tell(1, 2, channels=("mail", "file"))
    tell(3, 4)
    sent, dead, leased = claimed(uow, limit=3)
    uow.deliveries.settle([replace(sent, **SENT), replace(dead, status=DeliveryStatus.DEAD)])

    def backlog(channel, status, count, oldest):
        return Backlog(channel=channel, status=DeliveryStatus(status), count=count, oldest=oldest)

    assert uow.deliveries.backlog() == [
        backlog("file", "pending", 2, NOW + SECOND),
        backlog("mail", "dead", 1, dead.not_before),
        backlog("mail", "leased", 1, leased.not_before),
        backlog("mail", "pending", 1, NOW + 4 * SECOND),
    ]


def test_workers_at_the_same_moment_lease_different_deliveries(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.notices.write([a_notice(new_item(), number) for number in range(40)], ("mail",))
        uow.commit()

    def work(_):
        with begin() as uow:
            leased = claimed(uow, limit=10)
            uow.commit()
        return numbers(leased)

    with ThreadPoolExecutor(4) as pool:
        taken = [number for numbers in pool.map(work, range(4)) for number in numbers]

    assert sorted(taken) == list(range(40))


@pytest.mark.postgres
def test_a_worker_passes_over_what_another_holds_and_keeps_no_other_channel_waiting(postgresql, new_item):
    with postgresql.begin() as uow:
        uow.items.add([new_item()])
        uow.notices.write([a_notice(new_item(), number) for number in (1, 2)], ("mail", "file"))
        uow.commit()

    with postgresql.begin() as one, postgresql.begin() as other:
        assert numbers(claimed(one, limit=1)) == [1]
        assert numbers(claimed(other)) == [2]
        assert numbers(claimed(other, channel="file")) == [1, 2]
