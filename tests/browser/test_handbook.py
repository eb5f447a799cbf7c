"""Each step of the handbook is done in a real browser, word for word as it is written."""

import re
from pathlib import Path

import pytest

from runtime.rehearsal.demo import PASSWORD
from tests.browser.test_days import PICTURE, handed_in

HANDBOOK = Path(__file__).parents[2] / "docs" / "handbook"
STEP = re.compile(
    r"以(?P<role>[一-鿿]+)登录"
    r"|点【(?P<press>[^】]+)】"
    r"|在〔(?P<label>[^〕]+)〕(?P<how>填|选|附)“(?P<value>[^”]+)”"
    r"|看到“(?P<seen>(?:[^“”]|“[^”]*”)+)”"
)


def steps(page: str) -> list[re.Match]:
    """Every act and every look of the numbered lines, in their order."""
    lines = re.findall(r"^\d+\. .*$", (HANDBOOK / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [step for line in lines for step in STEP.finditer(line)]


def press(page, words: str) -> None:
    """A link or button of the page itself, else of the menu; a longer name counts where none is exactly so."""
    main, every = page.locator("main"), page.locator("body")
    for place in (main, every):
        for exact in (True, False):
            for role in ("button", "link"):
                found = place.get_by_role(role, name=words, exact=exact)
                if found.count():
                    found.first.click()
                    page.wait_for_load_state()
                    return
    raise AssertionError(f"nothing to press: {words} on {page.url}")


def menu(page, words: str) -> bool:
    """True when it was an entry of the menu."""
    found = page.locator(".side").get_by_role("link", name=words, exact=True)
    is_ours = found.count() > 0 and not page.locator("main form .btn-primary", has_text=words).count()
    is_ours = is_ours and not page.locator("main .moves a", has_text=words).count()
    if is_ours:
        found.first.click()
        page.wait_for_load_state()
    return is_ours


def take(who, demo, step: re.Match) -> None:
    page = who.page
    if step["role"]:
        who.sign_in(demo.people[step["role"]], PASSWORD)
    elif step["press"] and not menu(page, step["press"]):
        press(page, step["press"])
    elif step["how"] == "填":
        page.locator("main").get_by_label(step["label"]).first.fill(step["value"])
    elif step["how"] == "选":
        page.locator("main").get_by_label(step["label"]).first.select_option(label=step["value"])
    elif step["how"] == "附":
        file = {"name": step["value"], "mimeType": "image/png", "buffer": PICTURE}
        page.locator("main").get_by_label(step["label"]).first.set_input_files([file])
    elif step["seen"]:
        assert step["seen"] in re.sub(r"\s+", " ", page.inner_text("main")), step.string


@pytest.mark.parametrize("page", ["officer.md", "supervisor.md", "leader.md", "auditor.md"])
def test_every_step_can_be_done_as_it_is_written(eyes, demo, page):
    if page != "officer.md":
        handed_in(demo, "手册样例：台账不全")
        handed_in(demo, "手册样例：记录不全")
    who = eyes(None)
    taken = steps(page)
    for number, step in enumerate(taken):
        take(who, demo, step)
        if step["press"]:
            who.shot(f"{number:02}")

    assert len(taken) > 8
