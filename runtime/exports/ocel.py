"""OCEL 2.0 as JSON: events, and the items, units, people and posts that they touch.

Written as it is read, so the lists of types, which are known only at the end, stand at the end; members of JSON have no
order. The log is read twice: in its own order for the events, and item after item for the objects.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from engine.model.actor import Post
from engine.model.ids import NOBODY, PersonId, PostCode, UnitCode
from engine.usecases.exporting import Event, Export
from runtime.exports.columns import event_label
from runtime.exports.facts import FACTS, changes_of, facts_of, stood
from runtime.exports.tables import spelled
from runtime.words import KINDS, named

ALWAYS: Final = "1970-01-01T00:00:00Z"
"""The instant of a value that no exported event has set: OCEL wants one."""
UNIT, PERSON, POST = "单位", "人员", "岗位"
ON, BY, FOR, IN, AS = "事项", "办理人", "代谁办理", "单位", "以此岗位"
"""What an object is to an event."""
OWNER, SEAT, ABOVE = "责任人", "所在单位", "上级单位"
"""What an object is to another."""
Object = Mapping[str, object]


@dataclass(slots=True)
class _Met:
    """Whom and what the events were about, and which types there are."""

    names: Mapping[str, str] = field(default_factory=dict)
    activities: dict[str, None] = field(default_factory=dict)
    units: set[UnitCode] = field(default_factory=set)
    people: set[PersonId] = field(default_factory=set)
    posts: dict[PersonId, set[PostCode]] = field(default_factory=lambda: defaultdict(set))
    attributes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))


def write_ocel(export: Export, target: Path) -> int:
    """Write the log; returns how many events it has."""
    met = _Met()
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"events":[')
        count = _list(file, (_event(export, met, event) for event in export.events()))
        file.write('],\n"objects":[')
        _list(file, _objects(export, met))
        types = [{"name": name, "attributes": _typed(FACTS)} for name in met.activities]
        kinds = [{"name": name, "attributes": _typed(told)} for name, told in met.attributes.items()]
        file.write(f'],\n"eventTypes":{spelled(types)},\n"objectTypes":{spelled(kinds)}}}\n')
    return count


def _list(file: IO[str], objects: Iterable[Object]) -> int:
    count = 0
    for count, each in enumerate(objects, 1):
        file.write(",\n" if count > 1 else "\n")
        file.write(spelled(each))
    return count


def _event(export: Export, met: _Met, event: Event) -> Object:
    activity = event_label(event)
    met.activities[activity] = None
    met.names = event.names
    return {
        "id": f"entry:{event.entry.index}",
        "type": activity,
        "time": _instant(event.entry.at),
        "attributes": [{"name": name, "value": value} for name, value in facts_of(event)],
        "relationships": [*_touched(export, met, event)],
    }


def _touched(export: Export, met: _Met, event: Event) -> Iterator[Object]:
    if event.item:
        yield _related(f"item:{event.item.number}", ON)
    if event.unit:
        met.units.add(UnitCode(event.unit))
        yield _related(f"unit:{event.unit}", IN)
    for person, qualifier in ((event.entry.actor, BY), (event.principal, FOR)):
        if person and person != NOBODY:
            met.people.add(PersonId(person))
            yield _related(f"person:{person}", qualifier)
    for post in export.posts_of(event):
        met.posts[event.entry.actor].add(post.code)
        yield _related(f"post:{post.code}", AS)


def _objects(export: Export, met: _Met) -> Iterator[Object]:
    for trace in export.traces():
        yield _item(met, trace)
    posts = [export.posts[code] for code in sorted(set[PostCode]().union(*met.posts.values()))]
    for person in sorted(met.people):
        own = [_related(f"post:{code}", AS) for code in sorted(met.posts[person])]
        yield _fixed(met, PERSON, f"person:{person}", {"name": met.names.get(person, person)}, own)
    for post in posts:
        seat = [_related(f"unit:{post.unit}", SEAT)]
        yield _fixed(met, POST, f"post:{post.code}", {"title": post.title}, seat)
    yield from _units(export, met, posts)


def _item(met: _Met, events: Iterator[Event]) -> Object:
    """An item with everything that it was from time to time."""
    first = next(events)
    kind = named(first.item.definition.id, KINDS) if first.item else ""
    told: list[tuple[str, str, str | int, str]] = [
        (name, of, value, ALWAYS) for name, of, value in stood(first)
    ]
    told += [(*change, _instant(first.entry.at)) for change in changes_of(first)]
    for event in events:
        told += [(*change, _instant(event.entry.at)) for change in changes_of(event)]
    met.attributes[kind] |= {name: of for name, of, *_ in told}
    owner = first.item.owner if first.item and first.item.owner in met.people else None
    return {
        "id": f"item:{first.item.number if first.item else ''}",
        "type": kind,
        "attributes": [{"name": name, "value": value, "time": time} for name, _, value, time in told],
        "relationships": [_related(f"person:{owner}", OWNER)] if owner else [],
    }


def _units(export: Export, met: _Met, posts: Iterable[Post]) -> Iterator[Object]:
    """The units that were met, and every unit above them."""
    ahead = [*met.units, *(post.unit for post in posts)]
    seen = set[UnitCode]()
    while ahead:
        code = ahead.pop()
        if code in seen or code not in export.units:
            continue
        seen.add(code)
        unit = export.units[code]
        above = [_related(f"unit:{unit.parent}", ABOVE)] if unit.parent else []
        ahead += [unit.parent] if unit.parent else []
        yield _fixed(met, UNIT, f"unit:{code}", {"name": unit.name}, above)


def _fixed(met: _Met, kind: str, name: str, attributes: Mapping[str, str], related: list[Object]) -> Object:
    met.attributes[kind] |= dict.fromkeys(attributes, "string")
    return {
        "id": name,
        "type": kind,
        "attributes": [{"name": each, "value": value, "time": ALWAYS} for each, value in attributes.items()],
        "relationships": related,
    }


def _related(name: str, qualifier: str) -> Object:
    return {"objectId": name, "qualifier": qualifier}


def _typed(attributes: Mapping[str, str]) -> list[Object]:
    return [{"name": name, "type": of} for name, of in attributes.items()]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
