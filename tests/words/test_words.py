"""The words: whole in every language, each phrase shown somewhere, and each in its place."""

import io
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations, permutations, product
from pathlib import Path
from typing import get_args

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk import words
from kiosk.config import load
from kiosk.display import canvas, screens, strip
from kiosk.display.gallery import screen_states
from kiosk.drawing import verification as sheet
from kiosk.errors import UsageError
from kiosk.pipeline.judge.rules import RULES
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin.played import BUTTONS
from kiosk.visit import BLOCKED, Button, Reason

LANGUAGES = words.available_languages()
PICTURE = np.full((640, 480, 3), 90, np.uint8)
STATES = dict(screen_states(PICTURE))

NOT_ASCII = {"finding.fringe", "finding.face_variety", "sheet.fringe"}
"""English with a sign of physics: ΔE."""


def draw_all(languages: words.Languages) -> None:
    """Draw every screen, and the strip beside it, in two languages."""
    surface = pygame.Surface((270, 480))
    for _, state in screen_states(PICTURE, languages):
        screens.draw_screen(surface, state)
    draw_strip(languages)


def draw_strip(languages: words.Languages) -> None:
    area = pygame.Rect(0, 0, strip.STRIP_WIDTH, 1056)
    strip.Strip("play.title", BUTTONS).draw(pygame.Surface(area.size), area, languages)


def draw_sheets(looker: Looker) -> None:
    """Draw the sheet of a file that is right in some of its findings, and of one in none."""
    file = io.BytesIO()
    Image.fromarray(PICTURE).save(file, "JPEG", dpi=(300, 300))
    found = verify(file.getvalue(), looker, specification(), "light-blue", "booth")
    profile = specification().profile()
    sheet.draw_verification(found, profile.geometry)
    accepted = tuple(finding for finding in found.findings if finding.ok)
    sheet.draw_verification(type(found)(accepted), profile.geometry)
    wrong = verify(b"no JPEG", looker, specification(), "light-blue", "booth")
    sheet.draw_verification(wrong, profile.geometry)


def test_every_language_has_the_same_phrases() -> None:
    assert set(words.USUAL_LANGUAGES) <= set(LANGUAGES)
    for language in LANGUAGES:
        assert words.texts(language).keys() == words.texts("en").keys(), language


def test_every_text_is_there_in_every_language() -> None:
    for language in LANGUAGES:
        for name, text in words.texts(language).items():
            assert isinstance(text, str), (language, name)
            assert text.strip() == text != "", (language, name)
    for name, text in words.texts("en").items():
        assert text.isascii() or name in NOT_ASCII, name


def test_every_button_reason_fault_and_rule_has_its_phrase() -> None:
    named = words.texts("en").keys()
    assert {f"button.{button}" for button in get_args(Button)} <= named
    assert {f"reason.{reason}.title" for reason in get_args(Reason)} <= named
    assert {f"reason.{reason}.remedy" for reason in get_args(Reason)} <= named
    assert {f"fault.{fault}" for fault, stages in BLOCKED.items() if stages} <= named
    told = {rule.told(side).phrase for rule in RULES for side in rule.told_sides}
    assert told <= named
    # A rule that is not told has no phrase of its own.
    assert {name for name in named if name.startswith("rule.")} <= told


def test_each_asked_rule_is_asked_on_the_checklist() -> None:
    on_screen = {name for _, name in screens.CHECKLIST}
    asked = [rule for rule in RULES if rule.force == "asked"]
    assert asked
    for rule in asked:
        assert rule.phrase in on_screen, rule.id


def test_no_phrase_is_left_that_nobody_is_shown(
    looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: set[str] = set()
    written: list[str] = []
    in_both = words.Phrase.in_both

    def look_up(self: words.Phrase, languages: words.Languages) -> tuple[str, str]:
        asked_for.add(self.name)
        return in_both(self, languages)

    def listen(owner: object, name: str, position: int) -> None:
        write = getattr(owner, name)

        def hear(*args: object, **how: object) -> object:
            written.append(str(args[position]))
            return write(*args, **how)

        monkeypatch.setattr(owner, name, hear)

    monkeypatch.setattr(words.Phrase, "in_both", look_up)
    listen(canvas.Canvas, "text", 1)
    listen(canvas.Canvas, "datum", 1)
    listen(strip, "_write", 1)
    listen(sheet, "_write", 2)
    draw_all(words.USUAL_LANGUAGES)
    draw_sheets(looker)
    assert asked_for == words.texts("en").keys()
    everything = "\n".join(written)
    for language in words.USUAL_LANGUAGES:
        for name, text in words.texts(language).items():
            assert text in everything, (language, name)


@pytest.mark.parametrize("pair", list(permutations(LANGUAGES, 2)), ids="+".join)
def test_any_two_languages_fit_their_places_on_every_screen(
    pair: words.Languages, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[canvas.Box] = []
    buttons: list[canvas.Box] = []
    write, target = canvas.Canvas._line, canvas.Canvas.target

    def note_line(self: canvas.Canvas, line: str, box: canvas.Box, *how: object) -> None:
        lines.append(box)
        write(self, line, box, *how)  # type: ignore[arg-type]

    def note_button(self: canvas.Canvas, button: Button, box: canvas.Box) -> None:
        buttons.append(box)
        target(self, button, box)

    monkeypatch.setattr(canvas.Canvas, "_line", note_line)
    monkeypatch.setattr(canvas.Canvas, "target", note_button)
    surface = pygame.Surface((270, 480))
    for name, state in screen_states(PICTURE, pair):
        lines.clear()
        buttons.clear()
        screens.draw_screen(surface, state)
        assert all(box.bottom <= canvas.HEIGHT for box in lines), name
        for one, other in combinations(lines, 2):
            assert not overlap(one, other), name
        for line, button in product(lines, buttons):
            assert not overlap(line, button) or within(line, button), name
    draw_strip(pair)


def overlap(one: canvas.Box, other: canvas.Box) -> bool:
    """Whether two boxes share more than an edge's rounding."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.bottom, other.bottom) - max(one.y, other.y)
    return across > 1 and down > 1


def within(one: canvas.Box, other: canvas.Box) -> bool:
    right, most = one.x + one.width, other.x + other.width
    return other.x <= one.x < right <= most and other.y <= one.y < one.bottom <= other.bottom


def test_the_usual_languages_are_written_as_large_as_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(canvas, "SMALLEST", 1.0)
    draw_all(words.USUAL_LANGUAGES)


# ---- adding a language ----


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of words with the shipped languages, to which files may be added."""

    def forget() -> None:
        words.available_languages.cache_clear()
        words.texts.cache_clear()
        words.phrase.cache_clear()

    for language in LANGUAGES:
        path = tmp_path / f"{language}.toml"
        path.write_bytes((words.FOLDER / path.name).read_bytes())
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    forget()
    yield tmp_path
    forget()


def configure(folder: Path, languages: str) -> words.Languages:
    path = folder / "kiosk.conf"
    path.write_text(f"[display]\nlanguages = {languages}\n")
    return load(path).config.display.languages


def test_a_language_is_added_by_its_file_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = (words.FOLDER / "en.toml").read_text("utf-8")
    (folder / "ja.toml").write_text(english.replace("Is this you?", "ご本人ですか？"), "utf-8")
    written: list[str] = []
    write = canvas.Canvas.text

    def listen(self: canvas.Canvas, text: str, *args: float, **how: object) -> float:
        written.append(text)
        return write(self, text, *args, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(canvas.Canvas, "text", listen)
    languages = configure(folder, '["ja", "zh-CN"]')
    assert languages == ("ja", "zh-CN")
    draw_all(languages)
    assert written.index("ご本人ですか？") < written.index("这是您本人吗？")


def test_a_language_without_a_file_is_refused_with_those_there_are(folder: Path) -> None:
    with pytest.raises(UsageError, match=r'display\.languages\[1\]: "fr" .*"zh-CN"'):
        configure(folder, '["zh-CN", "fr"]')


@pytest.mark.parametrize("languages", ['["en"]', '["en", "zh-CN", "en"]', '"en"', '["en", "en"]'])
def test_a_screen_shows_two_languages(folder: Path, languages: str) -> None:
    with pytest.raises(UsageError, match=r"kiosk\.conf:2: display\.languages"):
        configure(folder, languages)


def test_a_phrase_that_is_not_there_is_named() -> None:
    with pytest.raises(KeyError, match=r"no\.such"):
        words.phrase("no.such")


@pytest.mark.parametrize("module", ["kiosk.words", "kiosk.pipeline.judge.rules"])
def test_words_and_rules_are_light_to_import(module: str) -> None:
    heavy = ("mediapipe", "cv2", "numpy", "matplotlib", "pygame", "onnxruntime", "PIL", "pydantic")
    program = f"import sys, {module}; print(*sorted(sys.modules.keys() & {set(heavy)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
