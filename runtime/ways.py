"""The ways out of the house as the settings describe them: where each leads, its secrets, and how it may be used."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from engine.model.channel import Manner
from engine.model.errors import Invalid, Problem
from notifications.address import Address, Place, read_address, read_place
from notifications.channels.apprise import scheme_of
from runtime import manners
from runtime.given import Reader, near
from runtime.manners import MANNERS, read_manners

T = TypeVar("T")

CHANNELS: Final = tuple(MANNERS)
BASES: Final[Mapping[str, str]] = {
    "wecom": "https://qyapi.weixin.qq.com",
    "dingtalk": "https://oapi.dingtalk.com",
    "feishu": "https://open.feishu.cn",
    "webhook": "",
}
"""Channels over HTTP, and where they lead where the settings say nothing."""
SECURITIES: Final = ("starttls", "tls", "none")
FORMS: Final = ("text", "markdown")
SECRETS: Final[Mapping[str, str]] = {
    "smtp.password": "smtp.password_file",
    "wecom.key": "wecom.key_file",
    "dingtalk.token": "dingtalk.token_file",
    "dingtalk.secret": "dingtalk.secret_file",
    "feishu.token": "feishu.token_file",
    "feishu.secret": "feishu.secret_file",
    "webhook.token": "webhook.token_file",
    "webhook.secret": "webhook.secret_file",
    "apprise.url": "apprise.url_file",
}
"""What never stands in the file of the settings, and which setting names the file that holds it."""
KEYS: Final = (
    "channels",
    "allow",
    "ca_file",
    *(f"smtp.{name}" for name in ("host", "port", "sender", "domain", "user", "security")),
    *(f"{channel}.{name}" for channel in BASES for name in ("url", "security")),
    *SECRETS.values(),
    "apprise.schemes",
    "wecom.format",
    "wecom.mention",
    "dingtalk.keyword",
    "dingtalk.mention",
    *manners.KEYS,
)
_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    "smtp": ("smtp.host", "smtp.sender"),
    "webhook": ("webhook.url",),
}
_TOKENS: Final = {"wecom": "key", "dingtalk": "token", "feishu": "token", "webhook": "token"}
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]*", re.ASCII)
"""What may stand in an address or a header as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """A mail server and how to speak to it; a person's address is the login at `domain`."""

    host: str
    sender: str
    domain: str
    port: int = 25
    user: str = ""
    password: str = field(default="", repr=False)
    security: str = "starttls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Http:
    """A receiver over HTTP: a robot, or one's own."""

    address: Address
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    keyword: str = ""
    form: str = FORMS[0]
    mention: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Apprise:
    """A service that apprise knows. Its address is a secret; `schemes` are those that are allowed, none at first."""

    url: str = field(repr=False)
    schemes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """Every way out that the settings describe. `allowed` are the only hosts that HTTP may reach."""

    smtp: Smtp | None = None
    http: Mapping[str, Http] = field(default_factory=dict)
    apprise: Apprise | None = None
    manners: Mapping[str, Manner] = field(default_factory=lambda: MANNERS)
    allowed: frozenset[Place] = frozenset()
    ca_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every password, token and key of them."""
        mail = (self.smtp.password,) if self.smtp else ()
        service = (self.apprise.url,) if self.apprise else ()
        return (*mail, *service, *(part for http in self.http.values() for part in (http.token, http.secret)))

    def leads_to(self, channel: str) -> str:
        """The host that a channel speaks to; empty where the settings do not say."""
        if channel == "smtp" and self.smtp is not None:
            return f"{self.smtp.host}:{self.smtp.port}"
        if channel == "apprise" and self.apprise is not None:
            return f"{scheme_of(self.apprise.url)}://…"
        return f"{self.http[channel].address.place}" if channel in self.http else ""


def read_channels(given: Reader) -> tuple[str, ...]:
    """The channels in use, in the order in which they are named."""
    channels = given.texts("channels")
    for unknown in [name for name in channels if name not in CHANNELS]:
        given.complain("channels", f"{'、'.join(CHANNELS)}中的若干项", near(unknown, CHANNELS))
    return tuple(dict.fromkeys(channels))


def read_ways(given: Reader, channels: tuple[str, ...]) -> Ways:
    """The ways that these settings describe; what the channels in use lack is noted."""
    ways = Ways(
        smtp=_smtp(given),
        http=dict(_http(given, channels)),
        apprise=_apprise(given),
        manners=read_manners(given),
        allowed=frozenset(_allowed(given)),
        ca_file=given.path("ca_file"),
    )
    if "channels" in given.given:
        _check(given, channels, ways)
    return ways


def _check(given: Reader, channels: tuple[str, ...], ways: Ways) -> None:
    where = given.given["channels"].where
    if "apprise" in channels:
        _check_apprise(given, where, ways.apprise)
    for name in channels:
        given.require(_NEEDED.get(name, ()), where, f"渠道 {name} ")
        way = ways.http.get(name)
        if way is not None and name != "webhook" and not way.token:
            variable = f"DUBAN_{name}_{_TOKENS[name]}".upper()
            hint = f"请设 {variable} 或 {name}.{_TOKENS[name]}_file"
            given.problems.append(Problem(where=where, text=f"渠道 {name} 没有密钥", hint=hint))
        if way is not None and way.address.place not in ways.allowed:
            hint = f'请在 allow 里加上 "{way.address.place}"'
            given.problems.append(Problem(where=where, text=f"渠道 {name} 的主机不在允许之列", hint=hint))


def _check_apprise(given: Reader, where: str, way: Apprise | None) -> None:
    if way is None:
        hint = "请设 DUBAN_APPRISE_URL 或 apprise.url_file"
        given.problems.append(Problem(where=where, text="渠道 apprise 没有地址", hint=hint))
    elif scheme_of(way.url) not in way.schemes:
        hint = '请在 apprise.schemes 里写明地址的开头，如 ["jsons"]'
        given.problems.append(Problem(where=where, text="渠道 apprise 的这种地址不在允许之列", hint=hint))


def _apprise(given: Reader) -> Apprise | None:
    url, schemes = given.secret("apprise.url", SECRETS["apprise.url"]), given.texts("apprise.schemes")
    return Apprise(url=url, schemes=frozenset(schemes)) if url else None


def _smtp(given: Reader) -> Smtp | None:
    host, sender = given.text("smtp.host"), given.text("smtp.sender")
    if not host:
        return None
    return Smtp(
        host=host,
        sender=sender,
        domain=given.text("smtp.domain") or sender.rpartition("@")[2].rstrip("> "),
        port=given.whole("smtp.port", 25, 65535),
        user=given.text("smtp.user"),
        password=given.secret("smtp.password", "smtp.password_file"),
        security=given.choice("smtp.security", SECURITIES),
    )


def _http(given: Reader, channels: tuple[str, ...]) -> Iterator[tuple[str, Http]]:
    for name in (name for name in channels if name in BASES):
        if (address := _address(given, name)) is not None:
            yield (
                name,
                Http(
                    address=address,
                    token=_token(given, f"{name}.{_TOKENS[name]}"),
                    secret=given.secret(f"{name}.secret", f"{name}.secret_file"),
                    keyword=given.text(f"{name}.keyword"),
                    form=given.choice(f"{name}.format", FORMS),
                    mention=given.flag(f"{name}.mention"),
                ),
            )


def _address(given: Reader, name: str) -> Address | None:
    setting = f"{name}.url"
    text = given.text(setting, BASES[name])
    address = _read(given, setting, read_address, text) if text else None
    if address and address.scheme == "http" and given.choice(f"{name}.security", SECURITIES[1:]) == "tls":
        found = given.given[setting]
        hint = f'请改用 https；内网确无证书的，另写 {name}.security = "none"'
        given.problems.append(Problem(where=found.where, text="应为 https 开头的地址", hint=hint))
    return address


def _token(given: Reader, name: str) -> str:
    token = given.secret(name, SECRETS[name])
    if not _TOKEN.fullmatch(token):
        source = name if name in given.given else SECRETS[name]
        where = given.given[source].where
        given.problems.append(Problem(where=where, text="密钥里有不该有的字符", hint="请重新复制，不带网址"))
        return ""
    return token


def _allowed(given: Reader) -> Iterator[Place]:
    for text in given.texts("allow"):
        if (place := _read(given, "allow", read_place, text)) is not None:
            yield place


def _read(given: Reader, name: str, read: Callable[[str], T], text: str) -> T | None:
    try:
        return read(text)
    except Invalid as error:
        given.problems.append(Problem(where=given.given[name].where, text=error.message))
        return None
