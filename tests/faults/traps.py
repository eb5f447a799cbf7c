"""Units of work on connections that fail at a chosen statement."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from storage.tables import metadata
from storage.unit_of_work import SqlUnitOfWork
from tests.integration.house import CALENDAR
from workflows.builder import definition_from_json

LAST = -1
"""The commit, after it was done: only its answer is lost."""
NOWHERE = -2
CUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
TABLES = [table.name for table in metadata.sorted_tables]
ROWS = [f"SELECT * FROM {name} ORDER BY 1, 2" for name in TABLES]
SUM = "SELECT '{0}', count(*), sum(hash_record_extended(t, 0)) FROM {0} t"
SUMS = " UNION ALL ".join(SUM.format(name) for name in TABLES) + " ORDER BY 1"


class Trap:
    """Raises once, in place of the statement number `at`, as if the database had refused it.

    `stood` is what was stored when the last transaction ended well.
    """

    def __init__(self, stage, at, stood=None):
        self._stage = stage
        self._at = at
        self._seen = 0
        self.is_sprung = False
        self.stood = stood or contents(stage)

    def begin(self):
        """A unit of work that runs into the trap."""
        stage = self._stage
        made = _TrappedUnit(
            stage.database, stage.entropy, CALENDAR, definition_from_json, ("mail",), known=stage.known
        )
        made.trap = self
        return made

    def step_on(self, driver, text, run):
        """Run a statement, or fail. Where a transaction begins or is rolled back nothing is at stake."""
        if self.is_sprung or text.startswith(("BEGIN", "ROLLBACK")):
            return run()
        self._seen += 1
        if self._at in (self._seen - 1, LAST if text == "COMMIT" else None):
            self.is_sprung = True
            if self._at == LAST:
                run()
            return self.spring(driver, run)
        done = run()
        if text == "COMMIT":
            self.look()
        return done

    def spring(self, driver, run):
        """What happens instead of the statement."""
        raise driver.OperationalError("the planted fault")

    def look(self):
        """Keep in mind what is stored now."""
        self.stood = contents(self._stage)


class Cut(Trap):
    """Runs the statement on a connection that the server has cut, as it has cut every other."""

    def __init__(self, stage, at):
        super().__init__(stage, at, stood=["never looked at"])
        self._url = stage.database.engine.url

    def spring(self, driver, run):
        with driver.connect(
            self._url.set(drivername="postgresql").render_as_string(), autocommit=True
        ) as one:
            one.execute(CUT)
        return run()

    def look(self):
        pass


class _TrappedUnit(SqlUnitOfWork):
    trap: Trap

    def _connect(self):
        return _Trapped(super()._connect(), self.trap, self._database.engine.dialect.loaded_dbapi)


@dataclass
class _Trapped:
    """Stands for a pooled connection, the connection in it, and its cursors."""

    real: Any
    trap: Trap
    driver: Any

    @property
    def driver_connection(self):
        return _Trapped(self.real.driver_connection, self.trap, self.driver)

    def cursor(self):
        return _Trapped(self.real.cursor(), self.trap, self.driver)

    def execute(self, text, values):
        return self.trap.step_on(self.driver, text, partial(self.real.execute, text, values))

    def executemany(self, text, rows):
        return self.trap.step_on(self.driver, text, partial(self.real.executemany, text, rows))

    def __getattr__(self, name):
        return getattr(self.real, name)


def contents(stage):
    """Every row of every table; from a server, which is further away, the sums over them."""
    with stage.database.engine.connect() as connection:
        if stage.database.is_sqlite:
            driver = connection.connection.cursor()
            return [driver.execute(rows).fetchall() for rows in ROWS]
        return connection.exec_driver_sql(SUMS).fetchall()
