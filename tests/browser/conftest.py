"""A real Chromium in front of a real server: the demo, rehearsed small, on a free port of this machine.

The browser is the one this machine has (Chromium, Chrome or Edge on the PATH); where there is none these tests say so
and are left out. What they show without a script, `tests/web` shows on any machine.
"""

import os
import shutil
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn

from engine.model.account import SessionLimits
from runtime.passwords import Argon2Hasher, Cost
from runtime.rehearsal.demo import PASSWORD, Demo
from runtime.rehearsal.folder import open_folder
from runtime.rehearsal.run import prepare
from tests.browser.eyes import Eyes
from web.app import create_app

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "workflows" / "campaigns" / "fazhi-2020"
SHOTS = ROOT / "browser-shots"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "microsoft-edge", "chrome", "msedge")
QUIET = ("--disable-background-networking", "--disable-component-update", "--no-first-run", "--disable-sync")
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def program() -> str | None:
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright has no wheel for this platform"
    )
    path = program()
    if path is None:
        pytest.skip(
            f"no browser on the PATH (looked for {', '.join(PROGRAMS)}); tests/web shows the same by HTTP"
        )
    root = ["--no-sandbox"] if os.name == "posix" and os.geteuid() == 0 else []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=[*QUIET, *root])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The plan of 2020 until mid-September, small, with sample accounts."""
    from datetime import datetime

    from engine.model.calendar import LOCAL

    with open_folder(tmp_path_factory.mktemp("demo") / "out", 7) as folder:
        shown = Demo(prepare(PLAN, folder, seed=7, units=5, items=30))
        list(shown.play_until(datetime(2020, 9, 15, 8, 30, tzinfo=LOCAL)))
        shown.people = {p.role: p.login for p in shown.give_accounts(CHEAP)}
        yield shown


A_CODE = timedelta(seconds=31)
CHEAP = Argon2Hasher(Cost(passes=1, memory=64, lanes=1))


@pytest.fixture(scope="session")
def address(demo):
    ever = SessionLimits(idle=demo.ends_at - demo.app.now(), absolute=demo.ends_at - demo.app.now())
    with serving(create_app(demo.app, CHEAP, demo=demo, limits=ever)) as where:
        yield where


@contextmanager
def serving(application):
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(params=[WIDE, PHONE], ids=["wide", "phone"])
def size(request):
    return request.param


@pytest.fixture
def eyes(chromium, address, demo, request):
    """Somebody before a browser: signs in, looks, and at the end nothing was fetched from elsewhere or violated."""
    opened: list[Eyes] = []

    def wait_for_code() -> None:
        """Nobody gets in twice by one code."""
        list(demo.play_until(demo.app.now() + A_CODE))

    def sit(login: str | None, size=WIDE, **options) -> Eyes:
        who = Eyes(
            chromium,
            address,
            SHOTS / request.node.name.replace("/", "-"),
            size,
            options,
            wait_for_code=wait_for_code,
        )
        opened.append(who)
        if login:
            who.sign_in(login, PASSWORD)
        return who

    yield sit
    for who in opened:
        who.close()
    assert [each for who in opened for each in who.complaints] == []
