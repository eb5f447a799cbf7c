"""The secrets of second factors lie sealed in the database, under a key that lies elsewhere."""

import os
import stat
from dataclasses import replace

import pytest

from engine.rules.accounts import code_at
from engine.usecases.accounts import reset_password
from runtime.vault import Vault
from runtime.wiring import seal_secrets
from tests.integration.house import person_in
from tests.web.browser import CHEAP, CONSOLE, PASSWORD, Browser, Office
from tests.web.test_keeping import with_second_factor

pytest.importorskip("cryptography")
LEADER = person_in("leader")


def stored(office: Office) -> bytes:
    with office.app.database.engine.connect() as connection:
        return bytes(
            connection.exec_driver_sql("SELECT secret FROM account WHERE secret IS NOT NULL").scalar()
        )


def secret_of(office: Office) -> bytes:
    with office.app.reading() as uow:
        return uow.accounts.get(LEADER).secret


def test_a_stolen_database_holds_no_secret(office: Office):
    leader = with_second_factor(office, "leader")
    assert leader.get("/").url == "/"
    key = office.app.settings.outbox.with_suffix(".key")

    assert len(secret_of(office)) == 20
    assert secret_of(office) not in stored(office)
    for file in office.app.settings.file.parent.glob("duban.db*"):
        assert secret_of(office) not in file.read_bytes()
        assert bytes.fromhex(key.read_text()) not in file.read_bytes()
    if os.name == "posix":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_was_stored_unsealed_still_counts_and_is_sealed(office: Office):
    with_second_factor(office, "leader")
    plain = secret_of(office)
    with office.app.database.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE account SET secret = ? WHERE secret IS NOT NULL", (plain,))
        connection.commit()
    assert secret_of(office) == plain == stored(office)

    assert seal_secrets(office.app) == 1

    assert secret_of(office) == plain
    assert plain not in stored(office)


def test_without_the_key_no_code_is_right_nothing_is_lost_and_a_reset_helps(office: Office):
    with_second_factor(office, "leader")
    known, sealed = secret_of(office), stored(office)
    key = office.app.settings.outbox.with_suffix(".key")
    kept, office.app._vault._key = key.read_text(), None
    key.unlink()
    office.wait(seconds=60)

    browser = Browser(office.web)
    page = browser.sign_in("leader", PASSWORD)
    assert browser.send(page.form("/second-factor"), code=code_at(known, office.time)).status == 422
    with office.app.writing() as uow:
        account = uow.accounts.get(LEADER)
        uow.accounts.replace(replace(account, must_change=False))
        uow.commit()
    assert stored(office) == sealed

    key.write_text(kept)
    assert secret_of(office) == known
    key.unlink()
    office.app._vault._key = None
    reset_password(office.app.writing(), office.time, CHEAP, "leader", CONSOLE)
    assert secret_of(office) is None


def test_a_secret_is_bound_to_its_person_and_sealed_once(tmp_path):
    vault = Vault(tmp_path / "key")
    sealed = vault.seal("a" * 32, b"s" * 20)

    assert vault.seal("a" * 32, sealed) == sealed
    assert Vault(tmp_path / "key").open("a" * 32, sealed) == b"s" * 20
    assert vault.open("b" * 32, sealed) == sealed
    assert vault.seal("a" * 32, b"s" * 20) != sealed
