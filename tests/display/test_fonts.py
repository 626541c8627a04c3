"""Names in every script: drawn by a font that has them, or as framed codes, never as boxes."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from numpy.typing import NDArray

from kiosk.display import fonts
from kiosk.display.fonts import SAMPLES, fallback_faces
from kiosk.display.text import Font, load_font

SIZE, HEIGHT = 64.0, 82

PRIVATE = "\ue863"
"""GBK's 䶮 in old exports: every font may have another character there."""

DRAWN = {
    "common": "张",
    "extension A": "㐂",
    "extension B": "𡈙𠔌",
    "extension C": "𪜀𫖯",
    "extension D": "𫝀",
    "extension E": "𫠠𬺡",
    "extension F": "𬺰",
    "extension G": "\U00030002",
    "extension H": "\U00031351",
    "compatibility": "﨑朗",
    "Polish": "Łukasz",
    "Czech": "Šárka",
    "Turkish": "Doğan",
    "Hungarian": "Erdős",
    "Vietnamese": "Nguyễn Thị Ngọc",
    "Pinyin": "Lǚ Ǹg",
    "Cyrillic": "Шамсутдинов Ёж",
    "Greek": "Γεώργιος",
    "Uyghur": "ئابدۇرەھمان مەمەت",
    "Kazakh": "قۇرمانعازى",
    "Tibetan": "བསྟན་འཛིན",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ",
    "Yi": "ꀀꁧ",
    "Thai": "สมชาย",
    "Tai Lü": "ᦂᦱᧃ",
    "Korean": "김민수",
    "Japanese": "さくら・サクラ",
    "Hindi": "अमित कुमार",
    "Lao": "ສົມ",
    "Burmese": "အောင်",
    "Khmer": "សុខ",
    "Hebrew": "דוד",
    "Amharic": "አበበ",
    "middle dots": "阿卜杜·买买提•江・阿‧木",
    "a mark that no letter has composed": "x\u0323\u0302",
    "a chosen form": "葛\U000e0100",
}

FRAMED = {
    "private use": PRIVATE,
    "private use, plane 16": "\U0010fffd",
    "extension G, not China's": "\U000304ab",
    "extension I": "\U0002ebf0",
    "zero-width space": "\u200b",
    "byte-order mark": "\ufeff",
    "bidi override": "\u202e",
    "bidi isolate": "\u2067",
    "soft hyphen": "\u00ad",
    "tab": "\t",
    "filler": "\u3164",
    "not assigned": "\u0378",
    "a surrogate": "\ud800",
}


@pytest.fixture(scope="module")
def bold() -> Font:
    return load_font("bold")


@pytest.fixture
def _no_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A machine where only the booth's own font is installed."""
    monkeypatch.setattr(fonts, "FONTS", tmp_path)
    fallback_faces.cache_clear()
    yield
    fallback_faces.cache_clear()


def ink(font: Font, text: str) -> NDArray[np.uint8]:
    return np.asarray(font.mask(text, SIZE, HEIGHT))


@pytest.mark.parametrize("name", DRAWN.values(), ids=DRAWN)
def test_a_name_is_drawn_by_fonts_that_have_it(bold: Font, name: str) -> None:
    assert bold.undrawable(name) == ""
    drawn = ink(bold, name)
    assert drawn.max() == 255
    # Nothing is cut off at the line's edges, however letters are stacked.
    assert not drawn[0].any()
    assert not drawn[-1].any()


@pytest.mark.parametrize("char", FRAMED.values(), ids=FRAMED)
def test_what_no_font_has_or_nobody_can_see_is_drawn_as_its_code(bold: Font, char: str) -> None:
    assert bold.undrawable(f"张{char}三{char}") == char
    framed = ink(bold, f"张{char}三")
    assert framed.shape[1] > ink(bold, "张三").shape[1] + 0.9 * SIZE
    others = [ink(bold, f"张{other}三") for other in FRAMED.values() if other != char]
    assert not any(np.array_equal(framed, other) for other in others)


def test_marks_apart_and_composed_look_alike(bold: Font) -> None:
    for name in ("Nguyễn Ngọc", "Šárka", "김민수"):
        assert np.array_equal(ink(bold, unicodedata.normalize("NFD", name)), ink(bold, name))


def test_characters_of_another_font_stand_on_the_same_line(bold: Font) -> None:
    plain, mixed = ink(bold, "国"), ink(bold, "国𡈙")
    assert np.array_equal(mixed[:, : plain.shape[1] - 2], plain[:, :-2])
    rows = np.flatnonzero(mixed[:, plain.shape[1] :].any(axis=1))
    assert abs((rows[0] + rows[-1]) / 2 - (HEIGHT - 1) / 2) < SIZE / 8


def test_a_words_letters_are_of_one_font(bold: Font) -> None:
    assert len(bold._runs("Łukasz")) == 1
    assert len(bold._runs("Łukasz 张")) == 2


def test_letters_from_right_to_left_are_joined_and_in_their_order(bold: Font) -> None:
    first, last = bold._runs("ئابدۇ·مەمەت")[::2]
    assert (first.text, last.text) == ("مەمەت", "ئابدۇ")
    apart = sum(bold.width(letter, SIZE) for letter in "مەمەت")
    assert abs(bold.width("مەمەت", SIZE) - apart) > SIZE / 8
    mixed = [run.text for run in bold._runs("张三 ئابدۇ·مەت 李四")]
    assert mixed == ["张三 ", "مەت", "·", "ئابدۇ", " 李四"]


def test_a_line_is_as_wide_as_it_is_measured(bold: Font) -> None:
    for name in (*DRAWN.values(), f"张{PRIVATE}三"):
        assert ink(bold, name).shape[1] <= bold.width(name, SIZE) + 0.12 * SIZE


@pytest.mark.usefixtures("_no_others")
def test_without_other_fonts_what_is_lacking_is_framed_and_named(bold: Font) -> None:
    assert bold.undrawable("Łukasz 张𡈙") == "Ł𡈙"
    assert ink(bold, "Ł𡈙").any()
    for sample in SAMPLES.values():
        assert set(bold.undrawable(sample)) == set(sample)


def test_with_the_packages_of_make_setup_nothing_is_lacking(bold: Font) -> None:
    setup = (Path(__file__).parents[2] / "tools/packages.sh").read_text()
    for package, sample in SAMPLES.items():
        assert package in setup
        assert bold.undrawable(sample) == ""


def test_a_fonts_characters_are_read_once(bold: Font, monkeypatch: pytest.MonkeyPatch) -> None:
    bold.undrawable("𡈙Ł" + PRIVATE)

    def refuse(*args: object, **how: object) -> None:
        raise AssertionError("a font was read again")

    monkeypatch.setattr("fontTools.ttLib.TTFont", refuse)
    assert bold.undrawable("𠔌Šمཀ" + PRIVATE) == PRIVATE


def test_a_large_fonts_code_points_are_read_as_fonttools_reads_them() -> None:
    with TTFont(fonts.FONTS / "noto/NotoSansSymbols2-Regular.ttf", lazy=True) as font:
        assert set(fonts._read_code_points(font.reader["cmap"])) == font.getBestCmap().keys()


@pytest.mark.usefixtures("_no_others")
def test_a_damaged_font_draws_nothing_and_stops_nothing(bold: Font) -> None:
    damaged = fonts.FONTS / "noto/NotoSans-Bold.ttf"
    damaged.parent.mkdir()
    damaged.write_bytes(b"no font")
    assert bold.undrawable("Łukasz") == "Ł"
