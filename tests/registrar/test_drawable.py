"""Which characters the registrar believes that booths draw: those that their fonts do draw."""

import random

from kiosk.display.fonts import SAMPLES
from kiosk.display.text import load_font
from registrar.drawable import find_undrawable

EVERY = 61
"""One in so many code points is compared, those at random; all would take half a minute."""


def test_what_the_fonts_of_the_booth_draw_is_known() -> None:
    font = load_font("regular")
    points = random.Random(1).sample(range(0x20, 0x40000), 0x40000 // EVERY)
    names = ["张三", "\U000304ab", "\ue863", *SAMPLES.values(), *map(chr, points)]
    known = [name for name in names if not find_undrawable(name)]
    assert known == [name for name in names if not font.undrawable(name)]


def test_each_character_is_named_once() -> None:
    assert find_undrawable("林\U000304ab小\U000304ab") == "\U000304ab"
