"""Signing in, as a browser does it."""

import random
import re
from base64 import b32decode
from collections import Counter
from datetime import timedelta
from types import SimpleNamespace

import pytest

from engine.model.account import Account
from engine.model.actor import Person
from engine.model.campaign import Roster
from engine.model.errors import Refused
from engine.model.reasons import ReasonCode
from engine.rules.accounts import code_at
from engine.usecases.accounts import disable_account
from engine.usecases.signing_in import SignIn, sign_in
from runtime.passwords import Argon2Hasher, Cost
from tests.builders import NOON
from tests.integration.house import person_in
from tests.web.browser import CHEAP, CONSOLE, NEW_PASSWORD, PASSWORD, Browser, Office


def test_nobody_sees_a_page_before_signing_in(office: Office):
    page = Browser(office.web).get("/")

    assert page.url == "/login"


def test_the_first_password_must_be_changed(office: Office):
    browser, first = Browser(office.web), office.first_password("officer")

    page = browser.sign_in("officer", first)
    assert page.url == "/password"
    assert browser.get("/").url == "/password"

    page = browser.send(page.form("/password"), old=first, new=PASSWORD, again=PASSWORD)
    assert page.url == "/"
    assert "工作台" in page.words


def test_a_wrong_password_and_an_unknown_login_read_alike(office: Office):
    office.account("officer")
    browser = Browser(office.web)

    wrong, unknown = browser.sign_in("officer", "x"), browser.sign_in("nobody", "x")

    assert wrong.status == unknown.status == 422
    assert "登录名或密码不对" in wrong.words
    assert wrong.words == unknown.words.replace("nobody", "officer")


def test_the_token_is_new_after_signing_in_and_nothing_after_signing_out(office: Office):
    office.account("officer")
    browser = Browser(office.web)
    before = browser.get("/login") and browser.client.cookies["duban"]

    page = browser.sign_in("officer")
    during = browser.client.cookies["duban"]
    browser.send(page.form("/logout"))

    assert before != during
    assert _with_token(office, before).url == "/login"
    assert _with_token(office, during).url == "/login"


def test_a_stolen_copy_of_the_cookie_ends_with_the_password_and_with_the_account(office: Office):
    browser = office.signed_in("officer")
    stolen = browser.client.cookies["duban"]
    assert _with_token(office, stolen).url == "/"

    form = browser.get("/password").form("/password")
    browser.send(form, old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD)

    assert _with_token(office, stolen).url == "/login"
    disable_account(office.app.writing(), office.time, "officer", CONSOLE)
    assert browser.get("/").url == "/login"
    assert browser.sign_in("officer", NEW_PASSWORD).status == 422


def test_a_session_ends_when_it_is_left_alone_and_at_the_latest_after_twelve_hours(office: Office):
    browser = office.signed_in("officer")
    for _ in range(16):
        office.wait(minutes=50)
        if browser.get("/").url != "/":
            break

    assert office.time - NOON >= timedelta(hours=12)

    browser.sign_in("officer")
    office.wait(minutes=61)
    assert browser.get("/").url == "/login"


@pytest.mark.parametrize("password", ["短", "officer-1234567", "1234567890123", "password2020!!"])
def test_a_weak_password_is_refused_with_what_to_do(office: Office, password: str):
    browser = office.signed_in("officer")

    page = browser.send(
        browser.get("/password").form("/password"), old=PASSWORD, new=password, again=password
    )

    assert page.status == 422
    assert "办法" in page.text


def test_a_leader_shows_a_second_factor_and_no_code_counts_twice(office: Office):
    browser, first = Browser(office.web), office.first_password("leader")
    page = browser.sign_in("leader", first)
    assert page.url == "/second-factor"
    secret = b32decode(re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", ""))
    assert browser.get("/").url == "/second-factor"
    assert "/todo" not in page.links()

    wrong = browser.send(page.form("/second-factor"), code="000000")
    assert wrong.status == 422
    page = browser.send(wrong.form("/second-factor"), code=code_at(secret, office.time))
    assert page.url == "/password"

    again = Browser(office.web)
    page = again.sign_in("leader", first)
    assert "密钥" not in page.words
    assert again.send(page.form("/second-factor"), code=code_at(secret, office.time)).status == 422
    office.wait(seconds=30)
    assert again.send(page.form("/second-factor"), code=code_at(secret, office.time)).url == "/password"


def test_guessing_is_slowed_down_and_the_owner_still_comes_in_from_a_known_device(office: Office):
    """G-SEC-2, small: ten thousand guesses would take the same road."""
    owner = office.signed_in("officer")
    owner.send(owner.get("/").form("/logout"))
    guesser = Browser(office.web, "10.9.9.9")
    evaluated = 0
    for number in range(120):
        page = guesser.sign_in("officer", f"guess {number}")
        evaluated += "登录名或密码不对" in page.words
        office.wait(seconds=30)

    assert evaluated <= 100
    assert "秒后再试" in page.words
    assert guesser.sign_in("officer", PASSWORD).url == "/login"
    assert owner.sign_in("officer").url == "/"


def test_a_hash_of_other_parameters_is_made_anew_at_the_next_sign_in(office: Office):
    office.account("officer")
    costly = Argon2Hasher(Cost(passes=2, memory=128, lanes=1))

    asked = SignIn(login="officer", password=PASSWORD, address="10.0.0.1")
    sign_in(office.app.writing, office.time, costly, asked)

    with office.app.reading() as uow:
        assert not costly.is_outdated(uow.accounts.get(person_in("officer")).password_hash)


def test_signing_in_is_an_entry_and_no_entry_holds_a_secret(office: Office):
    browser = office.signed_in("officer")

    with office.app.reading() as uow:
        entries = list(uow.history.scan())

    assert [entry.what for entry in entries] == ["add_account", "sign_in", "change_password", "sign_in"]
    payloads = b"".join(entry.payload for entry in entries)
    assert browser.client.cookies["duban"].encode() not in payloads
    assert b"argon2" not in payloads


def test_the_password_is_looked_at_as_long_for_nobody_as_for_somebody():
    hasher, looked = Argon2Hasher(Cost(passes=1, memory=64, lanes=1)), []
    hasher._hasher = SimpleNamespace(verify=lambda hashed, password: looked.append(hashed) or True)

    assert hasher.verify(None, "x") is False
    assert hasher.verify("hash", "x") is True
    assert looked == [hasher._decoy, "hash"]


def _with_token(office: Office, token: str):
    browser = Browser(office.web)
    browser.client.cookies.set("duban", token, domain="duban.test")
    return browser.get("/")


@pytest.mark.storm
def test_ten_thousand_guesses_at_fifty_accounts_are_looked_at_a_hundred_times_an_hour_each(
    office: Office, rounds: int | None
):
    """G-SEC-2: 10,000 guesses at 50 accounts by `make storm`, 300 at three in the suite, all from one address."""
    count, accounts = (10_000, 50) if rounds else (300, 3)
    people = [f"guessed{number}" for number in range(accounts)]
    persons = [
        Person(id=f"{3000 + number:032x}", login=login, name=login, is_sample=True)
        for number, login in enumerate(people)
    ]
    with office.app.writing() as uow:
        uow.people.add(Roster(units=(), posts=(), persons=tuple(persons), grants=()))
        for person in persons:
            known = Account(person=person.id, password_hash="-", must_change=False, changed_at=office.time)
            uow.accounts.add(known)
        uow.commit()
    looked, dice = Counter[tuple[str, int]](), random.Random(2)
    began = office.time

    for number in range(count):
        login = people[number % accounts]
        asked = SignIn(login=login, password=f"guess {number}", address=f"10.9.9.{dice.randrange(200)}")
        with pytest.raises(Refused) as refused:
            sign_in(office.app.writing, office.time, CHEAP, asked)
        if refused.value.reasons[0].code is ReasonCode.SIGN_IN_WRONG:
            looked[login, (office.time - began) // timedelta(hours=1)] += 1
        office.wait(seconds=2)

    print(
        f"{count} guesses at {accounts} accounts, {sum(looked.values())} looked at, at most {max(looked.values())}"
    )
    assert max(looked.values()) <= 100
