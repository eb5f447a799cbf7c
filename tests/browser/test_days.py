"""What people do in a day, in a real browser."""

import pytest

from tests.browser.conftest import WIDE

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
    "c000000301010018dd8db00000000049454e44ae426082"
)


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_opens_an_item_and_hands_it_in(eyes, demo, with_scripts):
    who = eyes(demo.people["责任民警"], WIDE, java_script_enabled=with_scripts)
    who.go("/new/item")
    who.page.fill("#title", "执法记录仪未按规定佩戴")
    who.page.fill("#field-problem", "出警时未开启")
    who.page.click("main form button")
    number = who.page.url.rsplit("/", 1)[1].partition("?")[0]

    who.press("报送")
    who.page.fill("#field-measures", "每周抽查")
    who.page.set_input_files(
        "#evidence", [{"name": "现场 照片.png", "mimeType": "image/png", "buffer": PICTURE}]
    )
    who.shot("submit")
    who.page.click("main form button.btn-primary")

    assert "“报送”已办理" in who.page.inner_text("main")
    assert "现场 照片.png" in who.page.inner_text("main")
    assert who.page.locator(".files img").count() == 1
    who.shot("submitted")
    who.go("/opened")
    assert number in who.page.inner_text("main")


def test_a_double_click_has_one_effect(eyes, demo):
    who = eyes(demo.people["责任民警"], WIDE)
    who.go("/new/item")
    who.page.fill("#title", "双击只办一次")
    who.page.fill("#field-problem", "样例")
    who.page.dblclick("main form button")
    who.page.wait_for_url("**/items/**")

    who.go("/opened")
    assert who.page.inner_text("main").count("双击只办一次") == 1


def test_a_filter_narrows_the_ledger_at_once_and_stays_in_the_address(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    who.go("/items?kind=item")
    with who.page.expect_response("**/items?*"):
        who.page.select_option("#f-stage", "rectifying")
    who.page.wait_for_url("**stage=rectifying**")

    stages = {cell.inner_text() for cell in who.page.locator("td[data-label=环节]").all()}
    assert stages <= {"整改"}
    who.page.reload()
    assert who.page.input_value("#f-stage") == "rectifying"


def test_a_supervisor_works_the_queue_by_keyboard(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    who.go("/review")
    first = who.page.locator("[data-key=Enter]").inner_text()
    who.page.keyboard.press("j")
    who.page.wait_for_url("**/review?at=**")
    second = who.page.locator("[data-key=Enter]").inner_text()
    assert second != first
    who.page.keyboard.press("k")
    who.page.wait_for_url(f"**at={first}")
    who.shot("queue")
    who.page.keyboard.press("r")
    who.page.wait_for_url(f"**/items/{first}/do/return?from=review")
    who.page.fill("#reason", "看不清")
    who.page.keyboard.press("a")
    assert who.page.input_value("#reason") == "看不清a"
    who.page.check("#to-returned")
    who.page.click("main form button.btn-primary")
    who.page.wait_for_url("**/review?done=**")
    assert f"{first} 已办理" in who.page.inner_text("main")

    who.go(f"/review?at={second}")
    who.page.keyboard.press("Enter")
    who.page.wait_for_url(f"**/items/{second}")


def test_a_supervisor_works_the_queue_without_scripts(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE, java_script_enabled=False)
    who.go("/review")
    number = who.page.locator("[data-key=Enter]").inner_text()
    who.page.click("[data-key=a]")
    if "/do/" in who.page.url:
        who.page.click("main form button.btn-primary")

    assert f"{number} 已办理" in who.page.inner_text("main")


def test_a_newcomer_moves_the_clock(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    before = who.page.inner_text(".demo-bar b")
    for step in ("进一天", "到下一个时限"):
        who.page.click(f"text={step}")
        who.shot(step)
        assert "这段时间里发生了" in who.page.inner_text("main")
    assert who.page.inner_text(".demo-bar b") > before
