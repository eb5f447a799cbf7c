"""The inbox."""

from datetime import timedelta

import pytest

from engine.model.errors import Broken
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, ROSTER, a_notice

MAIL = ("mail",)


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


def test_notices_are_written_once(notices, item):
    assert notices.write([a_notice(item), a_notice(item, 2)], MAIL) == 2
    assert notices.write([a_notice(item, 2, kind="other")], MAIL) == 0
    assert notices.write([a_notice(item), a_notice(item, 3, clock="limit", revision=2)], MAIL) == 1

    assert list(notices.scan()) == [
        a_notice(item),
        a_notice(item, 2),
        a_notice(item, 3, clock="limit", revision=2),
    ]


def test_of_two_notices_with_one_key_the_first_is_written(notices, item):
    assert notices.write([a_notice(item), a_notice(item, kind="other")], MAIL) == 1

    assert notices.get(a_notice(item).key) == a_notice(item)


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


def test_only_the_recipient_marks_a_notice_as_read_and_once(notices, item):
    notices.write([a_notice(item, 1), a_notice(item, 2), a_notice(item, 3, BERT)], ())
    every = [a_notice(item, number).key for number in (1, 3, 9)]

    notices.mark_read(ANNA, every, NOW)
    notices.mark_read(ANNA, every, NOW + timedelta(hours=1))
    notices.mark_read(BERT, [a_notice(item, 2).key], NOW)

    assert [row.read_at for row in notices.rows(None, None, None, 9)] == [None, None, NOW]
    assert [notices.count_unread(who, 9) for who in (ANNA, BERT, "c" * 32)] == [1, 1, 0]


def test_what_is_not_read_is_counted_no_further_than_asked(notices, item):
    notices.write([a_notice(item, number) for number in range(3)], ())

    assert [notices.count_unread(ANNA, most) for most in (9, 3, 2)] == [3, 3, 2]


def test_every_notice_is_read_oldest_first(notices, item):
    notices.write([a_notice(item, 3), a_notice(item, 1), a_notice(item, 2, written_at=NOW)], ())

    assert keys(notices.scan()) == [2, 1, 3]
