"""The year of 2020, played whole: the same seed gives the same year, and it keeps every invariant."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from io import FileIO
from pathlib import Path

import pytest

from cli.rehearse import KIND_WORDS
from engine.model.actor import Role
from engine.model.calendar import LOCAL
from engine.model.entry import EntryFlag, EntryKind
from runtime.rehearsal.folder import Folder, open_folder
from runtime.rehearsal.run import Rehearsal, conclude, load, outcome, prepare, stage_of
from runtime.rehearsal.stage import Happening
from runtime.rehearsal.summary import Figures
from runtime.rehearsal.year import LOADED_AT, Year

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLAN = ROOT / "workflows" / "campaigns" / "fazhi-2020"


def a_year(
    path: Path, seed: int, items: int = 35, longest_outage: timedelta | None = None
) -> tuple[Rehearsal, list[Happening], Figures, Folder, Year]:
    with open_folder(path, seed) as folder:
        rehearsal = prepare(PLAN, folder, seed=seed, units=6, items=items, longest_outage=longest_outage)
        year = load(rehearsal)
        happenings = list(year.play())
        return rehearsal, happenings, conclude(rehearsal, folder), folder, year


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory):
    return a_year(tmp_path_factory.mktemp("year"), 2020)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """What the command of the README prints for the same year, and what it shows on a terminal meanwhile."""
    pytest.importorskip("pty", reason="a terminal of POSIX")
    folder = tmp_path_factory.mktemp("told")
    (command,) = re.findall(r"`duban (rehearse \S+ --units 6 --items 35) [^`]*`", README)
    mine, its = os.openpty()
    with os.fdopen(mine, "rb", buffering=0) as screen, (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", *command.split(), "--output", str(folder / "small")],
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            stdout=printed,
            stderr=its,
        )
        os.close(its)
        shown = b"".join(_pieces(screen))
    assert process.wait() == 0, shown
    return (folder / "printed").read_text(encoding="utf-8"), shown.decode()


def _pieces(screen: FileIO) -> Iterator[bytes]:
    with suppress(OSError):  # how a terminal says that nobody writes to it any more
        while piece := screen.read(65536):
            yield piece


def test_the_same_seed_gives_the_same_year_and_the_same_root(year, told, tmp_path: Path):
    _, happenings, figures, *_ = year

    _, _, other, *_ = a_year(tmp_path / "other", 7)

    lines = told[0].splitlines()
    assert lines[-1] == f"root {figures.root}"
    assert other.root != figures.root
    for happening in happenings:
        at = happening.at.astimezone(LOCAL)
        assert f"{at:%m-%d %H:%M} {KIND_WORDS[happening.kind]} {happening.text}" in told[0]


def test_a_year_ends_as_the_readme_shows(told):
    (shown,) = re.findall(r"It ends like this:\n\n```\n(.*?)```", README, flags=re.DOTALL)

    at = 0
    for part in shown.split("…\n"):
        at = told[0].find(part, at)
        assert at >= 0, part


def test_how_far_the_year_has_come_is_shown_on_a_terminal(told):
    days = re.findall(r"推演 (2020-\d\d-\d\d)", told[1])

    assert len(set(days)) > 5
    assert days == sorted(days)
    assert "推演 2020-" not in told[0]


def test_every_invariant_holds_at_the_end(year):
    assert year[2].broken == ()


def test_outages_change_neither_where_anything_ends_nor_which_rungs_were_fired(year, tmp_path: Path):
    """Supervision orders, which the clock itself opens and raises, are in the comparison."""
    steady, _, figures, _, in_time = year
    failing, *_, late = a_year(tmp_path / "outages", 2020, longest_outage=timedelta(days=30))
    spans, expected = failing.outages.spans, outcome(steady, in_time)

    orders = [name for name, _ in expected.states if name.startswith("ZG") and "/" in name]
    print(f"{len(spans)} outages, {failing.outages.total} together, {len(orders)} orders")
    assert len(spans) > 20
    assert orders
    assert outcome(failing, late) == expected
    with steady.app.reading() as uow:
        assert uow.history.head().size == figures.entries


def test_nothing_escalates_for_time_before_the_load(year):
    rehearsal, *_ = year

    with rehearsal.app.reading() as uow:
        firings = [entry for entry in uow.history.scan() if entry.kind is EntryKind.FIRING]

    assert firings
    assert min(entry.at for entry in firings) > LOADED_AT


def test_the_year_shows_what_a_year_holds(year):
    _, happenings, figures, *_ = year
    kinds = {happening.kind for happening in happenings}

    assert {
        "loaded",
        "escalated",
        "supervision",
        "returned",
        "refused",
        "nil",
        "phase",
        "substitute",
        "duty",
        "special",
    } <= kinds
    assert kinds <= set(KIND_WORDS)
    assert [h.at for h in happenings] == sorted(h.at for h in happenings)
    assert figures.notices > 100


def test_every_step_that_was_reached_is_told_by_its_label(year):
    steps = year[2].escalations

    assert "第二次退回" in steps
    assert not [step for step in steps if step.isascii()]


def test_a_substitute_acts_as_a_for_b(year):
    rehearsal, *_ = year

    with rehearsal.app.reading() as uow:
        by_substitute = [e for e in uow.history.scan() if e.flags & EntryFlag.BY_DELEGATE and e.item]

    assert by_substitute
    assert all(b'"for":"' in (entry.payload or b"") for entry in by_substitute)


def test_on_the_day_a_head_is_back_the_head_acts(year):
    stage = stage_of(year[0])
    unit = next(unit.code for unit in stage.campaign.roster.units if unit.handles_cases)
    head = stage.one(Role.UNIT_HEAD, unit).person
    legal = stage.one(Role.UNIT_LEGAL_OFFICER, unit).person
    stage.substitutes[head] = legal, date(2020, 7, 20)

    stage.now = datetime(2020, 7, 19, 18, tzinfo=LOCAL)
    assert stage.one(Role.UNIT_HEAD, unit).person == legal
    stage.now = datetime(2020, 7, 20, 9, tzinfo=LOCAL)
    assert stage.one(Role.UNIT_HEAD, unit).person == head


def test_the_silent_unit_holds_up_the_gate_and_is_named(year):
    _, happenings, *_ = year

    refused = [h for h in happenings if h.kind == "refused" and "零报告" in h.text]

    assert refused
    assert all(h.at.astimezone(LOCAL).month in (4, 5) for h in refused)


def test_the_page_says_that_everything_in_it_is_a_sample(year):
    _, _, figures, folder, _ = year
    page = folder.page.read_text(encoding="utf-8")

    assert "均为样例" in page
    assert figures.root.replace("+", "&#43;") in page or figures.root in page


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path):
    (tmp_path / "letter.txt").write_text("重要", encoding="utf-8")

    with pytest.raises(Exception, match="别的东西"), open_folder(tmp_path, 1):
        pass

    assert (tmp_path / "letter.txt").read_text(encoding="utf-8") == "重要"
