"""What waits together leaves together, in the hours of the channel, and what is over never leaves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.model.calendar import LOCAL, Calendar
from engine.model.channel import Digest, Manner
from engine.model.errors import InDoubt, Invalid, NotFound, Unavailable
from engine.model.ids import ItemId, PersonId
from engine.model.item import NewItem
from engine.model.notice import DeliveryStatus
from engine.model.transition import Attempt
from engine.rules.settling import MOST_ATTEMPTS
from engine.usecases.deliver import Letter
from engine.usecases.items import move_item, open_items
from engine.usecases.sweep import sweep
from storage.unit_of_work import SqlUnitOfWork
from tests.bench.stage import LISTING
from tests.builders import NOON, UNIT
from tests.integration import house as house_module
from tests.integration.house import House, definitions, person_in
from tests.integration.test_delivery import Box, Outbox, titles_of

TOGETHER = Manner(digest=Digest.TOGETHER)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def letters(box: Box) -> list[list[str]]:
    return [titles_of(letter) for letter in box.sent]


def test_what_waits_for_one_person_leaves_as_one_letter(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")
    outbox.tell("丁", "戊", recipient=person_in("head"))
    box = Box(manner=TOGETHER)

    settled = outbox.deliver(box)

    assert sorted(letters(box)) == [["丁", "戊"], ["甲", "乙", "丙"]]
    assert {one.status for one in settled} == {DeliveryStatus.SENT}
    assert len({row["letter"] for row in outbox.rows()}) == 2


def test_the_key_of_a_letter_is_made_of_its_notices_and_of_a_single_one_is_its_own(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    outbox.tell("丙", recipient=person_in("head"))
    box = Box(manner=TOGETHER)

    outbox.deliver(box)

    keys = {tuple(titles_of(letter)): letter.key for letter in box.sent}
    assert len(keys["甲", "乙"]) == 64
    assert keys["甲", "乙"] not in {row["notice"] for row in outbox.rows()}
    assert keys[("丙",)] == outbox.notice("丙", 0, recipient=person_in("head")).key


def test_one_letter_counts_once_against_the_limit(outbox: Outbox) -> None:
    outbox.tell(*(f"第{number}件" for number in range(30)))
    box = Box(manner=replace(TOGETHER, per_minute=1))

    outbox.deliver(box)

    assert [len(letter.deliveries) for letter in box.sent] == [30]


def test_a_letter_in_doubt_goes_again_as_it_was_whatever_has_come_since(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    tried: list[Letter] = []

    class Doubtful(Box):
        def send(self, letter: Letter) -> None:
            tried.append(letter)
            if len(tried) < 3:
                raise InDoubt("没有答复")
            super().send(letter)

    doubtful = Doubtful(manner=TOGETHER)
    for _ in range(3):
        outbox.deliver(doubtful)
        outbox.tell("丙")
        outbox.ripen()
    outbox.deliver(doubtful)

    again = [letter for letter in tried if "甲" in titles_of(letter)]
    assert [titles_of(letter) for letter in again] == [["甲", "乙"]] * 3
    assert len({letter.key for letter in again}) == 1


def test_what_never_left_joins_what_has_come_since(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    box = Box(manner=TOGETHER, faults={"甲": Unavailable("连不上")})
    for _ in range(4):
        outbox.deliver(box)
        outbox.ripen()
    outbox.tell("丙")
    box.faults.clear()

    outbox.deliver(box)

    (letter,) = letters(box)
    assert sorted(letter) == sorted(["甲", "乙", "丙"])


def test_a_process_that_dies_sends_the_same_letter_again_with_the_same_key(outbox: Outbox) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Box):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            if len(self.sent) == 1:
                raise Killed

    outbox.tell("甲", "乙")
    deadly = Deadly(manner=TOGETHER)
    with pytest.raises(Killed):
        outbox.deliver(deadly)
    outbox.tell("丙")
    outbox.ripen()
    outbox.deliver(deadly)

    first, *others = deadly.sent
    again = next(letter for letter in others if "甲" in titles_of(letter))
    assert (again.key, titles_of(again)) == (first.key, titles_of(first))
    assert letters(deadly).count(["丙"]) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [(NotFound("没有文稿"), "pending"), (ValueError("坏"), "pending"), (Invalid("坏", ()), "dead")],
)
def test_one_without_words_leaves_the_others_alone(outbox: Outbox, fault: Exception, status: str) -> None:
    titles = [f"第{number}件" for number in range(20)]
    outbox.tell("毒", *titles)
    box = Box(manner=TOGETHER, faults={"毒": fault})

    outbox.deliver(box)

    assert letters(box) == [titles]
    poisoned, *others = outbox.rows()
    assert (poisoned["status"], {row["status"] for row in others}) == (status, {"sent"})
    assert poisoned["letter"] == poisoned["notice"]


def test_a_letter_that_is_refused_is_told_one_by_one_and_only_the_culprit_is_given_up(outbox: Outbox) -> None:
    class Strict(Box):
        def send(self, letter: Letter) -> None:
            if "毒" in titles_of(letter):
                raise Invalid("554 spam", ())
            super().send(letter)

    outbox.tell("甲", "毒", "乙")
    strict = Strict(manner=TOGETHER)
    outbox.deliver(strict)

    assert sorted(letters(strict)) == [["乙"], ["甲"]]
    assert [row["status"] for row in outbox.rows()] == ["sent", "dead", "sent"]


def test_a_change_of_the_settings_does_not_tear_a_letter_apart(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    outbox.deliver(Box(manner=TOGETHER, faults={"甲": InDoubt("没有答复")}))
    outbox.ripen()
    box = Box(manner=Manner(at_once=10))

    outbox.deliver(box)

    assert letters(box) == [["甲", "乙"]]


def test_given_up_after_five_doubts_all_together(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    box = Box(manner=TOGETHER, faults={"甲": InDoubt("没有答复")})

    for _ in range(10):
        outbox.deliver(box)
        outbox.ripen()

    assert [(row["status"], row["attempts"]) for row in outbox.rows()] == [("dead", MOST_ATTEMPTS)] * 2


def around_the_clock(*works: bool) -> Calendar:
    """A calendar in which yesterday, today and tomorrow work or rest, whatever the week says."""
    today = datetime.now(UTC).astimezone(LOCAL).date()
    days = {today + timedelta(days=ahead): works[0] for ahead in (-1, 0, 1)}
    return Calendar(id="now", exceptions=days, covered_until=today)


@pytest.fixture
def set_calendar(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def put_in_force(*, works: bool) -> None:
        monkeypatch.setattr(house_module, "CALENDAR", around_the_clock(works))

    return put_in_force


DAY = replace(TOGETHER, hours=(0, 24 * 60))


def test_on_a_day_of_rest_all_waits_and_on_an_adjusted_day_all_leaves(
    outbox: Outbox, set_calendar: Any
) -> None:
    outbox.tell("甲")
    box = Box(manner=DAY)

    set_calendar(works=False)
    assert outbox.deliver(box) == []
    assert outbox.rows()[0]["token"] == 0
    set_calendar(works=True)
    assert len(outbox.deliver(box)) == 1


def test_what_is_urgent_keeps_to_no_hours_and_takes_nobody_along(outbox: Outbox, set_calendar: Any) -> None:
    set_calendar(works=False)
    outbox.tell("甲", "乙")
    outbox.tell("急", kind="order_escalated")
    box = Box(manner=replace(DAY, urgent=frozenset({"order_escalated"})))

    outbox.deliver(box)

    assert letters(box) == [["急"]]
    assert outbox.deliver(box) == []


def test_the_inbox_keeps_to_no_hours(outbox: Outbox, set_calendar: Any) -> None:
    set_calendar(works=False)
    outbox.tell("甲")

    with outbox.house.begin() as uow:
        assert len(uow.notices.rows(person_in("officer"), None, None, 10)) == 1


def test_a_daily_digest_holds_what_was_written_before_the_morning(outbox: Outbox, set_calendar: Any) -> None:
    set_calendar(works=True)
    morning = datetime.now(UTC).astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    outbox.tell("昨", "前", written_at=morning - timedelta(hours=3))
    outbox.tell("今", written_at=morning)
    outbox.tell("急", written_at=morning, kind="order_escalated", recipient=person_in("head"))
    box = Box(manner=replace(DAY, digest=Digest.DAILY, urgent=frozenset({"order_escalated"})))

    outbox.deliver(box)
    outbox.ripen()

    assert outbox.deliver(box) == []
    assert sorted(map(sorted, letters(box))) == [["前", "昨"], ["急"]]


class Life:
    """An item in the hands of an officer, with its clocks running."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.item = self._opened()
        self.count = 0
        for verb, post, asked in (
            ("submit", "officer", {}),
            ("list", "office", {"fields": LISTING}),
            ("assign", "head", {"assignee": person_in("officer")}),
        ):
            self.move(verb, post, **asked)

    def _opened(self) -> ItemId:
        new = NewItem(
            definition=definitions()["item"].ref,
            campaign="sample",
            unit=UNIT,
            title="记录不全",
            fields={"problem": "记录不全"},
        )
        return open_items(self.house.begin(), NOON, [new], self.house.actor("officer"))[0].id

    def begin(self) -> SqlUnitOfWork:
        uow = self.house.begin()
        uow.channels = ("mail",)
        return uow

    def move(self, verb: str, post: str, days: float = 0, **asked: Any) -> None:
        self.count += 1
        attempt = Attempt(
            item=self.item, verb=verb, actor=self.house.actor(post), key=f"{self.count}", **asked
        )
        move_item(self.begin(), NOON + timedelta(days=days), attempt)

    def sweep(self, days: float) -> int:
        return len(list(sweep(self.begin, NOON + timedelta(days=days))))

    def statuses(self) -> dict[tuple[str, str], int]:
        """How many deliveries there are of each kind in each status."""
        found: dict[tuple[str, str], int] = {}
        with self.begin() as uow:
            for row in uow.notices.rows(None, self.item, None, 100):
                for status in row.deliveries.values():
                    found[row.kind, status] = found.get((row.kind, status), 0) + 1
        return found


@pytest.fixture
def life(tmp_path: Path) -> Life:
    return Life(tmp_path)


def post_of(life: Life) -> Outbox:
    outbox = Outbox.__new__(Outbox)
    outbox.house, outbox.item = life.house, life.item
    return outbox


def test_what_was_planned_for_a_limit_that_was_met_never_leaves(life: Life) -> None:
    life.sweep(3)
    told = {kind for kind, _ in life.statuses()} - {"assigned"}
    assert told
    life.move("sign_for", "officer", days=4)
    box = Box(manner=TOGETHER)

    settled = post_of(life).deliver(box)

    withdrawn = [one for one in settled if one.status is DeliveryStatus.WITHDRAWN]
    assert {one.notice.clock for one in withdrawn} == {"sign_for"}
    assert {one.last_error for one in withdrawn} == {"时限内已办理"}
    assert not {one.notice.key for one in withdrawn} & {
        one.notice.key for letter in box.sent for one in letter.deliveries
    }
    assert "assigned" in {one.notice.kind for letter in box.sent for one in letter.deliveries}
    with life.begin() as uow:
        inbox = {row.key for row in uow.notices.rows(person_in("officer"), None, None, 50)}
    assert inbox >= {one.notice.key for one in withdrawn if one.notice.recipient == person_in("officer")}


def test_what_speaks_of_a_limit_that_still_runs_leaves(life: Life) -> None:
    life.sweep(3)
    box = Box(manner=TOGETHER)

    settled = post_of(life).deliver(box)

    assert {one.status for one in settled} == {DeliveryStatus.SENT}
    assert {one.notice.clock for one in settled} == {"sign_for", None}


@pytest.mark.parametrize(
    ("verb", "post", "why"), [("suspend", "office", "时限已中止"), ("void", "director", "时限内已办理")]
)
def test_a_limit_that_was_stopped_or_an_item_that_was_closed_tells_nothing_more(
    life: Life, verb: str, post: str, why: str
) -> None:
    life.move("sign_for", "officer", days=1)
    life.sweep(60)
    life.move(verb, post, days=61, reason="情况有变")
    box = Box(manner=TOGETHER)

    settled = post_of(life).deliver(box)

    stopped = [one for one in settled if one.notice.clock == "rectify"]
    assert {(one.status, one.last_error) for one in stopped} == {(DeliveryStatus.WITHDRAWN, why)}
    last = {one.notice.kind for letter in box.sent for one in letter.deliveries}
    assert ("suspended" if verb == "suspend" else "voided") in last
    if verb == "void":
        assert last - {"supervision"} == {
            "voided"
        }  # the order that three days over have opened is open still


def test_a_letter_in_doubt_shrinks_by_what_is_over_and_keeps_its_key(life: Life) -> None:
    life.sweep(3)
    outbox = post_of(life)
    doubtful = Box(manner=TOGETHER)
    keys: list[tuple[PersonId, str]] = []

    class Doubtful(Box):
        def send(self, letter: Letter) -> None:
            keys.append((letter.deliveries[0].notice.recipient, letter.key))
            raise InDoubt("没有答复")

    outbox.deliver(Doubtful(manner=TOGETHER))
    life.move("sign_for", "officer", days=4)
    outbox.ripen()
    outbox.deliver(doubtful)

    again = [letter for letter in doubtful.sent if letter.deliveries[0].attempts == 2]
    assert again
    assert {(letter.deliveries[0].notice.recipient, letter.key) for letter in again} <= set(keys)
    assert {one.notice.clock for letter in again for one in letter.deliveries} == {None}


def test_after_a_month_of_downtime_everybody_hears_once(life: Life) -> None:
    life.move("sign_for", "officer", days=1)
    fired = life.sweep(120)
    box = Box(manner=TOGETHER)

    post_of(life).deliver(box)

    readers = [letter.deliveries[0].notice.recipient for letter in box.sent]
    assert fired >= 1
    assert len(readers) == len(set(readers)) > 1
