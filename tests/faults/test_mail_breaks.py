"""A mail server that breaks in every way (G-NOT-1 … G-NOT-5): nothing is lost, nobody waits for another's fault."""

import random
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from itertools import product

import pytest

from engine.model.channel import Manner
from engine.model.errors import InDoubt, Invalid, Unavailable
from engine.model.notice import DeliveryStatus
from engine.rules.settling import MOST_ATTEMPTS
from engine.usecases.items import move_items
from engine.usecases.sweep import sweep
from notifications.channels.smtp import SmtpChannel
from notifications.outgoing import NotTaken
from runtime.post import Office
from storage.dialects import open_database
from tests.bench.stage import Stage
from tests.builders import NOON
from tests.faults.doomed import TRUST, send
from tests.faults.mail_server import PACE, STEPS, Act, mail_serving
from tests.faults.test_workers_killed import UNTIL_DUE
from tests.integration.house import person_in
from tests.integration.receivers import hang, misbehaving
from tests.integration.test_delivery import Outbox
from tests.integration.test_post import OUTGOING
from tests.integration.test_robots import wecom

PATIENCE = 0.3
"""Seconds a conversation may take: ten, in the small."""
NOBODY_WAITS = 5
"""Seconds within which anything of these is over, on a machine that has much else to do."""
LETTERS = 120
PLAIN_STEPS = [step for step in STEPS if step != "STARTTLS"]
BEFORE = ("greeting", "EHLO", "STARTTLS")
"""Nothing has left so far, and it is the server's fault."""


def mail(port, **more):
    given = {
        "host": "127.0.0.1",
        "port": port,
        "sender": "法制办 <duban@bureau.example>",
        "domain": "bureau.example",
        "security": "none",
        "trust": TRUST,
        "longest": PATIENCE,
    }
    return SmtpChannel(**{**given, **more})


def at_step(step, answer):
    return lambda talk, now: answer if now == step else None


@pytest.fixture
def outbox(tmp_path):
    return Outbox(tmp_path)


def test_a_good_server_takes_what_was_sent():
    with mail_serving() as server:
        mail(server.port).send(OUTGOING)

    ((recipient, raw),) = server.taken
    assert recipient == OUTGOING.login
    assert f"Message-ID: <{OUTGOING.key}@bureau.example>".encode() in raw


SLOW = [
    *((step, act, "none") for step in PLAIN_STEPS for act in (Act.HANG, Act.DRIP, Act.FLOOD)),
    ("STARTTLS", Act.DRIP, "starttls"),
    ("STARTTLS", Act.SHAKE, "starttls"),
    ("greeting", Act.SHAKE, "tls"),
    ("greeting", Act.HANG, "tls"),
]


@pytest.mark.parametrize(("step", "act", "security"), SLOW)
def test_a_server_that_takes_its_time_is_cut_off_at_every_step(step, act, security):
    with mail_serving(at_step(step, act)) as server:
        start = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            mail(server.port, security=security).send(OUTGOING)
        took = time.monotonic() - start

    assert (type(caught.value) is InDoubt) is (step not in BEFORE)
    assert took < NOBODY_WAITS
    assert server.taken == []


def test_a_line_that_was_cut_leaves_no_thread_behind():
    with mail_serving(at_step("greeting", Act.DRIP)) as server:
        before = threading.active_count()
        for _ in range(3):
            with pytest.raises(Unavailable):
                mail(server.port, longest=2 * PACE).send(OUTGOING)
    assert threading.active_count() <= before


REFUSALS = [
    *((step, b"421 closing\r\n", Unavailable) for step in PLAIN_STEPS),
    ("greeting", b"554 not you\r\n", Unavailable),
    ("MAIL", b"451 later\r\n", Unavailable),
    ("MAIL", b"550 not this sender\r\n", Unavailable),
    ("MAIL", b"552 too large\r\n", Invalid),
    ("RCPT", b"450 busy\r\n", NotTaken),
    ("RCPT", b"550 nobody\r\n", Invalid),
    ("DATA", b"451 later\r\n", NotTaken),
    ("DATA", b"554 no\r\n", Invalid),
    ("text", b"452 full\r\n", NotTaken),
    ("text", b"554 spam\r\n", Invalid),
    ("STARTTLS", b"454 no TLS today\r\n", Unavailable),
    ("STARTTLS", Act.GARBAGE, Unavailable),
    *((step, Act.DROP, Unavailable if step in BEFORE else InDoubt) for step in STEPS),
    ("text", Act.TAKE_AND_DROP, InDoubt),
]


@pytest.mark.parametrize(("step", "answer", "error"), REFUSALS)
def test_each_refusal_says_whether_another_try_makes_sense(step, answer, error):
    with mail_serving(at_step(step, answer)) as server, pytest.raises(error) as caught:
        mail(server.port, security="starttls" if step == "STARTTLS" else "none").send(OUTGOING)

    assert type(caught.value) is error


@pytest.mark.storm
def test_whatever_breaks_no_letter_is_lost_and_a_double_is_known_as_one(outbox, rounds):
    """G-NOT-2, G-NOT-3: at most `per_minute` conversations a minute; doubles only where the server hid what it took."""
    seed, letters = random.randrange(2**32), rounds or LETTERS
    print(f"seed {seed}")
    hidden, ways = Counter(), _Ways(random.Random(seed))

    def judge(talk, step):
        answer = ways(talk, step)
        hidden[talk.recipient] += step == "text" and answer is Act.TAKE_AND_DROP
        return answer

    outbox.tell(*(f"第{number}件" for number in range(letters)))
    with mail_serving(judge) as server:
        post = Office({"mail": mail(server.port, longest=0.1)}, {"mail": Manner(per_minute=40)})
        talks = _sent_to_the_end(outbox, post, server)

    ids = Counter(_id(raw) for _, raw in server.taken)
    rows, doubles = outbox.rows(), ids.total() - len(ids)
    ends = Counter(row["status"] for row in rows)
    print(f"{len(server.talks)} conversations, {dict(ends)}, {doubles} doubles, {hidden.total()} hidden")
    assert {row["notice"] for row in rows if row["status"] == "sent"} <= set(ids)
    assert set(ends) <= {"sent", "dead"}
    assert all(row["attempts"] <= MOST_ATTEMPTS for row in rows)
    assert doubles <= hidden.total()
    assert max(talks) <= 40


class _Ways:
    """A fault in every third conversation, while the weather lasts."""

    FAULTS = (
        *product(PLAIN_STEPS, (Act.DROP, Act.GARBAGE, b"421 closing\r\n", b"451 later\r\n")),
        *product(("RCPT", "DATA", "text"), (b"550 no\r\n",)),
        *product(("greeting", "text"), (Act.HANG, Act.DRIP)),
        *[("text", Act.TAKE_AND_DROP)] * 5,
    )

    def __init__(self, dice):
        self._dice, self._chosen = dice, {}

    def __call__(self, talk, step):
        if talk.number not in self._chosen:
            is_bad = self._dice.random() < 1 / 3
            self._chosen[talk.number] = self._dice.choice(self.FAULTS) if is_bad else (None, None)
        at, answer = self._chosen[talk.number]
        return answer if at == step else None


def _sent_to_the_end(outbox, post, server):
    """How many conversations each minute had, until nothing waits any more."""
    talks = []
    while outbox.is_waiting():
        before = len(server.talks)
        while outbox.deliver(post, jitter=0.0):
            continue
        talks.append(len(server.talks) - before)
        outbox.ripen()
    return talks


def _id(raw):
    return raw.partition(b"Message-ID: <")[2][:64].decode()


def test_a_day_without_a_server_costs_no_try_and_no_letter(outbox):
    """A server that hangs up, and is back after a day: a look now and then, later all at once."""
    outbox.tell(*(f"第{number}件" for number in range(20)))
    with mail_serving(at_step("greeting", Act.DROP)) as server:
        post = Office({"mail": mail(server.port)}, {"mail": Manner()})
        for _ in range(24):
            outbox.ripen()
            outbox.deliver(post)
        looks = len(server.talks)
        tried = {(row["status"], row["attempts"]) for row in outbox.rows()}
        server.judge = at_step("none", None)
        outbox.ripen()
        outbox.deliver(post)

    assert (looks, tried) == (24, {("pending", 0)})
    assert len({_id(raw) for _, raw in server.taken}) == len(server.taken) == 20


POISONS = {
    "hangs": Act.HANG,
    "drips": Act.DRIP,
    "drops": Act.DROP,
    "garbles": Act.GARBAGE,
    "refused": b"550 nobody\r\n",
    "later": b"450 busy\r\n",
}
"""What the server does with one recipient, and would do for ever."""


@pytest.mark.parametrize("poison", POISONS)
def test_a_poisoned_letter_is_given_up_after_five_tries_and_holds_up_nobody(outbox, poison):
    """G-NOT-1 with the server: in one round every neighbour is told, and the poison was tried once."""
    good = [f"第{number}件" for number in range(10)]
    outbox.tell(*good[:5])
    outbox.tell("毒", recipient=person_in("head"), written_at=NOON + timedelta(seconds=20))
    outbox.tell(*good[5:], written_at=NOON + timedelta(seconds=30))

    def judge(talk, step):
        return POISONS[poison] if (talk.recipient, step) == ("head", "RCPT") else None

    with mail_serving(judge) as server:
        post = Office({"mail": mail(server.port, longest=0.15)}, {"mail": Manner()})
        outbox.deliver(post)
        talks = [talk.recipient for talk in server.talks]
        assert Counter(talks) == {"officer": 10, "head": 1}
        for _ in range(MOST_ATTEMPTS * 2):
            outbox.ripen()
            outbox.deliver(post)

    (row,) = [row for row in outbox.rows() if row["status"] != "sent"]
    assert (row["recipient"], row["status"]) == (person_in("head"), "dead")
    assert row["attempts"] == (1 if poison == "refused" else MOST_ATTEMPTS)
    assert len(server.taken) == 10


def test_poison_of_ones_own_making_is_kept_from_its_neighbours(outbox):
    """G-NOT-1 on this side: no words for its kind, no such channel, nobody to tell, an endless text."""
    with outbox.house.begin() as uow:
        told = [
            outbox.notice("不识", 1, kind="no_such_kind"),
            outbox.notice("无人", 2, recipient="f" * 32),
            outbox.notice("长", 3, facts={"title": "长" * 1_000_000, "reason": "久" * 1_000_000}),
            *(outbox.notice(f"第{number}件", 4 + number) for number in range(20)),
        ]
        uow.notices.write(told, ("mail",))
        uow.notices.write([outbox.notice("别处", 99)], ("nowhere",))
        uow.commit()
    with mail_serving() as server:
        outbox.deliver(Office({"mail": mail(server.port)}, {"mail": Manner()}))

    ends = Counter((row["channel"], row["status"]) for row in outbox.rows())
    assert ends == {
        ("mail", "sent"): 21,
        ("mail", "pending"): 1,
        ("mail", "dead"): 1,
        ("nowhere", "pending"): 1,
    }
    assert max(len(raw) for _, raw in server.taken) < 100_000


@pytest.mark.storm
@pytest.mark.parametrize(("bad", "act"), [(100, b"550 nobody\r\n"), (100, Act.DROP), (10, Act.HANG)])
def test_a_few_bad_ones_among_many_cost_their_own_tries_and_nobody_elses(outbox, rounds, bad, act):
    """G-NOT-1, G-NOT-5: one in `bad` is bad for ever; what the others wait for is at most one try of each of those.

    99 of 100 good ones leave within a tenth more conversations than if all were good; a sweep meanwhile waits for none.
    """
    seed, letters = random.randrange(2**32), rounds or LETTERS // 6
    spoilt = set(random.Random(seed).sample(range(letters), max(1, letters // bad)))
    for number in range(letters):
        who = "head" if number in spoilt else "officer"
        at = NOON + timedelta(seconds=number)
        outbox.tell(f"第{number}件", recipient=person_in(who), written_at=at)

    def judge(talk, step):
        return act if (talk.recipient, step) == ("head", "RCPT") else None

    with mail_serving(judge) as server:
        post = Office({"mail": mail(server.port, longest=0.15)}, {"mail": Manner()})
        while outbox.is_waiting():
            outbox.deliver(post, limit=letters)
            outbox.reopen()
        talks = [talk.recipient for talk in server.talks]

    places = [place + 1 for place, who in enumerate(talks) if who == "officer"]
    late = places[len(places) * 99 // 100 - 1]
    print(f"seed {seed}: {letters} letters, {len(spoilt)} bad, {len(talks)} conversations, 99% after {late}")
    ends = Counter((row["recipient"], row["status"], row["attempts"]) for row in outbox.rows())
    tries = 1 if isinstance(act, bytes) else MOST_ATTEMPTS
    assert ends == {
        (person_in("officer"), "sent", 1): letters - len(spoilt),
        (person_in("head"), "dead", tries): len(spoilt),
    }
    assert late <= letters * 0.99 + len(spoilt)
    assert len(talks) == letters + len(spoilt) * (tries - 1)


def test_a_hanging_channel_keeps_no_worker_and_holds_up_no_other(outbox):
    """G-NOT-5: of a hundred letters two are tried, to be sure, and the other channel has all of its own."""
    outbox.tell(*(f"第{number}件" for number in range(100)), channels=("hanging", "mail"))
    with mail_serving(at_step("text", Act.HANG)) as deaf, mail_serving() as server:
        post = Office(
            {"hanging": mail(deaf.port), "mail": mail(server.port)},
            {"hanging": Manner(), "mail": Manner(at_once=100)},
        )
        outbox.deliver(post, limit=1_000)

    assert len(deaf.talks) == 2
    assert len(server.taken) == 100


@pytest.fixture
def stage(tmp_path):
    """Items that were assigned and whose limits come due, on a database of their own."""
    made = Stage(open_database(f"sqlite:///{tmp_path / 'duban.db'}"), channels=("mail", "robot"))
    made.fill(3)
    move_items(made.begin(), made.now, made.attempts(3))
    made.now += UNTIL_DUE
    yield made
    made.database.close()


def test_what_is_due_is_swept_while_a_letter_hangs(stage):
    """G-NOT-5: the sweep ends while the server still says nothing."""
    with mail_serving(at_step("text", Act.HANG)) as deaf, ThreadPoolExecutor(1) as pool:
        post = Office({"mail": mail(deaf.port, longest=30)}, {"mail": Manner()})
        sending = pool.submit(send, stage, stage.now, post, 1)
        assert deaf.held.wait(NOBODY_WAITS)
        fired = list(sweep(stage.begin, stage.now))
        assert not sending.done()
        deaf.stop.set()

    assert len(fired) == 3


def test_an_escalation_is_in_the_inbox_whatever_becomes_of_every_channel(stage):
    """G-NOT-4: a week in which mail breaks off and the robot hangs; who was to be told finds it all inside."""
    with mail_serving(at_step("text", Act.DROP)) as server, misbehaving(hang) as robot:
        ways = {"mail": mail(server.port), "robot": wecom(robot.wire(longest=0.1))}
        post = Office(ways, dict.fromkeys(ways, Manner()))
        fired = [one for _ in range(7) for one in _a_day(stage, post)]

    with stage.begin() as uow:
        inbox = [notice.key for notice in uow.notices.scan() if notice.clock]
        standing = uow.deliveries.count()
    assert len(inbox) == sum(one.recipients for one in fired) > 3
    assert not standing.get(DeliveryStatus.SENT)
    with stage.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT notice FROM delivery").scalars().all()
    assert {count for key, count in Counter(rows).items() if key in inbox} == {2}


def _a_day(stage, post):
    stage.now += timedelta(days=1)
    fired = list(sweep(stage.begin, stage.now))
    with stage.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE gate SET shut_until = 0")
    send(stage, stage.now, post, 2)
    return fired


@pytest.mark.storm
def test_four_workers_tell_nobody_twice(outbox, rounds):
    """G-NOT-3: without a crash there is no second copy."""
    letters = rounds or LETTERS
    outbox.tell(*(f"第{number}件" for number in range(letters)))
    with mail_serving() as server, ThreadPoolExecutor(4) as pool:
        post = Office({"mail": mail(server.port, longest=10)}, {"mail": Manner()})
        list(pool.map(lambda _: all(iter(partial(outbox.deliver, post, letters), [])), range(4)))

    ids = Counter(_id(raw) for _, raw in server.taken)
    assert (len(ids), set(ids.values())) == (letters, {1})
    assert {row["status"] for row in outbox.rows()} == {"sent"}
