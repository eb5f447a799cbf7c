"""The tables as they would stand in a database, row by row."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from engine.model.actor import Post
from engine.rules.proofs import WIDTH
from storage.memory.history import hashes_of
from storage.memory.tables import Tables
from storage.memory.work import Work
from storage.prepared import Row
from storage.rows import (
    micros,
    row_of_calendar,
    row_of_campaign,
    row_of_checkpoint,
    row_of_deadline,
    row_of_definition,
    row_of_entry,
    row_of_evidence,
    row_of_firing,
    row_of_grant,
    row_of_item,
    row_of_key,
    row_of_person,
    row_of_post,
    row_of_unit,
)


def _hashes(tables: Tables) -> Iterator[Row]:
    leaves = [entry.leaf for entry in tables.entries]
    level, count = 1, len(leaves) // WIDTH
    while count:
        for position, found in enumerate(hashes_of(leaves, level, 0, count)):
            yield {"level": level, "position": position, "hash": found}
        level, count = level + 1, count // WIDTH


def _roles(posts: Iterable[Post]) -> Iterator[Row]:
    return ({"post": post.code, "role": role.value} for post in posts for role in post.roles)


TABLES: Final[dict[str, tuple[tuple[str, ...], Callable[[Tables], Iterable[Row]]]]] = {
    "entry": (("position",), lambda tables: map(row_of_entry, tables.entries)),
    "tree_hash": (("level", "position"), _hashes),
    "checkpoint": (("position",), lambda tables: map(row_of_checkpoint, tables.checkpoints)),
    "log_key": (("position",), lambda tables: map(row_of_key, tables.keys)),
    "definition": (
        ("id", "version"),
        lambda tables: (row_of_definition(one.definition, one.at) for one in tables.definitions),
    ),
    "campaign": (("id",), lambda tables: (row_of_campaign(one.campaign, one.at) for one in tables.campaigns)),
    "calendar": (
        ("position",),
        lambda tables: (
            row_of_calendar(one.override, n, one.at) for n, one in enumerate(tables.calendars, 1)
        ),
    ),
    "unit": (("code",), lambda tables: map(row_of_unit, tables.units)),
    "post": (("code",), lambda tables: map(row_of_post, tables.posts)),
    "post_role": (("post", "role"), lambda tables: _roles(tables.posts)),
    "person": (("id",), lambda tables: map(row_of_person, tables.persons)),
    "holding": (
        ("person", "post", "from_on", "on_behalf_of"),
        lambda tables: map(row_of_grant, tables.grants),
    ),
    "item": (("id",), lambda tables: map(row_of_item, tables.items)),
    "deadline": (("item", "clock", "revision"), lambda tables: map(row_of_deadline, tables.deadlines)),
    "firing": (("item", "clock", "revision", "rung"), lambda tables: map(row_of_firing, tables.firings)),
    "evidence": (
        ("item", "sha256"),
        lambda tables: (
            {
                "item": one.item,
                "uploader": one.uploader,
                "at": micros(one.at),
                **row_of_evidence(one.evidence),
            }
            for one in tables.evidence
        ),
    ),
}


class MemoryDump:
    """Fulfils `Dump`."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def rows(self, table: str) -> Iterator[Mapping[str, object]]:
        """See `Dump.rows`."""
        key, rows = TABLES[table]
        return iter(sorted(rows(self._work.tables), key=lambda row: [row[name] for name in key]))
