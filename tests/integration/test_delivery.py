"""What is in the outbox reaches its channel: by lease and token, one notice at a time, with patience and an end."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine.model.channel import Gate, Manner
from engine.model.errors import Busy, InDoubt, Invalid, NotFound, Unavailable
from engine.model.ids import ItemId
from engine.model.item import NewItem
from engine.model.notice import Delivery, DeliveryStatus, Lease, Notice, Wanted
from engine.rules.sending import EVER, FIRST_SHUT, FIRST_WAIT, LEASE, LONGEST_WAIT, wait_after
from engine.rules.settling import MOST_ATTEMPTS
from engine.usecases import deliver as delivering
from engine.usecases.deliver import Letter, Unwritable, deliver
from engine.usecases.items import open_items
from tests.builders import NOON, UNIT
from tests.integration.house import House, definitions, person_in

NOW = datetime(2020, 6, 1, 1, tzinfo=UTC)
PLAIN_MANNER = Manner()


@dataclass
class Box:
    """A post that keeps what it was given; `faults` are raised for the notices of a title."""

    names: tuple[str, ...] = ("mail",)
    manner: Manner = PLAIN_MANNER
    faults: dict[str, Exception] = field(default_factory=dict)
    sent: list[Letter] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    @property
    def channels(self) -> dict[str, Manner]:
        return dict.fromkeys(self.names, self.manner)

    def send(self, letter: Letter) -> None:
        told = {one.notice.key: str(one.notice.facts["title"]) for one in letter.deliveries}
        self.tried += told.values()
        faults = {key: self.faults[title] for key, title in told.items() if title in self.faults}
        if faults:
            first = next(iter(faults.values()))
            raise first if len(told) == 1 or isinstance(first, Unavailable) else Unwritable(faults)
        self.sent.append(letter)

    @property
    def titles(self) -> list[str]:
        return [title for letter in self.sent for title in titles_of(letter)]


def titles_of(letter: Letter) -> list[str]:
    return [str(one.notice.facts["title"]) for one in letter.deliveries]


class Outbox:
    """The small bureau with one item, about which anything can be told."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        new = NewItem(
            definition=definitions()["item"].ref,
            campaign="sample",
            unit=UNIT,
            title="记录不全",
            fields={"problem": "记录不全"},
        )
        self.item = open_items(self.house.begin(), NOON, [new], self.house.actor("officer"))[0].id

    def tell(self, *titles: str, channels: tuple[str, ...] = ("mail",), **more: Any) -> None:
        """Write a notice of each title, each a second later than the one before."""
        with self.house.begin() as uow:
            uow.notices.write([self.notice(title, i, **more) for i, title in enumerate(titles)], channels)
            uow.commit()

    def notice(self, title: str, number: int, **more: Any) -> Notice:
        given = {
            "key": sha256(f"{title}/{more.get('recipient')}".encode()).hexdigest(),
            "kind": "overdue",
            "item": ItemId(self.item),
            "recipient": person_in("officer"),
            "facts": {"title": title, "unit": UNIT},
            "written_at": NOON + timedelta(seconds=number),
        }
        return Notice(**(given | more))

    def deliver(self, post: Any, limit: int = 100, jitter: float = 1.0) -> list[Delivery]:
        return deliver(self.house.begin, NOW, post, "worker-1", limit, jitter=lambda: jitter)

    def rows(self) -> list[dict[str, Any]]:
        """Every delivery as it is stored, oldest notice first."""
        return self._run(
            "SELECT delivery.* FROM delivery JOIN notice ON key = notice ORDER BY written_at, key, channel"
        )

    def is_waiting(self) -> bool:
        """Whether anything is still to be sent."""
        waiting = "SELECT 1 FROM delivery WHERE status IN ('pending', 'leased') LIMIT 1"
        return bool(self._run(waiting))

    def reopen(self) -> None:
        """Let the pause of a channel end; where nothing is left that was never tried, let every wait end too."""
        if self._run("SELECT 1 FROM delivery WHERE status = 'pending' AND attempts = 0 LIMIT 1"):
            self._run("UPDATE gate SET shut_until = 0, recent = '[]'")
        else:
            self.ripen()

    def ripen(self) -> None:
        """Let every wait and every lease be over."""
        waiting = "status IN ('pending', 'leased') AND not_before > 0"
        self._run(f"UPDATE delivery SET not_before = 0 WHERE {waiting}")
        self._run("UPDATE gate SET shut_until = 0, recent = '[]'")

    def gate(self, channel: str = "mail") -> Gate:
        """What every worker knows of a channel."""
        with self.house.begin() as uow:
            return uow.gates.get(channel)

    def _run(self, statement: str) -> list[dict[str, Any]]:
        connection = self.house.database.engine.raw_connection()
        cursor = connection.cursor()
        cursor.execute(statement)
        names = [column[0] for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        connection.commit()
        connection.close()
        return rows


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path)


def test_everything_pending_is_sent_once_oldest_first(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")
    box = Box()

    settled = outbox.deliver(box)
    again = outbox.deliver(box)

    assert box.titles == ["甲", "乙", "丙"]
    assert [one.status for one in settled] == [DeliveryStatus.SENT] * 3
    assert [one.sent_at for one in settled] == [NOW] * 3
    assert again == []
    assert {row["status"] for row in outbox.rows()} == {"sent"}
    assert {row["attempts"] for row in outbox.rows()} == {1}


def test_a_letter_names_its_reader_and_the_unit(outbox: Outbox) -> None:
    outbox.tell("甲")
    box = Box()

    outbox.deliver(box)

    (letter,) = box.sent
    assert letter.recipient is not None
    assert letter.recipient.login == "officer"
    assert letter.unit_names[UNIT] == "示例一队"


def test_no_more_is_taken_than_asked_for(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")

    assert len(outbox.deliver(Box(), limit=2)) == 2
    assert [row["status"] for row in outbox.rows()] == ["sent", "sent", "pending"]


def test_each_channel_is_told_and_only_those_the_worker_has(outbox: Outbox) -> None:
    outbox.tell("甲", channels=("mail", "file", "robot"))

    settled = outbox.deliver(Box(names=("mail", "file")))

    assert sorted(one.channel for one in settled) == ["file", "mail"]
    assert {row["channel"]: row["status"] for row in outbox.rows()}["robot"] == "pending"


def test_the_sending_happens_outside_any_transaction(outbox: Outbox) -> None:
    outbox.tell("甲")
    seen = []

    class Watching(Box):
        def send(self, letter: Letter) -> None:
            with outbox.house.begin() as uow:  # would wait for a writer that is still at work
                seen.append(uow.deliveries.count())
                uow.commit()

    outbox.deliver(Watching())

    assert seen == [{"leased": 1}]


@pytest.mark.parametrize("attempts", range(1, 20))
def test_the_wait_doubles_up_to_a_limit_and_the_dice_choose_within(attempts: int) -> None:
    longest = min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)

    assert wait_after(attempts, 1.0) == longest
    assert wait_after(attempts, 0.25) == longest / 4
    assert wait_after(attempts, 0.0) == timedelta()


def test_a_fault_is_tried_again_later_and_given_up_after_five_tries(outbox: Outbox) -> None:
    outbox.tell("甲")
    box = Box(faults={"甲": ValueError("地址\x1b[31m\n不对")})
    waits = []

    for _ in range(MOST_ATTEMPTS):
        before = datetime.now(UTC)
        (after,) = outbox.deliver(box)
        waits.append(after.not_before - before)
        assert outbox.deliver(box) == []
        outbox.ripen()

    assert box.tried == ["甲"] * MOST_ATTEMPTS
    for number, wait in enumerate(waits[:-1]):
        assert abs(wait - FIRST_WAIT * 2**number) < timedelta(seconds=10)
    (row,) = outbox.rows()
    assert (row["status"], row["attempts"]) == ("dead", MOST_ATTEMPTS)
    assert row["last_error"] == "ValueError: 地址�[31m 不对"
    assert outbox.deliver(box) == []


def test_one_poison_delays_nobody(outbox: Outbox) -> None:
    titles = [f"第{number}件" for number in range(200)]
    outbox.tell("毒", *titles)
    box = Box(faults={"毒": RuntimeError("x" * 10_000_000)})

    outbox.deliver(box, limit=1_000)

    assert box.titles == titles
    assert box.tried.count("毒") == 1
    assert len(outbox.rows()[0]["last_error"]) == 500


def test_a_notice_on_which_the_process_dies_is_given_up_too(outbox: Outbox) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Box):
        def send(self, letter: Letter) -> None:
            self.tried.append("甲")
            raise Killed

    outbox.tell("甲")
    deadly = Deadly()
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(Killed):
            outbox.deliver(deadly)
        assert outbox.rows()[0]["status"] == "leased"
        outbox.ripen()

    (after,) = outbox.deliver(deadly)

    assert (after.status, after.attempts) == (DeliveryStatus.DEAD, MOST_ATTEMPTS)
    assert len(deadly.tried) == MOST_ATTEMPTS


def test_a_lease_keeps_others_away_until_it_is_over(outbox: Outbox) -> None:
    outbox.tell("甲")
    with outbox.house.begin() as uow:
        now = uow.gates.now()
        wanted = Wanted(channel="mail", limit=1, written_before=EVER)
        uow.deliveries.claim(Lease(worker="worker-0", at=now, until=now + LEASE), wanted)
        uow.commit()

    assert outbox.deliver(Box()) == []
    outbox.ripen()
    assert len(outbox.deliver(Box())) == 1


def test_who_lost_the_lease_leaves_the_row_alone(outbox: Outbox) -> None:
    outbox.tell("甲")

    class Slow(Box):
        def send(self, letter: Letter) -> None:
            outbox.ripen()
            assert len(outbox.deliver(Box())) == 1
            raise ValueError("太迟")

    assert outbox.deliver(Slow()) == []
    (row,) = outbox.rows()
    assert (row["status"], row["attempts"], row["last_error"], row["token"]) == ("sent", 2, None, 2)


def test_a_channel_out_of_reach_costs_one_look_and_no_try(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")
    box = Box(faults={title: Unavailable("邮件服务器连不上") for title in ("甲", "乙", "丙")})

    for _ in range(50):
        outbox.ripen()
        outbox.deliver(box)

    assert len(box.tried) == 50
    assert {(row["status"], row["attempts"]) for row in outbox.rows()} == {("pending", 0)}
    assert outbox.gate().failures == 50
    box.faults.clear()
    outbox.ripen()
    assert len(outbox.deliver(box)) == 3
    assert (outbox.gate().failures, outbox.gate().shut_until) == (0, None)


def test_a_channel_out_of_reach_holds_up_no_other(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", channels=("file", "mail"))

    class Half(Box):
        def send(self, letter: Letter) -> None:
            if letter.channel == "mail":
                raise Unavailable("邮件服务器连不上")
            super().send(letter)

    half = Half(names=("mail", "file"))
    before = datetime.now(UTC)
    settled = outbox.deliver(half)

    assert half.titles == ["甲", "乙"]
    (waiting,) = [one for one in settled if one.channel == "mail"]
    assert waiting.last_error == outbox.gate().last_error == "Unavailable: 邮件服务器连不上"
    shut_until = outbox.gate().shut_until
    assert shut_until is not None
    assert abs(shut_until - before - FIRST_SHUT) < timedelta(seconds=10)
    assert outbox.gate("file") == Gate(channel="file")


def test_a_kind_without_words_is_left_for_a_worker_that_knows_it(outbox: Outbox) -> None:
    outbox.tell("新", "旧")
    box = Box(faults={"新": NotFound("没有文稿")})

    for _ in range(20):
        outbox.deliver(box)
        outbox.ripen()

    assert box.titles == ["旧"]
    assert (outbox.rows()[0]["status"], outbox.rows()[0]["attempts"]) == ("pending", 0)


def test_a_worker_without_channels_takes_nothing(outbox: Outbox) -> None:
    outbox.tell("甲")

    assert outbox.deliver(Box(names=())) == []
    assert outbox.rows()[0]["token"] == 0


def test_a_channel_may_take_many_at_once_and_they_are_settled_together(outbox: Outbox) -> None:
    titles = [f"第{number}件" for number in range(25)]
    outbox.tell(*titles)
    box = Box(manner=Manner(at_once=10))

    settled = outbox.deliver(box, limit=23)

    assert box.titles == titles[:23]
    assert len(settled) == 23
    assert [row["status"] for row in outbox.rows()] == ["sent"] * 23 + ["pending"] * 2


def test_a_process_that_dies_in_company_tries_each_alone_from_then_on(outbox: Outbox) -> None:
    class Killed(BaseException):
        pass

    class Deadly(Box):
        def send(self, letter: Letter) -> None:
            super().send(letter)
            if "毒" in titles_of(letter):
                raise Killed

    outbox.tell("甲", "毒", "乙")
    deadly, died = Deadly(manner=Manner(at_once=10)), 0
    for _ in range(20):
        outbox.ripen()
        try:
            outbox.deliver(deadly)
        except Killed:
            died += 1

    assert died == MOST_ATTEMPTS
    assert [row["status"] for row in outbox.rows()] == ["sent", "dead", "sent"]


def test_what_can_never_be_sent_is_given_up_at_once(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    box = Box(faults={"甲": Invalid("收件人已不在名册上", ())})

    outbox.deliver(box)

    (first, second) = outbox.rows()
    assert (first["status"], first["attempts"], first["last_error"]) == (
        "dead",
        1,
        "Invalid: 收件人已不在名册上",
    )
    assert second["status"] == "sent"


def test_no_more_leaves_in_a_minute_than_the_channel_takes(outbox: Outbox) -> None:
    outbox.tell(*(f"第{number}件" for number in range(30)))
    box = Box(manner=Manner(per_minute=20))

    first, again = outbox.deliver(box), outbox.deliver(box)

    assert (len(first), again) == (20, [])
    assert len(outbox.gate().recent) == 20
    outbox.ripen()
    assert len(outbox.deliver(box)) == 10


def test_what_fails_counts_against_the_limit_too(outbox: Outbox) -> None:
    titles = [f"第{number}件" for number in range(10)]
    outbox.tell(*titles)
    box = Box(manner=Manner(per_minute=6), faults={title: ValueError("不收") for title in titles})

    for _ in range(5):
        outbox.deliver(box, jitter=0.0)

    assert len(box.tried) == 6


def test_two_workers_share_one_limit(outbox: Outbox) -> None:
    outbox.tell(*(f"第{number}件" for number in range(12)))
    one, two = (Box(manner=Manner(per_minute=5)) for _ in range(2))

    def both(letter: Letter) -> None:
        one.sent.append(letter)
        outbox.deliver(two, limit=1)

    one.send = both  # type: ignore[method-assign]
    outbox.deliver(one)

    assert len(one.sent) + len(two.sent) == 5


def test_whoever_asks_to_be_left_alone_is(outbox: Outbox) -> None:
    outbox.tell("甲", "乙")
    box = Box(faults={"甲": Busy("慢一点", wait=timedelta(minutes=10))})

    before = datetime.now(UTC)
    outbox.deliver(box, jitter=0.0)
    again = outbox.deliver(box)

    assert (box.tried, again) == (["甲"], [])
    shut_until = outbox.gate().shut_until
    assert shut_until is not None
    assert abs(shut_until - before - timedelta(minutes=10)) < timedelta(seconds=10)


def test_one_message_of_unknown_fate_does_not_shut_a_channel_and_two_do(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙", "丁")
    box = Box(faults={"甲": InDoubt("没有答复"), "丙": InDoubt("没有答复"), "丁": InDoubt("没有答复")})

    outbox.deliver(box)

    assert box.tried == ["甲", "乙", "丙", "丁"]
    assert outbox.gate().failures == 2
    assert [(row["status"], row["attempts"]) for row in outbox.rows()] == [
        ("pending", 1), ("sent", 1), ("pending", 1), ("pending", 1),
    ]  # fmt: skip


def test_a_failed_channel_is_tried_with_one_message_by_one_worker(outbox: Outbox) -> None:
    outbox.tell("甲", "乙", "丙")
    outbox.deliver(Box(faults=dict.fromkeys("甲乙丙", Unavailable("连不上")), manner=Manner(at_once=10)))
    outbox.ripen()
    other = Box()

    class Probing(Box):
        def send(self, letter: Letter) -> None:
            if not self.sent:
                assert outbox.deliver(other) == []
            super().send(letter)

    probing = Probing(manner=Manner(at_once=10))
    outbox.deliver(probing)

    assert (other.tried, set(probing.titles)) == ([], {"甲", "乙", "丙"})
    assert outbox.gate().failures == 0
    assert outbox.gate().last_error == "Unavailable: 连不上"


def test_a_slow_channel_gives_way_to_what_is_due(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "PATIENCE", timedelta(milliseconds=50))
    outbox.tell(*(f"第{number}件" for number in range(50)))

    class Slow(Box):
        def send(self, letter: Letter) -> None:
            time.sleep(0.02)
            super().send(letter)

    slow = Slow()
    outbox.deliver(slow)

    assert 1 < len(slow.sent) < 50
