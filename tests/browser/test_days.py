"""What people do in a day, in a real browser."""

from datetime import timedelta

import pytest

from engine.model.item import NewItem
from engine.model.transition import Attempt
from engine.rules.opening import SUPERVISES
from engine.usecases.definitions import pinned
from engine.usecases.items import move_item, open_items
from engine.usecases.people import identify
from engine.usecases.queries import find_items
from tests.browser.conftest import WIDE

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf"
    "c000000301010018dd8db00000000049454e44ae426082"
)


def begun(who, title, problem="样例"):
    """The form of a new item, filled in and not sent."""
    who.go("/new/item")
    who.page.fill("#title", title)
    who.page.fill("#field-problem", problem)


@pytest.mark.parametrize("with_scripts", [True, False], ids=["with scripts", "without scripts"])
def test_an_officer_opens_an_item_and_hands_it_in(eyes, demo, with_scripts):
    who = eyes(demo.people["责任民警"], WIDE, java_script_enabled=with_scripts)
    begun(who, "执法记录仪未按规定佩戴", "出警时未开启")
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
    begun(who, "双击只办一次")
    who.page.dblclick("main form button")
    who.page.wait_for_url("**/items/**")

    who.go("/opened")
    assert who.page.inner_text("main").count("双击只办一次") == 1


BRING = """([kind, name]) => {
  const brought = new DataTransfer();
  brought.items.add(new File([Uint8Array.from([137, 80, 78, 71, 13, 10, 26, 10])], name, {type: "image/png"}));
  const given = {clipboardData: brought, dataTransfer: brought, bubbles: true, cancelable: true};
  const place = kind === "paste" ? document : document.querySelector("[data-drop]");
  place.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, given) : new DragEvent(kind, given));
}"""


def test_evidence_is_pasted_and_dropped_beside_what_was_chosen_and_shown(eyes, demo):
    who = eyes(demo.people["责任民警"], WIDE)
    begun(who, "佐证可以粘贴")
    who.page.click("main form button")
    who.press("报送")
    who.page.evaluate(BRING, ["paste", "截图.png"])
    who.page.evaluate(BRING, ["drop", "照片.png"])

    picked = who.page.locator("[data-picked] li")
    assert picked.all_inner_texts() == ["截图.png", "照片.png"]
    assert who.page.locator("[data-picked] img").count() == 2
    who.shot("picked")
    who.page.fill("#field-measures", "每周抽查")
    who.page.click("main form button.btn-primary")
    assert "照片.png" in who.page.inner_text("main")


def test_what_is_sent_again_unchanged_after_going_back_has_one_effect(eyes, demo):
    who = eyes(demo.people["责任民警"], WIDE)
    begun(who, "返回再交只有一件")
    who.page.click("main form button")
    who.page.wait_for_url("**/items/**")
    first = who.page.url
    who.page.go_back()
    who.page.click("main form button")
    who.page.wait_for_url("**/items/**")

    assert who.page.url == first
    who.page.go_back()
    who.page.fill("#field-problem", "另一处的样例")
    who.page.click("main form button")
    who.page.wait_for_url("**/items/**")
    assert who.page.url != first
    who.go("/opened")
    assert who.page.inner_text("main").count("返回再交只有一件") == 2


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


def handed_in(demo, title: str) -> str:
    """A finding that an officer has just handed in, whatever the year has brought meanwhile."""
    app = demo.app
    officer = identify(app.reading(), app.now(), demo.people["责任民警"]).actor
    place = pinned(app.reading(), "item")
    new = NewItem(
        definition=place.ref,
        campaign=place.campaign,
        unit=officer.posts[0].unit,
        title=title,
        fields={"problem": "样例"},
    )
    (item,) = open_items(app.writing(), app.now(), [new], officer)
    move_item(app.writing(), app.now(), Attempt(item=item.id, verb="submit", actor=officer, key=item.id))
    return item.number


def ordered(demo, title):
    """A supervision order of the office on an item that was handed in; its demand is short."""
    app, number = demo.app, handed_in(demo, title)
    office = identify(app.reading(), app.now(), demo.people["领导小组办公室"]).actor
    (subject,) = find_items(app.reading(), office, [number])
    place = pinned(app.reading(), "supervision_order")
    new = NewItem(
        definition=place.ref,
        campaign=place.campaign,
        unit=subject.unit,
        title=f"督办：{title}",
        fields={"level": "blue", "demand": "三个工作日内回复"},
        parent=subject.id,
        link=SUPERVISES,
    )
    open_items(app.writing(), app.now(), [new], office)


def test_a_supervisor_works_the_queue_by_keyboard(eyes, demo):
    numbers = [handed_in(demo, f"键盘审核{n}") for n in range(3)]
    who = eyes(demo.people["领导小组办公室"], WIDE)
    who.go(f"/review?at={numbers[1]}")
    who.shot("queue")
    who.page.keyboard.press("j")
    who.page.wait_for_url(f"**at={numbers[2]}")
    who.page.keyboard.press("k")
    who.page.wait_for_url(f"**at={numbers[1]}")
    who.page.keyboard.press("r")
    who.page.wait_for_url(f"**/items/{numbers[1]}/do/return?from=review")
    who.page.fill("#reason", "重复")
    who.page.keyboard.press("a")
    assert who.page.input_value("#reason") == "重复a"
    who.page.click("main form button.btn-primary")
    who.page.wait_for_url("**/review?done=**")
    assert f"{numbers[1]} 已办理" in who.page.inner_text("main")

    who.go(f"/review?at={numbers[2]}")
    who.page.keyboard.press("a")
    who.page.wait_for_url(f"**/items/{numbers[2]}/do/list?from=review")
    who.go(f"/review?at={numbers[2]}")
    who.page.keyboard.press("Enter")
    who.page.wait_for_url(f"**/items/{numbers[2]}")


def test_a_supervisor_works_the_queue_without_scripts(eyes, demo):
    number = handed_in(demo, "没有脚本的样例")
    who = eyes(demo.people["领导小组办公室"], WIDE, java_script_enabled=False)
    who.go(f"/review?at={number}")
    who.page.click("[data-key=r]")
    who.page.fill("#reason", "重复")
    who.page.click("main form button.btn-primary")

    assert f"{number} 已办理" in who.page.inner_text("main")


def test_the_board_on_the_wall_looks_again_by_itself(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    who.page.clock.install()
    who.go("/board?wall=1")
    before = who.page.inner_text("#main p")
    list(demo.play_until(demo.app.now() + timedelta(minutes=2)))

    with who.page.expect_response("**/board?*wall=1"):
        who.page.clock.fast_forward(61_000)

    who.page.wait_for_function("before => document.querySelector('#main p').innerText !== before", arg=before)


def test_a_newcomer_moves_the_clock(eyes, demo):
    who = eyes(demo.people["领导小组办公室"], WIDE)
    before = who.page.inner_text(".demo-bar b")
    for step in ("进一天", "到下一个时限"):
        who.page.click(f"text={step}")
        who.shot(step)
        assert "这段时间里发生了" in who.page.inner_text("main")
    assert who.page.inner_text(".demo-bar b") > before
