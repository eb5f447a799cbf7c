"""Builds what a clock expects of progress over its time."""

from collections.abc import Collection

from engine.model.clock import Curve, Measure, Milestone, Pace
from workflows.cursor import Cursor
from workflows.vocabulary import MILESTONE, PACE, PACES


def build_pace(entry: Cursor, numbers: Collection[str]) -> Pace:
    """The pace of this entry. `numbers` are the fields that hold a whole number."""
    entry.closed(PACE.required, PACE.optional)
    curve = entry.choice("curve", Curve, "曲线", Curve.LINEAR)
    points = tuple(map(_milestone, entry.each("points")))
    if (curve is Curve.MILESTONES) != bool(points):
        entry.complain("points 与 curve: milestones 必须同时出现")
    if not _is_rising([point.time for point in points]) or not _is_rising(
        [point.progress for point in points]
    ):
        entry.at("points").complain("里程碑应先后排列，用时和进度都逐个增大")
    measure = entry.one_of("measure", PACES, "计时方式")
    yellow, red = entry.integer("yellow", 10, 1, 100), entry.integer("red", 30, 1, 100)
    if red < yellow:
        entry.complain(f"亮红灯的落后幅度（{red}）不能小于亮黄灯的（{yellow}）", "调整 yellow 和 red")
    return Pace(
        field=entry.one_of("field", numbers, "整数字段"),
        curve=curve,
        measure=Measure(measure) if measure in PACES else Measure.NATURAL_DAY,
        points=points,
        yellow=yellow,
        red=red,
    )


def _milestone(entry: Cursor) -> Milestone:
    entry.closed(MILESTONE.required, MILESTONE.optional)
    return Milestone(time=entry.integer("time", 1, 1, 100), progress=entry.integer("progress", 1, 1, 100))


def _is_rising(values: list[int]) -> bool:
    return values == sorted(set(values))
