"""The natural voice, as far as it goes without its model: what it is told to say, and in whose
style."""

import json
from importlib import resources

import numpy as np
import pytest

from kiosk.voice.espeak import Espeak
from kiosk.voice.kokoro import PARTS, SPEAKERS, Kokoro
from kiosk.voice.phrases import utterances


@pytest.fixture(scope="module")
def kokoro() -> Kokoro:
    espeak = Espeak.find()
    assert espeak is not None, "espeak-ng is missing: run make setup"
    return Kokoro(espeak)


@pytest.fixture(scope="module")
def signs() -> set[str]:
    return set(json.loads(resources.files("kiosk.voice").joinpath("kokoro_signs.json").read_text()))


@pytest.mark.parametrize(
    ("line", "language", "said"),
    [
        ("请看镜头", "zh-CN", "ʨʰi↓ŋkʰa↘nʨi↘ŋtʰou↗"),
        ("很好，请保持", "zh-CN", "xə↓nxau↓, ʨʰi↓ŋpau↓ꭧʰɨ↗"),
        ("打开 USB", "zh-CN", "ta↓kʰai→ jˌuˌɛsbˈi "),
        ("Good, hold still", "en", "ɡˈʊd, hˈOld stˈɪl"),
        ("Is this you?", "en", "ɪz ðɪs jˈu? "),
    ],
)
def test_a_line_becomes_the_signs_that_the_model_was_taught(
    kokoro: Kokoro, signs: set[str], line: str, language: str, said: str
) -> None:
    assert kokoro.phonemes(line, language) == said
    assert set(said) <= signs


def test_every_chinese_phrase_is_written_in_these_signs(kokoro: Kokoro, signs: set[str]) -> None:
    lines = {line for each in utterances() if each.language == "zh-CN" for line in each.lines}
    assert set("".join(kokoro.phonemes(line, "zh-CN") for line in lines)) <= signs


def test_each_speaker_has_a_style_for_every_length_of_a_phrase(kokoro: Kokoro) -> None:
    with resources.files("kiosk.voice").joinpath("kokoro_styles.npz").open("rb") as file:
        styles = dict(np.load(file))
    assert set(styles) == set(SPEAKERS.values())
    longest = max(
        (line for each in utterances() if each.language == "zh-CN" for line in each.lines), key=len
    )
    for style in styles.values():
        assert style.shape[1] == 256
        assert len(style) > len(kokoro.phonemes(longest, "zh-CN"))
        assert np.isfinite(style).all()


def test_the_voice_is_found_only_with_all_of_its_model(
    kokoro: Kokoro, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = set(PARTS)
    monkeypatch.setattr("kiosk.voice.kokoro.find_spec", lambda part: part in there)
    assert Kokoro.find(kokoro._espeak) is not None
    there.remove(PARTS[2])
    assert Kokoro.find(kokoro._espeak) is None
