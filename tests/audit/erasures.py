"""Ways to change an erasure, or to erase without one; each answers where the first wrong entry is."""

import json

from tests.audit.forgery import Copy, Row, edited, forgery, is_move


def _erasure(copy: Copy) -> Row:
    return copy.some(lambda entry: entry["what"] == "redaction")


def _erased(copy: Copy) -> int:
    (first, *_) = json.loads(f"{_erasure(copy)['payload']}")["indexes"]
    return int(first)


@forgery
def erasure_says_less(copy: Copy) -> int | None:
    edited(_erasure(copy), lambda told: told.update(remains={}, indexes=[]))
    return _erased_rows(copy)[0]


@forgery
def erasure_says_otherwise(copy: Copy) -> int | None:
    index = _erased(copy)
    return edited(_erasure(copy), lambda told: told["remains"][f"{index}"].update(reason="另一个理由"))


@forgery
def erasure_says_more(copy: Copy) -> int | None:
    entry = copy.some(is_move)
    said = edited(_erasure(copy), lambda told: told["remains"].update({f"{entry['index']}": {}}))
    entry["payload"] = entry["salt"] = None
    return min(said, entry["index"])  # type: ignore[type-var, return-value]


@forgery
def erasure_of_a_definition(copy: Copy) -> int | None:
    entry = copy.some(lambda each: each["kind"] == 4)
    edited(
        _erasure(copy),
        lambda told: told["remains"].update({f"{entry['index']}": json.loads(f"{entry['payload']}")}),
    )
    entry["payload"] = entry["salt"] = None
    return entry["index"]  # type: ignore[return-value]


@forgery
def erasure_is_erased(copy: Copy) -> int | None:
    entry = _erasure(copy)
    entry["payload"] = entry["salt"] = None
    return _erased_rows(copy)[0]


@forgery
def erasure_under_another_kind(copy: Copy) -> int | None:
    _erasure(copy)["kind"] = 9
    return _erased_rows(copy)[0]


@forgery
def erasure_spelled_otherwise(copy: Copy) -> int | None:
    entry = _erasure(copy)
    entry["payload"] = f"{entry['payload']}".replace("{", "[", 1)
    return _erased_rows(copy)[0]


@forgery
def erased_entry_says_something(copy: Copy) -> int | None:
    index = _erased(copy)
    copy.entries[index]["payload"], copy.entries[index]["salt"] = "{}", "00" * 32
    return index


@forgery
def erased_entry_has_salt(copy: Copy) -> int | None:
    index = _erased(copy)
    copy.entries[index]["salt"] = "00" * 32
    return index


def _erased_rows(copy: Copy) -> list[int]:
    return [int(f"{entry['index']}") for entry in copy.entries if entry["payload"] is None]
