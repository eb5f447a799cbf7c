"""No statement of storage walks a table that grows, but for those that are meant to read everything."""

import importlib
import pkgutil
import re

import pytest

import storage
from engine.model.definition import Stage
from engine.model.views import ItemFilter
from storage.dialects import open_database
from storage.prepared import Prepared
from storage.schema import upgrade
from storage.views import PAGE, _given, _kept
from tests.contract.conftest import _fresh, postgres_server

__all__ = ["postgres_server"]
GROWING = "item|entry|deadline|firing|notice|delivery|reply|evidence"
WHOLE = re.compile(r"SCAN|COUNTED|MISCOUNTED|COUNT")
"""Statements that read everything by their purpose: replays of the whole history and the examination of counts."""
FILTERS = (
    {},
    {"kind": "item"},
    {"kind": "item", "stage": Stage.REVIEWING},
    {"kind": "item", "state": "returned"},
    {"unit": "u1"},
    {"owner": "a" * 32},
    {"opener": "a" * 32},
    {"reviewer": "a" * 32},
    {"kind": "item", "campaign": "c"},
    {"kind": "item", "unit": "u1", "stage": Stage.REVIEWING, "after": "ZG-2020-000001"},
)


def statements():
    """Every prepared statement of storage under the name of its module and its own."""
    for module in pkgutil.iter_modules(storage.__path__):
        if module.name != "migrations":
            found = vars(importlib.import_module(f"storage.{module.name}"))
            for name, value in found.items():
                parts = (
                    value.values()
                    if isinstance(value, dict)
                    else value
                    if isinstance(value, tuple)
                    else [value]
                )
                yield from ((f"{module.name}.{name}", part) for part in parts if isinstance(part, Prepared))


def pages():
    """The statements of lists, by what they are narrowed to."""
    for asked in FILTERS:
        yield f"page {', '.join(asked)}", _kept({}, PAGE, frozenset(_given(ItemFilter(**asked))))


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
    database = open_database(_fresh(postgres_server))
    upgrade(database)
    connection = database.engine.raw_connection()
    connection.driver_connection.execute("SET enable_seqscan = off")
    yield connection.driver_connection
    connection.close()
    database.close()


def steps(connection, dialect, statement):
    text, constants = statement.compiled(dialect)
    names = set(re.findall(r"%\((\w+)\)s" if dialect == "postgresql" else r"(?<!:):(\w+)", text))
    values = {name: constants.get(name, "[]" if name in LISTS else VALUES.get(name, 1)) for name in names}
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    return [str(row[-1]) for row in connection.execute(explain + text, values).fetchall()]


LISTS = {"items", "ids", "keys", "numbers", "channels", "units", "persons", "logins"}
VALUES = dict.fromkeys(
    ("kind", "stage", "state", "unit", "owner", "opener", "reviewer", "campaign", "after"), "x"
)


@pytest.mark.parametrize(("name", "statement"), [*statements(), *pages()], ids=lambda value: str(value)[:60])
def test_sqlite_walks_no_growing_table(sqlite, name, statement):
    if WHOLE.search(name.partition(".")[2]):
        return
    plan = steps(sqlite, "sqlite", statement)

    assert [step for step in plan if re.search(rf"SCAN ({GROWING})\b(?!.*USING)", step)] == []


@pytest.mark.parametrize(("name", "statement"), [*pages()], ids=lambda value: str(value)[:60])
def test_sqlite_sorts_no_page(sqlite, name, statement):
    assert [step for step in steps(sqlite, "sqlite", statement) if "TEMP B-TREE" in step] == []


@pytest.mark.postgres
@pytest.mark.parametrize(("name", "statement"), [*pages()], ids=lambda value: str(value)[:60])
def test_postgresql_has_an_index_for_every_page(postgresql, name, statement):
    """Told not to, it walks a table only where nothing else is left; an empty table says nothing of its choice."""
    plan = steps(postgresql, "postgresql", statement)

    assert [step for step in plan if re.search(rf"Seq Scan on ({GROWING})\b|Sort", step)] == []
