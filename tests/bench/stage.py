"""Two equal databases with items that wait to be assigned anew: one for the use cases, one for the bare driver."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.model.actor import Actor
from engine.model.definition import Definition
from engine.model.ids import DefinitionRef, ItemId
from engine.model.item import NewItem
from engine.model.transition import Attempt
from engine.ports import Entropy
from engine.usecases.items import move_items, open_items
from runtime.entropy import SystemEntropy
from storage.dialects import Database, open_database
from storage.schema import upgrade
from storage.unit_of_work import SqlUnitOfWork
from tests.builders import NOON, UNIT
from tests.integration.house import CALENDAR, PLAIN, definitions, person_in, settled
from workflows.builder import definition_from_json

CHUNK = 100
LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": "2020-06-30"}


@dataclass(slots=True)
class Stage:
    """An installation as production wires it, with `items` in the state `assigned`."""

    database: Database
    entropy: Entropy = field(default_factory=SystemEntropy)
    known: dict[DefinitionRef, Definition] = field(default_factory=dict)
    items: list[ItemId] = field(default_factory=list)
    now: datetime = NOON
    rounds: int = 0
    unit: type[SqlUnitOfWork] = SqlUnitOfWork
    channels: tuple[str, ...] = ()

    def begin(self) -> SqlUnitOfWork:
        return self.unit(
            self.database, self.entropy, CALENDAR, definition_from_json, self.channels, known=self.known
        )

    def actor(self, post: str) -> Actor:
        with self.begin() as uow:
            return uow.people.actor(person_in(post), NOON.date())

    def fill(self, count: int) -> None:
        """Publish everything and bring `count` items to `assigned`."""
        self._settle()
        for start in range(0, count, CHUNK):
            self.items += self._assigned(min(CHUNK, count - start))

    def _settle(self) -> None:
        if self.database.is_sqlite:
            Path(self.database.engine.url.database or "").write_bytes(settled()[0])
            return
        upgrade(self.database)
        with self.begin() as uow:
            uow.people.add(PLAIN.roster)
            for definition in definitions().values():
                uow.definitions.publish(definition, NOON)
            uow.campaigns.add(PLAIN, NOON)
            uow.commit()

    def opened(self, count: int) -> list[ItemId]:
        """Open so many items by batch, in one transaction."""
        new = NewItem(
            definition=PLAIN.definitions["item"],
            campaign=PLAIN.id,
            unit=UNIT,
            title="检查中发现三份记录缺少时间",
            fields={"problem": "抽查三份询问笔录，起止时间均未填写，见检查表第七项。"},
        )
        return [item.id for item in open_items(self.begin(), self.now, [new] * count, self.actor("officer"))]

    def _assigned(self, count: int) -> list[ItemId]:
        ids = self.opened(count)
        self._move(ids, "submit", "officer")
        self._move(ids, "list", "office", fields=LISTING)
        self._move(ids, "assign", "head", assignee=person_in("officer"))
        return ids

    def _move(self, ids: Sequence[ItemId], verb: str, post: str, **asked: object) -> None:
        actor = self.actor(post)
        attempts = [
            Attempt(item=id_, verb=verb, actor=actor, key=f"{verb}/{id_}", **asked)  # type: ignore[arg-type]
            for id_ in ids
        ]
        move_items(self.begin(), self.now, attempts)

    def attempts(self, count: int) -> list[Attempt]:
        """The next round: each item is assigned anew, which ends a clock, arms it again and tells the owner."""
        self.rounds += 1
        self.now += timedelta(minutes=1)
        attempt = Attempt(
            item=self.items[0],
            verb="assign",
            actor=self.actor("head"),
            key="",
            assignee=person_in("officer"),
            reason="人员调整，重新交办",
        )
        start = self.rounds * count % len(self.items)
        return [
            replace(attempt, item=id_, key=f"{self.rounds}/{id_}")
            for id_ in self.items[start : start + count]
        ]


@contextmanager
def sqlite_pair(folder: Path, count: int) -> Iterator[tuple[Stage, Path]]:
    """A stage in a file, and a second file with the same content."""
    path, twin = folder / "ours.db", folder / "floor.db"
    stage = Stage(open_database(f"sqlite:///{path}"))
    stage.fill(count)
    stage.database.close()
    shutil.copy(path, twin)
    yield stage, twin
    stage.database.close()


@contextmanager
def postgres_pair(url: str, count: int) -> Iterator[tuple[Stage, Any]]:
    """A stage in one database of a server, and a bare connection to a second one with the same content."""
    with _one(url, "postgres") as admin:
        admin.execute("CREATE DATABASE ours")
        stage = Stage(open_database(f"{url}ours"))
        stage.fill(count)
        stage.database.close()
        with _one(url, "ours") as filled:
            filled.execute("ANALYZE")
        admin.execute("CREATE DATABASE floor TEMPLATE ours")
    with _one(url, "floor") as floor:
        yield stage, floor
    stage.database.close()


def _one(url: str, name: str) -> Any:
    from psycopg import connect

    return connect(url.replace("+psycopg", "") + name, autocommit=True)
