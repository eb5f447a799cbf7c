"""One transaction: everything or nothing, one state of things, one end."""

import threading
from dataclasses import replace

import pytest

from engine.model.errors import Broken, Conflict, Unavailable
from tests.contract.stores import CALENDAR, CHANNELS, ENTROPY
from tests.contract.values import a_deadline, a_draft


def stored(begin):
    with begin(write=False) as uow:
        return [item.number for item in uow.items.scan()]


def test_what_is_committed_is_there_for_all_who_begin_later(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.commit()

    assert stored(begin) == [new_item().number]


def test_what_is_not_committed_is_gone(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.items.allot_numbers("ZG", 2020, 5)
        uow.history.append([a_draft(new_item().id)], new_item().opened_at)

    with begin() as uow:
        assert list(uow.items.scan()) == []
        assert uow.items.allot_numbers("ZG", 2020, 1) == ["ZG-2020-000001"]
        assert uow.history.head().size == 0


def test_an_error_within_rolls_back(begin, new_item):
    def fail():
        with begin() as uow:
            uow.items.add([new_item()])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert stored(begin) == []


def test_a_writer_sees_what_it_has_written(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])

        assert list(uow.items.scan()) == [new_item()]


def test_a_reader_sees_one_state(begin, new_item):
    with begin(write=False) as reader:
        assert list(reader.items.scan()) == []
        with begin() as writer:
            writer.items.add([new_item()])
            writer.commit()

        assert list(reader.items.scan()) == []
        reader.commit()

    assert stored(begin) == [new_item().number]


def test_a_reader_writes_nothing(begin, new_item):
    with begin() as uow:
        uow.items.allot_numbers("ZG", 2020, 1)
        uow.commit()

    for write in (
        lambda uow: uow.items.add([new_item(1)]),
        lambda uow: uow.items.add([new_item(1), new_item(2)]),
        lambda uow: uow.items.allot_numbers("ZG", 2020, 1),
    ):
        with begin(write=False) as uow:
            with pytest.raises(Broken, match="只读的一笔不能写入"):
                write(uow)
            with pytest.raises(Broken):
                uow.commit()

    assert stored(begin) == []


def test_a_unit_is_over_when_it_is_committed(begin, new_item):
    with begin() as uow:
        uow.commit()

        for after in (
            uow.commit,
            lambda: list(uow.items.scan()),
            lambda: uow.items.get([new_item().id]),
            lambda: uow.items.add([new_item(1), new_item(2)]),
            lambda: uow.items.add([new_item()]),
        ):
            with pytest.raises(Unavailable, match="这一笔已经结束"):
                after()

    assert stored(begin) == []


def test_a_unit_is_over_when_it_is_left(begin):
    with begin() as uow:
        pass

    for after in (uow.commit, uow.history.head):
        with pytest.raises(Unavailable, match="这一笔已经结束"):
            after()


def test_a_unit_may_be_entered_anew(begin, new_item):
    uow = begin()
    for number in (1, 2):
        with uow:
            uow.items.add([new_item(number)])
            uow.commit()

    assert len(stored(begin)) == 2


def test_a_commit_that_cannot_hold_raises_and_leaves_nothing(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1)])
        uow.deadlines.arm([a_deadline(new_item(2))])
        with pytest.raises(Broken):
            uow.commit()

    assert stored(begin) == []


def test_what_is_named_before_it_is_there_may_come_later(begin, new_item):
    with begin() as uow:
        uow.deadlines.arm([a_deadline(new_item(1))])
        uow.items.add([new_item(1)])
        uow.commit()

    assert len(stored(begin)) == 1


def test_nothing_is_committed_after_a_conflict(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item(1)])
        with pytest.raises(Conflict):
            uow.items.add([new_item(2), new_item(1)])
        with pytest.raises(Broken, match="这一笔已经失败，没有存入"):
            uow.commit()

    assert stored(begin) == []


def test_one_of_eight_writers_wins_a_move(begin, new_item):
    with begin() as uow:
        uow.items.add([new_item()])
        uow.commit()
    won = []

    def move():
        with begin() as uow:
            (item,) = uow.items.get([new_item().id]).values()
            if item.version > 1:
                return
            uow.items.replace([replace(item, version=2)])
            uow.commit()
        won.append(1)

    threads = [threading.Thread(target=move) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1


def test_what_comes_with_a_unit_is_what_it_was_given(begin):
    with begin() as uow:
        assert uow.entropy is ENTROPY
        assert uow.channels == CHANNELS
        assert uow.calendar is CALENDAR


def test_a_sound_store_says_nothing(begin):
    with begin(write=False) as uow:
        assert uow.views.integrity() == []
