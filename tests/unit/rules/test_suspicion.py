"""What paper rectification looks like: each pattern is asked about from its measure on, and not below it."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.model.ids import NOBODY, ItemId, PersonId, UnitCode
from engine.model.inspection import USUAL, Suspicion
from engine.rules.suspicion import Act, Attempted, Watch

ZHANG, LI = PersonId("a" * 32), PersonId("b" * 32)
MORNING = datetime(2020, 6, 10, 1, tzinfo=UTC)


def an_act(index: int, **given) -> Act:
    usual = {
        "index": index,
        "at": MORNING + timedelta(minutes=index),
        "item": ItemId(f"{index:032x}"),
        "unit": UnitCode("team_a"),
        "actor": ZHANG,
        "waited": timedelta(days=1),
    }
    return Act(**{**usual, **given})


def asked(acts, attempts=()):
    watch = Watch(USUAL)
    for act in acts:
        watch.see(act)
    for attempt in attempts:
        watch.attempted(attempt)
    return watch.questions()


def test_a_quiet_history_raises_no_question():
    assert asked([an_act(n, reviews=n % 2 == 0, returns=n % 2 == 1) for n in range(40)]) == []


def test_many_items_closed_by_one_person_on_one_day_are_asked_about():
    acts = [an_act(n, closes=True) for n in range(USUAL.bulk)]
    before = [an_act(90 + n, closes=True, at=MORNING - timedelta(days=n + 1)) for n in range(3)]

    (question,) = asked([*acts, *before])

    assert (question.suspicion, question.person, question.about) == (
        Suspicion.BULK_CLOSING,
        ZHANG,
        "2020-06-10",
    )
    assert (question.count, question.of, question.entries) == (5, 8, (0, 1, 2, 3, 4))
    assert asked(acts[1:]) == []
    assert asked([*acts[1:], an_act(9, closes=True, actor=LI)]) == []
    assert asked([an_act(n, closes=True, actor=NOBODY) for n in range(9)]) == []


@pytest.mark.parametrize(
    ("day", "is_late"),
    [("2020-06-27", False), ("2020-06-28", True), ("2020-06-30", True), ("2020-07-01", False)],
)
def test_the_last_three_days_of_a_month_are_its_end_by_the_local_day(day, is_late):
    at = datetime.fromisoformat(f"{day}T00:30:00+08:00")
    acts = [an_act(n, closes=True, at=at, actor=PersonId(f"{n:032x}")) for n in range(3)]

    found = [question.suspicion for question in asked(acts)]

    assert found == [Suspicion.MONTH_END] * is_late


def test_a_month_end_is_asked_about_only_where_it_holds_most_of_the_month():
    late = [
        an_act(n, closes=True, at=datetime(2020, 6, 29, 3, tzinfo=UTC), actor=PersonId(f"{n:032x}"))
        for n in range(3)
    ]
    early = [an_act(10 + n, closes=True, actor=PersonId(f"{n:032x}")) for n in range(3)]

    assert asked([*late, *early]) == []
    (question,) = asked([*late, *early[1:]])
    assert (question.unit, question.about, question.count, question.of) == ("team_a", "2020-06", 3, 5)


def test_the_same_words_are_found_behind_other_digits_and_spaces():
    texts = ["已组织培训 2 次，抽查 10 份笔录", "已组织培训3次 抽查12份笔录。", "已组织培训2次，抽查9份笔录"]

    (question,) = asked([an_act(n, words=(text,)) for n, text in enumerate(texts)])

    assert (question.suspicion, question.entries, question.about) == (
        Suspicion.SAME_TEXT,
        (0, 1, 2),
        texts[0],
    )
    assert asked([an_act(n, words=("已办理",)) for n in range(9)]) == []
    assert asked([an_act(n, words=(text,)) for n, text in enumerate(texts[:2])]) == []


def test_a_reviewer_who_never_returns_is_asked_about_after_ten_reviews():
    acts = [an_act(n, reviews=True) for n in range(USUAL.reviews)]

    (question,) = asked(acts)

    assert (question.suspicion, question.count) == (Suspicion.NEVER_RETURNS, 10)
    assert asked([*acts, an_act(99, returns=True)]) == []
    assert asked(acts[1:]) == []


def test_reading_takes_longer_with_more_evidence():
    quick = [an_act(n, reviews=True, waited=timedelta(seconds=100), evidence=2) for n in range(3)]
    slow = [an_act(n + 3, reviews=True, waited=timedelta(seconds=100), evidence=1) for n in range(3)]

    (question,) = asked([*quick, *slow])

    assert (question.suspicion, question.entries, question.of) == (Suspicion.FAST_APPROVAL, (0, 1, 2), 6)


def test_each_attempt_to_review_ones_own_work_is_asked_about():
    (question,) = asked([], [Attempted(7, LI), Attempted(9, LI)])

    assert (question.suspicion, question.person, question.entries) == (Suspicion.SELF_REVIEW, LI, (7, 9))


def test_questions_come_kind_by_kind_the_most_frequent_first_each_with_a_key_of_its_own():
    acts = [an_act(n, closes=True) for n in range(6)]
    acts += [an_act(10 + n, closes=True, actor=LI) for n in range(7)]

    found = asked(acts, [Attempted(50, LI)])

    assert [question.person for question in found] == [LI, ZHANG, LI]
    assert len({question.key for question in found}) == 3
