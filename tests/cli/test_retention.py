"""A closed campaign as its archive outlives the server: checked with Python alone; and what goes when (G-DATA-6)."""

import json
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from cli.main import main
from engine.model.actor import Grant
from engine.model.errors import Conflict
from engine.model.ids import PostCode
from engine.model.redaction import MARK
from engine.model.transition import Attempt
from engine.rules.notes import is_signed, read_note, read_vkey
from engine.usecases.items import move_item
from engine.usecases.people import grant_post
from engine.usecases.retention import enter_archive
from runtime.keys import verify, write_key
from runtime.settings import read_settings
from runtime.wiring import build
from tests.audit.bureau import Bureau
from tests.audit.life import walked
from workflows.values import person_id

CAMPAIGN = "small"


@pytest.fixture
def duban(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bureau whose only item, with its evidence, has been closed."""
    bureau = Bureau(tmp_path)
    item = walked(bureau)
    item = settled(bureau, item, ("approve", "office"), ("assess", "office"), ("close_out", "director"))
    with bureau.app.reading() as uow:
        (phase,) = uow.items.of_campaign(CAMPAIGN, "phase")
    settled(bureau, phase, ("start", "office"), ("finish", "office"), ("accept", "director"))
    bureau.close()
    monkeypatch.setattr(write_key, "__defaults__", (10,))
    monkeypatch.setenv("DUBAN_SIGNING_PASSPHRASE", "一句足够长的口令 2020")
    monkeypatch.setenv("DUBAN_SIGNING_KEY", "log.key")

    def run(*args: str, at: str = "2021-01-06T12:00", code: int = 0) -> str:
        done = CliRunner().invoke(main, ["--at", at, *args])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.stderr

    run("audit", "key", "new", "log.key", "--name", "duban.example/small")
    run("audit", "key", "adopt", "--actor", "security")
    run.item, run.store = item, bureau.app.settings.evidence
    return run


def settled(bureau, item, *steps):
    for verb, login in steps:
        attempt = Attempt(
            item=item.id, verb=verb, actor=bureau.actor(login), key=f"{verb}/{item.id}", reason="符合"
        )
        item = move_item(bureau.app.writing(), bureau.tick(), attempt)
    return item


def pieces(duban):
    return [path for path in duban.store.rglob("*") if path.is_file()]


def archived(duban, until="2021-12-31", **options):
    return duban(
        "campaign",
        "archive",
        CAMPAIGN,
        "--output",
        "a.zip",
        "--keep-until",
        until,
        "--actor",
        "administrator",
        **options,
    )


def test_an_archive_verifies_alone_on_another_computer(duban, tmp_path):
    archived(duban)
    away = tmp_path / "elsewhere"
    with ZipFile(tmp_path / "a.zip") as archive:
        archive.extractall(away)

    vkey = duban("audit", "key", "show").split()[-2]
    command = ["verify_export.py", "history.zip", "--vkey", vkey, "--checkpoint", "checkpoint.txt"]
    done = subprocess.run(
        [sys.executable, "-I", "-S", *command],
        cwd=away,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONIOENCODING": "utf-8"},
    )

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "末尾 1 条没有外部凭据" in done.stdout
    assert is_signed(read_note((away / "manifest.txt").read_text(encoding="utf-8")), read_vkey(vkey), verify)
    assert "python3 verify_export.py" in (away / "README.txt").read_text(encoding="utf-8")
    with ZipFile(away / "history.zip") as history:
        assert [name for name in history.namelist() if name.startswith("evidence/")]
    (away / "history.zip").write_bytes((away / "history.zip").read_bytes().replace(b"entries", b"entriez"))
    assert subprocess.run(
        [sys.executable, "-I", "-S", *command], cwd=away, capture_output=True, check=False
    ).returncode


def test_nothing_is_archived_that_is_open_or_kept_too_short(duban, tmp_path):
    assert "至少保存六个月" in archived(duban, "2021-02-01", code=6)
    assert "不能归档" in duban(
        "campaign",
        "archive",
        CAMPAIGN,
        "--output",
        "b.zip",
        "--keep-until",
        "2030-01-01",
        "--actor",
        "auditor",
        code=4,
    )
    assert not (tmp_path / "b.zip").exists()
    bureau = Bureau(tmp_path / "other")
    bureau.open()
    bureau.close()
    with pytest.raises(Conflict, match="未办结"):
        enter_archive(bureau.app.writing(), bureau.now, bureau.actor("director"), CAMPAIGN, date(2030, 1, 1))
    bureau.close()


def test_what_is_due_goes_by_entries_and_not_while_it_is_held(duban, tmp_path):
    erasing = (
        "campaign",
        "erase",
        CAMPAIGN,
        "--reason",
        "保存期满",
        "--basis",
        "保存期限表",
        "--actor",
        "security",
    )
    assert "还没有归档" in duban(*erasing, code=5)
    archived(duban)
    assert "须保存到 2021-12-31" in duban(*erasing, code=5)
    late = "2022-01-05T12:00"
    assert "已到期" in duban("campaign", "retention", at=late)

    duban("campaign", "hold", CAMPAIGN, "--reason", "复议未结", "--actor", "director", at=late)
    assert "封存" in duban("campaign", "retention", at=late)
    assert "复议未结" in duban(*erasing, "--yes", at=late, code=5)
    one = (
        "audit",
        "redact",
        f"{duban.item.number}:problem",
        "--reason",
        "申请",
        "--basis",
        "法",
        "--actor",
        "security",
    )
    assert "复议未结" in duban(*one, "--yes", at=late, code=1)
    (piece,) = pieces(duban)
    assert "复议未结" in duban(
        "audit", "redact", f"{duban.item.number}:{piece.name}", *one[3:], "--yes", at=late, code=1
    )
    duban("campaign", "release", CAMPAIGN, "--reason", "复议已结", "--actor", "office", at=late, code=4)
    duban("campaign", "release", CAMPAIGN, "--reason", "复议已结", "--actor", "leader", at=late)

    assert "将清除" in duban(*erasing, at=late)
    assert json.loads(duban(*erasing, "--yes", "--json", at=late))["items"] == 2
    assert json.loads(duban(*erasing, "--yes", "--json", at=late))["items"] == 0
    shown = duban("item", "show", duban.item.number, "--actor", "office", at=late)
    assert MARK in shown
    assert "起止时间" not in shown
    assert pieces(duban) == []
    duban("doctor", "--deep", at=late)
    assert "与检查点和各表相符" in duban("audit", "verify", "--actor", "auditor", at=late)


def test_what_is_not_cleared_is_named_with_the_reason_and_only_the_security_officer_clears(duban, tmp_path):
    reasons = ("--reason", "保存期满", "--basis", "保存期限表")
    erasing = ("campaign", "erase", CAMPAIGN, *reasons)
    archived(duban)
    late = "2022-01-05T12:00"
    grant = Grant(
        person=person_id("office"), post=PostCode("security"), from_on=date(2021, 1, 7), until_on=None
    )
    settings = read_settings({"database": f"{tmp_path / 'duban.db'}"}, {}, tmp_path)
    with closing(build(settings)) as app:
        at = datetime(2021, 1, 7, tzinfo=UTC)
        with app.reading() as uow:
            security = uow.people.actor(person_id("security"), at.date())
        grant_post(app.writing(), at, grant, security)

    for refused in ((), ("--yes",)):
        assert "应由安全管理员办理" in duban(*erasing, *refused, "--actor", "director", at=late, code=4)
    told = CliRunner().invoke(main, ["--at", late, *erasing, "--yes", "--actor", "office"])

    assert told.exit_code == 1
    assert "没有清除" in told.stdout
    assert re.search(rf"{duban.item.number}  .*第 \d+ 条是您自己", told.stdout), told.stdout
    assert "其余没有可抹去的内容" not in told.stdout
    last = duban(*erasing, "--yes", "--actor", "security", at=late)
    assert last.startswith("已清除 2 件")
    assert "已清除 0 件，2 件已没有可抹去的内容" in duban(*erasing, "--yes", "--actor", "security", at=late)
