"""A migration: how what runs under one version of a definition goes on under another, as a plan that can be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.model.ids import DefinitionRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationPlan:
    """Where each state of a version goes in another. `sha256` is taken over `document`, its canonical JSON.

    `campaign` is None where only one is loaded.
    """

    source: DefinitionRef
    target: DefinitionRef
    states: Mapping[str, str]
    reason: str
    campaign: str | None
    document: str
    sha256: str
