"""The project's own files as the architecture tests see them."""

import ast
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PRODUCT: tuple[str, ...] = tuple(PYPROJECT["tool"]["importlinter"]["root_packages"])
BESIDE = frozenset({"tests", "tools", "docs"})
"""Top-level folders that may hold Python but are no part of the product."""
MIGRATIONS = "storage/migrations/versions/"

_NOT_OURS = frozenset({"build", "dist", "htmlcov", "wheelhouse", "node_modules"})


def name_of(path: Path) -> str:
    """Return the path as written in messages: from the root, with forward slashes."""
    return path.relative_to(ROOT).as_posix()


def top_level_python() -> set[str]:
    """Return every name that `import NAME` could find in the root: packages, folders with modules, modules."""
    folders = {
        child.name
        for child in ROOT.iterdir()
        if child.is_dir()
        and child.name.isidentifier()
        and child.name not in _NOT_OURS
        and any(child.rglob("*.py"))
    }
    return folders | {module.stem for module in ROOT.glob("*.py")}


def modules(*packages: str) -> list[Path]:
    """Return every module of the packages, in a stable order."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """Return the parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each imported dotted name and its line, wherever in the module the import stands."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def versioned_files() -> list[Path]:
    """Return the files that a commit would hold; outside a checkout, everything that is not hidden or built."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        command = [git, "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        return sorted(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())
    return sorted(
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not _NOT_OURS.intersection(parts := path.relative_to(ROOT).parts)
        and not {"__pycache__", ".venv"}.intersection(parts)
        and not parts[0].endswith("_cache")
    )
