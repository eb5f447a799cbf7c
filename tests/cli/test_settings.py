"""Settings: an option above the environment, that above the file, that above the default; every mistake told."""

from pathlib import Path

import pytest

from engine.model.channel import Digest
from engine.model.errors import Unavailable
from runtime.post import office
from runtime.settings import BadSettings, Settings, read_settings


def read(tmp_path: Path, toml: str = "", env: dict[str, str] | None = None, **options: str) -> Settings:
    if toml:
        (tmp_path / "duban.toml").write_text(toml, encoding="utf-8")
    return read_settings(options, env or {}, tmp_path)


def told(tmp_path: Path, toml: str = "", env: dict[str, str] | None = None, **options: str) -> str:
    with pytest.raises(BadSettings) as caught:
        read(tmp_path, toml, env, **options)
    return "\n".join(f"{p.where} {p.text} {p.hint}" for p in caught.value.problems)


def test_without_anything_the_database_lies_in_the_folder(tmp_path: Path):
    settings = read(tmp_path)

    assert settings.file == tmp_path / "duban.db"
    assert settings.database == f"sqlite:///{(tmp_path / 'duban.db').as_posix()}"
    assert settings.evidence == tmp_path / "duban.evidence"
    assert (settings.actor, settings.channels, settings.ways.smtp) == (None, (), None)


def test_each_layer_stands_above_the_one_below(tmp_path: Path):
    toml = 'actor = "file"\ndatabase = "file.db"'
    env = {"DUBAN_ACTOR": "env", "DUBAN_DATABASE": "env.db"}

    assert read(tmp_path, toml).actor == "file"
    assert read(tmp_path, toml, env).actor == "env"
    assert read(tmp_path, toml, env, actor="option").actor == "option"
    assert read(tmp_path, toml, env, actor="option").file == tmp_path / "env.db"


def test_a_server_has_no_file(tmp_path: Path):
    settings = read(tmp_path, database="postgresql://host/duban")

    assert (settings.database, settings.file) == ("postgresql+psycopg://host/duban", None)


def test_the_password_of_a_server_is_not_shown(tmp_path: Path):
    settings = read(tmp_path, database="postgresql://me:hush@host:5432/duban")

    assert settings.place == "postgresql+psycopg://me:***@host:5432/duban"


def test_an_url_of_a_file_is_a_file(tmp_path: Path):
    absolute = (tmp_path / "x" / "a.db").as_posix()

    assert read(tmp_path, database=f"sqlite:///{absolute}").database == f"sqlite:///{absolute}"
    assert read(tmp_path, database="sqlite:///a.db").file == tmp_path / "a.db"


def test_the_mail_server_is_read_and_its_password_is_not_shown(tmp_path: Path):
    (tmp_path / "secret").write_text("hush\n", encoding="utf-8")
    toml = 'channels = ["smtp", "file"]\n[smtp]\nhost = "mail"\nport = 2525\n'
    toml += 'sender = "法制办 <duban@bureau.example>"\npassword_file = "secret"'

    settings = read(tmp_path, toml)

    assert settings.channels == ("smtp", "file")
    assert settings.ways.smtp is not None
    assert (settings.ways.smtp.port, settings.ways.smtp.password) == (2525, "hush")
    assert settings.ways.smtp.domain == "bureau.example"
    assert "hush" not in repr(settings)


def test_every_mistake_is_told_with_its_place_and_what_was_meant(tmp_path: Path):
    text = told(
        tmp_path,
        'databse = "x"\nactor = 7\nchannels = ["smpt"]\n'
        '[smtp]\nhost = "m"\nport = 70000\nsecurity = "ssl"\npassword = "p"',
        {"DUBAN_ACTR": "x"},
    )

    assert "没有“databse”这一项设置 是不是“database”？" in text
    assert "应为文字，实为“7”" in text
    assert "应为1 至 65535 的整数，实为“70000”" in text
    assert "是不是“smtp”？" in text
    assert "应为starttls、tls、none之一，实为“ssl”" in text
    assert "“smtp.password”不写在设置文件里 请用 DUBAN_SMTP_PASSWORD 或 smtp.password_file" in text
    assert "是不是“DUBAN_ACTOR”？" in text


def test_mail_without_a_server_or_a_sender_is_told(tmp_path: Path):
    text = told(tmp_path, 'channels = ["file", "smtp"]')

    assert "渠道 smtp 缺少“smtp.host”" in text
    assert "渠道 smtp 缺少“smtp.sender”" in text


def test_a_file_that_is_no_toml_is_told(tmp_path: Path):
    assert "读不出来" in told(tmp_path, "= =")


def test_a_named_file_must_be_there(tmp_path: Path):
    assert "没有这个文件" in told(tmp_path, env={"DUBAN_CONFIG": "nowhere.toml"})


def test_an_unknown_kind_of_database_is_told(tmp_path: Path):
    assert "postgresql:// 开头的地址" in told(tmp_path, database="mysql://host/duban")


ROBOTS = """
channels = ["wecom", "dingtalk", "feishu", "webhook"]
allow = ["gateway.bureau.example:8443", "10.1.2.3:9000", "open.feishu.cn:443"]
[wecom]
url = "https://gateway.bureau.example:8443/wecom"
key_file = "wecom.key"
format = "markdown"
per_minute = 15
[dingtalk]
url = "https://gateway.bureau.example:8443"
keyword = "督办"
[webhook]
url = "http://10.1.2.3:9000/in"
security = "none"
"""
HUSH = {"DUBAN_DINGTALK_TOKEN": "hush1", "DUBAN_DINGTALK_SECRET": "hush2", "DUBAN_FEISHU_TOKEN": "hush3"}


def test_robots_are_read_and_no_secret_is_shown(tmp_path: Path):
    (tmp_path / "wecom.key").write_text("hush0\n", encoding="utf-8")

    settings = read(tmp_path, ROBOTS, HUSH)
    http = settings.ways.http

    assert [f"{http[name].address.place}" for name in settings.channels] == [
        "gateway.bureau.example:8443",
        "gateway.bureau.example:8443",
        "open.feishu.cn:443",
        "10.1.2.3:9000",
    ]
    assert (http["wecom"].token, http["wecom"].form) == ("hush0", "markdown")
    assert (http["dingtalk"].token, http["dingtalk"].secret) == ("hush1", "hush2")
    assert settings.ways.manners["wecom"].per_minute == 15
    assert settings.ways.manners["dingtalk"].per_minute == 20
    assert "hush" not in repr(settings)
    assert "hush" not in repr(office(settings))


def test_a_robot_without_key_or_leave_is_told(tmp_path: Path):
    text = told(tmp_path, 'channels = ["wecom", "webhook"]\n[webhook]\nurl = "http://a.example:80/"')

    assert "渠道 wecom 没有密钥 请设 DUBAN_WECOM_KEY 或 wecom.key_file" in text
    assert '请在 allow 里加上 "qyapi.weixin.qq.com:443"' in text
    assert '另写 webhook.security = "none"' in text
    assert "渠道 webhook 缺少“webhook.url”" in told(tmp_path, 'channels = ["webhook"]')


@pytest.mark.parametrize(
    "line",
    [
        'url = "https://u:hush@gateway.bureau.example:8443/"',
        'url = "https://gateway.bureau.example:8443/send?key=hush"',
        'key = "hush"',
    ],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(tmp_path: Path, line: str):
    text = told(tmp_path, f'channels = ["wecom"]\n[wecom]\n{line}')

    assert "hush" not in text
    assert "wecom" in text


def test_a_key_that_was_copied_with_its_address_is_told_and_not_repeated(tmp_path: Path):
    text = told(tmp_path, 'channels = ["wecom"]', {"DUBAN_WECOM_KEY": "https://x/send?key=hush"})

    assert "密钥里有不该有的字符" in text
    assert "hush" not in text


def test_apprise_says_nothing_until_its_scheme_is_allowed(tmp_path: Path) -> None:
    secret = {"DUBAN_APPRISE_URL": "json://hush@hooks.bureau.example/x"}

    bare = told(tmp_path, 'channels = ["apprise"]')
    barred = told(tmp_path, 'channels = ["apprise"]\n[apprise]\nschemes = ["jsons"]', secret)

    assert "渠道 apprise 没有地址 请设 DUBAN_APPRISE_URL 或 apprise.url_file" in bare
    assert "渠道 apprise 的这种地址不在允许之列" in barred
    assert "hush" not in barred


def test_limits_and_flags_are_checked(tmp_path: Path):
    text = told(
        tmp_path,
        'channels = ["wecom"]\nallow = ["A:1"]\n'
        '[wecom]\nper_minute = 0\nmention = "maybe"\nkey_file = "nowhere"\nformat = "html"',
    )

    assert "应为1 至 1000 的整数，实为“0”" in text
    assert "应为true 或 false，实为“maybe”" in text
    assert "应为能读的文本文件，实为“nowhere”" in text
    assert "应为text、markdown之一" in text
    assert "“A:1”应写成 主机:端口" in text


def test_certificates_that_cannot_be_read_are_told(tmp_path: Path):
    settings = read(tmp_path, 'ca_file = "nowhere.pem"\nchannels = ["file"]')

    with pytest.raises(Unavailable, match="证书"):
        office(settings)


def test_hours_digest_and_urgency_are_read(tmp_path: Path):
    toml = (
        'channels = ["smtp", "file"]\nurgent = ["order_escalated"]\n'
        '[smtp]\nhost = "mail"\nsender = "a@b.example"\nhours = "07:00-24:00"\ndigest = "daily"\n'
        '[wecom]\nhours = "always"\n'
    )
    manners = read(tmp_path, toml).ways.manners

    assert (manners["smtp"].hours, manners["smtp"].digest) == ((420, 1440), Digest.DAILY)
    assert (manners["wecom"].hours, manners["wecom"].digest) == (None, Digest.TOGETHER)
    assert (manners["dingtalk"].hours, manners["webhook"].digest) == ((510, 1080), Digest.EACH)
    assert (manners["file"].hours, manners["file"].digest) == (None, Digest.EACH)
    assert {manner.urgent for manner in manners.values()} == {frozenset({"order_escalated"})}


@pytest.mark.parametrize("hours", ["8:30-18:00", "18:00-08:30", "08:30", "08:30-24:30", "whenever"])
def test_hours_that_are_none_are_told(tmp_path: Path, hours: str):
    text = told(tmp_path, f'urgent = ["overdu"]\n[smtp]\nhours = "{hours}"\ndigest = "weekly"')

    assert "“08:30-18:00”这样的起止时刻" in text
    assert "应为each、together、daily之一" in text
    assert "是不是“overdue”？" in text


def test_secrets_are_known_so_that_no_log_shows_them(tmp_path: Path):
    env = {"DUBAN_DATABASE": "postgresql://duban:p%40ss@db/duban", "DUBAN_SMTP_PASSWORD": "geheim"}

    settings = read(tmp_path, '[smtp]\nhost = "mail"\nsender = "duban@bureau"', env)

    assert set(settings.secrets) == {"p%40ss", "p@ss", "geheim"}
