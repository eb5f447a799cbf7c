"""The calendar feed, the counts for a monitor, and the sign of life."""

import re
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from engine.model.errors import Refused
from engine.model.token import Scope
from tests.web.browser import Browser, Office
from tests.web.program import Program, program, token_for
from tests.web.test_api import PLAN

CALENDAR = frozenset({Scope.CALENDAR})


def _planned(office: Office, title: str) -> str:
    """An item that the head has assigned to the officer."""
    officer, head, desk = (program(office, login) for login in ("officer", "head", "office"))
    number = officer.opened(title)
    officer.post(f"/items/{number}/moves/submit", {}, "k-submit-1")
    desk.post(f"/items/{number}/moves/list", {"fields": PLAN}, "k-list-01")
    head.post(f"/items/{number}/moves/assign", {"assignee": "officer"}, "k-assign-1")
    return number


def _feed(office: Office, token: str) -> Calendar:
    answer = Browser(office.web).get(f"/calendar/{token}.ics")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.text)


def test_the_feed_shows_what_waits_on_the_day_it_is_due(office: Office):
    title = "标题很长，含逗号,分号;反斜杠\\ 和换行" + "长" * 120
    number = _planned(office, title)
    token = token_for(office, "officer", CALENDAR)

    (event,) = _feed(office, token).walk("VEVENT")

    assert event["summary"] == f"{number} {title}"
    due_at = program(office, "officer").get("/due", days=300).json()[0]["due_at"]
    assert event.decoded("dtstart") == date.fromisoformat(due_at[:10])
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == timedelta(hours=-15)
    program(office, "officer").post(f"/items/{number}/moves/sign_for", {}, "k-sign-01")
    (later,) = _feed(office, token).walk("VEVENT")
    assert later["uid"] == event["uid"]
    assert later["sequence"] > event["sequence"]


def test_a_feed_that_is_nobodys_reads_like_a_wrong_address(office: Office):
    reading = token_for(office, "officer")
    addresses = [reading, "duban_" + "0" * 64, "x", "duban_" + "G" * 64]

    answers = [Browser(office.web).get(f"/calendar/{each}.ics") for each in addresses]

    assert {each.status for each in answers[:2]} == {404}
    assert answers[0].words == answers[1].words
    assert {each.status for each in answers[2:]} <= {400, 404}
    with pytest.raises(Refused):
        token_for(office, "officer", frozenset({Scope.CALENDAR, Scope.READ}))


def test_counts_are_for_an_administrators_token(office: Office):
    with pytest.raises(Refused):
        token_for(office, "officer", frozenset({Scope.METRICS}))
    client = Program(office, None).client
    assert client.get("/metrics").status_code == 401
    shown = {"authorization": f"Bearer {token_for(office, 'officer')}"}
    assert client.get("/metrics", headers=shown).status_code == 403


def test_counts_say_what_stands_where(administered: Office):
    number = _planned(administered, "样例")
    token = token_for(administered, "admin", frozenset({Scope.METRICS}))
    shown = {"authorization": f"Bearer {token}"}

    text = Program(administered, None).client.get("/metrics", headers=shown).text

    assert 'duban_items{kind="item",stage="rectifying"} 1.0' in text
    assert 'duban_items_by_state{kind="item",state="assigned"} 1.0' in text
    assert 'duban_items_by_lamp{kind="item",lamp="green"} 1.0' in text
    assert "duban_items_overdue 0.0" in text
    assert int(float(re.search(r"duban_log_entries ([\d.e+]+)", text)[1])) > 5
    assert number not in text


def test_the_sign_of_life_names_what_is_wrong_in_one_word(office: Office):
    answer = Browser(office.web).get("/health")

    assert answer.status == 503
    assert answer.text == "sweep\n"
