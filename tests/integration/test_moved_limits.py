"""A limit that was put elsewhere takes along what was planned for it: no notice about the old date leaves any more."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.model.notice import DeliveryStatus
from engine.usecases.calendars import LoadCalendar, load_calendar, reproject
from tests.builders import NOON
from tests.integration.house import person_in
from tests.integration.test_calendar_change import ADMINISTRATOR, COUNTY
from tests.integration.test_delivery import Box
from tests.integration.test_letters import TOGETHER, Life, post_of


def prolonged(life: Life) -> None:
    life.move("apply_extension", "head", days=49, reason="鉴定未出", due_on=date(2020, 7, 31))
    life.move("grant_extension", "director", days=49.5, reason="同意")


def under_another_calendar(life: Life) -> None:
    at = NOON + timedelta(days=49)
    load_calendar(life.house.begin(), at, LoadCalendar(COUNTY, ADMINISTRATOR))
    assert len(list(reproject(life.begin, at, ADMINISTRATOR))) == 1


@pytest.mark.parametrize(
    ("moved", "told"), [(prolonged, "extension_granted"), (under_another_calendar, "rescheduled")]
)
def test_what_was_planned_for_the_old_date_never_leaves(
    tmp_path: Path, moved: Callable[[Life], None], told: str
) -> None:
    life = Life(tmp_path)
    life.move("sign_for", "officer", days=1)
    life.sweep(48.5)
    moved(life)
    box = Box(manner=TOGETHER)

    settled = post_of(life).deliver(box)

    old = [one for one in settled if one.notice.kind in ("due_soon", "behind")]
    assert {(one.status, one.last_error) for one in old} == {(DeliveryStatus.WITHDRAWN, "时限已重新起算")}
    left = {one.notice.kind for letter in box.sent for one in letter.deliveries}
    assert told in left
    assert left.isdisjoint({"due_soon", "behind"})


def test_a_limit_to_sign_begun_anew_for_another_owner_withdraws_what_was_told_of_the_old_one(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path)
    life.sweep(3)
    life.move("assign", "head", days=4, assignee=person_in("legal"), reason="人员调整")
    box = Box(manner=TOGETHER)

    settled = post_of(life).deliver(box)

    old = [one for one in settled if one.notice.kind == "overdue"]
    assert {(one.status, one.last_error) for one in old} == {(DeliveryStatus.WITHDRAWN, "时限已重新起算")}
