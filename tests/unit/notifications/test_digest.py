"""Several notices as one message: every one is named, the words are the same at every try, and no more than fit."""

from dataclasses import replace
from email import message_from_bytes, policy

from notifications.digest import MOST_TOLD, gathered
from notifications.mail import compose, header_names, read_sender
from notifications.render import Message, render
from tests.unit.notifications.hostile import TEXTS
from tests.unit.notifications.test_mail import ADDRESS, EXPECTED, KEY
from tests.unit.notifications.test_render import FACTS, a_notice

SENDER = read_sender("法制办 <duban@bureau.example>")


def messages(count: int) -> list[Message]:
    return [render(a_notice("overdue", **{**FACTS, "number": f"ZG-2020-{n:06d}"})) for n in range(count)]


def test_one_message_stays_as_it_is() -> None:
    (one,) = messages(1)

    assert gathered([one]) is one


def test_every_one_is_named_with_what_it_says() -> None:
    told = gathered(messages(3))

    assert told.subject == "督办通知 3 条：逾期3天提醒：“案卷制作不规范”（ZG-2020-000000） 等"
    for number in range(3):
        assert (
            f"{number + 1}. 逾期3天提醒：“案卷制作不规范”（ZG-2020-00000{number}）\n整改事项“案卷"
            in told.text
        )
    assert "ZG-2020-000002" in told.html
    assert told == gathered(messages(3))


def test_a_flood_is_counted() -> None:
    told = gathered(messages(300))

    assert f"另有 {300 - MOST_TOLD} 条" in told.text
    assert len(told.text) < 20_000


def test_no_subject_in_a_digest_adds_a_header() -> None:
    hostile = [render(a_notice("returned", title=text, reason=text)) for text in TEXTS]
    for one in hostile:
        raw = compose(gathered([one, replace(one, subject="二")]), KEY, ADDRESS, SENDER)

        assert header_names(raw) == EXPECTED
    raw = compose(gathered(hostile), KEY, ADDRESS, SENDER)
    assert message_from_bytes(raw, policy=policy.default)["Message-ID"] == f"<{KEY}@bureau.example>"
