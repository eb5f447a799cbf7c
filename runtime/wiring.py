"""Plugs the house together: settings become units of work, a clock, ids and a store for evidence."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO

from engine.model.definition import Definition
from engine.model.ids import DefinitionRef
from engine.model.transition import Evidence
from engine.ports import Entropy, UnitOfWork
from runtime.calendars import china_calendar
from runtime.clock import Clock, system_clock
from runtime.entropy import SystemEntropy
from runtime.evidence import describe, keep, keep_stream, place_of
from runtime.settings import Settings
from runtime.stores import open_store
from runtime.vault import Vault
from storage.dialects import Database
from storage.unit_of_work import SqlUnitOfWork
from workflows.builder import definition_from_json


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One installation at work. `now` tells the present instant; `note` what to know of the database, or is empty."""

    settings: Settings
    database: Database
    now: Clock
    entropy: Entropy
    _vault: Vault | None = None
    _known: dict[DefinitionRef, Definition] = field(default_factory=dict)

    @property
    def note(self) -> str:
        """See `Database.journal_note`."""
        return self.database.journal_note

    def reading(self) -> UnitOfWork:
        """A unit of work that writes nothing."""
        return self._unit(write=False)

    def writing(self) -> UnitOfWork:
        """A unit of work that is stored when it is committed."""
        return self._unit(write=True)

    def describe_evidence(self, path: Path, made_on: date | None = None) -> Evidence:
        """What a file is as evidence, without keeping it."""
        return describe(path, made_on)

    def attach_evidence(self, path: Path, made_on: date | None = None) -> Evidence:
        """Keep a file in the store of evidence, under the hash of its bytes."""
        return keep(self.settings.evidence, path, made_on)

    def receive_evidence(self, file: BinaryIO, name: str, made_on: date | None = None) -> Evidence:
        """Keep an open file in the store of evidence; see `engine.rules.uploads` for what its name may be."""
        return keep_stream(self.settings.evidence, file, name, made_on)

    def evidence_at(self, sha256: str) -> Path:
        """Where a kept piece of evidence lies."""
        return place_of(self.settings.evidence, sha256)

    def close(self) -> None:
        """Give every connection back."""
        self.database.close()

    def _unit(self, *, write: bool) -> UnitOfWork:
        return SqlUnitOfWork(
            self.database,
            self.entropy,
            china_calendar(),
            definition_from_json,
            self.settings.channels,
            write=write,
            known=self._known,
            sealing=self._vault,
        )


def build(settings: Settings, *, clock: Clock = system_clock, entropy: Entropy | None = None) -> App:
    """The installation these settings describe.

    Raises Unavailable where its database cannot be used as it is.
    """
    return App(
        settings=settings,
        database=open_store(settings),
        now=clock,
        entropy=entropy or SystemEntropy(),
        _vault=Vault(settings.vault or settings.outbox.with_suffix(".key")),
    )


def seal_secrets(app: App) -> int:
    """Seal what an older version has stored unsealed; returns how many accounts have a second factor."""
    with app.writing() as uow:
        found = [uow.accounts.get(row.person) for row in uow.accounts.rows()]
        secret = [account for account in found if account and account.secret]
        for account in secret:
            uow.accounts.replace(account)
        uow.commit()
    return len(secret)
