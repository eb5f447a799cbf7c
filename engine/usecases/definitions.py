"""Published definitions: which there are, which a campaign pins, and how a new version is published."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.actor import Actor, Role
from engine.model.definition import Definition
from engine.model.entry import EntryDraft, EntryFlag, EntryKind
from engine.model.errors import Conflict, Invalid, NotFound, Problem
from engine.model.ids import DefinitionRef
from engine.ports import UnitOfWork
from engine.rules.ledger import ZERO, canonical
from engine.rules.soundness import problems_of
from engine.rules.standing import require
from engine.usecases.again import again


@dataclass(frozen=True, slots=True)
class Pinned:
    """The definition that a campaign uses for a kind of item."""

    campaign: str
    ref: DefinitionRef


def list_definitions(uow: UnitOfWork) -> list[Definition]:
    """Every published version."""
    with uow:
        return [uow.definitions.get(ref) for ref in uow.definitions.refs()]


def definitions_of(uow: UnitOfWork, refs: Iterable[DefinitionRef]) -> dict[DefinitionRef, Definition]:
    """The definitions behind these references. Raises NotFound."""
    with uow:
        return {ref: uow.definitions.get(ref) for ref in dict.fromkeys(refs)}


def find_definition(uow: UnitOfWork, name: str, version: int | None = None) -> Definition:
    """A published definition; the newest where no version is named. Raises NotFound."""
    with uow:
        refs = [ref for ref in uow.definitions.refs() if ref.id == name and version in (None, ref.version)]
        if not refs:
            wanted = name if version is None else f"{name}@{version}"
            raise NotFound(f"没有发布过流程 {wanted}", hint="duban workflow list 列出已发布的流程")
        return uow.definitions.get(max(refs))


def pinned(uow: UnitOfWork, kind: str, campaign: str | None = None) -> Pinned:
    """The definition in force for a kind, in a named campaign or the only one that is loaded. Raises NotFound."""
    with uow:
        loaded = uow.campaigns.ids()
        if campaign is None and len(loaded) != 1:
            found = "、".join(loaded) or "无"
            raise NotFound(f"没有写明属于哪个专项活动（已载入：{found}）", hint="请加 --campaign 编号")
        chosen = campaign or loaded[0]
        ref = uow.campaigns.get(chosen).definitions.get(kind)
        if ref is None:
            raise NotFound(f"专项活动 {chosen} 没有“{kind}”这类事项")
        return Pinned(chosen, ref)


@again
def publish_definitions(
    uow: UnitOfWork, now: datetime, definitions: Sequence[Definition], actor: Actor
) -> list[DefinitionRef]:
    """Publish definitions, all or none; returns those that are new. Running items stay with the version they have.

    Raises NotPermitted unless the actor is an administrator, Invalid where one is not sound, Conflict where a version
    was published with other content.
    """
    require(actor, (Role.ADMINISTRATOR,), "不能发布流程")
    check_soundness(definitions)
    with uow:
        new = [definition for definition in definitions if _is_new(uow, definition)]
        for definition in new:
            uow.definitions.publish(definition, now)
        uow.history.append([_draft(uow, definition, actor) for definition in new], now)
        uow.commit()
    return [definition.ref for definition in new]


def check_soundness(definitions: Iterable[Definition]) -> None:
    """Raises Invalid with every reason why one of the definitions may not be published."""
    problems = tuple(
        Problem(where=definition.origin or f"{definition.ref}", text=flaw.text)
        for definition in definitions
        for flaw in problems_of(definition)
    )
    if problems:
        raise Invalid("检查流程", problems)


def _is_new(uow: UnitOfWork, definition: Definition) -> bool:
    known = uow.definitions.find(definition.ref)
    if known is not None and known.sha256 != definition.sha256:
        raise Conflict(f"流程 {definition.ref} 已发布过不同的内容", hint="请提高版本号后再发布")
    return known is None


def _draft(uow: UnitOfWork, definition: Definition, actor: Actor) -> EntryDraft:
    payload = {"type": "definition", "name": f"{definition.ref}", "sha256": definition.sha256, "system": None}
    return EntryDraft(
        kind=EntryKind.DEFINITION,
        what="publish_definition",
        flags=EntryFlag.NONE,
        item=None,
        item_version=0,
        actor=actor.person,
        payload=canonical(payload),
        salt=uow.entropy.salt(),
        previous=ZERO,
    )
