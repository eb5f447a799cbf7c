"""What a round of moves wrote, read back so that the bare driver can write the very same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.rules.proofs import completed
from engine.rules.tree import HASH_BYTES, edge_with, joined

Row = dict[str, Any]
Write = tuple[str, Row]


@dataclass(frozen=True, slots=True)
class Before:
    """Where the database stood before a round."""

    size: int
    frontier: bytes
    items: dict[str, Row]


def read(cursor: Any, text: str) -> list[Row]:
    """Rows by column."""
    cursor.execute(text)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def before(cursor: Any) -> Before:
    """Remember the head of the log and every item."""
    head = read(cursor, "SELECT size, frontier FROM log_head")[0]
    items = {row["id"]: row for row in read(cursor, "SELECT * FROM item")}
    return Before(head["size"], bytes(head["frontier"]), items)


def written(cursor: Any, start: Before, style: str) -> list[list[Write]]:
    """For each move since `start`, its statements; `style` makes a placeholder of a name: ":{}" or "%({})s"."""
    entries = read(cursor, f"SELECT * FROM entry WHERE position >= {start.size} ORDER BY position")
    at = min(entry["at"] for entry in entries)
    items = {row["id"]: row for row in read(cursor, "SELECT * FROM item")}
    notices = _by_item(read(cursor, f"SELECT * FROM notice WHERE written_at >= {at}"))
    armed = _by_item(read(cursor, f"SELECT * FROM deadline WHERE armed_at >= {at}"))
    ended = _by_item(read(cursor, f"SELECT * FROM deadline WHERE ended_at >= {at}"))
    replies = {
        row["key"].partition("/")[2]: row for row in read(cursor, f"SELECT * FROM reply WHERE at >= {at}")
    }
    logged = appended(entries, start.frontier, style)
    moves = []
    for entry, log in zip(entries, logged, strict=True):
        item = entry["item"]
        ends = [{name: row[name] for name in (*ENDS, *OPEN)} for row in ended.get(item, [])]
        moves.append(
            [
                update("item", _changed(start.items[item], items[item]), ("id",), style),
                *log,
                *[update("deadline", row, OPEN, style) for row in ends],
                *[insertion("deadline", row, style) for row in armed.get(item, [])],
                *[insertion("notice", row, style) for row in notices.get(item, [])],
                insertion("reply", replies[item], style),
            ]
        )
    return moves


OPEN = ("item", "clock", "revision")
HASH = ("level", "position", "hash")
ENDS = ("outcome", "ended_at")


def _changed(old: Row, new: Row) -> Row:
    return {"id": new["id"]} | {name: value for name, value in new.items() if old[name] != value}


def _by_item(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["item"], []).append(row)
    return found


def appended(entries: Sequence[Row], frontier: bytes, style: str) -> list[list[Write]]:
    """For each entry what it writes to the log: itself, the subtrees that it completes, and the head behind it."""
    edge = tuple(frontier[place : place + HASH_BYTES] for place in range(0, len(frontier), HASH_BYTES))
    writes = []
    for entry in entries:
        made = joined(edge, entry["position"], bytes(entry["leaf"]))
        edge = edge_with(edge, made)
        hashes = [dict(zip(HASH, found, strict=True)) for found in completed(made, entry["position"])]
        head = {"size": entry["position"] + 1, "at": entry["at"], "frontier": b"".join(edge)}
        writes.append(
            [
                insertion("entry", entry, style),
                *[insertion("tree_hash", row, style) for row in hashes],
                update("log_head", head, (), style),
            ]
        )
    return writes


def insertion(table: str, row: Row, style: str) -> Write:
    """The statement that stores a row."""
    names, places = ", ".join(row), ", ".join(style.format(name) for name in row)
    return f"INSERT INTO {table} ({names}) VALUES ({places})", row


def update(table: str, row: Row, key: tuple[str, ...], style: str) -> Write:
    """The statement that changes the row of a key; the only row where the key is empty."""
    sets = ", ".join(f"{name} = {style.format(name)}" for name in row if name not in key)
    where = " AND ".join(f"{name} = {style.format(name)}" for name in key) or "id = 1"
    return f"UPDATE {table} SET {sets} WHERE {where}", row
