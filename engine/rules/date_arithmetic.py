"""The arithmetics of dates, each by itself: what one does is never an option of another.

Statutory periods leave out the day of the event and run over rest days; the last day moves forward to a working day.
Custody runs the same but never moves. Internal dates (“…前”) move back. Working days count only days that work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from engine.model.calendar import Calendar

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Ending:
    """The day a count ends on and the day it moves to; `relied_on` are first and last of the days that decided it."""

    counted: date
    final: date
    relied_on: tuple[date, date] | None = None


def statutory(event: date, days: int, calendar: Calendar) -> Ending:
    """A statutory period of natural days after `event` (公安机关办理行政案件程序规定 §35, 刑事诉讼法 §105)."""
    counted = final = event + days * _DAY
    while not calendar.works_on(final):
        final += _DAY
    return Ending(counted, final, (counted, final))


def custody(event: date, days: int, calendar: Calendar) -> Ending:  # noqa: ARG001 - called like its neighbours
    """A period of custody, or any run of natural days: no calendar prolongs or shortens it."""
    counted = event + days * _DAY
    return Ending(counted, counted)


def internal(event: date, days: int, calendar: Calendar) -> Ending:
    """A date by which something is handed in: due on the last working day not after it."""
    counted = final = event + days * _DAY
    while not calendar.works_on(final):
        final -= _DAY
    return Ending(counted, final, (final, counted))


def working(event: date, days: int, calendar: Calendar) -> Ending:
    """The working day `days` after `event` (before it where negative), which itself is not counted."""
    step, left, day = (_DAY if days > 0 else -_DAY), abs(days), event
    while left:
        day += step
        left -= calendar.works_on(day)
    return Ending(day, day, (min(event, day), max(event, day)))


def natural_hours(event: datetime, hours: int) -> datetime:
    """A period of hours by day and night: the hour of the event is left out. Returns UTC."""
    began = event.replace(minute=0, second=0, microsecond=0)
    return began.astimezone(UTC) + (1 + hours) * _HOUR


def working_hours(event: datetime, hours: int, calendar: Calendar) -> datetime:
    """The instant `hours` office hours after `event` (before it where negative), to the very minute. Returns UTC."""
    at, left = event.astimezone(UTC), abs(hours) * _HOUR
    if not left:
        return at
    return _office_later(at, left, calendar) if hours > 0 else _office_earlier(at, left, calendar)


def office_later(event: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """The instant at which the office has been open for `span`, which is more than nothing, since `event`."""
    return _office_later(event.astimezone(UTC), span, calendar)


def office_time(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How long the office is open from `start` to `end`; nothing where `end` lies before."""
    if end <= start:
        return timedelta()
    first, last = (at.astimezone(calendar.zone).date() for at in (start, end))
    if first == last:
        return _open_on(first, start, end, calendar)
    between = sum(map(calendar.works_on, _days(first + _DAY, last)))
    edges = _open_on(first, start, end, calendar) + _open_on(last, start, end, calendar)
    return edges + between * timedelta(minutes=sum(closes - opens for opens, closes in calendar.hours))


def instant_of(day: date, minutes: int, calendar: Calendar) -> datetime:
    """The instant of a local minute of a day; 1440 is the end of the day. Returns UTC.

    Where clocks are put forward over it, it is as long after the last clock reading as it would have been; where
    they are put back and it comes twice, it is the first.
    """
    days, minute = divmod(minutes, 24 * 60)
    clock = time(minute // 60, minute % 60)
    return datetime.combine(day + days * _DAY, clock, calendar.zone).astimezone(UTC)


def _open_on(day: date, start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    """How long the office is open on a day, between two instants."""
    if not calendar.works_on(day):
        return timedelta()
    spans = [[instant_of(day, minute, calendar) for minute in hours] for hours in calendar.hours]
    return sum(
        (max(min(closes, end) - max(opens, start), timedelta()) for opens, closes in spans), timedelta()
    )


def _days(first: date, last: date) -> Iterator[date]:
    """The days from `first` until the one before `last`."""
    return (first + passed * _DAY for passed in range((last - first).days))


def _office_later(at: datetime, left: timedelta, calendar: Calendar) -> datetime:
    office = _office(at, 1, calendar)
    while True:
        opens, closes = next(office)
        begins = max(opens, at)
        if begins + left <= closes:
            return begins + left
        left -= max(closes - begins, timedelta())


def _office_earlier(at: datetime, left: timedelta, calendar: Calendar) -> datetime:
    office = _office(at, -1, calendar)
    while True:
        opens, closes = next(office)
        ends = min(closes, at)
        if opens <= ends - left:
            return ends - left
        left -= max(ends - opens, timedelta())


def _office(at: datetime, step: int, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The spans in which the office is open, from the day of `at` on, forwards or backwards."""
    day = at.astimezone(calendar.zone).date()
    while True:
        if calendar.works_on(day):
            for opens, closes in calendar.hours[::step]:
                yield instant_of(day, opens, calendar), instant_of(day, closes, calendar)
        day += step * _DAY
