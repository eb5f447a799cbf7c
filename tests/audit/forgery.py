"""Ways to change a bundle, as somebody at the server would; each answers where the first wrong entry is."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from zipfile import ZipFile

from engine.model.ids import NOBODY
from engine.rules.tree import append_leaf, root_of
from tools.verify_export import leaf_of

Row = dict[str, object]
ZERO = "00" * 32


@dataclass
class Copy:
    """A bundle taken apart: entries and tables as rows, everything else as bytes."""

    entries: list[Row]
    tables: dict[str, list[Row]]
    files: dict[str, bytes]
    dice: random.Random = field(default_factory=random.Random)
    manifest: Row = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes, seed: int) -> "Copy":
        with ZipFile(BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        manifest = json.loads(members.pop("manifest.json"))
        tables = {name[7:-6]: _rows(members.pop(name)) for name in [*members] if name.startswith("tables/")}
        entries = _rows(members.pop("entries.jsonl"))
        return cls(entries, tables, members, random.Random(seed), manifest)

    def packed(self) -> BytesIO:
        """The bundle again, with a manifest that fits it."""
        members = {"entries.jsonl": _lines(self.entries)} | self.files
        members |= {f"tables/{name}.jsonl": _lines(rows) for name, rows in self.tables.items()}
        hashes = {
            name: sha256(data).hexdigest()
            for name, data in members.items()
            if not name.startswith("evidence/")
        }
        target = BytesIO()
        with ZipFile(target, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
            archive.writestr("manifest.json", json.dumps(self.manifest | {"members": hashes}))
        return target

    def some(self, wanted: Callable[[Row], object]) -> Row:
        """An entry that dice choose among those wanted."""
        return self.dice.choice([entry for entry in self.entries if wanted(entry)])

    def row(self, table: str) -> Row:
        return self.dice.choice(self.tables[table])

    def reseal(self, start: int) -> None:
        """Make everything fit again from an entry on: commitments, leaves, chains, tree, heads. Only no signature."""
        newest: dict[object, str] = {}
        for entry in self.entries:
            if entry["index"] >= start:
                entry["previous"] = newest.get(entry["item"], ZERO) if entry["item"] else ZERO
                leaf, commitment = leaf_of(entry)
                entry["leaf"], entry["commitment"] = leaf.hex(), commitment.hex()
            newest[entry["item"]] = entry["leaf"]
        for item in self.tables["item"]:
            item["head"] = newest.get(item["id"], ZERO)
        self.regrow()

    def regrow(self) -> None:
        """Make tree and head fit the leaves."""
        frontier: tuple[bytes, ...] = ()
        for size, entry in enumerate(self.entries):
            frontier = append_leaf(frontier, size, bytes.fromhex(f"{entry['leaf']}"))
        self.manifest |= {"size": len(self.entries), "root": root_of(frontier).hex()}


def _rows(data: bytes) -> list[Row]:
    return [json.loads(line) for line in data.decode().splitlines()]


def _lines(rows: list[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def is_move(entry: Row) -> bool:
    return entry["kind"] == 1 and entry["payload"] is not None


def is_later_move(entry: Row) -> bool:
    return is_move(entry) and entry["version"] > 1  # type: ignore[operator]


def flipped(text: object, dice: random.Random) -> str:
    place = dice.randrange(len(f"{text}"))
    old = f"{text}"[place]
    return f"{text}"[:place] + dice.choice("0123456789abcdef".replace(old, "")) + f"{text}"[place + 1 :]


def edited(entry: Row, change: Callable[[dict], object]) -> int:
    """Change the payload of an entry."""
    payload = json.loads(f"{entry['payload']}")
    change(payload)
    entry["payload"] = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return entry["index"]  # type: ignore[return-value]


FORGERIES: dict[str, Callable[[Copy], int | None]] = {}


def forgery(make: Callable[[Copy], int | None]) -> Callable[[Copy], int | None]:
    FORGERIES[make.__name__] = make
    return make


def _field(name: str, change: Callable[[object, random.Random], object], wanted=lambda e: True) -> None:
    def make(copy: Copy) -> int | None:
        entry = copy.some(wanted)
        entry[name] = change(entry[name], copy.dice)
        return entry["index"]  # type: ignore[return-value]

    FORGERIES[f"entry_{name}"] = make


_field("at", lambda at, dice: at + dice.choice((-1, 1)) * dice.randrange(1, 10**9))
_field("kind", lambda kind, dice: dice.choice([k for k in range(1, 11) if k != kind]))
_field("what", lambda what, dice: dice.choice(["approve_x", "due_x", "open_x", None]), is_move)
_field("flags", lambda flags, dice: flags ^ (1 << dice.randrange(3)))
_field("item", flipped, is_move)
_field("version", lambda version, dice: version + dice.choice((1, 2, 7)))
_field("actor", flipped)
_field("previous", flipped)
_field("commitment", flipped)
_field("leaf", flipped)
_field("salt", flipped)


@forgery
def entry_index(copy: Copy) -> int | None:
    entry = copy.some(lambda e: True)
    index = entry["index"]
    entry["index"] = index + copy.dice.randrange(1, 9)  # type: ignore[operator]
    return index  # type: ignore[return-value]


@forgery
def payload_text(copy: Copy) -> int | None:
    return edited(copy.some(is_move), lambda p: p.update(reason="另一个理由"))


@forgery
def payload_look_alike(copy: Copy) -> int | None:
    entry = copy.some(lambda e: "a" in f"{e['payload']}")
    entry["payload"] = f"{entry['payload']}".replace("a", "а", 1)
    return entry["index"]


@forgery
def payload_spacing(copy: Copy) -> int | None:
    entry = copy.some(lambda e: "," in f"{e['payload']}")
    entry["payload"] = f"{entry['payload']}".replace(",", ", ", 1)
    return entry["index"]


@forgery
def payload_key_twice(copy: Copy) -> int | None:
    entry = copy.some(is_move)
    entry["payload"] = f"{entry['payload']}".replace("{", '{"reason":"x",', 1)
    return entry["index"]


@forgery
def payload_erased(copy: Copy) -> int | None:
    entry = copy.some(is_move)
    entry["payload"] = entry["salt"] = None
    return entry["index"]


@forgery
def payload_no_text(copy: Copy) -> int | None:
    entry = copy.some(lambda e: True)
    entry["payload"] = copy.dice.choice(["", "null", "[]", "{", "3", "\ud7ff"])
    return entry["index"]


@forgery
def swapped_entries(copy: Copy) -> int | None:
    place = copy.dice.randrange(len(copy.entries) - 1)
    copy.entries[place : place + 2] = copy.entries[place : place + 2][::-1]
    return place


@forgery
def lost_entry(copy: Copy) -> int | None:
    place = copy.dice.randrange(len(copy.entries) - 1)
    del copy.entries[place]
    return place


@forgery
def lost_tail(copy: Copy) -> int | None:
    del copy.entries[-copy.dice.randrange(1, 9) :]
    return None


@forgery
def entry_twice(copy: Copy) -> int | None:
    place = copy.dice.randrange(len(copy.entries))
    copy.entries.insert(place, dict(copy.entries[place]))
    return place + 1


@forgery
def entry_without_item(copy: Copy) -> int | None:
    entry = copy.some(is_move)
    entry["item"] = None
    return entry["index"]


@forgery
def entry_lacks_a_field(copy: Copy) -> int | None:
    entry = copy.some(lambda e: True)
    del entry[copy.dice.choice([*entry])]
    return entry.get("index")  # type: ignore[return-value]


@forgery
def entry_of_another_type(copy: Copy) -> int | None:
    entry = copy.some(lambda e: True)
    index = entry["index"]
    name = copy.dice.choice(["at", "kind", "flags", "version", "leaf", "actor", "salt"])
    entry[name] = copy.dice.choice([[], {}, "x", 1.5, -1, 2**70])
    return index


def resealed(name: str, change: Callable[[Copy], int]) -> None:
    """Whoever can write everything but has no key makes all hashes fit again."""

    def make(copy: Copy) -> int | None:
        index = change(copy)
        copy.reseal(index)
        return index

    FORGERIES[f"resealed_{name}"] = make


def _signed(copy: Copy, wanted: Callable[[Row], object]) -> Row:
    """An entry below the newest checkpoint: nobody without the key can make another fit."""
    return copy.some(lambda e: wanted(e) and e["index"] < copy.tables["checkpoint"][-1]["size"])


def _signed_move(copy: Copy) -> Row:
    """A move that a person made."""
    return _signed(copy, lambda e: is_later_move(e) and e["actor"] != NOBODY)


resealed("reason", lambda c: edited(_signed_move(c), lambda p: p.update(reason="另一个理由")))
resealed("actor", lambda c: _set(_signed_move(c), "actor", "a" * 32))
resealed("time", lambda c: _set(e := _signed_move(c), "at", e["at"] + 1))
resealed("salt", lambda c: _set(_signed_move(c), "salt", "ab" * 32))
resealed("flags", lambda c: _set(e := _signed_move(c), "flags", e["flags"] ^ 4))
resealed("claimed", lambda c: edited(_signed_move(c), lambda p: p.update(claimed_on="2019-01-01")))
resealed(
    "state", lambda c: edited(_signed_move(c), lambda p: p["changes"].update(state=["draft", "accepted"]))
)
resealed("standing", lambda c: edited(_signed_move(c), lambda p: p["actor"].update(standing="director")))
resealed("substitution", lambda c: edited(_signed_move(c), lambda p: p["actor"].update({"for": "b" * 32})))
resealed("no_system", lambda c: edited(_signed_move(c), lambda p: p["actor"].update(system="sweep")))
resealed("definition", lambda c: edited(_signed_move(c), lambda p: p.update(sha256="0" * 64)))
resealed(
    "due", lambda c: edited(_armed(c), lambda p: p["armed"][0].update(due="2030-01-01T00:00:00.000000Z"))
)
PIECE = {"sha256": "0" * 64, "name": "x", "size": 1}
resealed("evidence", lambda c: edited(_signed_move(c), lambda p: p["evidence"].append(PIECE)))
LONGER = {"until": None, "from": "2019-01-01"}
resealed(
    "grant", lambda c: edited(_signed(c, lambda e: e["what"] == "grant_post"), lambda p: p.update(LONGER))
)


def _armed(copy: Copy) -> Row:
    return _signed(copy, lambda e: is_move(e) and '"armed":[{' in f"{e['payload']}")


def _set(entry: Row, name: str, value: object) -> int:
    entry[name] = value
    return entry["index"]  # type: ignore[return-value]


def beside(table: str, column: str, change: Callable[[object, random.Random], object]) -> None:
    """A row that is changed beside the history: the history itself is whole."""

    def make(copy: Copy) -> int | None:
        row = copy.row(table)
        row[column] = change(row[column], copy.dice)
        return None

    FORGERIES[f"{table}_{column}"] = make


OTHER = lambda value, dice: f"{value}x"  # noqa: E731 - a table of changes reads best
LATER = lambda value, dice: value + dice.randrange(1, 10**12)  # noqa: E731 - as above
for _table, _column, _change in [
    ("item", "state", OTHER),
    ("item", "stage", OTHER),
    ("item", "owner", lambda v, d: "c" * 32),
    ("item", "title", OTHER),
    ("item", "unit", OTHER),
    ("item", "number", OTHER),
    ("item", "version", lambda v, d: v + 1),
    ("item", "head", flipped),
    ("item", "opened_at", LATER),
    ("item", "returned_count", lambda v, d: v + 1),
    ("item", "evidence_count", lambda v, d: v + 1),
    ("item", "body", lambda v, d: v.replace('"fields":{', '"fields":{"score":"9",', 1)),
    ("item", "definition_version", lambda v, d: v + 1),
    ("deadline", "due_at", LATER),
    ("deadline", "original_due_at", LATER),
    ("deadline", "proof", OTHER),
    ("deadline", "outcome", lambda v, d: None if v else "met"),
    ("deadline", "calendar", OTHER),
    ("firing", "spoken_by", OTHER),
    ("firing", "rung", OTHER),
    ("holding", "until_on", lambda v, d: "2031-01-01"),
    ("holding", "person", flipped),
    ("post", "scope", OTHER),
    ("post_role", "role", lambda v, d: "leading_group" if v != "leading_group" else "office"),
    ("unit", "parent", lambda v, d: "team_b" if v != "team_b" else None),
    ("definition", "sha256", flipped),
    ("campaign", "sha256", flipped),
    ("log_key", "vkey", OTHER),
    ("checkpoint", "root", flipped),
    ("checkpoint", "note", OTHER),
    ("checkpoint", "size", lambda v, d: v - 1),
]:
    beside(_table, _column, _change)


def without(table: str) -> None:
    def make(copy: Copy) -> int | None:
        copy.tables[table].remove(copy.row(table))
        return None

    FORGERIES[f"lost_{table}"] = make


def invented(table: str) -> None:
    def make(copy: Copy) -> int | None:
        row = dict(copy.row(table))
        key = next(
            name for name in ("id", "position", "clock", "rung", "role", "person", "code") if name in row
        )
        row[key] = row[key] + 10**6 if isinstance(row[key], int) else f"{row[key]}x"
        copy.tables[table].append(row)
        return None

    FORGERIES[f"invented_{table}"] = make


for _table in ("item", "deadline", "firing", "holding", "checkpoint", "definition", "post_role", "log_key"):
    without(_table)
    invented(_table)


@forgery
def definition_edited(copy: Copy) -> int | None:
    name = copy.dice.choice([name for name in copy.files if name.startswith("definitions/")])
    copy.files[name] = copy.files[name].replace(b'"label":', b'"label": ', 1)
    return next(
        entry["index"]  # type: ignore[misc]
        for entry in copy.entries
        if json.loads(f"{entry['payload']}").get("name") == name[12:-5]
    )


@forgery
def campaign_edited(copy: Copy) -> int | None:
    name = "campaigns/small.json"
    copy.files[name] = copy.files[name].replace(b"officer_a", b"officer_x", 1)
    return next(entry["index"] for entry in copy.entries if entry["what"] == "publish_campaign")  # type: ignore[misc]


@forgery
def evidence_edited(copy: Copy) -> int | None:
    name = copy.dice.choice([name for name in copy.files if name.startswith("evidence/")])
    copy.files[name] += b"x"
    return _named(copy, name)


@forgery
def evidence_lost(copy: Copy) -> int | None:
    name = copy.dice.choice([name for name in copy.files if name.startswith("evidence/")])
    del copy.files[name]
    return _named(copy, name)


def _named(copy: Copy, name: str) -> int:
    return next(e["index"] for e in copy.entries if name[9:] in f"{e['payload']}")  # type: ignore[return-value]


@forgery
def checkpoint_forged(copy: Copy) -> int | None:
    """A signature of another key under the right head."""
    entry = copy.some(lambda e: e["what"] == "checkpoint")
    index = edited(entry, lambda p: p.update(note=p["note"][:-9] + "AAAAAAA=\n"))
    row = next(row for row in copy.tables["checkpoint"] if row["position"] == index)
    row["note"] = json.loads(f"{entry['payload']}")["note"]
    copy.reseal(index)
    return index


@forgery
def whole_log_lost(copy: Copy) -> int | None:
    copy.entries.clear()
    for rows in copy.tables.values():
        rows.clear()
    copy.regrow()
    return None
