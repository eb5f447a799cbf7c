"""Calendars laid over each other, the days in which they differ, and why a day is worked or not."""

from datetime import date, timedelta

from engine.model.calendar import Calendar, CalendarOverride

_WEEKDAYS = "一二三四五六日"
_DAY = timedelta(days=1)


def overridden(base: Calendar, override: CalendarOverride) -> Calendar:
    """The calendar with the days, the hours and the horizon of `override`; everything else stays."""
    days = {day: special for special in override.days for day in each_day(special.first, special.last)}
    settled = date(override.covers, 12, 31) if override.covers else base.covered_until
    return Calendar(
        id=f"{base.id}+{override.name}",
        exceptions={**base.exceptions, **{day: special.works for day, special in days.items()}},
        covered_from=base.covered_from,
        covered_until=max(base.covered_until, settled),
        yearly_rests=base.yearly_rests,
        notes={**base.notes, **{day: special.label for day, special in days.items()}},
        hours=override.hours or base.hours,
        zone=base.zone,
    )


def years_left_out(base: Calendar, override: CalendarOverride) -> tuple[int, ...]:
    """The years between the horizon of the calendar and the one that the override claims to settle.

    Of the last year itself at least one day must be named: no year passes without a holiday.
    """
    named = {special.first.year for special in override.days} | {
        special.last.year for special in override.days
    }
    claimed = range(base.covered_until.year + 1, (override.covers or 0) + 1)
    return tuple(year for year in claimed if year not in named)


def each_day(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included."""
    return [first + passed * _DAY for passed in range((last - first).days + 1)]


def day_told(calendar: Calendar, day: date) -> str:
    """Whether the office works on a day, why, and whether that is settled."""
    works = calendar.works_on(day)
    why = calendar.notes.get(day, "") if day in calendar.exceptions else _usual(calendar, day)
    doubt = "" if calendar.is_covered(day) else "（待核：尚无放假安排，按周末和固定节日推算）"
    return f"{day} 周{_WEEKDAYS[day.weekday()]} {'上班' if works else '休息'}{why and f'：{why}'}{doubt}"


def _usual(calendar: Calendar, day: date) -> str:
    if day.weekday() >= 5:
        return "周末"
    return "" if calendar.works_on(day) else "固定节日"
