"""Runs tests against one mutant, in a process of its own that never writes the mutant to a file."""

import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from multiprocessing import get_context
from pathlib import Path
from types import ModuleType
from typing import Final

PLUGINS: Final = ("pytest_timeout",)
PRELOADED: Final = (
    "pytest", "hypothesis", "hypothesis.strategies", "sqlalchemy", "sqlalchemy.dialects.sqlite", "psycopg",
    "sqlalchemy.dialects.postgresql", "alembic.command", "transitions", "ruamel.yaml", "cryptography.hazmat.primitives",
    "chinese_calendar", "jinja2.sandbox",
)  # fmt: skip
"""Imported once, before the process is split: nothing of the project, which each mutant imports anew."""
SURVIVED: Final = frozenset({0, 5})
"""Exit codes of pytest: all passed, or there was nothing to run."""
PROCESSES = get_context("forkserver")


class _Instead(MetaPathFinder, Loader):
    """Gives one module the code of the mutant."""

    def __init__(self, path: str, code: str) -> None:
        self._path, self._code = path, code
        self._name = path.removesuffix(".py").replace("/", ".")

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, origin=self._path) if fullname == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._code, self._path, "exec"), module.__dict__)


def outcome(path: str, code: str, tests: Sequence[str], seconds: float) -> str:
    """`survived`, `killed` or, where the tests did not end in this time, `timeout`."""
    process = PROCESSES.Process(target=_try, args=(path, code, tests, seconds))
    process.start()
    process.join(2 * seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        return "timeout"
    return "survived" if process.exitcode in SURVIVED else "killed"


def _try(path: str, code: str, tests: Sequence[str], seconds: float) -> None:
    """First on what is fast, then on a real PostgreSQL."""
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(Path.cwd()))
    sys.meta_path.insert(0, _Instead(path, code))
    code_of_exit = 0
    for mark in ("not postgres", "postgres"):
        code_of_exit = _run(["-m", mark, f"--timeout={seconds}", *tests])
        if code_of_exit not in SURVIVED:
            break
    os._exit(code_of_exit)


def _run(arguments: Sequence[str]) -> int:
    import pytest

    chosen = [part for plugin in PLUGINS for part in ("-p", plugin)]
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *chosen, *arguments]))
