"""`duban serve` in production: a process of its own at the clock of the day, from the first administrator on."""

import re
import signal
import socket
import subprocess
import sys
from base64 import b32decode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from engine.rules.accounts import code_at
from tests.cli.loaded import ROOT, plan_loaded, run
from tests.web.browser import PASSWORD, Browser

ADMINISTRATOR = "admin01"


class Remote(Browser):
    """A browser before a server that listens."""

    def __init__(self, address: str) -> None:
        self.client = httpx2.Client(base_url=address, follow_redirects=True, timeout=30)
        self.same = {"origin": address, "sec-fetch-site": "same-origin"}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def database(tmp_path: Path) -> str:
    return plan_loaded(tmp_path)


@pytest.fixture
def address(database: str) -> Iterator[str]:
    """Where the pages of the database are served, until the end, which a signal brings."""
    port = free_port()
    command = [sys.executable, "-m", "cli", "serve", "--port", f"{port}", "--database", database]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    assert "还没有账户" in server.stderr.readline()
    assert f"http://127.0.0.1:{port}" in server.stderr.readline()
    while not listens(port):
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.1)
        assert server.returncode is None
    yield f"http://127.0.0.1:{port}"
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=30)
    assert server.returncode == 0


@pytest.fixture
def browser(address: str) -> Iterator[Remote]:
    made = Remote(address)
    yield made
    made.client.close()


def test_the_first_administrator_comes_in_and_finds_nothing_of_a_rehearsal(browser: Remote, database: str):
    made = run("account", "add", ADMINISTRATOR, "--database", database)
    first = re.search(r"一次性密码：(\S+)", made.stdout)[1]

    page = browser.sign_in(ADMINISTRATOR, first)
    secret = b32decode(re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)[1].replace(" ", ""))
    assert "现在的口令是" not in page.words
    page = browser.send(page.form("/second-factor"), code=code_at(secret, datetime.now(UTC)))
    page = browser.send(page.form("/password"), old=first, new=PASSWORD, again=PASSWORD)

    assert page.url == "/"
    assert "演示" not in page.words
    assert "进一周" not in page.words
    assert browser.get("/demo/advance").status == 404
    assert "轮到您办理的事项会出现在这里" in page.words
    assert ADMINISTRATOR in browser.get("/accounts").text
