"""The schema's history; `storage.schema` walks it."""
