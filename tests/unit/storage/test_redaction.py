"""Every column that can hold text is either cleaned when words are erased, or said to hold none, with the reason."""

from sqlalchemy import LargeBinary, Text

from storage.log_tables import entry
from storage.redaction import CARRIERS
from storage.tables import metadata

CODES = "codes, ids, hashes, days"
PUBLISHED = "published documents; entries of kind 4, by which others are judged, are not erasable"
OFFICE = "names of office holders and units, on file for the office that they hold"
SEALED = "secrets, digests, addresses of workers; no words of people"
WITHOUT_WORDS = {
    "alembic_version": CODES,
    "definition": PUBLISHED,
    "campaign": PUBLISHED,
    "calendar": PUBLISHED,
    "pin": CODES,
    "unit": OFFICE,
    "unit_closure": CODES,
    "post": OFFICE,
    "post_role": CODES,
    "person": OFFICE,
    "holding": CODES,
    "assisting": CODES,
    "tally": CODES,
    "number_series": CODES,
    "deadline": "codes, and a proof line that arithmetic has written",
    "firing": CODES,
    "level": CODES,
    "reading": CODES,
    "reply": "id, state and version of an item; the request is a hash, kept for 30 days",
    "checkpoint": CODES,
    "log_key": CODES,
    "log_head": CODES,
    "tree_hash": CODES,
    "account": SEALED,
    "session": SEALED,
    "device": SEALED,
    "brake": SEALED,
    "token": "digests, and the name that a person gave a program of theirs",
    "heartbeat": "counts of what a worker did",
}
CODED = {
    "item": {
        *("id", "number", "definition_id", "campaign", "unit", "state", "stage", "head", "opener", "owner"),
        *("reviewer", "delegate", "parent", "link", "category", "duty", "period", "as_of"),
    },
    "notice": {"key", "kind", "item", "recipient", "clock"},
    "delivery": {"notice", "channel", "recipient", "status", "letter", "worker"},
    "gate": {"channel", "recent"},
    "evidence": {"item", "sha256", "made_on", "uploader"},
    "criticism": {"item", "cause", "verdict"},
    "saved_filter": {"id", "person", "unit"},
    "redaction": set(),
    "entry": {"what", "item", "actor", "previous", "commitment", "leaf", "salt", "payload"},
}
"""Columns of the other tables that hold codes; payload and salt of an entry are what is erased."""


def test_no_column_is_forgotten():
    cleaned = {(one.column.table.name, one.column.name) for one in CARRIERS}
    for table in metadata.sorted_tables:
        if table.name in WITHOUT_WORDS:
            continue
        wordy = {column.name for column in table.columns if isinstance(column.type, Text | LargeBinary)}
        assert wordy == CODED[table.name] | {name for of, name in cleaned if of == table.name}, table.name


def test_nothing_is_listed_that_is_not_there():
    tables = {table.name for table in metadata.sorted_tables} | {"alembic_version"}

    assert WITHOUT_WORDS.keys() | CODED.keys() == tables
    assert not WITHOUT_WORDS.keys() & CODED.keys()
    assert entry.name in CODED
