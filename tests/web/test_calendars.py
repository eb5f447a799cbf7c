"""The calendar as pages show it: a day explained, what a file would change, a long reckoning told as it goes."""

from threading import Event

from engine.model.errors import Unavailable
from engine.usecases import calendars
from tests.web.browser import SAME, Browser, Office
from tests.web.test_day import do, opened
from tests.web.test_keeping import kept
from tests.web.test_review import in_review
from web.threads import carried_on

__all__ = ["kept"]

CALENDAR = """
id: county
version: 1
label: 建县纪念日
source: 县政府通知
rests:
  - {from: 2020-05-07, label: 建县纪念日}
"""


def test_a_day_is_explained(kept):
    told = kept["officer"].get("/calendar?day=2020-10-01").words

    assert "2020-10-01 周四" in told
    assert "国庆节" in told
    assert kept["officer"].get("/calendar?day=morgen").status == 400


def test_an_administrator_sees_what_a_calendar_would_change_and_loads_it(kept, office: Office):
    number = opened(kept["officer"])
    do(kept["officer"], number, "submit")
    admin = kept["admin"]

    form = next(
        each
        for each in admin.get("/calendar").forms()
        if each.method == "post" and each.action == "/calendar"
    )

    def upload(content: bytes):
        files = {"csrf": (None, form.fields["csrf"]), "file": ("县.yaml", content, "text/yaml")}
        return admin._page(admin.client.post("/calendar", files=files, headers=SAME))

    assert "是不是想写 label" in upload(CALENDAR.replace("label", "lable", 1).encode()).words
    assert upload(b"").status == 400
    assert upload(b"x" * 70_000).status == 400
    looked = upload(CALENDAR.encode())
    assert "建县纪念日" in looked.words
    assert "建县纪念日" not in admin.get("/calendar?day=2020-05-07").words
    confirm = next(each for each in looked.forms() if "confirmed" in each.fields)
    assert "已载入 建县纪念日" in admin.send(confirm).words
    assert "已载入 建县纪念日" in admin.send(confirm).words
    assert "建县纪念日" in kept["officer"].get("/calendar?day=2020-05-07").words
    confirm.fields["csrf"] = kept["officer"].get("/").form("/logout").fields["csrf"]
    assert kept["officer"].send(confirm).status == 403


def _confirmation(admin: Browser):
    """The form that puts the calendar in force, as the page shows it once the file was looked at."""
    form = admin.get("/calendar").form("/calendar")
    files = {"csrf": (None, admin.get("/").form("/logout").fields["csrf"])}
    files["file"] = ("县.yaml", CALENDAR.encode(), "text/yaml")
    looked = admin._page(admin.client.post(form.action, files=files, headers=SAME))
    return next(each for each in looked.forms() if "confirmed" in each.fields)


def test_a_long_reckoning_says_how_far_it_has_come(kept, office: Office, monkeypatch):
    head = office.signed_in("head")
    for n in range(2):
        in_review(kept["officer"], head, kept["office"], f"第{n}件")
    confirm = _confirmation(kept["admin"])
    monkeypatch.setattr(calendars, "PAGE", 1)

    words = kept["admin"].send(confirm).words

    places = [words.index(f"已看 {count} 件") for count in (1, 2)]
    assert places == sorted(places)
    assert words.index("已载入 建县纪念日") > places[-1]


def test_a_reckoning_that_broke_off_says_how_to_go_on(kept, office: Office, monkeypatch):
    confirm = _confirmation(kept["admin"])

    def broken(*_: object):
        yield calendars.Reckoned(500, 7)
        raise Unavailable("数据库正忙")

    monkeypatch.setattr("web.pages.calendars.reckon_again", broken)
    words = kept["admin"].send(confirm).words

    assert "已看 500 件" in words
    assert "系统暂时办不了" in words
    assert "没算完的会接着算" in words
    assert "均已记入历史" not in words


def test_what_was_begun_comes_to_its_end_when_nobody_listens_any_more():
    done: list[int] = []
    ended = Event()

    def work():
        for each in range(50):
            done.append(each)
            yield each
        ended.set()

    listening = carried_on(work())
    assert next(listening) == 0
    del listening

    assert ended.wait(10)
    assert len(done) == 50
