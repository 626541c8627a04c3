"""What can be spoken, and how it is read: numbers, pauses, pinyin."""

import pytest

from kiosk import words
from kiosk.voice.kokoro_mandarin import phonemes_of
from kiosk.voice.mandarin import number_in_words, pinyin_of
from kiosk.voice.phrases import UNSPOKEN, Utterance, spoken_lines, utterances


def test_every_instruction_and_title_can_be_spoken_in_every_language() -> None:
    spoken = {(each.name, each.language) for each in utterances()}
    for language in words.available_languages():
        for name in words.texts(language):
            if name.startswith(("rule.", "idle.", "guide.", "count.", "fault.")):
                assert (name, language) in spoken


def test_labels_and_texts_with_a_gap_for_a_value_are_never_spoken() -> None:
    for each in utterances():
        assert each.name.split(".")[0] not in UNSPOKEN
        assert "{" not in "".join(each.lines)


def test_a_line_break_is_a_pause_and_a_dash_between_numbers_is_a_word() -> None:
    assert spoken_lines("调亮屏幕\n需要 3–5 天", "zh-CN") == ("调亮屏幕", "需要 3到5 天")
    assert spoken_lines("3 to 5\n\n3-5 days", "en") == ("3 to 5", "3 to 5 days")
    assert spoken_lines("2026-11-26", "en") == ("2026-11-26",)


def test_other_words_have_another_digest_and_so_has_another_language() -> None:
    gaze = Utterance("rule.gaze", "en", ("Look",))
    assert gaze.digest == Utterance("another.name", "en", ("Look",)).digest
    assert gaze.digest != Utterance("rule.gaze", "en", ("Look here",)).digest
    assert gaze.digest != Utterance("rule.gaze", "de", ("Look",)).digest


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("请调亮屏幕", "qing3 tiao2 liang4 ping2 mu4"),
        ("重拍次数不限", "chong2 pai1 ci4 shu4 bu2 xian4"),
        ("请再扫一次", "qing3 zai4 sao3 yi2 ci4"),
        ("向左转一点", "xiang4 zuo3 zhuan3 yi4 dian3"),
        ("第一次", "di4 yi1 ci4"),
        ("不同意？好。", "bu4 tong2 yi4 ? hao3 ."),
        ("使用这张照片", "shi3 yong4 zhe4 zhang1 zhao4 pian4"),
        ("3", "san1"),
        ("需要 3到5 天", "xu1 yao4 san1 dao4 wu3 tian1"),
        ("约 2 分钟", "yue1 liang3 fen1 zhong1"),
        ("打开 USB", "da3 kai1 USB"),
    ],
)
def test_mandarin_is_read_as_people_read_it(text: str, read: str) -> None:
    assert " ".join(pinyin_of(text)) == read


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "零"), (7, "七"), (10, "十"), (15, "十五"), (20, "二十"), (99, "九十九")],
)
def test_numbers_are_said_in_words(number: int, said: str) -> None:
    assert number_in_words(number) == said


def test_every_syllable_of_the_phrases_has_its_signs() -> None:
    lines = [line for each in utterances() if each.language == "zh-CN" for line in each.lines]
    syllables = {part for line in lines for part in pinyin_of(line) if part[-1].isdigit()}
    assert len(syllables) > 100
    assert all(phonemes_of(syllable) for syllable in syllables)
    assert phonemes_of("zhi4") == "ꭧɨ↘"
    assert phonemes_of("xuan3") == "ɕɥɛ↓n"
