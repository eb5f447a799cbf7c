"""Writes the generated files, or with `--check` tells which are not what they should be (exit code 1)."""

import argparse
import difflib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from runtime.diagrams.machine import svg_of
from tools.pages.definitions import definitions_text
from tools.pages.glossary import glossary_text
from tools.pages.machines import machines_text
from tools.pages.schema import schema_text
from workflows.shipped import shipped_definitions

ROOT = Path(__file__).resolve().parents[1]
PAGES: Mapping[str, Callable[[], str]] = {
    "workflows/schema.json": schema_text,
    "docs/definitions.md": definitions_text,
    "docs/glossary.md": glossary_text,
    "docs/state-machines.md": machines_text,
}
"""The generated pages with what writes each; the diagrams come besides, one a definition."""


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with the text it should have."""
    for name, write in PAGES.items():
        yield ROOT / name, write()
    for definition in shipped_definitions():
        yield ROOT / "docs" / "diagrams" / f"{definition.ref.id}.svg", svg_of(definition)


def drift() -> Iterator[str]:
    """The difference of every file that is not what it should be."""
    for path, text in generated():
        kept = path.read_text(encoding="utf-8") if path.exists() else ""
        if kept != text:
            lines = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "generated", n=1)
            yield "\n".join([path.relative_to(ROOT).as_posix(), *list(lines)[:40]])


def main() -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a file is out of date"
    )
    if not parser.parse_args().check:
        for path, text in generated():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        return 0
    found = list(drift())
    print("\n\n".join(found) or "up to date")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
