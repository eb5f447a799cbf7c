"""Settings: an option stands above `DUBAN_…` in the environment, that above `duban.toml`, that above the default."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from engine.model.causes import in_chinese
from engine.model.errors import Invalid, Problem
from runtime import ways
from runtime.given import Given, Reader, near
from runtime.ways import Ways, read_channels, read_ways

CONFIG: Final = "duban.toml"
PREFIX: Final = "DUBAN_"
BESIDE: Final = frozenset({"DUBAN_CONFIG", "DUBAN_DEBUG"})
"""Variables that are no settings: where `duban.toml` lies, and whether a programming error shows its trace."""
KEYS: Final = (
    "database",
    "actor",
    "evidence",
    "outbox",
    "signing.key",
    "signing.passphrase_file",
    "templates",
    "vault",
    *ways.KEYS,
)
SECRETS: Final[Mapping[str, str]] = {**ways.SECRETS, "signing.passphrase": "signing.passphrase_file"}
"""What never stands in the file of the settings, and which setting names the file that holds it."""
_PASSWORD: Final = re.compile("(?<=:)[^:@/]*(?=@)")
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
class Settings:
    """Everything that differs from one installation to the next. `file` is the SQLite file, None on a server."""

    database: str
    file: Path | None
    evidence: Path
    outbox: Path
    actor: str | None = None
    channels: tuple[str, ...] = ()
    templates: Path | None = None
    ways: Ways = field(default_factory=Ways)
    signing_key: Path | None = None
    signing_passphrase: str = field(default="", repr=False)
    vault: Path | None = None
    """The file of the key that the secrets of second factors are sealed with; beside the outbox where none is named."""

    def leads_to(self, channel: str) -> str:
        """Where a channel leads, without any secret."""
        if channel == "file":
            return f"{self.outbox}"
        return "屏幕" if channel == "console" else self.ways.leads_to(channel)

    @property
    def place(self) -> str:
        """Where the database is, for messages: without the password of a server."""
        return f"{self.file or _PASSWORD.sub('***', self.database)}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: the password of the database, and what the ways out keep to themselves."""
        found = [] if self.file else _PASSWORD.findall(self.database)
        every = (*found, *map(unquote, found), self.signing_passphrase, *self.ways.secrets)
        return tuple(filter(None, every))


def read_settings(options: Mapping[str, str | None], env: Mapping[str, str], folder: Path) -> Settings:
    """The settings in force for a command that is run in `folder`.

    Raises BadSettings with every mistake.
    """
    problems: list[Problem] = []
    given = dict(
        _from_file(folder / env.get("DUBAN_CONFIG", CONFIG), problems, is_named="DUBAN_CONFIG" in env)
    )
    given.update(_from_env(env, folder, problems))
    given.update({k: Given(v, f"--{k}", folder) for k, v in options.items() if v is not None})
    settings = _settings(Reader(given, problems), folder)
    if problems:
        raise BadSettings("读取设置", tuple(problems))
    return settings


def _from_file(path: Path, problems: list[Problem], *, is_named: bool) -> Iterator[tuple[str, Given]]:
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if is_named:
            problems.append(Problem(where=f"{path}", text="没有这个文件", hint="请核对 DUBAN_CONFIG"))
        return
    except (OSError, ValueError) as error:
        problems.append(
            Problem(where=f"{path}", text=f"读不出来：{in_chinese(error)}", hint="应为 UTF-8 编码的 TOML")
        )
        return
    for name, value in _flat(tree):
        if name in KEYS:
            yield name, Given(value, f"{path} 的 {name}", path.parent)
        else:
            problems.append(_unknown(f"{path}", name))


def _flat(tree: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", part) for inner, part in value.items())
        else:
            yield name, value


def _unknown(where: str, name: str) -> Problem:
    if name in SECRETS:
        variable = f"{PREFIX}{name.replace('.', '_').upper()}"
        return Problem(
            where=where, text=f"“{name}”不写在设置文件里", hint=f"请用 {variable} 或 {SECRETS[name]}"
        )
    return Problem(where=where, text=f"没有“{name}”这一项设置", hint=near(name, KEYS))


def _from_env(env: Mapping[str, str], folder: Path, problems: list[Problem]) -> Iterator[tuple[str, Given]]:
    known = {f"{PREFIX}{key.replace('.', '_').upper()}": key for key in (*KEYS, *SECRETS)}
    for name in sorted(env):
        if name in known:
            yield known[name], Given(env[name], f"环境变量 {name}", folder)
        elif name.startswith(PREFIX) and name not in BESIDE:
            problems.append(
                Problem(where="环境变量", text=f"没有“{name}”这一项设置", hint=near(name, tuple(known)))
            )


def _settings(given: Reader, folder: Path) -> Settings:
    database, file = _database(given, folder)
    beside, channels = file or folder / "duban.db", read_channels(given)
    return Settings(
        database=database,
        file=file,
        evidence=given.path("evidence") or beside.with_suffix(".evidence"),
        outbox=given.path("outbox") or beside.with_suffix(".outbox"),
        actor=given.text("actor") or None,
        channels=channels,
        templates=given.path("templates"),
        ways=read_ways(given, channels),
        signing_key=given.path("signing.key"),
        vault=given.path("vault") or beside.with_suffix(".key"),
        signing_passphrase=given.secret("signing.passphrase", "signing.passphrase_file"),
    )


def _database(given: Reader, folder: Path) -> tuple[str, Path | None]:
    text = given.text("database", "duban.db")
    scheme, mark, rest = text.partition("://")
    if mark and scheme not in _SCHEMES:
        given.complain("database", "文件路径，或 postgresql:// 开头的地址", near(scheme, tuple(_SCHEMES)))
    if mark and scheme != "sqlite":
        return f"{_SCHEMES.get(scheme, scheme)}://{rest}", None
    folder = given.given["database"].folder if "database" in given.given else folder
    file = (folder / (rest.removeprefix("/") if mark else text)).absolute()
    if "?" in file.name:
        given.complain("database", "不含问号的文件路径")
    return f"sqlite:///{file.as_posix()}", file
