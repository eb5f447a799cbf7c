"""No statement of storage walks a table that grows, but for those that are meant to read everything."""

import importlib
import pkgutil
import re

import pytest

import storage
from storage.dialects import open_database
from storage.lists import BACKWARD, EDGE_BACKWARD, EDGE_FORWARD, FORWARD, NARROWED, SOONEST
from storage.prepared import Prepared
from storage.schema import upgrade
from tests.contract.stores import fresh

GROWING = "item|entry|deadline|firing|notice|delivery|reply|evidence"
WHOLE = re.compile(r"SCAN|COUNTED|MISCOUNTED|COUNT|ANYWHERE")
"""Statements that read everything by their purpose: replays of the whole history, the examination of counts,
and the search for words that are to be erased."""
FILTERS = (
    (),
    ("kind",),
    ("kind", "stage"),
    ("kind", "state"),
    ("unit",),
    ("owner",),
    ("opener",),
    ("reviewer",),
    ("delegate",),
    ("kind", "campaign"),
    ("kind", "unit", "stage", "after"),
)
LISTS = {"items", "ids", "keys", "numbers", "channels", "units", "persons", "logins", "people", "assisted"}
WORDS = {
    "behind_item",
    "kind",
    "stage",
    "state",
    "unit",
    "owner",
    "opener",
    "reviewer",
    "delegate",
    "campaign",
    "after",
}


def _statements():
    for module in pkgutil.iter_modules(storage.__path__):
        if module.name != "migrations":
            found = vars(importlib.import_module(f"storage.{module.name}"))
            for name, value in found.items():
                held = value.values() if isinstance(value, dict) else value
                parts = held if isinstance(value, dict | tuple) else [value]
                prepared = [part for part in parts if isinstance(part, Prepared)]
                yield from ((f"{module.name}.{name} {n}", part) for n, part in enumerate(prepared))


PAGES = {
    f"{order} {' '.join(asked)}": Prepared(page.where(*[NARROWED[name] for name in asked]))
    for order, page in (
        ("page", FORWARD),
        ("page backwards", BACKWARD),
        ("edge", EDGE_FORWARD),
        ("edge backwards", EDGE_BACKWARD),
    )
    for asked in FILTERS
} | {
    f"soonest {' '.join(asked)}": Prepared(SOONEST.where(*[NARROWED[name] for name in asked]))
    for asked in ((), ("kind", "state"), ("units",), ("unit", "units"))
}
STATEMENTS = {**dict(_statements()), **PAGES}
"""Every prepared statement of storage under the name of its module and its own."""
STREAMED = ("history.BY_ITEMS 0",)
"""What is read whole, but row by row in the order of an index: a server sorts on its own disk, SQLite in our memory."""

QUEUED = ("deadlines.DUE 0",)
"""What is taken a chunk at a time: thousands may be due on the same minute, and no chunk may sort them all."""


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory):
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('plans') / 'duban.db'}")
    upgrade(database)
    connection = database.engine.raw_connection()
    yield connection.driver_connection
    connection.close()
    database.close()


@pytest.fixture(scope="module")
def postgresql(postgres_server):
    database = open_database(fresh(postgres_server))
    upgrade(database)
    connection = database.engine.raw_connection()
    connection.driver_connection.execute("SET enable_seqscan = off")
    yield connection.driver_connection
    connection.close()
    database.close()


def steps(connection, dialect, statement):
    text, constants = statement.compiled(dialect)
    names = set(re.findall(r"%\((\w+)\)s" if dialect == "postgresql" else r"(?<!:):(\w+)", text))
    usual = {name: "[]" if name in LISTS else "x" if name in WORDS else 1 for name in names}
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    return [str(row[-1]) for row in connection.execute(explain + text, usual | constants).fetchall()]


@pytest.mark.parametrize("name", STATEMENTS)
def test_sqlite_walks_no_growing_table(sqlite, name):
    if WHOLE.search(name):
        return
    plan = steps(sqlite, "sqlite", STATEMENTS[name])

    assert [step for step in plan if re.search(rf"SCAN ({GROWING})\b(?!.*USING)", step)] == []


@pytest.mark.parametrize("name", [*PAGES, *STREAMED, *QUEUED])
def test_sqlite_sorts_no_page(sqlite, name):
    assert [step for step in steps(sqlite, "sqlite", STATEMENTS[name]) if "TEMP B-TREE" in step] == []


@pytest.mark.parametrize("whose", ["unit", "owner", "opener", "reviewer", "delegate"])
@pytest.mark.parametrize("edge", [EDGE_FORWARD, EDGE_BACKWARD], ids=["forward", "backward"])
def test_sqlite_counts_what_somebody_has_of_a_kind_without_looking_at_items(sqlite, edge, whose):
    """Else two thousand rows, scattered over the table, tell whether few items or many are to be listed."""
    plan = steps(sqlite, "sqlite", Prepared(edge.where(NARROWED[whose], NARROWED["kind"])))

    assert plan == [f"SEARCH item USING COVERING INDEX ix_item_{whose}_number_definition_id ({whose}=?)"]


@pytest.mark.postgres
@pytest.mark.parametrize("name", PAGES)
def test_postgresql_has_an_index_for_every_page(postgresql, name):
    """Told not to, it walks a table only where nothing else is left; an empty table says nothing of its choice."""
    plan = steps(postgresql, "postgresql", PAGES[name])

    assert [step for step in plan if re.search(rf"Seq Scan on ({GROWING})\b|Sort", step)] == []
