"""The pictures in the README: taken anew with every run into `browser-shots/readme`; `make screenshots` keeps them."""

from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, SHOTS, WIDE

DOCS = Path(__file__).parents[2] / "docs" / "screenshots"
PICTURES = (
    ("workbench", "领导小组办公室", "/", WIDE),
    ("review", "领导小组办公室", "/review", WIDE),
    ("board", "领导小组", "/board", WIDE),
    ("todo-phone", "部门主要负责人", "/todo", PHONE),
)
MOST = 120_000
"""Bytes of one picture."""


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture[0])
def test_a_picture_is_taken_and_small(eyes, demo, picture):
    name, role, path, size = picture
    who = eyes(demo.people[role], size, device_scale_factor=0.75 if size is WIDE else 1)
    who.go(path)
    (SHOTS / "readme").mkdir(parents=True, exist_ok=True)
    file = SHOTS / "readme" / f"{name}.jpg"
    who.page.screenshot(path=file, type="jpeg", quality=80)

    assert file.stat().st_size < MOST
    assert (DOCS / file.name).is_file()
