"""The inbox and the outbox."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.model.errors import Broken
from engine.model.notice import DeliveryStatus
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, ROSTER, a_notice

MAIL = ("mail",)
FAR = datetime(2120, 1, 1, tzinfo=UTC)
SENT = {"status": DeliveryStatus.SENT, "attempts": 1, "sent_at": NOW}
AGAIN = {"status": DeliveryStatus.PENDING, "attempts": 1, "last_error": "忙"}


@pytest.fixture
def item(new_item):
    return new_item()


@pytest.fixture
def notices(begin, item):
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.items.add([item])
        yield uow.notices


def keys(rows):
    return [int(row.key, 16) for row in rows]


def claimed(notices, limit=9, channels=MAIL, seconds=60):
    return [
        (int(one.notice.key, 16), one.channel, one.token)
        for one in notices.claim("w", seconds, limit, channels)
    ]


def test_notices_are_written_once(notices, item):
    assert notices.write([a_notice(item), a_notice(item, 2)], MAIL) == 2
    assert notices.write([a_notice(item, 2, kind="other")], MAIL) == 0
    assert notices.write([a_notice(item), a_notice(item, 3)], MAIL) == 1

    assert list(notices.scan()) == [a_notice(item), a_notice(item, 2), a_notice(item, 3)]
    assert notices.count_deliveries() == {"pending": 3}


def test_of_two_notices_with_one_key_the_first_is_written(notices, item):
    assert notices.write([a_notice(item), a_notice(item, kind="other")], MAIL) == 1

    assert notices.get(a_notice(item).key) == a_notice(item)
    assert notices.count_deliveries() == {"pending": 1}


def test_one_notice_is_found_by_its_key(notices, item):
    notices.write([a_notice(item)], ())

    assert notices.get(a_notice(item).key) == a_notice(item)
    assert notices.get("f" * 64) is None


def test_what_is_stored_cannot_be_changed_from_outside(notices, item):
    facts = {"number": "ZG-2020-000001"}
    notices.write([a_notice(item, facts=facts)], MAIL)

    facts["number"] = "别的"

    assert notices.get(a_notice(item).key).facts == {"number": "ZG-2020-000001"}


def test_a_notice_goes_out_through_each_channel(notices, item):
    notices.write([a_notice(item)], ("mail", "file"))
    notices.write([a_notice(item, 2)], ())

    assert notices.count_deliveries() == {"pending": 2}
    assert [row.deliveries for row in notices.rows(None, None, None, 9)] == [
        {},
        {"file": "pending", "mail": "pending"},
    ]


def test_a_key_has_its_length(notices, item):
    with pytest.raises(Broken):
        notices.write([a_notice(item, key="1")], MAIL)


def test_a_notice_needs_its_item(begin, new_item):
    with begin() as uow:
        uow.notices.write([a_notice(new_item())], ())
        with pytest.raises(Broken):
            uow.commit()


def test_a_reader_is_told_number_and_name(notices, item):
    notices.write([a_notice(item), a_notice(item, 2, "c" * 32)], MAIL)
    unknown, known = notices.rows(None, None, None, 9)

    assert (known.recipient_name, unknown.recipient_name) == ("安", "")
    assert (known.key, known.kind, known.item, known.number) == (
        a_notice(item).key,
        "listed",
        item.id,
        item.number,
    )
    assert (known.written_at, known.facts) == (a_notice(item).written_at, a_notice(item).facts)


def test_notices_are_paged_newest_first(begin, new_item):
    one, two = new_item(1), new_item(2)
    with begin() as uow:
        uow.items.add([one, two])
        uow.notices.write([a_notice(one, n, written_at=NOW) for n in (2, 1)], ())
        uow.notices.write([a_notice(two, 3), a_notice(one, 4, BERT)], ())

        def page(recipient=None, item=None, after=None, limit=9):
            key = None if after is None else f"{after:064x}"
            return keys(uow.notices.rows(recipient, item and item.id, key, limit))

        assert page() == [4, 3, 2, 1]
        assert page(limit=2) == [4, 3]
        assert page(after=3, limit=1) == [2]
        assert page(after=2) == [1]
        assert page(after=1) == page(after=9) == []
        assert (page(ANNA), page(BERT), page("c" * 32)) == ([3, 2, 1], [4], [])
        assert (page(item=one), page(item=two)) == ([4, 2, 1], [3])
        assert page(ANNA, one, after=2) == [1]


def test_every_notice_is_read_oldest_first(notices, item):
    notices.write([a_notice(item, 3), a_notice(item, 1), a_notice(item, 2, written_at=NOW)], ())

    assert keys(notices.scan()) == [2, 1, 3]


def test_deliveries_are_leased_oldest_first_and_no_more_than_asked(notices, item):
    notices.write([a_notice(item, n) for n in (3, 2)], ("mail", "file"))
    notices.write([a_notice(item, 1, written_at=NOW + timedelta(seconds=2))], MAIL)

    assert claimed(notices, 3, ("mail", "file")) == [(1, "mail", 1), (2, "file", 1), (2, "mail", 1)]
    assert claimed(notices, 9, ("mail", "file")) == [(3, "file", 1), (3, "mail", 1)]


def test_a_lease_tells_all_that_a_channel_needs(notices, item):
    notices.write([a_notice(item)], MAIL)
    before = datetime.now(UTC) + timedelta(seconds=50)

    (leased,) = notices.claim("w", 60, 9, MAIL)

    assert leased.notice == a_notice(item)
    assert (leased.status, leased.attempts, leased.token) == (DeliveryStatus.LEASED, 0, 1)
    assert (leased.last_error, leased.sent_at) == (None, None)
    assert before < leased.not_before < before + timedelta(hours=1)
    assert notices.count_deliveries() == {"leased": 1}


def test_other_channels_and_none_are_left_alone(notices, item):
    notices.write([a_notice(item)], MAIL)

    assert claimed(notices, channels=("file",)) == claimed(notices, channels=()) == []
    assert notices.count_deliveries() == {"pending": 1}


def test_what_is_leased_is_left_alone_until_its_lease_runs_out(notices, item):
    notices.write([a_notice(item)], MAIL)

    assert claimed(notices, seconds=0) == [(1, "mail", 1)]
    assert claimed(notices, seconds=60) == [(1, "mail", 2)]
    assert claimed(notices) == []


def test_what_waits_is_left_alone_until_its_time(notices, item):
    notices.write([a_notice(item, 1), a_notice(item, 2)], MAIL)
    soon, later = notices.claim("w", 60, 9, MAIL)
    notices.settle([replace(soon, **AGAIN, not_before=NOW), replace(later, **AGAIN, not_before=FAR)])

    (again,) = notices.claim("w", 60, 9, MAIL)

    assert (again.notice, again.attempts, again.token) == (a_notice(item, 1), 1, 2)
    assert again.last_error == "忙"


@pytest.mark.parametrize("end", [SENT, {"status": DeliveryStatus.DEAD, "last_error": "不通"}])
def test_what_is_over_is_not_leased_again(notices, item, end):
    notices.write([a_notice(item)], MAIL)
    (leased,) = notices.claim("w", 0, 9, MAIL)

    assert notices.settle([replace(leased, **end)]) == 1
    assert claimed(notices) == []
    assert notices.count_deliveries() == {end["status"]: 1}


def test_a_stale_worker_settles_nothing(notices, item):
    notices.write([a_notice(item, n) for n in (1, 2)], MAIL)
    lost = notices.claim("w1", 0, 9, MAIL)
    held = notices.claim("w2", 60, 1, MAIL)

    assert notices.settle([replace(one, **SENT) for one in lost]) == 1
    assert notices.count_deliveries() == {"leased": 1, "sent": 1}
    assert notices.settle([replace(one, **SENT) for one in held]) == 1
    assert notices.settle([replace(one, **SENT) for one in (*lost, *held)]) == 0


def test_what_is_sent_has_its_instant(notices, item):
    notices.write([a_notice(item)], MAIL)
    (leased,) = notices.claim("w", 60, 9, MAIL)

    with pytest.raises(Broken):
        notices.settle([replace(leased, status=DeliveryStatus.SENT)])


def test_workers_at_the_same_moment_lease_different_deliveries(begin, item):
    with begin() as uow:
        uow.items.add([item])
        uow.notices.write([a_notice(item, n) for n in range(40)], MAIL)
        uow.commit()

    def work(name):
        with begin() as uow:
            leased = uow.notices.claim(f"w{name}", 60, 10, MAIL)
            uow.commit()
        return [one.notice.key for one in leased]

    with ThreadPoolExecutor(4) as pool:
        taken = [key for keys in pool.map(work, range(4)) for key in keys]

    assert len(taken) == len(set(taken)) == 40
