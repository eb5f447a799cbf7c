"""Why a limit falls when it does, in lines: every date it has had, and every time it stood still."""

from collections.abc import Iterator

from cli.values import local
from engine.model.deadline import Cause
from engine.usecases.clock_stories import ClockStory, Origin, Step
from runtime.words import CAUSES, LAMPS


def change_lines(story: ClockStory) -> Iterator[str]:
    """Each later date of a limit, behind the first one; nothing where it never moved."""
    if len(story.changes) > 1:
        for change in story.changes:
            why = "原定" if change.cause is Cause.START else CAUSES[change.cause.value]
            yield f"{local(change.due_at)}  {why}{_behind(change.origin)}"


def suspension_lines(story: ClockStory) -> Iterator[str]:
    """Each time a clock stood still: from when to when, what that gave back, why, and by whose hand."""
    for each in story.suspensions:
        until = local(each.ended_at) or "现在"
        yield f"{local(each.began_at)} 至 {until}，不计 {each.lost}{_behind(each.origin)}{_resumed(each.resumed)}"


def step_words(step: Step) -> Iterator[str]:
    """When a rung is reached, its colour, on what condition it speaks, and how it was fired, if it was."""
    yield f"{local(step.at)}{'（待核）' * step.is_provisional}"
    yield f"{LAMPS[step.rung.lamp.value]}灯"
    if step.rung.behind:
        yield f"落后 {step.rung.behind} 个百分点才提醒"
    if step.fired:
        yield f"已于 {local(step.fired.fired_at)} {'提醒' if step.fired.spoken_by else '核对，不必提醒'}"


def _behind(origin: Origin | None) -> str:
    if origin is None:
        return "（记录内容已删除）"
    said = f"“{origin.reason}”，" if origin.reason else ""
    return f"（{said}{origin.who}，第 {origin.entry} 条）"


def _resumed(origin: Origin | None) -> str:
    return f"，恢复（{origin.who}，第 {origin.entry} 条）" if origin else ""
