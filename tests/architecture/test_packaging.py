"""What is delivered: the wheel, the locks, and nothing of the machine on which they were made."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source import PRODUCT, PYPROJECT, ROOT, name_of, versioned_files

LOCK = ROOT / "requirements.lock"
TEST_LOCK = ROOT / "requirements-test.lock"
REQUIRED = ("transitions", "sqlalchemy", "apscheduler", "jinja2", "click", "pytest")
PROJECT = PYPROJECT["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]

PLACES = {
    "a path of one machine": re.compile(
        r"(?<![\w.~$}>-])/(?:home|Users|root|tmp|work)/[\w.]|\b[A-Z]:\\\\?Users\\"
    ),
    "the address of a package server": re.compile(
        r"--(?:extra-)?index(?:-url)?[ =]|--find-links[ =](?:/|\w+:)|^\s*(?:extra-)?index-url\s*="
        r"|\[\[tool\.uv\.index\]\]|//pypi\.|files\.pythonhosted|registry\.npmjs",
        re.MULTILINE,
    ),
}


def test_the_wheel_lists_exactly_the_packages_of_the_contracts():
    assert PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PRODUCT)


def test_the_wheel_holds_every_product_file_and_nothing_else(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {name for path in versioned_files() if (name := name_of(path)).split("/")[0] in PRODUCT}
    assert inside == expected | {"runtime/verify_export.py"}  # an archive takes the verifier along


@pytest.mark.parametrize("lock", [LOCK, TEST_LOCK], ids=lambda path: path.name)
def test_a_lock_names_no_address_and_hashes_everything(lock: Path):
    text = lock.read_text(encoding="utf-8")

    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in _entries(lock))


def test_the_locks_agree():
    assert _pins(LOCK).items() <= _pins(TEST_LOCK).items()


def test_the_locks_hold_what_the_project_asks_for():
    for_users = [extra for extra in EXTRAS if extra not in {"apprise", "test"}]
    wanted = {
        LOCK: [*PROJECT["dependencies"], *_flat(for_users)],
        TEST_LOCK: [*PROJECT["dependencies"], *_flat(EXTRAS)],
    }

    missing = [
        f"{lock.name}: {line}"
        for lock, lines in wanted.items()
        for line in lines
        if not _satisfies(_pins(lock).get(canonicalize_name(Requirement(line).name)), Requirement(line))
    ]

    assert not missing


@pytest.mark.parametrize("name", REQUIRED)
def test_the_packages_everything_rests_on_have_an_upper_bound(name: str):
    found = [Requirement(line) for line in [*PROJECT["dependencies"], *_flat(EXTRAS)]]
    (requirement,) = [each for each in found if each.name == name]

    assert any(part.operator in {"<", "<=", "==", "~="} for part in requirement.specifier)


def test_every_dependency_has_its_reason_on_record():
    record = (ROOT / "docs/adr/0009-dependencies.md").read_text(encoding="utf-8")
    groups = [line for group in PYPROJECT["dependency-groups"].values() for line in group]
    names = {Requirement(line).name for line in [*PROJECT["dependencies"], *_flat(EXTRAS), *groups]} - {
        "duban"
    }

    assert not {name for name in names if f"| {name} |" not in record}


def test_no_lock_with_addresses_is_kept():
    assert not [name for path in versioned_files() if (name := name_of(path)).endswith("uv.lock")]


@pytest.mark.parametrize("what", PLACES)
def test_no_file_carries_a_place(what: str):
    found = [
        f"{name_of(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match[0].strip()!r}"
        for path in versioned_files()
        if (text := _text(path)) and (match := PLACES[what].search(text))
    ]

    assert not found


def _text(path: Path) -> str:
    """Return the text of a file, and nothing for a binary one or for the patterns above."""
    if path == Path(__file__).resolve():
        return ""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _flat(extras) -> list[str]:
    return [line for extra in extras for line in EXTRAS[extra]]


def _entries(lock: Path) -> list[str]:
    text = lock.read_text(encoding="utf-8")
    return re.split(r"^(?=[a-z0-9])", re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[
        1:
    ]


def _pins(lock: Path) -> dict[str, Version]:
    heads = (re.match(r"([a-z0-9.-]+)==(\S+)", entry) for entry in _entries(lock))
    return {canonicalize_name(head[1]): Version(head[2]) for head in heads if head}


def _satisfies(version: Version | None, requirement: Requirement) -> bool:
    return version is not None and version in requirement.specifier
