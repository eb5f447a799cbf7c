"""The forms for process mining keep to their published rules, and say what the log says. Parsed here anew."""

import json
from collections import Counter
from datetime import datetime
from xml.etree import ElementTree as ET

import pytest

from engine.model.ids import NOBODY, UnitCode
from engine.model.inspection import ExportForm, LogFilter
from runtime.exports.writing import write_export
from runtime.exports.xes import write_xes
from tests.audit.test_exports import Told
from tests.audit.test_inspection import by, every_item, everything
from tests.hostile import BREAKING

OCEL_TYPES = {"string": str, "integer": int}
XES = "{http://www.xes-standard.org/}"
PLAIN = {"string", "date", "int", "float", "boolean", "id"}
"""The elements that hold one attribute of XES."""


def written(bureau, folder, form, login="auditor", **wanted):
    target = folder / f"out.{form}"
    done = write_export(by(bureau, login), form, LogFilter(**wanted), target)
    return target.read_bytes(), done


@pytest.fixture(scope="module", params=[{}, {"unit": UnitCode("team_a"), "what": "submit"}])
def mined(request, lived, tmp_path_factory):
    raw, done = written(lived, tmp_path_factory.mktemp("ocel"), ExportForm.OCEL, **request.param)
    return json.loads(raw), done


def test_ocel_keeps_to_its_schema(mined):
    """ocel-standard.org, JSON: required members, declared types and attributes, unique ids, no loose end."""
    log, done = mined
    assert set(log) == {"events", "objects", "eventTypes", "objectTypes"}
    assert len(log["events"]) == done.entries
    for instances, types, required in (
        ("events", "eventTypes", {"id", "type", "time", "attributes", "relationships"}),
        ("objects", "objectTypes", {"id", "type", "attributes", "relationships"}),
    ):
        declared = {
            each["name"]: {a["name"]: OCEL_TYPES[a["type"]] for a in each["attributes"]}
            for each in log[types]
        }
        assert len(declared) == len(log[types])
        assert len({each["id"] for each in log[instances]}) == len(log[instances])
        for each in log[instances]:
            assert set(each) == required
            for attribute in each["attributes"]:
                assert set(attribute) == {"name", "value"} | ({"time"} if instances == "objects" else set())
                assert type(attribute["value"]) is declared[each["type"]][attribute["name"]]
    ids = {each["id"] for each in log["objects"]}
    for each in [*log["events"], *log["objects"]]:
        for related in each["relationships"]:
            assert set(related) == {"objectId", "qualifier"}
            assert related["objectId"] in ids
    times = [each["time"] for each in log["events"]]
    times += [a["time"] for each in log["objects"] for a in each["attributes"]]
    assert all(datetime.fromisoformat(time).tzinfo for time in times)


def test_ocel_tells_who_touched_what_and_how_items_changed(lived, tmp_path):
    raw, _ = written(lived, tmp_path, ExportForm.OCEL)
    log = json.loads(raw)
    entries = {f"entry:{entry.index}": entry for entry in everything(lived)}
    objects = {each["id"]: each for each in log["objects"]}
    numbers = {item.id: item for item in every_item(lived).values()}

    for event in log["events"]:
        entry = entries[event["id"]]
        related = {(r["qualifier"], r["objectId"]) for r in event["relationships"]}
        assert datetime.fromisoformat(event["time"]) == entry.at
        assert (("办理人", f"person:{entry.actor}") in related) is (entry.actor != NOBODY)
        if entry.item:
            assert ("事项", f"item:{numbers[entry.item].number}") in related
    with lived.app.reading() as uow:
        for item in numbers.values():
            told = objects[f"item:{item.number}"]["attributes"]
            label = uow.definitions.get(item.definition).states_by_id[item.state].label
            last = {each["name"]: each["value"] for each in told}
            assert (last["state"], last["returned_count"]) == (label, item.returned_count)
            assert [each["time"] for each in told] == sorted(each["time"] for each in told)
    posts = [o for o in objects.values() if o["type"] == "岗位"]
    assert posts
    assert all(p["relationships"][0]["qualifier"] == "所在单位" for p in posts)


def test_ocel_of_a_part_knows_how_its_items_stood_before(lived, tmp_path):
    middle = everything(lived)[len(everything(lived)) // 2].at
    raw, _ = written(lived, tmp_path, ExportForm.OCEL, since=middle)
    kinds = {"问题", "阶段"}

    for each in json.loads(raw)["objects"]:
        if each["type"] in kinds:
            first = next(a for a in each["attributes"] if a["name"] == "state")
            assert first["time"].startswith("1970") or datetime.fromisoformat(first["time"]) >= middle


def test_xes_keeps_to_its_schema(lived, tmp_path):
    """IEEE 1849, clause 4 and its XSD: the order of members, declared extensions, globals in every trace and event."""
    raw, done = written(lived, tmp_path, ExportForm.XES)
    log = ET.fromstring(raw)

    assert (log.tag, log.get("xes.version")) == (f"{XES}log", "1849-2016")
    order = ["extension", "global", "classifier", *PLAIN, "trace"]
    ranks = [
        min(order.index(child.tag.removeprefix(XES)), 3) if child.tag != f"{XES}trace" else 4 for child in log
    ]
    assert ranks == sorted(ranks)
    prefixes = {child.get("prefix") for child in log.findall(f"{XES}extension")}
    assert prefixes == {"concept", "lifecycle", "time", "org"}
    wanted = {g.get("scope"): {a.get("key") for a in g} for g in log.findall(f"{XES}global")}
    for trace in log.findall(f"{XES}trace"):
        kinds = [child.tag.removeprefix(XES) for child in trace]
        assert kinds == sorted(kinds, key=lambda kind: kind == "event")
        assert wanted["trace"] <= {child.get("key") for child in trace}
        for event in trace.findall(f"{XES}event"):
            keys = [attribute.get("key") for attribute in event]
            assert wanted["event"] <= set(keys)
            assert len(keys) == len(set(keys))
            assert {a.tag.removeprefix(XES) for a in event} <= PLAIN
            assert {key.partition(":")[0] for key in keys if ":" in key} <= prefixes
    assert len(log.findall(f"{XES}trace/{XES}event")) == done.entries


def test_xes_has_a_trace_for_each_item_with_its_entries_in_order(lived, tmp_path):
    log = ET.fromstring(written(lived, tmp_path, ExportForm.XES)[0])
    entries = {entry.index: entry for entry in everything(lived)}
    numbers = {item.id: item.number for item in every_item(lived).values()}
    expected = Counter(numbers[entry.item] for entry in entries.values() if entry.item)

    found = Counter()
    for trace in log.findall(f"{XES}trace"):
        (number,) = [a.get("value") for a in trace if a.get("key") == "concept:name"]
        last = -1
        for event in trace.findall(f"{XES}event"):
            facts = {a.get("key"): a.get("value") for a in event}
            entry = entries[int(facts["index"])]
            assert numbers[entry.item] == number
            assert datetime.fromisoformat(facts["time:timestamp"]) == entry.at
            assert entry.index > last
            last = entry.index
            found[number] += 1
    assert found == expected


def test_a_reader_of_some_units_mines_these_alone(lived, tmp_path):
    raw, _ = written(lived, tmp_path, ExportForm.OCEL, "supervisor")

    events = json.loads(raw)["events"]
    assert events
    assert all(any(r["qualifier"] == "事项" for r in event["relationships"]) for event in events)


def test_no_text_breaks_the_xml(tmp_path):
    class Traces(Told):
        def traces(self):
            return iter([self.events()])

    texts = [*BREAKING, "<a>&\"'", "]]>"]
    write_xes(Traces(texts), tmp_path / "a.xes")

    log = ET.parse(tmp_path / "a.xes").getroot()
    names = [a.get("value") for a in log.iter(f"{XES}string") if a.get("key") == "concept:name"][
        -len(texts) :
    ]
    illegal = dict.fromkeys([0, 0x0B, 0x0C, 0x1B, 0xFFFF], 0xFFFD)
    assert names == [text.translate(illegal) for text in texts]


def test_no_free_text_but_titles_leaves_for_mining(lived, tmp_path):
    """ADR 29: reasons and fields of text are for readers."""
    free = {json.loads(entry.payload).get("reason") for entry in everything(lived)} - {None}
    for item in every_item(lived).values():
        free |= {item.fields[name] for name in ("problem", "goal", "progress") if name in item.fields}
    assert len(free) > 3

    for form in (ExportForm.OCEL, ExportForm.XES):
        told = written(lived, tmp_path, form)[0].decode()
        assert not [text for text in free if text in told]
