"""One item of the small bureau, from its finding to its review."""

from engine.model.item import Item
from engine.model.transition import Attempt
from engine.usecases.items import move_item
from tests.audit.bureau import Bureau
from workflows.values import person_id


def walked(bureau: Bureau) -> Item:
    """An item that waits for its review, with everything that its people did for it."""
    item = bureau.open()
    team = "a" if item.unit == "team_a" else "b"
    steps = (
        ("submit", f"head_{team}", {"fields": {n: v for n, v in FIELDS.items() if n != "progress"}}),
        ("list", "office", {}),
        ("assign", f"head_{team}", {"assignee": person_id(f"officer_{team}")}),
        ("sign_for", f"officer_{team}", {}),
        ("progress", f"officer_{team}", {"fields": {"progress": FIELDS["progress"]}}),
        (
            "self_check",
            f"head_{team}",
            {"evidence": (bureau.evidence(),), "fields": {"result": "抽查无误"}},
        ),
        ("submit_review", f"head_{team}", {}),
    )
    for verb, login, given in steps:
        attempt = Attempt(
            item=item.id, verb=verb, actor=bureau.actor(login), key=f"{verb}/{item.id}", **given
        )
        item = move_item(bureau.app.writing(), bureau.tick(), attempt)
    return item


FIELDS = {
    "goal": "记录完整",
    "standard": "抽查无缺",
    "measures": "培训并抽查",
    "due_on": "2020-06-30",
    "progress": "已对全队组织培训，逐份核对笔录时间",
}
