"""`make mutants` names files that are there."""

from tests.architecture.source import ROOT
from tests.mutants.scope import EQUIVALENT, MODULES

FILES = {path: tests for group in MODULES.values() for path, tests in group.items()}


def test_what_is_mutated_and_who_must_notice_exist():
    named = [*FILES, *(test for tests in FILES.values() for test in tests)]

    assert not [path for path in named if not (ROOT / path).is_file()]


def test_a_mutant_is_excused_in_a_file_that_is_mutated():
    assert not [name for name in EQUIVALENT if not name.startswith(tuple(FILES))]
