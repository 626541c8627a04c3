"""The words: whole in every language, each phrase shown somewhere, and each in its place."""

import io
import subprocess
import sys
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import get_args

import numpy as np
import pygame
import pytest
from PIL import Image

from kiosk import words
from kiosk.config import load
from kiosk.display import strip
from kiosk.display.canvas import Canvas
from kiosk.display.gallery import screen_states
from kiosk.display.screens.asking import CHECKLIST
from kiosk.drawing import verification as sheet
from kiosk.errors import UsageError
from kiosk.pipeline.judge.rules import RULES
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import verify
from kiosk.twin.played import BUTTONS
from kiosk.visit import BLOCKED, Button, Reason
from tests.display.pages import lay_out, unpainted

LANGUAGES = words.available_languages()
PICTURE = np.full((640, 480, 3), 90, np.uint8)

UNWRITTEN = {f"button.{name}" for name in ("contrast", "larger", "shot_1", "shot_2", "shot_3")}
"""What buttons are called that show a sign or a picture."""

NOT_ASCII = {"finding.fringe", "finding.face_variety", "sheet.fringe", "button.language"}
"""English with a sign of physics (ΔE), or the name of another language."""


def lay_out_screens(languages: words.Languages = words.USUAL_LANGUAGES) -> dict[str, Canvas]:
    """Every screen in two languages, by its name; raises TextOverflow."""
    with unpainted():
        return {name: lay_out(state) for name, state in screen_states(PICTURE, languages)}


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
    told = {told.phrase for rule in RULES for told in rule.all_told}
    told |= {rule.together.told.phrase for rule in RULES if rule.together is not None}
    assert told <= named
    # A rule that is not told has no phrase of its own.
    assert {name for name in named if name.startswith("rule.")} <= told


def test_each_asked_rule_is_asked_on_the_checklist() -> None:
    on_screen = {name for _, name in CHECKLIST}
    asked = [rule for rule in RULES if rule.force == "asked"]
    assert asked
    for rule in asked:
        assert rule.phrase in on_screen, rule.id


def test_no_phrase_is_left_that_nobody_is_shown(
    looker: Looker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: set[str] = set(UNWRITTEN)
    in_both = words.Phrase.in_both

    def look_up(self: words.Phrase, languages: words.Languages) -> tuple[str, str]:
        asked_for.add(self.name)
        return in_both(self, languages)

    for page in lay_out_screens().values():
        asked_for.update(page.phrases, page.spoken)
    monkeypatch.setattr(words.Phrase, "in_both", look_up)
    draw_strip(words.USUAL_LANGUAGES)
    draw_sheets(looker)
    named = words.texts("en").keys()
    brief = {name for name in named if name.endswith("_brief")}
    assert asked_for == named - brief
    assert {name.removesuffix("_brief") for name in brief} <= named


@pytest.mark.parametrize("pair", list(permutations(LANGUAGES, 2)), ids="+".join)
def test_any_two_languages_fit_the_strip(pair: words.Languages) -> None:
    draw_strip(pair)


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


def test_a_language_is_added_by_its_file_alone(folder: Path) -> None:
    english = (words.FOLDER / "en.toml").read_text("utf-8")
    (folder / "ja.toml").write_text(english.replace("Is this you?", "ご本人ですか？"), "utf-8")
    languages = configure(folder, '["ja", "zh-CN"]')
    assert languages == ("ja", "zh-CN")
    written = [line.text for line in lay_out_screens(languages)["confirm"].written]
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
