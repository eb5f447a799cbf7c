"""Criticism in a bulletin: candidates are listed, leaders decide, whoever may see the unit reads what has gone out."""

from engine.model.criticism import Mark
from tests.web.browser import Office
from tests.web.test_day import opened
from tests.web.test_scope import wider

__all__ = ["wider"]


def marked(office: Office, number: str, *labels: str) -> None:
    with office.app.writing() as uow:
        item = uow.items.by_numbers([number])[number]
        marks = [Mark(item=item, cause=label, label=label, marked_at=office.time) for label in labels]
        uow.criticisms.mark(marks)
        uow.commit()


def test_a_leader_decides_on_a_candidate_and_the_bulletin_says_so(office: Office):
    officer, director = office.signed_in("officer"), office.signed_in("director")
    assert "没有等决定的候选" in director.get("/bulletin").words
    number = opened(officer, "久拖不改")
    marked(office, number, "整改时限逾期15天", "两次退回")
    assert "/bulletin" in officer.get(f"/items/{number}").links()

    page = director.get("/bulletin")
    assert ("整改时限逾期15天" in page.words, "两次退回" in page.words) == (True, True)
    form = page.form("/bulletin")
    assert "没有写明理由" in director.send(form, reason="", verdict="issued").words
    assert director.send(form, reason="拖延", verdict="perhaps").status == 404
    done = director.send(form, reason="催办两次仍未整改", verdict="issued")

    assert f"{number} 已决定通报批评" in done.words
    assert "没有等决定的候选" in done.words
    assert "整改时限逾期15天" in officer.get("/bulletin").words
    assert "催办两次仍未整改" in officer.get(f"/items/{number}").words
    assert director.send(form, reason="又一次", verdict="dropped").status == 422


def test_who_does_not_decide_sees_candidates_of_their_units_without_a_button(wider: Office):
    office = wider
    officer, desk = office.signed_in("officer"), office.signed_in("office")
    number = opened(officer, "久拖不改")
    marked(office, number, "整改时限逾期15天")

    assert number in desk.get("/bulletin").text
    forms = [form.action for form in desk.get("/bulletin").forms()]
    assert "/bulletin" not in forms
    assert number not in office.signed_in("stranger").get("/bulletin").text
