"""A cause is told in Chinese whoever says it: the system, SQLite, a server that answers and one that does not."""

import errno
import json
import sqlite3
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, text

from engine.model.causes import FILE, SAID, SERVER, SYSTEM, in_chinese


def raised(act: Callable[[], Any]) -> str:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - every kind is asked for here
        act()
    return in_chinese(caught.value)


def test_what_the_system_says(tmp_path: Path):
    assert raised((tmp_path / "nothing").read_bytes) == "没有这个文件或目录"
    assert raised(tmp_path.read_bytes) == "这是目录，不是文件"
    assert in_chinese(OSError(errno.ENOSPC, "No space left on device")) == "磁盘已满"


def test_what_a_database_file_says(tmp_path: Path):
    (tmp_path / "text.db").write_text("nothing at all" * 100, encoding="utf-8")

    def read(file: Path) -> None:
        sqlite3.connect(file).execute("SELECT 1 FROM sqlite_master")

    assert raised(lambda: read(tmp_path / "text.db")) == "这不是数据库文件"
    assert raised(lambda: read(tmp_path / "no" / "such.db")) == "数据库文件打不开"


def test_what_stands_inside_the_error_of_a_library(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'empty.db'}")
    with engine.connect() as connection:
        assert raised(lambda: connection.execute(text("SELECT 1 FROM item"))).startswith("数据库不认得这句话")


def test_a_server_that_is_not_there():
    assert raised(lambda: psycopg.connect("postgresql://me:hush@127.0.0.1:1/x")) == "连不上数据库服务器"


def test_a_server_that_does_not_know_the_database(postgres_server: str):
    address = postgres_server.rpartition("/")[0].replace("+psycopg", "")

    assert raised(lambda: psycopg.connect(f"{address}/nothing")) == "服务器上没有这个数据库"


def test_what_the_readers_of_files_say():
    assert raised(lambda: json.loads("{a")) == "第 1 行第 2 列写法不对"
    assert raised(lambda: tomllib.loads("x = 1\ny = =")) == "第 2 行第 5 列写法不对"
    assert raised(b"\xff".decode) == "内容不是 UTF-8 文本"


def test_what_is_unknown_keeps_its_words_in_one_line():
    assert in_chinese(RuntimeError("first\nsecond")) == "first"
    assert in_chinese(RuntimeError()) == "RuntimeError"


def test_every_word_of_the_tables_is_chinese():
    told = [*SYSTEM.values(), *FILE.values(), *SERVER.values()]

    assert all(any(c > "⺀" for c in words) for words in told)
    assert set(SAID.values()) <= set(SERVER)
