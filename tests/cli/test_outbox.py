"""What leaves the house, as whoever looks after it sees it: previews, channels, a trial, what was given up, 催办."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli.main import main
from notifications.catalogue import KINDS
from tests.cli.conftest import NOON, Run, printed
from tests.cli.test_items import assigned
from tests.integration.receivers import Receiver, receiving

HUSH = "hush-key"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def robot(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    """Settings with a robot on loopback."""
    monkeypatch.setenv("DUBAN_WECOM_KEY", HUSH)
    (tmp_path / "duban.toml").write_text(
        f'channels = ["wecom"]\nallow = ["127.0.0.1:{receiver.port}"]\n'
        f'[wecom]\nurl = "http://127.0.0.1:{receiver.port}"\nsecurity = "none"\nper_minute = 2\nhours = "always"\n',
        encoding="utf-8",
    )
    return receiver


def test_a_kind_is_previewed_by_its_name_or_its_chinese_word(duban: Run) -> None:
    shown = duban("notice", "preview", "overdue")

    assert shown.exit_code == 0
    assert shown.stdout.startswith("逾期3天提醒：“案卷制作不规范（样例）”（ZG-2020-000417）")
    assert duban("notice", "preview", "逾期提醒").stdout == shown.stdout
    assert printed(duban("notice", "preview", "vacancy", "--json"))["subject"].startswith(
        "岗位空缺提醒：部门主要负责人"
    )


def test_every_kind_is_previewed_before_there_is_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for kind, word in KINDS.items():
        shown = CliRunner().invoke(main, ["--at", NOON, "notice", "preview", kind])

        assert shown.exit_code == 0, (kind, shown.stderr)
        assert len(shown.stdout.strip().splitlines()) > 2, kind
        assert CliRunner().invoke(main, ["--at", NOON, "notice", "preview", word]).stdout == shown.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_notice_is_previewed_with_words_of_ones_own(duban: Run, tmp_path: Path) -> None:
    assigned(duban)
    (row,) = printed(duban("notice", "list", "--json", actor="officer"))
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "assigned.txt.j2").write_text("交您办理：{{ named }}\n\n请办。", encoding="utf-8")
    (tmp_path / "words" / "overdue.txt.j2").write_text("{{ title.__class__ }}", encoding="utf-8")
    (tmp_path / "duban.toml").write_text('templates = "words"', encoding="utf-8")

    own = duban("notice", "preview", row["key"][:12], actor="officer")
    spoilt = duban("notice", "preview", "overdue")

    assert own.stdout.startswith("交您办理：“")
    assert spoilt.stdout.startswith("逾期3天提醒")
    assert "自定文稿 overdue.txt.j2 用不了，已用原文稿" in spoilt.stderr


def test_what_is_no_kind_and_no_notice_is_told(duban: Run) -> None:
    assert duban("notice", "preview", "overdu", actor="officer").exit_code == 3
    assert duban("notice", "preview", "abcdef", actor="officer").exit_code == 3


def test_channels_are_shown_without_secrets(duban: Run, robot: Receiver) -> None:
    assigned(duban)

    text = duban("notice", "channels", actor="office")
    (told,) = printed(duban("notice", "channels", "--json", actor="office"))

    assert f"127.0.0.1:{robot.port}" in text.stdout
    assert "随时" in text.stdout
    assert told["backlog"]["pending"]["count"] >= 1
    assert told["manner"]["per_minute"] == 2
    assert HUSH not in text.stdout + text.stderr + f"{told}"
    assert duban("notice", "channels", actor="officer").exit_code == 4


def test_without_channels_the_inbox_is_all(duban: Run) -> None:
    assert duban("notice", "channels", actor="office").stdout == "没有设置任何渠道，通知只进收件箱\n"


def test_a_channel_is_tried_out_within_its_limit(duban: Run, robot: Receiver) -> None:
    sent = duban("notice", "test", "wecom", actor="office")
    duban("notice", "test", "wecom", actor="office")
    third = duban("notice", "test", "wecom", actor="office")

    assert sent.stdout == "已通过 wecom 向示例office试发一条，请查收\n"
    assert "【测试】" in robot.received[0].json["text"]["content"]
    assert (third.exit_code, len(robot.received)) == (8, 2)
    assert "本分钟的条数已用完" in third.stderr
    assert duban("notice", "test", "wecom", actor="officer").exit_code == 4
    assert duban("notice", "test", "smtp", actor="office").exit_code == 3


def test_a_trial_that_fails_shows_in_the_channel_and_one_that_works_opens_it(
    duban: Run, robot: Receiver
) -> None:
    robot.say(errcode=93000, errmsg="invalid webhook url")
    failed = duban("notice", "test", "wecom", actor="office")
    (shut,) = printed(duban("notice", "channels", "--json", actor="office"))
    robot.say(errcode=0)
    duban("notice", "test", "wecom", actor="office")
    (opened,) = printed(duban("notice", "channels", "--json", actor="office"))

    assert failed.exit_code == 8
    assert "93000 invalid webhook url" in failed.stderr
    assert "密钥" in failed.stderr
    assert HUSH not in failed.stderr
    assert (shut["gate"]["failures"], opened["gate"]["failures"]) == (1, 0)


def test_a_receiver_that_does_not_take_it_is_told(duban: Run, robot: Receiver) -> None:
    robot.say(errcode=-1, errmsg="system busy")

    failed = duban("notice", "test", "wecom", actor="office")

    assert (failed.exit_code, "没有发出：对方未收下：-1 system busy" in failed.stderr) == (6, True)


def test_what_was_given_up_is_listed_and_sent_again(
    duban: Run, robot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_WECOM_PER_MINUTE", "50")
    assigned(duban)
    robot.say(errcode=45002, errmsg="too long")
    assert duban("worker", "--once").exit_code == 0

    dead = printed(duban("notice", "dead", "--json", actor="office"))
    assert "45002 too long" in duban("notice", "dead", actor="office").stdout
    assert duban("notice", "resend", actor="office").exit_code == 2
    assert duban("notice", "resend", "ffffff", actor="office").exit_code == 3
    robot.say(errcode=0)
    one = duban("notice", "resend", dead[0]["key"][:12], actor="office")
    rest = printed(duban("notice", "resend", "--dead", "--json", actor="office"))
    duban("worker", "--once")

    assert one.stdout == "1 条将由 duban worker 重发\n"
    assert len(rest) == len(dead) - 1
    assert duban("notice", "dead", actor="office").stdout == "没有发送失败的通知\n"
    assert duban("notice", "resend", "--dead", actor="office").stdout == "没有发送失败的通知\n"
    assert "已发" in duban("notice", "list", actor="officer").stdout


def test_somebody_is_urged_and_not_twice(duban: Run) -> None:
    number = assigned(duban)

    urged = duban("item", "urge", number, "--words", "请抓紧", actor="office")
    again = duban("item", "urge", number, actor="head")
    rows = printed(duban("notice", "list", "--json", actor="officer"))
    (key,) = [row["key"] for row in rows if row["kind"] == "urged"]
    shown = duban("notice", "show", key, actor="officer")

    assert urged.stdout == f"{number} 已催办：示例officer\n"
    assert again.exit_code == 1
    assert "05-06 12:00 已催办过" in again.stderr
    assert "示例office催办" in shown.stdout
    assert "催办意见：请抓紧" in shown.stdout
    assert "催办" in duban("history", "show", number, actor="office").stdout
