"""Accounts, sessions, devices, brakes, members and marks of reading: on every store alike."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.model.account import Account, Brake, Session
from engine.model.actor import Role
from engine.model.errors import Broken, Conflict
from engine.model.notice import Notice
from engine.model.views import ItemFilter
from tests.contract.conftest import NOW
from tests.contract.values import ANNA, BERT, DAY, ROSTER

ACCOUNT = Account(person=ANNA, password_hash="$argon2id$…", must_change=True, changed_at=NOW)
SESSION = Session(digest="d" * 64, person=ANNA, opened_at=NOW, seen_at=NOW, is_complete=False)


def test_an_account_is_kept_as_given_and_once(begin):
    changed = replace(ACCOUNT, must_change=False, disabled_at=NOW, secret=b"\0\xff", step=7)
    with begin() as uow:
        uow.people.add(ROSTER)
        assert uow.accounts.get(ANNA) is None
        uow.accounts.add(ACCOUNT)
        assert uow.accounts.get(ANNA) == ACCOUNT
        uow.accounts.replace(changed)
        uow.commit()
    with begin(write=False) as uow:
        assert uow.accounts.get(ANNA) == changed
        (row,) = uow.accounts.rows()
        assert (row.login, row.is_enrolled, row.seen_at) == ("anna", True, None)
    with begin() as uow, pytest.raises(Conflict):
        uow.accounts.add(ACCOUNT)


def test_accounts_are_listed_by_login_with_their_last_use(begin):
    with begin() as uow:
        uow.people.add(ROSTER)
        for person in (BERT, ANNA, "c" * 32):
            uow.accounts.add(replace(ACCOUNT, person=person))
        for digest, minutes in (("a", 1), ("b", 9), ("c", 5)):
            seen = NOW + timedelta(minutes=minutes)
            uow.accounts.open_session(replace(SESSION, digest=digest * 64, person=BERT, seen_at=seen))

        assert [(row.login, row.name, row.seen_at) for row in uow.accounts.rows()] == [
            ("anna", "安", None),
            ("bert", "白", NOW + timedelta(minutes=9)),
        ]


def test_what_is_not_there_is_left_alone(begin):
    with begin() as uow:
        uow.accounts.replace(ACCOUNT)
        uow.accounts.touch(SESSION)
        uow.accounts.end_session(SESSION.digest)
        uow.accounts.release(["account:x"])

        assert uow.accounts.get(ANNA) is None
        assert uow.accounts.session(SESSION.digest) is None


@pytest.mark.parametrize(
    "store_it",
    [
        lambda accounts: accounts.add(replace(ACCOUNT, step=1)),
        lambda accounts: accounts.open_session(replace(SESSION, digest="d")),
    ],
)
def test_half_an_account_or_session_is_not_stored(begin, store_it):
    with begin() as uow, pytest.raises(Broken):
        store_it(uow.accounts)


def test_a_session_is_opened_once(begin):
    with begin() as uow:
        uow.accounts.open_session(SESSION)
        assert uow.accounts.session(SESSION.digest) == SESSION
        with pytest.raises(Conflict):
            uow.accounts.open_session(SESSION)


def test_sessions_end_one_by_one_by_person_and_by_age(begin):
    with begin() as uow:
        for digest, person, age in (("a", ANNA, 0), ("b", ANNA, 0), ("c", BERT, 0), ("e", BERT, 9)):
            opened_at = NOW - timedelta(hours=age)
            uow.accounts.open_session(
                replace(SESSION, digest=digest * 64, person=person, opened_at=opened_at)
            )
        uow.accounts.touch(replace(SESSION, digest="c" * 64, seen_at=NOW + timedelta(minutes=5)))
        uow.accounts.end_session("a" * 64)
        uow.accounts.end_sessions_before(NOW - timedelta(hours=1))
        assert [uow.accounts.session(digest * 64) is None for digest in "abce"] == [True, False, False, True]
        assert uow.accounts.session("c" * 64).seen_at == NOW + timedelta(minutes=5)
        uow.accounts.end_sessions(ANNA)
        assert uow.accounts.session("b" * 64) is None


def test_devices_and_brakes(begin):
    brake = Brake(subject="account:x", failures=3, failed_at=NOW, blocked_until=NOW + timedelta(seconds=8))
    with begin() as uow:
        uow.accounts.know_device("d" * 64, ANNA, NOW)
        uow.accounts.know_device("d" * 64, ANNA, NOW)
        assert uow.accounts.knows_device("d" * 64, ANNA)
        assert not uow.accounts.knows_device("d" * 64, BERT)
        uow.accounts.forget_devices(ANNA)
        assert not uow.accounts.knows_device("d" * 64, ANNA)
        uow.accounts.set_brake(replace(brake, failures=2))
        uow.accounts.set_brake(brake)
        assert uow.accounts.brakes(["account:x", "account:y"]) == {"account:x": brake}
        uow.accounts.release(["account:x"])
        assert uow.accounts.brakes(["account:x"]) == {}


def test_members_and_roles_from_a_day_on(begin):
    with begin() as uow:
        uow.people.add(ROSTER)
        members = uow.people.members(["u0", "u1"], DAY, 10)

        assert [(m.login, m.unit_name, m.title) for m in members] == [
            ("anna", "分局", "主任"),
            ("bert", "一所", "民警"),
        ]
        assert uow.people.roles_from(BERT, DAY) == {Role.OFFICE, Role.OFFICER}


def test_only_the_recipient_marks_a_notice_as_read(begin, new_item):
    item = new_item()
    notice = Notice(key="1" * 64, kind="listed", item=item.id, recipient=ANNA, facts={}, written_at=NOW)
    with begin() as uow:
        uow.people.add(ROSTER)
        uow.items.add([item])
        uow.notices.write([notice, replace(notice, key="2" * 64)], ())
        uow.notices.mark_read(BERT, [notice.key], NOW)
        assert uow.notices.count_unread(ANNA, 100) == 2
        assert uow.notices.count_unread(ANNA, 1) == 1
        uow.notices.mark_read(ANNA, [notice.key], NOW)
        uow.notices.mark_read(ANNA, [notice.key], NOW + timedelta(hours=1))
        assert uow.notices.count_unread(ANNA, 100) == 1
        assert {row.key[0]: row.read_at for row in uow.notices.rows(ANNA, None, None, 9)} == {
            "1": NOW,
            "2": None,
        }


def test_a_list_runs_backwards_and_by_title(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(number=n, title=f"台账{n % 2}") for n in range(1, 6)])
        found = uow.views.items(ItemFilter(newest_first=True, limit=2))
        behind = uow.views.items(ItemFilter(newest_first=True, limit=9, after=found[-1].number))

        assert [row.number[-1] for row in [*found, *behind]] == list("54321")
        assert [row.number[-1] for row in uow.views.items(ItemFilter(title="账1"))] == list("135")
