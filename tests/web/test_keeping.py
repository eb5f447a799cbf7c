"""Pages of those who audit and look after the system: who may read them, what they say, what they change."""

import re
from base64 import b32decode
from dataclasses import replace
from datetime import date
from zipfile import ZipFile

import pytest

from engine.model.actor import Role
from engine.model.notice import Notice
from engine.rules.accounts import code_at
from engine.rules.notes import LOG
from engine.rules.printed import printed
from engine.usecases.checkpoints import Sealing, adopt_key, make_checkpoint
from engine.usecases.definitions import list_definitions
from engine.usecases.duties import open_duties
from runtime.anchors import drawn_code
from runtime.keys import SigningKey
from runtime.signer import FileSigner
from tests.builders import NOON
from tests.integration.duties import a_plan
from tests.integration.next_version import next_version
from tests.web.browser import PASSWORD, Browser, Office
from tests.web.test_day import do, opened
from tests.web.test_scope import _more


@pytest.fixture
def kept(office: Office) -> dict[str, Browser]:
    """The bureau with its three officers of the system; the administrator has a second factor."""
    with office.app.writing() as uow:
        uow.people.add(_more(72, "auditor", "bureau", "bureau", Role.AUDITOR))
        uow.people.add(_more(73, "admin", "bureau", "bureau", Role.ADMINISTRATOR))
        uow.people.add(_more(74, "security", "bureau", "bureau", Role.SECURITY_OFFICER))
        uow.commit()
    return {login: office.signed_in(login) for login in ("officer", "auditor", "office")} | {
        login: with_second_factor(office, login) for login in ("admin", "security")
    }


def with_second_factor(office: Office, login: str) -> Browser:
    """The browser of somebody who has signed in with six digits and changed the first password."""
    browser, first = Browser(office.web), office.first_password(login)
    page = browser.sign_in(login, first)
    secret = b32decode(re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", ""))
    page = browser.send(page.form("/second-factor"), code=code_at(secret, office.time))
    browser.send(page.form("/password"), old=first, new=PASSWORD, again=PASSWORD)
    return browser


def test_the_log_is_for_auditors_and_that_they_read_it_is_entered(kept, office: Office):
    number = opened(kept["officer"])
    do(kept["officer"], number, "submit", reason="请审")

    page = kept["auditor"].get("/audit")
    assert "报送" in page.words
    assert f"/items/{number}" in page.links()
    assert "查阅历史" in kept["auditor"].get("/audit").words
    assert kept["officer"].get("/audit").status == 403
    assert kept["office"].get("/audit").status == 403


def test_the_log_is_narrowed_and_goes_on_behind_the_page(kept, office: Office):
    numbers = [opened(kept["officer"], f"第{n}件") for n in range(60)]
    auditor = kept["auditor"]

    first = auditor.get("/audit?kind=1")
    assert first.text.count(">办理<") >= 50
    further = next(link.replace("&amp;", "&") for link in first.links() if "before=" in link)
    assert numbers[0] in auditor.get(further).text
    assert "没有符合条件" in auditor.get("/audit?kind=1&q=绝没有这样的字").words
    assert numbers[3] in auditor.get("/audit?q=第3件").text
    assert auditor.get("/audit?who=officer&since=2020-05-01&until=2020-05-06").text.count(">办理<") >= 50
    assert "没有符合条件" in auditor.get("/audit?until=2019-01-01").words
    assert auditor.get("/audit?since=morgen").status == 400
    assert auditor.get("/audit?who=nobody").status == 404


def test_an_item_is_shown_as_it_once_was(kept):
    number = opened(kept["officer"])
    do(kept["officer"], number, "submit", **{"field.cause": "责任不实"})

    before = kept["auditor"].get(f"/items/{number}/past?at=1")
    behind = kept["auditor"].get(f"/items/{number}/past")

    assert "草拟" in before.words
    assert "责任不实" not in before.words
    assert re.search(r"状态 改动 草拟 待审", behind.words)
    assert "责任不实" in behind.words


def test_an_item_and_the_board_are_shown_as_they_stood_on_a_day(kept, office: Office):
    number = opened(kept["officer"])
    office.wait(days=3)
    for login in ("officer", "auditor"):
        kept[login].sign_in(login)
    do(kept["officer"], number, "submit")
    auditor, there = kept["auditor"], f"/items/{number}/past"

    slider = auditor.get(there).form(there)
    assert (slider.fields["day"], "待审" in auditor.get(there).words) == (
        f"{date(2020, 5, 9).toordinal()}",
        True,
    )
    between = f"{date(2020, 5, 8).toordinal()}"
    told = auditor.get(f"{there}?day={between}").words
    assert ("2020-05-08 终了时" in told, "待审" in told, "草拟" in told) == (True, False, True)
    early = auditor.get(f"{there}?on=2020-05-05")
    assert (early.status, "2020-05-05 还没有事项" in early.words) == (404, True)
    assert auditor.get(f"{there}?on=gestern").status == 400
    assert auditor.get(f"{there}?day={'9' * 90}").status == 200

    whole = auditor.get(f"/past?day={between}")
    assert f"{there}?on=2020-05-08" in whole.links()
    assert "草拟" in whole.words
    assert "待审" in auditor.get("/past").words
    assert "那一天还没有这类事项" in auditor.get("/past?on=2020-05-05").words
    assert number not in auditor.get("/past?unit=bureau&kind=phase&on=2020-05-05").text


def test_the_former_state_of_what_is_closed_is_told_in_words_and_local_time(kept, office: Office):
    number = opened(kept["officer"])
    do(office.signed_in("director"), number, "void", reason="重复")

    told = kept["auditor"].get(f"/items/{number}/past").words

    assert re.search(r"办结时间 改动 20\d\d-\d\d-\d\d \d\d:\d\d ", told)
    assert re.search(r"单位 (\S+) \1 ", told)


def test_proofs_are_taken_along_once_the_history_is_signed(kept, office: Office, tmp_path):
    number = opened(kept["officer"])
    assert "未签" in kept["auditor"].get("/audit").words
    assert kept["auditor"].get("/audit/0.tlog-proof").status == 404
    assert "下载证明" not in kept["auditor"].get(f"/items/{number}").words

    sign(office)

    assert "已签" in kept["auditor"].get("/audit").words
    answer = kept["auditor"].client.get("/audit/0.tlog-proof")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.text.startswith("c2sp.org/tlog-proof")
    assert kept["officer"].get("/audit/0.tlog-proof").status == 403
    kept_file = tmp_path / "proof.zip"
    kept_file.write_bytes(kept["officer"].client.get(f"/items/{number}/proof").content)
    assert ZipFile(kept_file).namelist()


def test_the_proof_that_nothing_was_changed_since_is_taken_along(kept, office: Office):
    opened(kept["officer"])
    auditor = kept["auditor"]
    assert auditor.get("/audit/growth?since=2").status == 404
    sign(office)
    form = auditor.get("/audit").form("/audit/growth")

    answer = auditor.client.get(f"{form.action}?since=2")

    assert answer.headers["content-disposition"].endswith('"growth-2.txt"')
    assert answer.text.startswith("old 2\n")
    for wrong in ("", "0", "-1", "zwei", "9" * 16):
        assert auditor.get(f"/audit/growth?since={wrong}").status == 400
    assert auditor.get("/audit/growth?since=999999").status == 404
    assert kept["officer"].get("/audit/growth?since=2").status == 403


def test_a_sheet_for_the_monthly_report_carries_line_code_and_key_and_is_entered(kept, office: Office):
    assert "还没有签过检查点" in kept["auditor"].get("/anchor").words
    sign(office)
    page = kept["auditor"].get("/anchor")
    form = page.form("/anchor")

    sheet = kept["auditor"].send(form)

    assert form.fields["to"] == "2020年5月月报"
    assert "请现在打印" in sheet.words
    with office.app.reading() as uow:
        newest, vkey = uow.checkpoints.newest(), uow.checkpoints.keys()[-1].vkey
    assert printed(newest.head) in sheet.words
    assert vkey in sheet.text
    assert drawn_code(newest.note) in sheet.text
    told = kept["auditor"].get("/audit?q=2020年5月月报").words
    assert "锚定" in told
    assert kept["auditor"].send(form, to="").status == 400
    assert kept["officer"].get("/anchor").status == 403


def sign(office: Office) -> None:
    """Put a key in force and sign the head of the log with it."""
    signer = FileSigner(
        SigningKey("duban.example/test", LOG, b"7" * 32), office.app.settings.evidence.parent / "last"
    )
    with office.app.reading() as uow:
        security = uow.people.actor(f"{74:032x}", NOON.date())
    adopt_key(office.app.writing(), office.time, signer.vkey, security)
    sealing = Sealing(reading=office.app.reading, writing=office.app.writing, signers=(signer,))
    make_checkpoint(sealing, office.time, "manual/test")


def test_a_definition_is_drawn_told_and_compared(kept, office: Office):
    shown = next(each for each in list_definitions(office.app.reading()) if each.ref.id == "item")
    with office.app.writing() as uow:
        newer = next_version()
        uow.definitions.publish(newer, office.time)
        uow.commit()
    officer, at = kept["officer"], f"/definitions/item/{newer.ref.version}"

    assert "样例行动" in officer.get("/definitions").words
    assert "复核通过" in officer.get(f"{at}?at=in_review").words
    compared = officer.get(f"{at}?against={shown.ref.version}")
    assert 'class="diff-new"' in compared.text
    assert officer.get(f"{at}?against=99").status == 404
    assert officer.get("/definitions/item/99").status == 404
    drawn = officer.client.get(f"{at}/diagram.svg?at=in_review")
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert "sandbox" in drawn.headers["content-security-policy"]
    assert 'stroke="#a8201a"' in drawn.text


def test_only_the_security_officer_puts_people_in_posts(kept, office: Office):
    page = kept["security"].get("/organisation")
    assert "示例一队" in page.words
    form = page.form("/organisation")
    typed = {"login": "legal", "post": "head", "from": "2020-05-06", "until": "2020-05-20", "for": "head"}

    done = kept["security"].send(form, **typed)
    assert "已授予岗位" in done.words
    assert "示例legal 代 示例head" in done.words
    assert kept["security"].send(form, **typed).status == 409
    for unknown in ("nobody", ""):
        assert kept["security"].send(form, **{**typed, "login": unknown}).status == 404
    assert kept["security"].send(form, **{**typed, "from": "morgen"}).status == 400
    assert "授予" not in kept["admin"].get("/organisation").words
    form.fields["csrf"] = kept["admin"].get("/").form("/logout").fields["csrf"]
    assert kept["admin"].send(form, **typed).status == 403


def test_the_security_officer_takes_posts_back_and_that_holds_from_the_next_click(kept, office: Office):
    number = opened(kept["officer"])
    security, page = kept["security"], "/organisation/people/officer"
    assert page in security.get("/organisation").links()
    form = security.get(page).form(page)

    bare = security.send(form, reason="")
    assert (bare.status, "没有写明理由" in bare.words) == (422, True)
    assert "已经过去" in security.send(form, reason="调离", until="2020-05-01").words
    assert security.send(form, reason="调离", grant="head/2020-01-01/").status == 409
    done = security.send(form, reason="调离")
    assert ("已收回岗位" in done.words, "现在没有岗位" in done.words) == (True, True)

    assert kept["officer"].get(f"/items/{number}").status == 404
    assert "没有可看的单位" in kept["officer"].get("/organisation").words
    assert "收回岗位" in kept["auditor"].get("/audit?q=recall_post").words
    own = security.get("/organisation/people/security")
    assert "您自己的岗位" in security.send(own.form("/organisation/people/security"), reason="卸任").words
    for other in ("admin", "office", "auditor"):
        assert kept[other].get(page).status == 403
        form.fields["csrf"] = kept[other].get("/").form("/logout").fields["csrf"]
        assert kept[other].send(form, reason="调离").status == 403
    assert security.get("/organisation/people/nobody").status == 404


def test_the_security_officer_sees_what_would_be_erased_then_erases_it_for_good(kept, office: Office):
    number = opened(kept["officer"], title="王某某投诉办案超期")
    security = kept["security"]
    assert "/redaction" in security.get("/").links()
    form = security.get(f"/redaction?target={number}:标题").form("/redaction")
    assert form.fields["target"] == f"{number}:标题"
    typed = {"words": "王某某\n", "reason": "当事人申请", "basis": "个人信息保护法第47条"}

    told = "里有要抹去的词"
    assert told in security.send(form, **{**typed, "reason": "王某某申请"}, act="look").words
    assert "没有可抹去的内容" in security.send(form, **{**typed, "words": "赵某某"}, act="look").words
    seen = security.send(form, **typed, act="look")
    assert ("还没有抹去" in seen.words, "事项标题 1 处" in seen.words) == (True, True)
    assert "王某某" in kept["officer"].get(f"/items/{number}").words
    done = security.send(next(each for each in seen.forms() if "words" in each.fields), act="erase")

    assert "已抹去，记为第" in done.words
    assert "［已抹去］投诉办案超期" in kept["officer"].get(f"/items/{number}").words
    assert "抹去内容" in kept["auditor"].get("/audit?kind=8").words
    assert "没有可抹去的内容" in security.send(form, **typed, act="erase").words
    for other in ("admin", "auditor", "office", "officer"):
        assert kept[other].get("/redaction").status == 403
        assert "/redaction" not in kept[other].get("/").links()


def test_the_administrator_makes_accounts_and_ends_them(kept, office: Office):
    admin = kept["admin"]
    made = admin.send(admin.get("/accounts").form("/accounts"), login="legal", act="add")
    password = re.search(r'first-password">([^<]+)<', made.text)[1]
    assert Browser(office.web).sign_in("legal", password).url == "/password"

    form = admin.get("/accounts").form("/accounts")
    assert "已停用" in admin.send(form, login="officer", act="disable").words
    assert kept["officer"].get("/").url == "/login"
    assert "已启用" in admin.send(form, login="officer", act="enable").words
    assert "已重置密码" in admin.send(form, login="officer", act="reset").words
    assert admin.send(form, login="nobody", act="add").status == 404
    assert admin.send(form, login="legal", act="add").status == 409
    assert admin.send(form, login="legal", act="dance").status == 404
    assert kept["office"].get("/accounts").status == 403
    assert "建立" not in kept["auditor"].get("/accounts").words


def test_the_calendar_marks_what_differs_from_the_week(kept):
    page = kept["officer"].get("/calendar?year=2020")

    assert "2020 年工作日历" in page.words
    assert page.text.count('class="day-rest') > 20
    assert "国庆节" in page.text
    assert "待核" in kept["officer"].get("/calendar?year=2090").words
    assert kept["officer"].get("/calendar?year=1").status == 200


def test_the_system_says_what_needs_somebody(kept):
    page = kept["admin"].get("/system")

    assert "没有常驻进程在扫描" in page.words
    assert kept["officer"].get("/system").status == 403
    assert "/system" not in kept["officer"].get("/").links()


def test_the_outbox_is_for_those_who_keep_it(kept):
    assert "没有设置渠道" in kept["office"].get("/notices").words
    assert kept["officer"].get("/notices").status == 403


def test_an_item_says_who_was_told(kept):
    number = opened(kept["officer"])
    do(kept["officer"], number, "submit")

    assert "示例office" in kept["officer"].get(f"/items/{number}/notices").words
    assert kept["officer"].get("/items/ZG-2020-999999/notices").status == 404


def test_the_course_of_items_is_drawn_and_measured_for_those_who_read_the_log(kept, office: Office):
    number = opened(kept["officer"])
    do(kept["officer"], number, "submit")
    office.wait(minutes=50)

    page = kept["auditor"].get("/audit/conformance")
    assert "data:image/svg+xml;base64," in page.text
    assert "吻合度 100%" in page.words
    assert "待审" in page.words
    assert "50 分" in page.words
    assert "没有办过这类事项" in kept["auditor"].get("/audit/conformance?unit=unit_b&since=2020-05-01").words
    assert kept["auditor"].get("/audit/conformance?since=morgen").status == 400
    assert kept["office"].get("/audit/conformance").status == 403


def gave_up(office: Office, key: str, title: str) -> None:
    """Leave a notice in the outbox that nobody could send."""
    with office.app.writing() as uow:
        item = next(iter(uow.items.scan()))
        facts = {"title": title, "number": item.number}
        notice = Notice(
            key=key, kind="returned", item=item.id, recipient=item.opener, facts=facts, written_at=office.time
        )
        uow.notices.write([notice], ("smtp",))
        uow.commit()
    with office.app.database.engine.connect() as connection:
        connection.exec_driver_sql(
            "UPDATE delivery SET status = 'dead', attempts = 8, last_error = '550 没有此人' WHERE notice = ?",
            (key,),
        )
        connection.commit()


def test_what_could_not_be_sent_is_sent_again_one_by_one_or_all(kept, office: Office):
    opened(kept["officer"])
    for number in range(3):
        gave_up(office, f"{number}" * 64, f"第{number}份")
    desk = kept["office"]
    page = desk.get("/notices")
    assert "550 没有此人" in page.words
    assert "邮件" in page.words
    one = next(form for form in page.forms() if form.fields.get("notice") == "1" * 64)

    page = desk.send(one)
    assert "已交回发送" in page.words
    assert "第1份" not in page.words
    assert "第0份" in page.words
    assert desk.send(one).status == 404
    everything = next(
        form for form in page.forms() if form.action == "/notices" and "notice" not in form.fields
    )
    assert "没有发送失败的通知" in desk.send(everything).words
    everything.fields["csrf"] = kept["officer"].get("/").form("/logout").fields["csrf"]
    assert kept["officer"].send(everything).status == 403
    with office.app.reading() as uow:
        assert [entry.what for entry in uow.history.page(2**40, 2)] == ["resend", "resend"]


def test_a_token_is_made_shown_once_and_ended_by_its_person(kept, office: Office):
    officer = kept["officer"]
    made = officer.send(officer.get("/tokens").form("/tokens"), name="手机日历", use="calendar", days="30")
    token = re.search(r"duban_[0-9a-f]{64}", made.text)[0]
    assert f"/calendar/{token}.ics" in made.words
    assert officer.client.get(f"/calendar/{token}.ics").status_code == 200
    listed = officer.get("/tokens")
    assert "手机日历" in listed.words
    assert token not in listed.text

    form = next(each for each in listed.forms() if each.action.endswith("/revoke"))
    foreign = kept["office"].get("/tokens").form("/logout")
    foreign.action = form.action
    assert kept["office"].send(foreign).status == 404
    assert officer.send(form).url == officer.send(form).url == "/tokens"
    assert officer.client.get(f"/calendar/{token}.ics").status_code == 404
    for wrong, why in (
        ({"use": "metrics"}, "只向系统管理员"),
        ({"days": "9999"}, "1 至 400"),
        ({"use": "all"}, "没有写明用途"),
    ):
        form = officer.get("/tokens").form("/tokens")
        assert why in officer.send(form, **{"name": "x", "days": "9", **wrong}).words


def test_the_matrix_of_reports_says_who_is_missing_in_words(office: Office):
    plan = replace(a_plan(), id="reporting")
    with office.app.writing() as uow:
        uow.people.add(plan.roster)
        uow.campaigns.add(plan, office.time)
        uow.commit()
    list(open_duties(office.app.writing, office.time))

    page = office.signed_in("office").get("/duties?campaign=reporting&duty=monthly")

    assert "示例unit_b" in page.words
    assert "月报" in page.words
    assert "未报" in page.words
    own = office.signed_in("head").get("/duties?campaign=reporting").words
    assert "月报" in own
    assert "示例unit_b" not in own
