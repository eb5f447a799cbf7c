"""What only a server can do: it hangs up. A file and the memory of a process have nobody who could."""

import pytest

from storage.dialects import open_database

pytestmark = pytest.mark.postgres


def test_a_connection_that_died_in_the_pool_is_replaced(postgresql):
    with postgresql.begin() as uow:
        pid = uow.items._session.plain("SELECT pg_backend_pid()")[0][0]
    other = open_database(postgresql.database.engine.url.render_as_string(hide_password=False))
    with other.engine.connect() as killer:
        killer.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")
    other.close()

    with postgresql.begin(write=False) as uow:
        assert list(uow.items.scan()) == []
    postgresql.close()
