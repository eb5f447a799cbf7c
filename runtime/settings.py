"""Settings: an option stands above `DUBAN_…` in the environment, that above `duban.toml`, that above the default."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from engine.model.errors import Invalid, Problem

CHANNELS: Final = ("smtp", "file", "console")
SECURITIES: Final = ("starttls", "tls", "none")
CONFIG: Final = "duban.toml"
PREFIX: Final = "DUBAN_"
BESIDE: Final = frozenset({"DUBAN_CONFIG", "DUBAN_DEBUG"})
"""Variables that are no settings: where `duban.toml` lies, and whether a programming error shows its trace."""
KEYS: Final = (
    "database",
    "actor",
    "evidence",
    "channels",
    "outbox",
    "smtp.host",
    "smtp.port",
    "smtp.sender",
    "smtp.domain",
    "smtp.user",
    "smtp.password_file",
    "smtp.security",
)
NEEDED: Final = ("smtp.host", "smtp.sender")
SECRET: Final = "smtp.password"  # noqa: S105 - the name of a setting, not its value
_SCHEMES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class BadSettings(Invalid):
    """A setting cannot be used; carries every mistake with its place."""

    code = "bad_settings"


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
class Settings:
    """Everything that differs from one installation to the next. `file` is the SQLite file, None on a server."""

    database: str
    file: Path | None
    evidence: Path
    outbox: Path
    actor: str | None = None
    channels: tuple[str, ...] = ()
    smtp: Smtp | None = None

    @property
    def place(self) -> str:
        """Where the database is, for messages: without the password of a server."""
        return f"{self.file or re.sub('(?<=:)[^:@/]*(?=@)', '***', self.database)}"


@dataclass(frozen=True, slots=True)
class _Given:
    value: object
    where: str
    folder: Path


def read_settings(options: Mapping[str, str | None], env: Mapping[str, str], folder: Path) -> Settings:
    """The settings in force for a command that is run in `folder`.

    Raises BadSettings with every mistake.
    """
    problems: list[Problem] = []
    given = dict(
        _from_file(folder / env.get("DUBAN_CONFIG", CONFIG), problems, is_named="DUBAN_CONFIG" in env)
    )
    given.update(_from_env(env, folder, problems))
    given.update({k: _Given(v, f"--{k}", folder) for k, v in options.items() if v is not None})
    settings = _Reader(given, folder, problems).settings()
    if problems:
        raise BadSettings("读取设置", tuple(problems))
    return settings


def _from_file(path: Path, problems: list[Problem], *, is_named: bool) -> Iterator[tuple[str, _Given]]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if is_named:
            problems.append(Problem(where=f"{path}", text="没有这个文件", hint="请核对 DUBAN_CONFIG"))
        return
    except (OSError, ValueError) as error:
        problems.append(Problem(where=f"{path}", text=f"读不出来：{error}", hint="应为 UTF-8 编码的 TOML"))
        return
    for name, value in _flat(tree):
        if name in KEYS:
            yield name, _Given(value, f"{path} 的 {name}", path.parent)
        else:
            problems.append(_unknown(f"{path}", name))


def _flat(tree: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", part) for inner, part in value.items())
        else:
            yield name, value


def _unknown(where: str, name: str) -> Problem:
    if name == SECRET:
        return Problem(
            where=where, text="密码不写在设置文件里", hint="请用 DUBAN_SMTP_PASSWORD 或 smtp.password_file"
        )
    return Problem(where=where, text=f"没有“{name}”这一项设置", hint=_near(name, KEYS))


def _near(name: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, 1)
    return f"是不是“{close[0]}”？" if close else f"可用：{'、'.join(known)}"


def _from_env(env: Mapping[str, str], folder: Path, problems: list[Problem]) -> Iterator[tuple[str, _Given]]:
    known = {f"{PREFIX}{key.replace('.', '_').upper()}": key for key in (*KEYS, SECRET)}
    for name in sorted(env):
        if name in known:
            yield known[name], _Given(env[name], f"环境变量 {name}", folder)
        elif name.startswith(PREFIX) and name not in BESIDE:
            problems.append(
                Problem(where="环境变量", text=f"没有“{name}”这一项设置", hint=_near(name, tuple(known)))
            )


class _Reader:
    """Turns what was given into values; notes what does not fit and goes on."""

    def __init__(self, given: Mapping[str, _Given], folder: Path, problems: list[Problem]) -> None:
        self._given = given
        self._folder = folder
        self._problems = problems

    def settings(self) -> Settings:
        database, file = self._database()
        beside = file or self._folder / "duban.db"
        return Settings(
            database=database,
            file=file,
            evidence=self._path("evidence") or beside.with_suffix(".evidence"),
            outbox=self._path("outbox") or beside.with_suffix(".outbox"),
            actor=self._text("actor") or None,
            channels=self._channels(),
            smtp=self._smtp(),
        )

    def _complain(self, name: str, expected: str, hint: str = "") -> None:
        given = self._given[name]
        text = f"应为{expected}，实为“{given.value}”"
        self._problems.append(Problem(where=given.where, text=text, hint=hint))

    def _text(self, name: str) -> str:
        value = self._given[name].value if name in self._given else ""
        if not isinstance(value, str):
            self._complain(name, "文字", "请加引号")
            return ""
        return value

    def _path(self, name: str) -> Path | None:
        text = self._text(name)
        return self._given[name].folder / text if text else None

    def _database(self) -> tuple[str, Path | None]:
        text = self._text("database") or "duban.db"
        scheme, mark, rest = text.partition("://")
        if mark and scheme not in _SCHEMES:
            self._complain(
                "database", "文件路径，或 postgresql:// 开头的地址", _near(scheme, tuple(_SCHEMES))
            )
        if mark and scheme != "sqlite":
            return f"{_SCHEMES.get(scheme, scheme)}://{rest}", None
        folder = self._given["database"].folder if "database" in self._given else self._folder
        file = (folder / (rest.removeprefix("/") if mark else text)).absolute()
        if "?" in file.name:
            self._complain("database", "不含问号的文件路径")
        return f"sqlite:///{file.as_posix()}", file

    def _channels(self) -> tuple[str, ...]:
        if "channels" not in self._given:
            return ()
        value = self._given["channels"].value
        names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        channels = tuple(f"{name}".strip() for name in names if f"{name}".strip())
        for unknown in [name for name in channels if name not in CHANNELS]:
            self._complain("channels", f"{'、'.join(CHANNELS)}中的若干项", _near(unknown, CHANNELS))
        for missing in [name for name in NEEDED if "smtp" in channels and not self._text(name)]:
            self._problems.append(
                Problem(
                    where=self._given["channels"].where,
                    text=f"邮件渠道缺少“{missing}”",
                    hint="请补上这一项设置",
                )
            )
        return channels

    def _smtp(self) -> Smtp | None:
        host, sender = self._text("smtp.host"), self._text("smtp.sender")
        if not host:
            return None
        return Smtp(
            host=host,
            sender=sender,
            domain=self._text("smtp.domain") or sender.rpartition("@")[2].rstrip("> "),
            port=self._port(),
            user=self._text("smtp.user"),
            password=self._text(SECRET) or self._password(),
            security=self._security(),
        )

    def _port(self) -> int:
        value = self._given["smtp.port"].value if "smtp.port" in self._given else 25
        number = int(f"{value}") if f"{value}".isdecimal() else 0
        if not 1 <= number <= 65535:
            self._complain("smtp.port", "1 至 65535 的整数")
        return number

    def _security(self) -> str:
        text = self._text("smtp.security") or SECURITIES[0]
        if text not in SECURITIES:
            self._complain("smtp.security", f"{'、'.join(SECURITIES)}之一", _near(text, SECURITIES))
        return text

    def _password(self) -> str:
        path = self._path("smtp.password_file")
        return self._read(path.read_text) if path else ""

    def _read(self, read: Callable[[], str]) -> str:
        try:
            return read().strip()
        except (OSError, ValueError) as error:
            self._complain("smtp.password_file", "能读的文本文件", f"{error}")
            return ""
