"""What is mutated, and which tests must notice; which mutants are no change at all."""

from typing import Final

Tests = tuple[str, ...]

MODULES: Final[dict[str, dict[str, Tests]]] = {
    "hash": {
        "engine/rules/ledger.py": ("tests/unit/rules/test_ledger.py",),
        "engine/rules/tree.py": ("tests/unit/rules/test_tree.py",),
        "engine/rules/proofs.py": ("tests/unit/rules/test_tree.py",),
        "engine/rules/notes.py": ("tests/unit/rules/test_notes.py",),
    },
    "guard": {
        "engine/rules/guards.py": ("tests/unit/rules/test_guards.py",),
        "engine/rules/standing.py": ("tests/unit/rules/test_standing.py",),
        "engine/rules/countersign.py": ("tests/unit/rules/test_guards.py",),
        "engine/rules/lifecycle.py": (
            "tests/unit/rules/test_lifecycle.py",
            "tests/unit/rules/test_guards.py",
        ),
    },
    "claim": {
        "engine/rules/settling.py": ("tests/unit/rules/test_settling.py",),
        "engine/rules/sending.py": ("tests/unit/rules/test_sending.py",),
        "storage/deliveries.py": ("tests/contract/test_deliveries.py",),
        "storage/deadlines.py": ("tests/contract/test_deadlines.py",),
        "storage/gates.py": ("tests/contract/test_gates.py",),
    },
}
"""By group and file: the tests that are run against each mutant of the file, the first to fail ends it."""

EQUIVALENT: Final[dict[str, str]] = {}
"""Names of mutants that behave as the original does, each with the reason. They are tried all the same: one that a test
tells apart is not equivalent, and the run fails."""
