"""Every screen in every size and language: it fits, is read from where one sits, and is tapped."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pygame
import pytest

from kiosk.display.canvas import Canvas, Written
from kiosk.display.monitor import LEAST_TARGET_MM, MAIN_ARC, TEXT_ARC
from kiosk.display.regions import REACH
from kiosk.display.theme import HIGH_CONTRAST, USUAL, contrast
from kiosk.visit import DESTRUCTIVE, View
from kiosk.words import phrase
from tests.display.pages import MONITORS, STATES, lay_out, lay_out_all, unpainted

VIEWS = (View(), View(language=1, high_contrast=True))
"""Each language once: nothing is laid out otherwise for its colours."""

LOOKS = {"language", "contrast", "larger"}
"""Buttons that lead nowhere."""

Pages = Mapping[tuple[tuple[int, int], int, str], Canvas]


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    """Every screen's canvas, by size, language and name; a text without room stops here."""
    with unpainted():
        yield {
            (size, view.language, name): page
            for size in MONITORS
            for view in VIEWS
            for name, page in lay_out_all(size, view).items()
        }


def cover(line: Written) -> pygame.Rect:
    """What a line's letters may cover, without the pixels of rounding."""
    return line.rect.inflate(-2, -2)


def test_letters_are_as_high_as_the_distance_asks(pages: Pages) -> None:
    for (size, _, name), page in pages.items():
        assert page.written
        for line in page.written:
            assert line.arc >= TEXT_ARC
            assert line.letters >= MONITORS[size].from_arc(line.arc), (size, name, line)


def test_every_screen_of_a_visit_has_its_main_words(pages: Pages) -> None:
    for (size, _, name), page in pages.items():
        if not name.startswith("staff"):
            assert [line for line in page.written if line.arc >= MAIN_ARC], (size, name)


def test_what_can_be_tapped_is_large_apart_and_on_the_screen(pages: Pages) -> None:
    for (size, _, name), page in pages.items():
        least = MONITORS[size].from_mm(LEAST_TARGET_MM)
        rects = [target.rect for target in page.targets]
        for rect in rects:
            assert min(rect.size) >= least, (size, name)
            assert pygame.Rect(0, 0, *size).contains(rect), (size, name)
            assert len(rect.collidelistall(rects)) == 1, (size, name)


def test_all_of_a_visit_can_be_tapped_by_who_sits(pages: Pages) -> None:
    for (size, _, name), page in pages.items():
        if not name.startswith("staff"):
            for target in page.targets:
                assert target.rect.top >= REACH * size[1], (size, name, target.button)


def test_no_button_that_leads_out_lies_where_one_leads_on(pages: Pages) -> None:
    for size in MONITORS:
        targets = [
            target
            for (drawn_at, _, name), page in pages.items()
            if drawn_at == size and not name.startswith("staff")
            for target in page.targets
            if target.button not in LOOKS
        ]
        out = [target.rect for target in targets if target.button in DESTRUCTIVE]
        for target in targets:
            if target.button not in DESTRUCTIVE:
                assert target.rect.collidelist(out) < 0, (size, target.button)


def test_no_text_is_clipped_or_over_another(pages: Pages) -> None:
    for (size, _, name), page in pages.items():
        texts = [cover(line) for line in page.written]
        for line, rect in zip(page.written, texts, strict=True):
            assert pygame.Rect(0, 0, *size).contains(rect), (size, name, line)
            over = [page.written[n].text for n in rect.collidelistall(texts)]
            assert len(over) == 1, (size, name, over)
            for target in page.targets:
                if target.rect.colliderect(rect):
                    assert target.rect.contains(rect), (size, name, line, target.button)


def test_every_text_contrasts_with_what_it_stands_on(pages: Pages) -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    for theme, language in ((USUAL, 0), (HIGH_CONTRAST, 1)):
        pairs = {
            (line.ink, line.paper)
            for (_, drawn_in, _), page in pages.items()
            if drawn_in == language
            for line in page.written
        }
        assert len(pairs) > 3
        for ink, paper in pairs:
            assert contrast(ink, paper) >= theme.least_contrast, (ink, paper)


def test_signs_and_edges_of_buttons_are_told_from_their_ground() -> None:
    for look in (USUAL, HIGH_CONTRAST):
        for ground in (look.paper, look.card, look.tint):
            for ink in (look.ink, look.quiet, look.accent, look.good, look.alert, look.edge):
                assert contrast(ink, ground) >= look.least_contrast
        for fill in (look.accent, look.good, look.alert):
            assert contrast(look.on_fill, fill) >= look.least_contrast


@pytest.mark.parametrize("size", [(720, 1280), (1280, 800)])
def test_who_wants_it_larger_gets_larger_letters_where_there_is_room(
    pages: Pages, size: tuple[int, int]
) -> None:
    larger = lay_out_all(size, View(larger=True))
    grown = 0
    for name, page in larger.items():
        usual = pages[size, 0, name]
        main, before = (max(line.letters for line in each.written) for each in (page, usual))
        assert main >= before or name.startswith("staff"), name
        grown += main >= 1.15 * before
    assert grown > len(larger) / 3


def test_where_there_is_no_room_less_is_said_in_letters_no_smaller(pages: Pages) -> None:
    def said(size: tuple[int, int], name: str) -> str:
        return "\n".join(line.text for line in pages[size, 0, name].written)

    live = phrase("scan.live").texts
    assert live["zh-CN"] in said((1280, 800), "scan")
    # The second language goes first, then words.
    assert live["en"] not in said((1280, 800), "scan")
    spare, brief = (phrase(f"scan.{name}").texts["zh-CN"] for name in ("out", "live_brief"))
    crowded = said((1024, 600), "scan-reader_out")
    assert spare not in crowded
    assert brief in crowded


def test_with_low_reach_all_controls_are_lower() -> None:
    with unpainted():
        for name in ("consent", "review-three"):
            usual = lay_out(STATES[name])
            low = lay_out(replace(STATES[name], low_reach=True))
            tops = [min(t.rect.top for t in page.targets) for page in (usual, low)]
            assert tops[1] > tops[0]
