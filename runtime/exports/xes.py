"""XES, IEEE 1849: one trace for each item, with the standard extensions concept, lifecycle, time and org."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from engine.model.calendar import LOCAL
from engine.usecases.exporting import Event, Export
from runtime.exports.columns import event_label
from runtime.exports.facts import facts_of
from runtime.words import KINDS, PEOPLE, named

HEAD: Final = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
<string key="org:resource" value=""/>
</global>
<classifier name="动作" keys="concept:name lifecycle:transition"/>
<classifier name="办理人" keys="org:resource"/>
"""
_INSTEAD: Final = "\ufffd"
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_xes(export: Export, target: Path) -> int:
    """Write a trace for each item; returns how many events they have. Entries beside items belong to no trace."""
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEAD)
        file.writelines(_log(export))
        count = sum(
            1 for trace in export.traces() for line in _trace(trace) if file.write(line) and line == _END
        )
        file.write("</log>\n")
    return count


_END: Final = "</event>\n"


def _log(export: Export) -> Iterator[str]:
    yield _string("concept:name", "督办历史")
    yield _string("lifecycle:model", "standard")
    yield _date("exported_at", export.at)
    yield _int("log_size", export.head.size)
    yield _string("log_root", export.head.root.hex())


def _trace(events: Iterator[Event]) -> Iterator[str]:
    first = next(events)
    yield "<trace>\n"
    if first.item:
        yield _string("concept:name", first.item.number)
        yield _string("title", first.item.title)
        yield _string("kind", named(first.item.definition.id, KINDS))
        yield _string("unit", first.names.get(first.item.unit, first.item.unit))
    yield from _event(first)
    for event in events:
        yield from _event(event)
    yield "</trace>\n"


def _event(event: Event) -> Iterator[str]:
    yield "<event>\n"
    yield _string("concept:name", event_label(event))
    yield _string("lifecycle:transition", "complete")
    yield _date("time:timestamp", event.entry.at)
    yield _string("org:resource", event.actor_name)
    if event.standing:
        yield _string("org:role", named(event.standing, PEOPLE))
    if event.unit:
        yield _string("org:group", event.names.get(event.unit, event.unit))
    for name, value in facts_of(event):
        yield _int(name, value) if isinstance(value, int) else _string(name, value)
    yield _END


def _string(key: str, value: str) -> str:
    return f'<string key="{key}" value={quoteattr(_NO_XML.sub(_INSTEAD, value))}/>\n'


def _int(key: str, value: int) -> str:
    return f'<int key="{key}" value="{value}"/>\n'


def _date(key: str, at: datetime) -> str:
    return f'<date key="{key}" value="{at.astimezone(LOCAL).isoformat(timespec="microseconds")}"/>\n'
