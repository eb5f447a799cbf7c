"""A typed line gives the head it was printed from, or names where it was mistyped; never another head."""

import random

import pytest

from engine.model.entry import TreeHead
from engine.rules.printed import SIGNS, printed, read_printed
from tests.unit.rules.test_notes import OUR_HEAD

CASES = 500
LINE = "3-V Y2C3G BVF84 8B693 9RWB7 MK1C6 WW04Y 8KQ3K PGT8C E5462 GZXD8 N3PS8 EXNFH J7J0B"


def a_head(dice: random.Random) -> TreeHead:
    return TreeHead(dice.randrange(10 ** dice.randrange(1, 8)), dice.randbytes(32))


def test_the_line_of_our_vector():
    assert printed(OUR_HEAD) == LINE
    assert read_printed(LINE.lower().replace("0", "o").replace("1", "l")) == OUR_HEAD


def test_every_head_comes_back():
    dice = random.Random(2020)
    for head in [a_head(dice) for _ in range(CASES)]:
        assert read_printed(printed(head)) == head


def test_a_wrong_sign_is_found_in_its_group():
    dice = random.Random(2021)
    for _ in range(CASES):
        words = printed(a_head(dice)).split()
        place, sign = dice.randrange(1, len(words)), dice.randrange(5)
        other = dice.choice(SIGNS.replace(words[place][sign], ""))
        words[place] = words[place][:sign] + other + words[place][sign + 1 :]
        with pytest.raises(ValueError, match=f"^group {place}$"):
            read_printed(" ".join(words))


def test_swapped_neighbours_are_found():
    dice, seen = random.Random(2022), 0
    while seen < CASES:
        words = printed(a_head(dice)).split()
        place, sign = dice.randrange(1, len(words)), dice.randrange(4)
        word = words[place]
        if word[sign] == word[sign + 1]:
            continue
        seen += 1
        words[place] = word[:sign] + word[sign + 1] + word[sign] + word[sign + 2 :]
        with pytest.raises(ValueError, match=f"^group {place}$"):
            read_printed(" ".join(words))


def test_a_mistyped_size_swapped_groups_and_lost_groups_are_found():
    dice = random.Random(2023)
    for _ in range(100):
        size, *groups = printed(a_head(dice)).split()
        digit = dice.choice("0123456789".replace(size[0], ""))
        with pytest.raises(ValueError, match="size"):
            read_printed(" ".join([digit + size[1:], *groups]))
        if groups[2] != groups[3]:
            with pytest.raises(ValueError, match="group 3"):
                read_printed(" ".join([size, *groups[:2], groups[3], groups[2], *groups[4:]]))
        for wrong in (groups[:-1], groups[1:], [*groups, groups[-1]], [g[:-1] for g in groups]):
            with pytest.raises(ValueError, match="group"):
                read_printed(" ".join([size, *wrong]))
