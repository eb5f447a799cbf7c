"""The doctor on the command line: silent exit 0 on a sound installation, every finding and exit 1 otherwise."""

import sqlite3
from pathlib import Path

from tests.cli.conftest import NOON, Run, printed
from tests.cli.test_items import assigned


def test_a_sound_installation_is_told_so(duban: Run, tmp_path: Path):
    number = assigned(duban)
    (tmp_path / "照片.jpg").write_bytes(b"proof")
    assert duban("item", "do", number, "签收", actor="officer").exit_code == 0
    attached = duban("item", "do", number, "附佐证", "--evidence", "照片.jpg", actor="officer")
    assert attached.exit_code == 0, attached.stderr

    assert duban("doctor").stdout == "一切正常\n"
    assert duban("doctor", "--deep").stdout == "全部历史核对无误\n"
    assert printed(duban("doctor", "--deep", "--evidence", "--json")) == []


def test_lost_evidence_is_found(duban: Run, tmp_path: Path):
    test_a_sound_installation_is_told_so(duban, tmp_path)
    (kept,) = (path for path in (tmp_path / "duban.evidence").rglob("*") if path.is_file())
    kept.write_bytes(b"forged")

    result = duban("doctor", "--evidence")

    assert result.exit_code == 1
    assert "I13" in result.stdout
    assert "照片.jpg" in result.stdout


def test_late_rungs_and_changed_rows_are_found(duban: Run, tmp_path: Path):
    assigned(duban)
    with sqlite3.connect(tmp_path / "duban.db") as connection:
        connection.execute("UPDATE item SET title = '别的'")
    connection.close()

    late = duban("doctor", at="2020-07-30T00:00")
    deep = duban("doctor", "--deep", at=NOON)

    assert (late.exit_code, deep.exit_code) == (1, 1)
    assert "duban sweep" in late.stdout
    assert "I2" in deep.stdout
    assert "title" in deep.stdout
