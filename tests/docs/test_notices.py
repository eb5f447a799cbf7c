"""What docs/notices.md shows can be set, its commands are there, and its numbers are those of the rules."""

import re
from pathlib import Path

from engine.rules import sending, settling
from engine.usecases.urge import INTERVAL
from notifications import bounded, child
from notifications.channels import dingtalk, feishu, wecom
from notifications.line import LONGEST
from runtime import ways
from runtime.settings import read_settings
from runtime.words import CHANNELS
from tests.docs.commands import refused, shown

PAGE = (Path(__file__).parents[2] / "docs" / "notices.md").read_text(encoding="utf-8")
(TOML,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
ROWS = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", PAGE, flags=re.MULTILINE)
EVERYWHERE = {"hours", "digest", "per_minute"}


def test_the_settings_are_read(tmp_path: Path) -> None:
    (tmp_path / "duban.toml").write_text(TOML, encoding="utf-8")
    for name in ("smtp", "wecom", "webhook"):
        (tmp_path / f"{name}.secret").write_text("hush", encoding="utf-8")
        (tmp_path / f"{name}.secret").chmod(0o600)

    settings = read_settings({}, {}, tmp_path)

    assert settings.channels == ("smtp", "wecom", "webhook", "file")
    assert settings.leads_to("wecom") == "gateway.bureau.example:8443"


def test_the_table_names_every_channel_and_every_setting() -> None:
    told = {name: set(re.findall(r"`(\w+)`", own)) for name, own, _ in ROWS}
    keys = {key.partition(".")[::2] for key in ways.KEYS if "." in key}

    assert set(told) == set(ways.CHANNELS) == set(CHANNELS)
    for name in ("smtp", "apprise", *ways.BASES):
        assert told[name] == {inner for channel, inner in keys if channel == name} - EVERYWHERE


def test_the_numbers_are_those_of_the_rules() -> None:
    limits = {name: limit for name, _, limit in ROWS}

    assert f"{wecom.TEXT:,} bytes, as markdown {wecom.MARKDOWN:,}" == limits["wecom"]
    assert (f"{dingtalk.LONGEST:,} bytes", f"{feishu.LONGEST:,} bytes") == (
        limits["dingtalk"],
        limits["feishu"],
    )
    for number, words in {
        sending.LEASE.total_seconds(): "lease of {:.0f} seconds",
        LONGEST: "within {:.0f} seconds",
        sending.FIRST_SHUT.total_seconds(): "up to {:.0f} seconds, doubling",
        sending.LONGEST_SHUT.total_seconds() / 60: "to {:.0f} minutes |",
        sending.FIRST_WAIT.total_seconds() / 60: "up to {:.0f} minutes, doubling",
        sending.LONGEST_WAIT.total_seconds() / 3600: "to {:.0f} hours;",
        settling.MOST_ATTEMPTS: "up to {} tries",
        INTERVAL.total_seconds() / 3600: "once in {:.0f} hours",
        child.MEMORY / 1024**2: "within {:.0f} MB",
        bounded.SECONDS: "and {:.0f} seconds",
    }.items():
        assert words.format(number) in PAGE


def test_every_command_it_shows_is_one() -> None:
    commands = shown(PAGE)

    assert len(commands) >= 9
    assert [command for command in commands if refused(command)] == []
