"""What leaves for other programs: every entry that is wanted and may be seen, whole files only, no formulas in them."""

import csv
import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import openpyxl
import pytest

from engine.model.entry import TreeHead
from engine.model.errors import Conflict, NotPermitted, Unavailable
from engine.model.ids import UnitCode
from engine.model.inspection import ExportForm, LogFilter
from engine.rules.cells import unguarded
from engine.rules.ledger import ZERO, canonical, seal
from engine.rules.past import Past
from engine.usecases import exporting
from engine.usecases.exporting import Event
from engine.usecases.inspecting import READ
from engine.usecases.inspection import inspect_log
from runtime.exports import tables, workbook
from runtime.exports.columns import COLUMNS
from runtime.exports.writing import write_export
from tests.audit.test_inspection import by, every_item, everything
from tests.hostile import BREAKING, CELLS
from tests.unit.rules.test_ledger import START, draft

HEADS = [column.head for column in COLUMNS]
REASON, TITLE = HEADS.index("理由"), HEADS.index("标题")


def exported(bureau, tmp_path, form, login="auditor", **wanted):
    """The file of an export, and the entries that it should hold."""
    target = tmp_path / f"out.{form}"
    done = write_export(by(bureau, login), ExportForm(form), LogFilter(**wanted), target)
    page = inspect_log(by(bureau, login), LogFilter(limit=500, **wanted, before=done.head.size))
    return target, [line.entry for line in page.lines][::-1]


def objects(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"unit": UnitCode("team_a")},
        {"what": "submit"},
        {"number": "ZG-2020-000001"},
        {"since": datetime(2020, 5, 1, tzinfo=UTC)},
        {"until": datetime(2020, 5, 1, tzinfo=UTC), "standing": "office"},
    ],
)
def test_an_export_holds_what_the_log_shows_oldest_first(lived, tmp_path, wanted):
    path, entries = exported(lived, tmp_path, "jsonl", **wanted)

    told = objects(path)
    assert [each["index"] for each in told] == [entry.index for entry in entries]
    assert [each["leaf"] for each in told] == [entry.leaf.hex() for entry in entries]
    assert [each["payload"] for each in told] == [json.loads(entry.payload) for entry in entries]


def test_each_event_knows_its_item_before_and_after(lived, tmp_path, monkeypatch):
    """Also where only few items are remembered on the way."""
    whole = objects(exported(lived, tmp_path, "jsonl")[0])
    state = {}
    for each in whole:
        if each["item"]:
            assert each["state_before"] == state.get(each["item"])
            state[each["item"]] = each["state_after"]
    assert state == {item.id: item.state for item in every_item(lived).values()}

    monkeypatch.setattr("engine.usecases.pasts.Pasts.__init__.__defaults__", (2,), raising=False)
    monkeypatch.setattr(exporting, "AT_ONCE", 3)
    (tmp_path / "out.jsonl").unlink()
    again = objects(exported(lived, tmp_path, "jsonl")[0])
    assert again[: len(whole)] == whole


def test_that_it_was_exported_is_an_entry_made_before(lived, tmp_path):
    exported(lived, tmp_path, "csv", unit=UnitCode("team_b"))

    told = [json.loads(e.payload) for e in everything(lived) if e.what == READ][-2]
    assert told["view"] == "export"
    assert told["about"] == {"format": "csv", "unit": "team_b"}


def test_whoever_may_not_read_the_log_exports_nothing(lived, tmp_path):
    size = len(everything(lived))

    with pytest.raises(NotPermitted):
        exported(lived, tmp_path, "xlsx", "officer_a")
    assert [*tmp_path.iterdir()] == []
    assert len(everything(lived)) == size


def test_a_reader_of_some_units_exports_these(lived, tmp_path):
    path, entries = exported(lived, tmp_path, "jsonl", "supervisor")

    told = objects(path)
    assert [each["index"] for each in told] == [entry.index for entry in entries]
    assert all(each["item"] for each in told)


def test_the_table_opens_in_a_spreadsheet_as_it_stands(lived, tmp_path):
    path, entries = exported(lived, tmp_path, "csv")
    raw = path.read_bytes()
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))

    assert raw.startswith("\ufeff序号,".encode())
    assert raw.endswith(b"\r\n")
    assert rows[0] == HEADS
    assert [int(row[0]) for row in rows[1:]] == [entry.index for entry in entries]
    assert [row[-1] for row in rows[1:]] == [entry.leaf.hex() for entry in entries]


def test_the_workbook_holds_the_same_with_numbers_and_instants(lived, tmp_path):
    path, entries = exported(lived, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path, read_only=True)
    rows = list(book["历史"].values)

    assert book.sheetnames == ["说明", "历史"]
    assert list(rows[0]) == HEADS
    assert [row[0] for row in rows[1:]] == [entry.index for entry in entries]
    assert all(isinstance(row[1], datetime) for row in rows[1:])
    waits = [row[HEADS.index("前状态历时（秒）")] for row in rows[1:]]
    assert any(isinstance(wait, int) for wait in waits)
    about = dict(book["说明"].values)
    assert about["历史条数"] == entries[-1].index + 1


class Told:
    """An export of made-up events."""

    at, asker = START, "=审计员"

    def __init__(self, texts):
        self._texts = texts
        self.head = TreeHead(len(texts), bytes(32))

    def events(self):
        for index, text in enumerate(self._texts):
            payload = canonical({"type": "transition", "reason": "x"})
            entry = seal(draft(0, payload=payload), index, START + timedelta(hours=index), ZERO)
            item = SimpleNamespace(
                number="ZG-2020-000001", title=text, unit="u", definition=SimpleNamespace(id="item")
            )
            yield Event(
                entry=entry,
                payload={"reason": text, "actor": {"standing": text}},
                item=item,
                before=Past(),
                after=Past(document={"unit": text, "state": text, "definition": "item@4"}),
                definition=None,
                label=text,
                names={entry.actor: text},
            )


def meant(text):
    """A text of a workbook as a spreadsheet shows it: escapes of ECMA-376, 22.9.2.19, which openpyxl leaves."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def test_no_cell_of_a_workbook_is_a_formula_and_every_text_comes_back(tmp_path):
    texts = [*CELLS, *BREAKING]
    tables.write_xlsx(Told(texts), tmp_path / "a.xlsx")

    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n", "d"}
    assert len(cells) > 8 * len(texts)
    sheet = book["历史"]
    for place in (REASON, TITLE):
        read = [row[place].value for row in sheet.iter_rows(min_row=2)]
        assert [meant(text) for text in read] == [text.replace("\uffff", "\ufffd") for text in texts]
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        for name in archive.namelist():
            root = ET.fromstring(archive.read(name))
            assert not [each for each in root.iter() if each.tag.rpartition("}")[2] in ("f", "hyperlink")]


def test_no_cell_of_a_table_begins_a_formula_and_every_text_comes_back(tmp_path):
    texts = [*CELLS, *BREAKING]
    tables.write_csv(Told(texts), tmp_path / "a.csv")

    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (_, *rows) = list(csv.reader(file))
    for place in (REASON, TITLE):
        assert [unguarded(row[place]) for row in rows] == texts
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.lstrip(' \t\r\n\u3000\ufeff\u00a0"')[:1] in {*"=+-@＝＋－＠"}]


def test_a_text_that_is_too_long_for_a_cell_says_that_it_was_cut(tmp_path):
    tables.write_xlsx(Told(["长" * 40_000]), tmp_path / "a.xlsx")

    (_, row) = openpyxl.load_workbook(tmp_path / "a.xlsx")["历史"].values
    assert row[REASON].endswith("（截断，全文见 JSON Lines）")
    assert len(row[REASON]) == workbook.LONGEST


@pytest.mark.parametrize(("count", "sheets"), [(0, [1]), (3, [4]), (4, [4, 2]), (7, [4, 4, 2])])
def test_a_full_sheet_is_followed_by_another(tmp_path, monkeypatch, count, sheets):
    monkeypatch.setattr(tables, "ROWS", 3)
    assert tables.write_xlsx(Told([f"{n}" for n in range(count)]), tmp_path / "a.xlsx") == count

    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [book[name].max_row for name in book.sheetnames[1:]] == sheets
    firsts = [book[name].cell(2, 1).value for name in book.sheetnames[1:]]
    assert firsts == [start if start < count else None for start in range(0, count or 1, 3)]
    about = dict(book["说明"].values)
    assert about.get("工作表") == ("每张至多 3 条，放不下的接在“历史2”及以后各张" if count > 3 else None)


def test_a_file_that_exists_stays_as_it_is(lived, tmp_path):
    target = tmp_path / "out.csv"
    target.write_text("旧")

    with pytest.raises(Conflict, match="已存在"):
        exported(lived, tmp_path, "csv")
    assert target.read_text() == "旧"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_full_disk_leaves_nothing_behind(lived, tmp_path, monkeypatch, form):
    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(Unavailable, match="写不成"):
        exported(lived, tmp_path, form)
    assert [*tmp_path.iterdir()] == []
