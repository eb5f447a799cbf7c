"""Access tokens: on every store alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.errors import Broken, Error
from engine.model.token import AccessToken, Scope
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT

TOKEN = AccessToken(
    id="t" * 32,
    digest="d" * 64,
    person=ANNA,
    name="统计报表",
    scopes=frozenset({Scope.READ, Scope.WRITE}),
    made_at=NOW,
    expires_at=NOW + timedelta(days=30),
)


def test_a_token_is_kept_as_given_found_by_its_digest_and_ended(begin):
    later = NOW + timedelta(hours=5)
    with begin() as uow:
        assert uow.tokens.find(TOKEN.digest) is None
        uow.tokens.add(TOKEN)
        uow.commit()
    with begin() as uow:
        assert uow.tokens.find(TOKEN.digest) == TOKEN
        uow.tokens.touch(TOKEN.id, later)
        uow.tokens.revoke(TOKEN.id, later)
        uow.commit()
    with begin(write=False) as uow:
        assert uow.tokens.find(TOKEN.digest) == replace(TOKEN, used_at=later, revoked_at=later)


def test_the_tokens_of_a_person_stand_in_their_order(begin):
    second = replace(TOKEN, id="a" * 32, digest="e" * 64, made_at=NOW + timedelta(seconds=1))
    with begin() as uow:
        for each in (second, TOKEN, replace(TOKEN, id="b" * 32, digest="f" * 64, person=BERT)):
            uow.tokens.add(each)
        assert uow.tokens.of_person(ANNA) == [TOKEN, second]


def test_no_two_tokens_share_a_digest(begin):
    with begin() as uow:
        uow.tokens.add(TOKEN)
        with pytest.raises(Error):
            uow.tokens.add(replace(TOKEN, id="c" * 32))


@pytest.mark.parametrize("changes", [{"digest": "d" * 63}, {"expires_at": NOW}])
def test_an_unsound_token_is_not_stored(begin, changes):
    with begin() as uow, pytest.raises(Broken):
        uow.tokens.add(replace(TOKEN, **changes))


def test_what_was_never_given_is_neither_used_nor_ended(begin):
    with begin() as uow:
        uow.tokens.touch(TOKEN.id, NOW)
        uow.tokens.revoke(TOKEN.id, NOW)
        assert uow.tokens.of_person(ANNA) == []
