"""Databases as an older version has left them."""

from pathlib import Path

from alembic import command

from storage.dialects import Database, open_database
from storage.schema import _config


def upgraded_to(database: Database, revision: str) -> None:
    """Bring a database to one version."""
    config = _config()
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()


def put_back(database: Database, revision: str) -> None:
    """Leave a filled SQLite file as the program of `revision` would have: its tables, its columns, every row."""
    now = Path(f"{database.engine.url.database}")
    before = now.with_suffix(".before")
    older = open_database(f"sqlite:///{before}")
    upgraded_to(older, revision)
    with older.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql(f"ATTACH '{now}' AS now")
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        for table in [name for name in tables.all() if name != "alembic_version"]:
            had = connection.exec_driver_sql(f"SELECT name FROM pragma_table_info('{table}')").scalars()
            names = ", ".join(had.all())
            connection.exec_driver_sql(
                f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM now.{table}"
            )
        connection.commit()
    older.close()
    database.close()
    for rest in ("-wal", "-shm"):
        Path(f"{now}{rest}").unlink(missing_ok=True)
    before.replace(now)
