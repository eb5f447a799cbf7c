"""Statements compiled once per dialect and run on the driver's own cursor."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from sqlalchemy import ClauseElement, Column, ColumnElement, Dialect, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import Join
from sqlalchemy.types import Boolean, Text

from engine.model.causes import in_chinese
from engine.model.errors import Broken, Conflict, InDoubt, Interrupted, Unavailable
from storage.refusals import FAILED, OVER, READ_ONLY, TAKEN

Row = dict[str, Any]
DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLiteDialect_pysqlite(paramstyle="named"),
    "postgresql": PGDialect_psycopg(),  # type: ignore[no-untyped-call]
}
UNIQUE = "23505"
"""SQLSTATE: unique violation."""
RETRY = ("40001", "40P01")
"""SQLSTATE: serialization failure, deadlock."""
LOCKED = "55P03"
"""SQLSTATE: somebody else kept a lock longer than one may wait."""

STREAMS = itertools.count()
FETCHED_AT_ONCE = 1_000
"""So many rows of a stream are in memory at a time."""


class _OnColumn(ColumnElement[bool]):
    """Asks something of a column and one parameter."""

    inherit_cache = False
    type = Boolean()
    _is_implicitly_boolean = True
    """Without it SQLite would be asked for `… = 1`, and no index serves that."""

    def __init__(self, column: Column[Any], name: str) -> None:
        self.column = column
        self.value: ColumnElement[str] = bindparam(name, type_=Text())

    def parts(self, compiler: SQLCompiler, options: Row) -> tuple[str, str]:
        """Column and parameter as the dialect writes them."""
        return compiler.process(self.column, **options), compiler.process(self.value, **options)


class IsAmong(_OnColumn):
    """`column IN (…)` over a list given as one JSON parameter, so that the statement never changes."""


class Holds(_OnColumn):
    """True where a text holds another, letter for letter: LIKE has wildcards, and another case in each dialect."""


@compiles(IsAmong, "sqlite")
def _among_on_sqlite(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.parts(compiler, options)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts


@compiles(IsAmong, "postgresql")
def _among_on_postgresql(element: IsAmong, compiler: SQLCompiler, **options: Any) -> str:
    column, values = element.parts(compiler, options)
    return f"{column} = ANY(ARRAY(SELECT jsonb_array_elements_text(CAST({values} AS jsonb))))"


@compiles(Holds, "sqlite")
def _holds_on_sqlite(element: Holds, compiler: SQLCompiler, **options: Any) -> str:
    return "instr({}, {}) > 0".format(*element.parts(compiler, options))


@compiles(Holds, "postgresql")
def _holds_on_postgresql(element: Holds, compiler: SQLCompiler, **options: Any) -> str:
    return "strpos({}, {}) > 0".format(*element.parts(compiler, options))


class Ahead(Join):
    """An inner join whose left side is read first, in its own order, whatever the planner thinks of the right one."""

    inherit_cache = False


@compiles(Ahead, "sqlite")
def _read_first(element: Ahead, compiler: SQLCompiler, **options: Any) -> str:
    plain: str = compiler.visit_join(element, **options)  # type: ignore[no-untyped-call]
    return plain.replace(" JOIN ", " CROSS JOIN ", 1)


class Prepared:
    """One statement; `postgresql` where it needs another there. `Prepared.adding` ignores rows already there."""

    def __init__(self, statement: ClauseElement, postgresql: ClauseElement | None = None) -> None:
        self._statements = {
            "sqlite": statement,
            "postgresql": statement if postgresql is None else postgresql,
        }
        self._compiled: dict[str, tuple[str, Row]] = {}
        self._names: dict[str, tuple[str, ...]] = {}
        self.writes = statement.is_dml

    @classmethod
    def adding(cls, table: Table) -> "Prepared":
        """An insert that leaves rows alone whose key is taken."""
        key = list(table.primary_key)
        return cls(
            sqlite.insert(table).on_conflict_do_nothing(index_elements=key),
            postgresql.insert(table).on_conflict_do_nothing(index_elements=key),
        )

    def compiled(self, dialect: str) -> tuple[str, Row]:
        """The text and the constants in it."""
        found = self._compiled.get(dialect)
        if found is None:
            compiled = self._statements[dialect].compile(dialect=DIALECTS[dialect])
            constants = {name: value for name, value in (compiled.params or {}).items() if value is not None}
            found = self._compiled[dialect] = str(compiled), constants
        return found

    def names(self, dialect: str, cursor: Any) -> tuple[str, ...]:
        """The columns it returns, asked of a cursor the first time only: drivers take long to describe them."""
        found = self._names.get(dialect)
        if found is None:
            found = self._names[dialect] = tuple(column[0] for column in cursor.description)
        return found


def listed(values: Iterable[str]) -> str:
    """A list as the parameter of `IsAmong`."""
    return f"[{','.join(map(quoted, values))}]"


class Session:
    """One connection of the driver, inside one transaction."""

    def __init__(self, connection: Any, dialect: str, driver: Any, *, write: bool) -> None:
        self.dialect = dialect
        self.write = write
        self._connection = connection
        self._driver = driver
        self._has_failed = False
        self._is_over = False
        self._streams = set[Any]()
        """Cursors of streams that somebody may have stopped reading: they are closed with the transaction."""

    def plain(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement without parameters."""
        cursor = self._execute(statement, {})
        rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
        return rows

    def commit(self) -> None:
        """Commit, unless something has failed before: half a batch may then be written."""
        if self._has_failed:
            raise Broken(FAILED)
        try:
            self._end("COMMIT")
        except Interrupted as error:
            if not self._is_cut():
                raise
            raise InDoubt("连接在提交时断开，不知是否已存入") from error

    def roll_back(self) -> None:
        """Leave nothing."""
        self._end("ROLLBACK")

    def conflict(self, error: Conflict) -> Conflict:
        """The error, after which what was written so far must not be committed."""
        self._has_failed = True
        return error

    def rows(self, statement: Prepared, **values: Any) -> list[Row]:
        """Every row, as a mapping by column."""
        cursor = self._run(statement, values)
        try:
            found = cursor.fetchall()
        except self._driver.Error as error:
            raise self._failed(error) from error
        names = statement.names(self.dialect, cursor)
        return [dict(zip(names, row, strict=True)) for row in found]

    def one(self, statement: Prepared, **values: Any) -> Row | None:
        """The first row, or None."""
        return next(iter(self.rows(statement, **values)), None)

    def stream(self, statement: Prepared, **values: Any) -> Iterator[Row]:
        """Rows one after the other, without holding them all: neither here nor in the driver."""
        text, constants = self._allowed(statement)
        cursor = self._streaming()
        try:
            cursor.execute(text, constants | values)
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield dict(zip(names, row, strict=True))
        except self._driver.Error as error:
            raise (Unavailable(OVER) if self._is_over else self._failed(error)) from error
        finally:
            cursor.close()
            self._streams.discard(cursor)

    def run(self, statement: Prepared, **values: Any) -> int:
        """How many rows a statement touched."""
        count: int = self._run(statement, values).rowcount
        return count

    def many(self, statement: Prepared, rows: Sequence[Row]) -> int:
        """How many rows a statement touched, run once for each of `rows`."""
        if len(rows) == 1:
            return self.run(statement, **rows[0])
        if not rows:
            return 0
        text, constants = self._allowed(statement)
        cursor = self._connection.cursor()
        try:
            cursor.executemany(text, [constants | row for row in rows] if constants else rows)
        except self._driver.Error as error:
            raise self._failed(error) from error
        count: int = cursor.rowcount
        return count

    def _run(self, statement: Prepared, values: Row) -> Any:
        text, constants = self._allowed(statement)
        return self._execute(text, constants | values if constants else values)

    def _allowed(self, statement: Prepared) -> tuple[str, Row]:
        if self._is_over:
            raise Unavailable(OVER)
        if statement.writes and not self.write:
            self._has_failed = True
            raise Broken(READ_ONLY)
        return statement.compiled(self.dialect)

    def _end(self, statement: str) -> None:
        self.plain(statement)
        self._is_over = True
        for cursor in self._streams:
            cursor.close()

    def _execute(self, text: str, values: Row) -> Any:
        try:
            return self._connection.execute(text, values)
        except self._driver.Error as error:
            raise self._failed(error) from error

    def _streaming(self) -> Any:
        """A cursor that fetches as it is read. A plain one of PostgreSQL's driver would fetch everything at once."""
        if self.dialect == "sqlite":
            cursor = self._connection.cursor()
        else:
            cursor = self._connection.cursor(name=f"stream_{next(STREAMS)}")
            cursor.itersize = FETCHED_AT_ONCE
        self._streams.add(cursor)
        return cursor

    def _is_cut(self) -> bool:
        return bool(getattr(self._connection, "closed", False))

    def _failed(self, error: Exception) -> Exception:
        self._has_failed = True
        return self._named(error)

    def _named(self, error: Exception) -> Exception:
        state = getattr(error, "sqlstate", None)
        if state == UNIQUE or "UNIQUE constraint failed" in str(error):
            return Conflict(TAKEN, hint=str(error))
        if state in RETRY or self._is_cut():
            return Interrupted(f"这一笔没有存入，数据库中断了它：{in_chinese(error)}", hint="请再办一次")
        if state == LOCKED:
            return Unavailable("别的操作占用太久，没有等到", hint="请稍后再办")
        if isinstance(error, (self._driver.OperationalError, self._driver.InterfaceError)):
            return Unavailable(f"数据库暂不可用：{in_chinese(error)}")
        return Broken(f"数据库拒绝写入：{error}")
