"""Saved filters on the ledger: one's own, and those that colleagues share."""

from tests.web.test_day import opened
from tests.web.test_review import people

__all__ = ["people"]


def keep(browser, path: str, **given: str):
    return browser.send(browser.get(path).form("/filters"), **given)


def test_a_filter_is_kept_by_its_name_and_leads_back_to_what_it_asked(people):
    officer = people["officer"]
    opened(officer, "甲")
    path = "/items?q=%E7%94%B2&kind=item&state=submitted&col=number&col=title"

    kept = keep(officer, f"{path}&after=ZG-2020-000000", name="待审的甲")

    assert kept.url == "/items"
    assert "待审的甲" in kept.words
    assert path in [link.replace("&amp;", "&") for link in officer.get("/items?kind=item").links()]
    keep(officer, "/items?kind=item", name="待审的甲")
    assert officer.get("/filters").words.count("待审的甲") == 1
    assert "待审的甲" not in people["head"].get("/items").words


def test_a_shared_filter_is_found_by_colleagues_who_see_no_more_by_it(people):
    officer, head, desk = people.values()
    keep(officer, "/items?kind=item", name="本队", unit="unit_a")
    assert "本队" in head.get("/items?kind=item").words
    assert "本队" not in desk.get("/items?kind=item").words
    assert "/forget" not in head.get("/filters").text


def test_what_cannot_be_kept_is_told_and_can_be_mended(people):
    for given, why in (({"unit": "bureau"}, "只能与您任职的单位共用"), ({"query": "q=<script>"}, "读不出来")):
        refused = keep(people["officer"], "/items?kind=item", name="全局", **given)
        assert refused.status == 422
        assert why in refused.words
        assert refused.form("/filters").fields["name"] == "全局"


def test_a_filter_is_forgotten_once_by_its_person_alone(people):
    officer, head, _ = people.values()
    keep(officer, "/items?kind=item", name="本队", unit="unit_a")
    forms = officer.get("/filters").forms()
    form = next(each for each in forms if each.action.endswith("/forget"))
    stolen = head.get("/filters").form("/logout")
    stolen.action = form.action
    head.send(stolen)
    assert "本队" in officer.get("/filters").words

    assert officer.send(form).url == officer.send(form).url == "/filters"
    assert "还没有存过筛选" in officer.get("/filters").words
