"""The shipped definition of an item, walked from the finding to the end of its watch."""

from datetime import timedelta
from pathlib import Path

from engine.model.actor import Actor, Role, system_actor
from engine.model.ids import ItemId
from engine.model.item import NewItem
from engine.model.transition import Evidence
from engine.rules.lifecycle import decide
from engine.rules.opening import Opening, decide_opening
from tests.builders import BUREAU, NOON, UNIT, an_actor, an_attempt, around
from workflows.builder import read_definition

PATH = Path(__file__).parents[2] / "workflows" / "library" / "item.yaml"
ITEM = read_definition(PATH.read_bytes(), str(PATH))
OFFICER = an_actor(1, Role.OFFICER)
HEAD = an_actor(3, Role.UNIT_HEAD)
OFFICE = an_actor(4, Role.OFFICE, unit=BUREAU)
DIRECTOR = an_actor(5, Role.OFFICE_DIRECTOR, unit=BUREAU)
LISTING = {"goal": "记录完整", "standard": "抽查无缺", "measures": "培训并抽查", "due_on": "2020-06-30"}
PROOF = Evidence(sha256="ef" * 32, name="记录.jpg", size=5)

LIFE: tuple[tuple[str, Actor, dict[str, object]], ...] = (
    ("submit", OFFICER, {}),
    ("list", OFFICE, {"fields": LISTING}),
    ("assign", HEAD, {"assignee": OFFICER.person}),
    ("sign_for", OFFICER, {}),
    ("progress", OFFICER, {"fields": {"progress": "已培训", "progress_percent": 60}}),
    ("self_check", HEAD, {"evidence": (PROOF,), "fields": {"result": "已整改到位"}}),
    ("submit_review", HEAD, {}),
    ("return", OFFICE, {"reason": "佐证不足", "target": "returned"}),
    ("take_up", OFFICER, {}),
    ("self_check", HEAD, {"fields": {"result": "已补正"}}),
    ("submit_review", HEAD, {}),
    ("approve", OFFICE, {}),
    ("assess", OFFICE, {}),
    ("close_out", DIRECTOR, {}),
    ("sustain", OFFICE, {}),
    ("archive", system_actor("sweep"), {}),
)


def test_an_item_is_found_rectified_returned_reviewed_closed_and_archived() -> None:
    new = NewItem(
        definition=ITEM.ref, campaign="sample", unit=UNIT, title="记录不全", fields={"problem": "记录不全"}
    )
    opening = Opening(new=new, actor=OFFICER, at=NOON, id=ItemId("c" * 32), number="ZG-2020-000001")
    item = decide_opening(ITEM, opening, around()).after
    states = [item.state]

    for hour, (verb, actor, asked) in enumerate(LIFE, start=1):
        item = decide(
            ITEM, item, an_attempt(verb, actor, **asked), NOON + timedelta(hours=hour), around()
        ).after
        states.append(item.state)

    assert states == [
        "draft", "submitted", "listed", "assigned", "rectifying", "rectifying", "self_checked", "in_review", "returned",
        "rectifying", "self_checked", "in_review", "accepted", "assessed", "closed", "sustained", "archived",
    ]  # fmt: skip
    assert item.returned_count == 1
    assert item.closed_at is not None
