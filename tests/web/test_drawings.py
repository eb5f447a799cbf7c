"""The axis of a time line."""

from datetime import date

from web.drawings import WIDTH, axis_of


def test_an_axis_holds_whole_months_and_every_bar_lies_within():
    axis = axis_of(iter([date(2020, 4, 11), date(2020, 12, 5)]))

    assert (axis.first, axis.last) == (date(2020, 4, 1), date(2020, 12, 31))
    assert axis.bar(date(2020, 4, 1), date(2020, 12, 31)) == (0, WIDTH)
    assert axis.bar(date(2019, 1, 1), date(2019, 1, 2)) == (0, 4)
    assert [name for _, name in axis.months()] == [f"{n}月" for n in range(4, 13)]
    assert axis.x(date(2021, 6, 1)) == WIDTH
