"""What becomes of a delivery after each thing that can happen to it: every field, not only the status."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from engine.model.deadline import Outcome
from engine.model.errors import Broken, InDoubt, Invalid, NotFound, Unavailable
from engine.model.ids import ItemId
from engine.model.notice import Cause, Delivery, DeliveryStatus, Notice
from engine.rules.sending import FIRST_WAIT, LEASE, LONGEST_WAIT
from engine.rules.settling import (
    MOST_ATTEMPTS,
    given_back,
    letter_of,
    not_sent,
    over,
    revived,
    sent,
    taken,
    withdrawn,
)
from tests.builders import a_person

NOW = datetime(2020, 6, 1, 1, tzinfo=UTC)
CLAIMED = NOW - timedelta(seconds=5)
TICK = timedelta(microseconds=1)
NOTICE = Notice(
    key="1" * 64, kind="listed", item=ItemId("a" * 32), recipient=a_person(1), facts={}, written_at=NOW
)
LEASED = Delivery(
    notice=NOTICE,
    channel="mail",
    status=DeliveryStatus.LEASED,
    attempts=1,
    token=3,
    not_before=CLAIMED + LEASE,
    letter="2" * 64,
    last_error="上次",
)
REFUSED = Invalid("不能发送", ())


def changed(was: Delivery, status: DeliveryStatus, **fields: Any) -> Delivery:
    return replace(was, status=status, **fields)


def test_a_letter_of_one_is_named_after_its_notice_and_of_several_after_all_of_theirs():
    other = replace(LEASED, notice=replace(NOTICE, key="0" * 64))
    key = sha256(f'["letter","{"0" * 64}","{"1" * 64}"]'.encode()).hexdigest()

    assert letter_of([LEASED]) == NOTICE.key
    assert letter_of([LEASED, other]) == letter_of([other, LEASED]) == key


def test_a_try_is_counted_before_it_is_made():
    pending = replace(LEASED, status=DeliveryStatus.PENDING, attempts=2, letter=None)

    assert taken(pending, "x") == changed(pending, DeliveryStatus.LEASED, attempts=3, letter="x")


def test_what_nobody_tried_is_free_from_when_it_was_claimed():
    assert given_back(LEASED) == changed(LEASED, DeliveryStatus.PENDING, not_before=CLAIMED)


def test_what_was_sent_keeps_the_remark_of_its_channel():
    assert sent(LEASED, NOW) == changed(LEASED, DeliveryStatus.SENT, sent_at=NOW, last_error=None)
    assert sent(LEASED, NOW, "部分").last_error == "部分"


@pytest.mark.parametrize(
    ("outcome", "why"),
    [
        (Outcome.MET, "时限内已办理"),
        (Outcome.REARMED, "时限已重新起算"),
        (Outcome.SUSPENDED, "时限已中止"),
        (None, None),
    ],
)
def test_what_spoke_of_a_limit_is_over_once_that_has_ended_after_it_was_written(
    outcome: Outcome | None, why: str | None
):
    def ended(at: datetime | None) -> str | None:
        return over(LEASED, Cause(outcome=outcome, ended_at=at, closed_at=None))

    assert ended(NOW + TICK) == why
    assert ended(NOW) is None
    assert ended(None) is None


def test_anything_is_over_once_its_item_was_closed_after_it_was_written():
    def closed(at: datetime | None) -> str | None:
        return over(LEASED, Cause(outcome=None, ended_at=None, closed_at=at))

    assert closed(NOW + TICK) == "事项已办结"
    assert closed(NOW) is None
    assert closed(None) is None
    met = Cause(outcome=Outcome.MET, ended_at=NOW, closed_at=NOW + TICK)
    assert over(LEASED, met) == "事项已办结"


def test_what_was_over_never_leaves_and_says_why():
    assert withdrawn(LEASED, "了结") == changed(LEASED, DeliveryStatus.WITHDRAWN, last_error="了结")


def test_what_a_person_asks_for_again_begins_anew_and_alone():
    dead = replace(LEASED, status=DeliveryStatus.DEAD, attempts=5)

    assert revived(dead, NOW) == changed(
        dead, DeliveryStatus.PENDING, attempts=0, not_before=NOW, letter=NOTICE.key
    )


def test_only_what_is_refused_alone_is_given_up():
    said = "Invalid: 不能发送"

    assert not_sent(LEASED, REFUSED, 0.5, alone=True) == changed(LEASED, DeliveryStatus.DEAD, last_error=said)
    assert not_sent(LEASED, REFUSED, 0.5, alone=False) == changed(
        LEASED, DeliveryStatus.PENDING, not_before=CLAIMED, last_error=said, letter=NOTICE.key
    )


@pytest.mark.parametrize(
    ("error", "wait"), [(NotFound("没有模板"), LONGEST_WAIT / 2), (Unavailable("连不上"), timedelta())]
)
def test_what_is_not_the_fault_of_the_notice_does_not_count(error: Exception, wait: timedelta):
    said = f"{type(error).__name__}: {error}"
    back = {"not_before": CLAIMED + wait, "last_error": said}
    tried = replace(LEASED, attempts=MOST_ATTEMPTS)

    assert not_sent(LEASED, error, 0.5, alone=True) == changed(
        LEASED, DeliveryStatus.PENDING, attempts=0, letter=None, **back
    )
    assert not_sent(tried, error, 0.5, alone=False) == changed(
        tried, DeliveryStatus.PENDING, attempts=MOST_ATTEMPTS - 1, **back
    )


@pytest.mark.parametrize("error", [InDoubt("没有答复"), RuntimeError("没有答复")])
def test_what_may_have_left_counts_and_is_given_up_after_five_tries(error: Exception):
    said = f"{type(error).__name__}: 没有答复"

    for tries in range(1, 5):
        tried = replace(LEASED, attempts=tries)
        wait = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT) / 2
        assert not_sent(tried, error, 0.5, alone=True) == changed(
            tried, DeliveryStatus.PENDING, not_before=CLAIMED + wait, last_error=said
        )
    for tries in (5, 7):
        tried = replace(LEASED, attempts=tries)
        assert not_sent(tried, error, 0.5, alone=False) == changed(
            tried, DeliveryStatus.DEAD, attempts=5, last_error=said
        )


def test_what_is_in_nobodys_hands_cannot_have_been_tried():
    gone = replace(LEASED, status=DeliveryStatus.SENT)

    for change in (
        lambda: taken(gone, "x"),
        lambda: given_back(gone),
        lambda: sent(gone, NOW),
        lambda: withdrawn(gone, "x"),
        lambda: revived(gone, NOW),
        lambda: not_sent(gone, REFUSED, 0.5, alone=True),
        lambda: not_sent(gone, REFUSED, 0.5, alone=False),
        lambda: not_sent(replace(gone, attempts=9), RuntimeError(), 0.5, alone=False),
    ):
        with pytest.raises(Broken):
            change()
