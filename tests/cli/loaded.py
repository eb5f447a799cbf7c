"""A real database with the plan of 2020 in it, made through the command line."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLAN = "workflows/campaigns/fazhi-2020"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A call of the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], capture_output=True, text=True, cwd=ROOT, check=False
    )


def plan_loaded(folder: Path) -> str:
    """The path of a database into which the plan was loaded on 20 April 2020."""
    database = str(folder / "duban.db")
    for call in (("init",), ("campaign", "load", PLAN, "--at", "2020-04-20T08:30")):
        done = run(*call, "--database", database)
        assert done.returncode == 0, done.stderr
    return database
