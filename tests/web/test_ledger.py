"""The ledger: columns, what is taken along, batches."""

import csv
import io
import re

import openpyxl
import pytest

from tests.web.browser import Browser, Office
from tests.web.test_day import opened
from tests.web.test_review import in_review, people
from web.pages import exports, ledger

__all__ = ["people"]


def exported(browser: Browser, query: str = "") -> list[list[str]]:
    answer = browser.client.get(f"/items.csv{query}")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.headers["content-disposition"].startswith("attachment")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_columns_are_chosen_and_stay_in_the_address(people):
    opened(people["officer"])

    page = people["office"].get("/items?kind=item&col=number&col=title")

    assert 'data-label="编号"' in page.text
    assert 'data-label="单位"' not in page.text
    assert any("/items.csv" in link and "col=number" in link for link in page.links())


def test_what_is_filtered_is_exported_all_pages_of_it(people, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    for n in range(5):
        opened(people["officer"], f"台账{n}")
    opened(people["officer"], "=HYPERLINK(1)")

    rows = exported(people["office"], "?kind=item&col=number&col=title")
    assert rows[0] == ["编号", "事项"]
    assert [row[1] for row in rows[1:]] == [f"台账{n}" for n in range(5)] + ["'=HYPERLINK(1)"]
    assert len(exported(people["office"], "?q=台账&sort=newest")) == 6
    assert len(exported(people["office"], "?kind=item&stage=closed")) == 1
    assert exported(people["office"], "?sort=due") == [list(ledger.COLUMNS.values())]


def test_the_same_rows_leave_as_a_workbook_without_a_formula(people, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exports, "CHUNK", 2)
    for title in ("台账1", "=HYPERLINK(1)", "台账2"):
        opened(people["officer"], title)

    answer = people["office"].client.get("/items.xlsx?kind=item&col=title&col=due&sort=newest")

    assert answer.headers["content-disposition"].startswith("attachment")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["台账"]
    rows = list(sheet.values)
    assert [row[0] for row in rows] == ["事项", "台账2", "=HYPERLINK(1)", "台账1"]
    assert sheet["A3"].data_type == "s"
    csv_rows = exported(people["office"], "?kind=item&col=title&col=due&sort=newest")
    assert [f"{row[1] or ''}"[:16] for row in rows[1:]] == [row[1] for row in csv_rows[1:]]
    monkeypatch.setattr(exports, "MOST_IN_BOOK", 2)
    refused = people["office"].get("/items.xlsx?kind=item")
    assert refused.status == 400
    assert "超过 2 件" in refused.words


def test_a_workbook_of_too_many_rows_is_refused_before_the_first_is_read(people, monkeypatch):
    for n in range(3):
        opened(people["officer"], f"台账{n}")
    monkeypatch.setattr(exports, "MOST_IN_BOOK", 2)
    monkeypatch.setattr(exports, "rows_of", lambda *_: 1 / 0)

    for query in ("", "&sort=newest", "&stage=finding"):
        refused = people["officer"].get(f"/items.xlsx?kind=item{query}")
        assert (refused.status, "超过 2 件" in refused.words) == (400, True), query
        assert "导出 CSV" in refused.words
    assert people["officer"].get("/items.xlsx?kind=item&stage=closed").status == 500


def test_ticked_items_are_moved_together_and_the_others_say_why_not(people):
    officer, head, desk = people.values()
    ready = [in_review(officer, head, desk, f"第{n}件") for n in range(2)]
    early = opened(officer)
    form = desk.get("/items?kind=item").form("/items/batch")
    assert "approve" in form.choices["verb"]
    assert "return" not in form.choices["verb"]

    page = desk.send(form, verb="approve", pick=[*ready, early])
    assert "2 件将一起" in page.words
    assert "不在其中的 1 件" in page.words
    sent = page.form("/items/batch")
    typed = {"pick": ready, "confirmed": "1"}
    assert "“复核通过”已办理 2 件" in desk.send(sent, **typed).words
    assert desk.send(sent, **typed).status in (200, 404)

    for number in ready:
        words = desk.get(f"/items/{number}").words
        assert "待考核" in words
        assert len(re.findall("复核通过 示例office", words)) == 1
    assert "草拟" in officer.get(f"/items/{early}").words


def test_a_batch_never_returns_and_never_reaches_what_is_foreign(people, office: Office):
    officer, head, desk = people.values()
    number = in_review(officer, head, desk)
    form = desk.get("/items?kind=item").form("/items/batch")

    assert desk.send(form, verb="return", pick=[number], confirmed="1", reason="x").status == 404
    assert desk.send(form, verb="approve", pick=["ZG-2020-999999"], confirmed="1").status == 404
    form.fields["csrf"] = officer.get("/").form("/logout").fields["csrf"]
    shut = officer.send(form, verb="approve", pick=[number])
    assert "都不能" in shut.words
    assert "复核中 现在" in desk.get(f"/items/{number}").words
