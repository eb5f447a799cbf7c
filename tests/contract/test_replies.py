"""What was answered to an idempotency key."""

import pytest

from engine.model.errors import Broken, Conflict
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT


@pytest.fixture
def replies(begin):
    with begin() as uow:
        uow.replies.keep(
            [(ANNA, "k", "hash", "{}"), (BERT, "k", "other", "[]"), (BERT, "l", "hash", "1")], NOW
        )
        yield uow.replies


def test_the_keys_that_were_used_have_their_answers(replies):
    asked = [(ANNA, "k"), (ANNA, "l"), (BERT, "k"), (BERT, "l"), ("c" * 32, "k")]

    assert replies.find(asked) == {
        (ANNA, "k"): ("hash", "{}"),
        (BERT, "k"): ("other", "[]"),
        (BERT, "l"): ("hash", "1"),
    }
    assert replies.find([]) == {}


def test_a_key_is_answered_once(replies):
    with pytest.raises(Conflict):
        replies.keep([(ANNA, "k", "other", "{}")], NOW)


def test_an_empty_key_is_none(replies):
    with pytest.raises(Broken):
        replies.keep([(ANNA, "", "hash", "{}")], NOW)
