"""Posts through the command line: granted, looked up, taken back, and what somebody can do no more afterwards."""

from engine.model.actor import Role
from tests.cli.conftest import Run, printed
from tests.integration.house import House
from tests.web.test_scope import _more


def test_who_loses_a_post_loses_what_went_with_it(duban: Run, house: House) -> None:
    with house.begin() as uow:
        uow.people.add(_more(74, "security", "bureau", "bureau", Role.SECURITY_OFFICER))
        uow.commit()
    house.database.close()
    opening = (
        "item",
        "open",
        "--unit",
        "unit_a",
        "--title",
        "记录不全",
        "--set",
        "problem=三份笔录无起止时间",
    )

    granted = duban(
        "post", "grant", "legal", "head", "--until", "2020-06-01", "--for", "head", actor="security"
    )
    assert granted.stdout == "已授予 legal 岗位 head，自 2020-05-06 起\n", granted.stderr
    listed = printed(duban("post", "list", "legal", "--json", actor="security"))
    assert {one["grant"]["post"] for one in listed} == {"legal", "head"}
    assert "示例head" in duban("post", "list", "legal", actor="security").stdout
    assert duban(*opening, actor="officer").exit_code == 0

    for post in ("officer", "head"):
        login = "legal" if post == "head" else "officer"
        done = duban("post", "recall", login, post, "--reason", "调离", actor="security")
        assert done.stdout == f"已收回 {login} 的岗位 {post}，自 2020-05-06 起不再在岗\n", done.stderr

    assert duban(*opening, actor="officer").exit_code == 4
    assert duban("post", "list", "officer", actor="security").stdout == "officer 现在没有岗位\n"
    again = duban("post", "recall", "officer", "officer", "--reason", "调离", actor="security")
    assert (again.exit_code, "没有岗位 officer" in again.stderr) == (3, True)
    denied = duban("post", "recall", "head", "head", "--reason", "调离", actor="office")
    assert (denied.exit_code, "应由安全管理员办理" in denied.stderr) == (4, True)
