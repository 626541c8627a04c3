"""Text: the right face, and lines broken as Chinese is."""

from pathlib import Path

import numpy as np
import pytest

from kiosk.display.line_breaks import NEVER_FIRST
from kiosk.display.text import FONT_FOLDER, Font, FontError
from kiosk.errors import KioskError


@pytest.fixture(scope="module")
def bold() -> Font:
    return Font("bold")


def test_the_face_is_the_one_with_mainland_chinas_characters(bold: Font) -> None:
    assert bold.name == "Noto Sans CJK SC"
    assert Font("regular").name == "Noto Sans CJK SC"


def test_a_missing_font_names_the_package(tmp_path: Path) -> None:
    with pytest.raises(FontError, match="fonts-noto-cjk") as caught:
        Font("regular", tmp_path)
    assert isinstance(caught.value, KioskError)
    assert "NotoSansCJK-Regular.ttc" in str(caught.value)


def test_a_damaged_font_names_the_package(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Bold.ttc").write_bytes(b"no font")
    with pytest.raises(FontError, match="fonts-noto-cjk"):
        Font("bold", tmp_path)


def test_a_font_without_the_face_names_the_package(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Bold.ttc").symlink_to(FONT_FOLDER / "NotoSerifCJK-Bold.ttc")
    with pytest.raises(FontError, match="holds no Noto Sans CJK SC"):
        Font("bold", tmp_path)


def test_no_line_begins_with_a_closing_mark(bold: Font) -> None:
    text = "请摘下帽子，（包括耳环、项链）；然后看镜头。好吗？“好”！3–5 天"
    for width in range(60, 700, 10):
        lines = bold.wrap(text, 40, width)
        assert not {line[0] for line in lines} & NEVER_FIRST
        assert not any(line.endswith(("（", "“")) for line in lines)


def test_wrapping_loses_nothing(bold: Font) -> None:
    text = "打开学信网 CHSI account，扫描采集码。"
    for width in (120, 200, 300, 2000):
        lines = bold.wrap(text, 40, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_lines_are_as_wide_as_allowed_and_no_wider(bold: Font) -> None:
    text = "请在学信网重新打开采集码，调亮屏幕再扫"
    for width in (150, 300, 420):
        assert all(bold.width(line, 40) <= width for line in bold.wrap(text, 40, width))


def test_english_breaks_between_words(bold: Font) -> None:
    words = "Hold the code on your phone before the reader"
    lines = bold.wrap(words, 40, 300)
    assert len(lines) > 1
    assert " ".join(lines) == words


def test_two_lines_are_about_as_long_as_each_other(bold: Font) -> None:
    first, second = bold.wrap("请到学校学籍部门核实信息再来", 40, 480)
    assert abs(len(first) - len(second)) <= 1


def test_a_line_break_in_a_text_is_kept(bold: Font) -> None:
    assert bold.wrap("摘下帽子\n耳环和项链", 40, 900) == ("摘下帽子", "耳环和项链")


def test_a_character_stands_in_the_middle_of_its_line(bold: Font) -> None:
    inked = np.flatnonzero(np.asarray(bold.mask("国", 80, 120)).any(axis=1))
    assert (inked[0] + inked[-1]) / 2 == pytest.approx(59.5, abs=4)


def test_no_line_ends_within_a_word_where_there_is_another_way(bold: Font) -> None:
    assert bold.wrap("请扫描图像采集码", 40, 200) == ("请扫描图像", "采集码")
    assert all(bold.wrap("采集码", 40, 90))  # there is none
