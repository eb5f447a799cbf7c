"""The definitions that come with duban."""

from functools import cache
from importlib.resources import files

from engine.model.definition import Definition
from workflows.builder import read_definition


@cache
def shipped_definitions() -> tuple[Definition, ...]:
    """Every definition in `workflows/library`, by name."""
    library = files("workflows") / "library"
    found = sorted(
        (path for path in library.iterdir() if path.name.endswith(".yaml")), key=lambda path: path.name
    )
    return tuple(read_definition(path.read_bytes(), f"workflows/library/{path.name}") for path in found)
