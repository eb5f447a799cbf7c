"""Makes the mutants of a file, by the operators of mutmut: one small change each, wherever in the file it stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Final

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import IgnoredCode

SPARED: Final = ("raise ValueError(",)
"""Of what begins so the words are not mutated: they are for whoever writes code, and no program reads them."""
WORDS: Final = (cst.SimpleString, cst.FormattedString, cst.Call)


@dataclass(frozen=True)
class Mutant:
    """A file with one change; `name` says which, and stays the same when lines move."""

    path: str
    line: int
    name: str
    code: str


@dataclass(frozen=True)
class Change:
    """A mutant that is not written out yet, which takes most of the time."""

    path: str
    line: int
    module: cst.Module
    mutation: Mutation

    def mutant(self) -> Mutant:
        """The file as it is with the change."""
        before = self.module.code
        after = self.module.deep_replace(self.mutation.original_node, self.mutation.mutated_node).code
        place = self.mutation.contained_by_top_level_function
        where = f"{self.path} {place.name.value}" if isinstance(place, cst.FunctionDef) else self.path
        return Mutant(self.path, self.line, f"{where}: {_difference(before, after)}", after)


class _Everywhere(MutationVisitor):
    """Also what has a decorator: mutmut spares it because of how it switches mutants on, which is not our way."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.FunctionDef) and super()._skip_node_and_children(node)


def changes_of(path: str) -> Iterator[Change]:
    """Every change to a file that the operators make, in the order of the file."""
    text = Path(path).read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text))
    visitor = _Everywhere(mutation_operators, IgnoredCode(set(), set(), set()))
    module, places, lines = wrapper.visit(visitor), wrapper.resolve(PositionProvider), text.splitlines()
    for made in visitor.mutations:
        line = places[made.original_node].start.line
        if not (lines[line - 1].strip().startswith(SPARED) and isinstance(made.original_node, WORDS)):
            yield Change(path, line, module, made)


def _difference(before: str, after: str) -> str:
    """The lines that go and the lines that come."""
    old, new = before.splitlines(), after.splitlines()
    above = _same(old, new)
    below = _same(old[above:][::-1], new[above:][::-1])
    gone, come = (" ".join(map(str.strip, lines[above : len(lines) - below])) for lines in (old, new))
    return f"{gone} → {come}"


def _same(one: list[str], other: list[str]) -> int:
    """How many lines are the same from the beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
