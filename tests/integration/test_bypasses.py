"""G-SEC-4, by hand: ways around the separation of duties, each tried on a real database.

All of them end with the same item in review, and afterwards somebody who had no hand in it reviews it: what was
refused was the person, not the item.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.model.errors import Refused
from engine.model.reasons import ReasonCode
from engine.usecases.definitions import publish_definitions
from engine.usecases.doctor import examine_deeply
from engine.usecases.items import move_items, open_items
from engine.usecases.migration import Migrate, migrate
from tests.builders import an_attempt
from tests.integration.next_version import a_plan, next_version
from tests.integration.reviewed import ITEM, Reviewed, a_finding, in_review, proof
from tests.web.browser import Form, Office
from tests.web.program import program
from tests.web.test_day import PICTURE

Try = Callable[[Reviewed], object]
AGAIN = {"target": "returned", "reason": "佐证不足"}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Reviewed]:
    yield from in_review(tmp_path)


def named(story: Reviewed, login: str) -> Reviewed:
    return story.do("office", "assign_reviewer", assignee=login)


def second_round(story: Reviewed) -> Reviewed:
    """Sent back by the office and worked on by another: nobody of the first round touches it."""
    story.grant("stranger", "officer").do("office", "return", target="listed", reason="从头再来")
    story.do("head", "assign", assignee="stranger").do("stranger", "sign_for")
    return story.do("head", "self_check", fields={"result": "再改"}).do("head", "submit_review")


def carried_over(story: Reviewed) -> Reviewed:
    new, administrator = next_version(), story.actor("keeper")
    publish_definitions(story.house.begin(), story.time, [new], administrator)
    plan = a_plan(ITEM, new, self_checked="checked")
    migrate(story.house.begin(), story.time, Migrate(plan, administrator))
    return story


def all_together(story: Reviewed, login: str) -> object:
    """The item in a batch behind another one that the person may well submit."""
    actor = story.actor(login)
    (other,) = open_items(story.house.begin(), story.time, [a_finding()], actor)
    batch = [
        replace(an_attempt("submit", actor), item=other.id, key="b-1"),
        replace(an_attempt("approve", actor), item=story.item.id, key="b-2"),
    ]
    return move_items(story.house.begin(), story.time, batch)


REVIEWS: dict[str, Try] = {
    # another post after the work
    "the owner, in the office since": lambda s: s.grant("officer", "office").do("officer", "approve"),
    "the delegate, in the office since": lambda s: s.grant("helper", "office").do("helper", "approve"),
    "who only attached a file to the draft": lambda s: s.grant("legal", "office").do("legal", "approve"),
    "who gave the work out and checked it": lambda s: s.grant("head", "office").do("head", "approve"),
    "who granted more time": lambda s: s.grant("director", "office").do("director", "approve"),
    "who stood in for the head and does no longer": lambda s: s.grant("deputy", "office").do(
        "deputy", "approve"
    ),
    "by a post from a day before the work": lambda s: s.grant(
        "officer", "office", from_on=date(2020, 1, 1)
    ).do("officer", "approve"),
    "by a post held for a day": lambda s: s.grant("officer", "office", until_on=date(2020, 5, 11)).do(
        "officer", "approve"
    ),
    "sending it back instead": lambda s: s.grant("officer", "office").do("officer", "return", **AGAIN),
    "with a file of their own": lambda s: s.grant("officer", "office").do(
        "officer", "approve", evidence=(proof(9),)
    ),
    "with words of praise": lambda s: s.grant("head", "office").do("head", "approve", reason="很好"),
    # named as the reviewer
    "the owner, named as the reviewer": lambda s: named(s, "officer").do("officer", "approve"),
    "the delegate, named as the reviewer": lambda s: named(s, "helper").do("helper", "approve"),
    "the uploader, named as the reviewer": lambda s: named(s, "legal").do("legal", "approve"),
    "who granted more time, named as the reviewer": lambda s: named(s, "director").do("director", "approve"),
    # one for the other
    "the owner for somebody in the office": lambda s: s.grant("officer", "office", principal="office").do(
        "officer", "approve"
    ),
    "somebody for the owner in the office": lambda s: (
        s.grant("officer", "office")
        .grant("stranger", "office", principal="officer")
        .do("stranger", "approve")
    ),
    "somebody for the head whose substitute asked for the review": lambda s: s.grant(
        "stranger", "office", principal="head"
    ).do("stranger", "approve"),
    "somebody for the owner, named as the reviewer": lambda s: named(
        s.grant("stranger", "officer", principal="officer"), "officer"
    ).do("stranger", "approve"),
    "the owner for the named reviewer": lambda s: named(
        s.grant("officer", "officer", principal="leader"), "leader"
    ).do("officer", "approve"),
    "the owner for who stands in for the office": lambda s: (
        s.grant("stranger", "office", principal="office")
        .grant("officer", "office", principal="stranger")
        .do("officer", "approve")
    ),
    # work between two reviews
    "who worked in the round before": lambda s: (
        second_round(s).grant("officer", "office").do("officer", "approve")
    ),
    "the reviewer who sent it back and then checked it for the head": lambda s: (
        s.do("desk", "return", **AGAIN)
        .grant("desk", "head", principal="head")
        .do("desk", "take_up")
        .do("desk", "self_check", fields={"result": "自己改"})
        .do("head", "submit_review")
        .do("desk", "approve")
    ),
    "the reviewer who attached a file for the head": lambda s: (
        s.do("office", "return", **AGAIN)
        .grant("desk", "head", principal="head")
        .do("desk", "attach", evidence=(proof(7),))
        .do("head", "take_up")
        .do("head", "self_check")
        .do("head", "submit_review")
        .do("desk", "approve")
    ),
    "the reviewer who gave the work out again": lambda s: (
        s.do("office", "return", target="listed", reason="换人")
        .do("desk", "assign", assignee="helper")
        .do("helper", "sign_for")
        .do("head", "self_check")
        .do("head", "submit_review")
        .do("desk", "approve")
    ),
    "the owner of before the item was handed over": lambda s: (
        s.do("office", "return", target="listed", reason="移交")
        .do("office", "hand_over", unit="unit_a", reason="分工调整")
        .do("head", "assign", assignee="helper")
        .do("helper", "sign_for")
        .do("head", "self_check")
        .do("head", "submit_review")
        .grant("officer", "office")
        .do("officer", "approve")
    ),
    # around the rule
    "under a new version of the definition": lambda s: (
        carried_over(s).grant("officer", "office").do("officer", "approve")
    ),
    "in a batch": lambda s: all_together(s.grant("officer", "office"), "officer"),
}
CLOSINGS: dict[str, Try] = {
    "the owner, in the leading group since": lambda s: s.grant("officer", "leader").do(
        "officer", "close_out"
    ),
    "who granted more time": lambda s: s.do("director", "close_out"),
    "somebody for who granted more time": lambda s: s.grant("stranger", "director", principal="director").do(
        "stranger", "close_out"
    ),
    "the owner for the leader": lambda s: s.grant("officer", "leader", principal="leader").do(
        "officer", "close_out"
    ),
}


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[ReasonCode]:
    return {each.code for each in refused.value.reasons}


@pytest.mark.parametrize("way", REVIEWS)
def test_nobody_reviews_what_they_worked_on(story: Reviewed, way: str):
    with pytest.raises(Refused) as refused:
        REVIEWS[way](story)

    assert codes(refused) == {ReasonCode.NOT_INDEPENDENT}
    assert story.item.state == "in_review"
    story.do("office", "approve")
    assert story.item.state == "accepted"
    assert list(examine_deeply(story.house.begin())) == []


@pytest.mark.parametrize("login", ["officer", "helper", "head"])
def test_nobody_grades_what_they_worked_on(story: Reviewed, login: str):
    story.do("desk", "approve").grant(login, "office")
    with pytest.raises(Refused) as refused:
        story.do(login, "assess", fields={"grade": "好"})

    assert codes(refused) == {ReasonCode.NOT_INDEPENDENT}
    assert story.item.state == "accepted"
    story.do("office", "assess", fields={"grade": "好"})
    assert story.item.state == "assessed"


@pytest.mark.parametrize("way", CLOSINGS)
def test_nobody_closes_out_what_they_worked_on(story: Reviewed, way: str):
    story.do("desk", "approve").do("office", "assess", fields={"grade": "好"})
    with pytest.raises(Refused) as refused:
        CLOSINGS[way](story)

    assert codes(refused) == {ReasonCode.NOT_INDEPENDENT}
    assert story.item.state == "assessed"
    story.do("leader", "close_out")
    assert story.item.state == "closed"


@pytest.mark.parametrize(
    "more", [{"from_on": date(2020, 5, 20)}, {"until_on": date(2020, 5, 10), "from_on": date(2020, 5, 1)}]
)
def test_a_post_counts_on_its_days_alone(story: Reviewed, more: dict[str, date]):
    story.grant("stranger", "office", **more)

    with pytest.raises(Refused) as refused:
        story.do("stranger", "approve")

    assert codes(refused) == {ReasonCode.NOT_STANDING}


def by_command(story: Reviewed, folder: Path) -> str:
    house = f"sqlite:///{folder / 'duban.db'}"
    told = ["--at", f"{story.time:%Y-%m-%dT%H:%M}", "--actor", "officer", "--database", house]
    return CliRunner().invoke(main, ["item", "do", story.item.number, "approve", *told]).stderr


def by_page(story: Reviewed, folder: Path) -> str:
    """The form of another verb, bent to this one: the page offers none."""
    with office_of(story, folder) as office:
        browser = office.signed_in("officer")
        path = f"/items/{story.item.number}/do/approve"
        proof = browser.get("/").form("/logout").fields["csrf"]
        return browser.send(Form(path, "post", {"csrf": proof, "key": "k-bent-000001"})).words


def by_batch(story: Reviewed, folder: Path) -> str:
    with office_of(story, folder) as office:
        browser = office.signed_in("officer")
        form = browser.get("/items?kind=item").form("/items/batch")
        looked = browser.send(form, verb="approve", pick=[story.item.number])
        done = browser.send(form, verb="approve", pick=[story.item.number], confirmed="1")
        return looked.words if "已办理 0 件" in done.words else done.words


def by_program(story: Reviewed, folder: Path) -> str:
    with office_of(story, folder) as office:
        return program(office, "officer").post(f"/items/{story.item.number}/moves/approve", {}).text


def by_program_with_a_file(story: Reviewed, folder: Path) -> str:
    files = {"files": {"files": ("结果.png", PICTURE, "image/png")}}
    with office_of(story, folder) as office:
        path = f"/items/{story.item.number}/moves/approve/with-evidence"
        return program(office, "officer").post(path, **files).text


def office_of(story: Reviewed, folder: Path) -> Office:
    """Pages and interface over the same file, at the same time."""
    office = Office(folder)
    office.time = story.time
    return office


@pytest.mark.parametrize("way", [by_command, by_page, by_batch, by_program, by_program_with_a_file])
def test_no_skin_is_a_way_around(
    story: Reviewed, tmp_path: Path, way: Callable[[Reviewed, Path], str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    story.grant("officer", "office")

    assert "参与过此事项" in way(story, tmp_path)
    assert story.item.state == "in_review"
    story.do("office", "approve")


THREE: dict[str, Try] = {
    "the administrator as the security officer": lambda s: s.grant("keeper", "security"),
    "the security officer as the administrator": lambda s: s.grant("security", "keeper"),
    "for the other": lambda s: s.grant("security", "keeper", principal="keeper"),
    "from a later day on": lambda s: s.grant("keeper", "security", from_on=date(2021, 1, 1)),
    "before the other post begins": lambda s: s.grant("stranger", "keeper", from_on=date(2020, 9, 1)).grant(
        "stranger", "security"
    ),
}


@pytest.mark.parametrize("way", THREE)
def test_nobody_holds_two_of_the_three_offices(story: Reviewed, way: str):
    with pytest.raises(Refused) as refused:
        THREE[way](story)

    assert codes(refused) == {ReasonCode.THREE_OFFICES}
