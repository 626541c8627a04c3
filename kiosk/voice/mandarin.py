"""Mandarin as it is read: characters and numbers to pinyin with tones."""

import re
from collections.abc import Iterator, Mapping

READINGS: Mapping[str, str] = {
    "照片": "zhao4 pian4",
    "调亮": "tiao2 liang4",
    "耳朵": "er3 duo5",
    "头发": "tou2 fa5",
}
"""Words that the dictionary reads otherwise than people do."""

DIGITS = "零一二三四五六七八九"

PAUSES: Mapping[str, str] = {
    "，": ",", "、": ",", "：": ",", "；": ",", "…": ",", "。": ".", "？": "?", "！": "!",
    ",": ",", ".": ".", "?": "?", "!": "!",
}  # fmt: skip
"""What each mark becomes; others are not heard."""

_PARTS = re.compile(r"([\u4e00-\u9fff]+)|([A-Za-z']+)|(.)")


def pinyin_of(text: str) -> tuple[str, ...]:
    """The syllables of a text as `qing3` (the neutral tone is 5), and its pauses: , . ? and !.

    A word in Latin letters stands as it is. Third tones are not changed beside each other: voices
    do that by themselves.
    """
    read: list[str] = []
    for characters, word, mark in _PARTS.findall(_with_numbers_in_words(text)):
        if characters:
            read += _change_tones(characters, list(_look_up(characters)))
        elif word or mark in PAUSES:
            read.append(word or PAUSES[mark])
    return tuple(read)


def number_in_words(number: int) -> str:
    """A number from 0 to 99 in characters; raises ValueError for others."""
    if not 0 <= number <= 99:
        raise ValueError(f"{number}: only numbers from 0 to 99 are spoken")
    tens, ones = divmod(number, 10)
    if not tens:
        return DIGITS[ones]
    return (DIGITS[tens] if tens > 1 else "") + "十" + (DIGITS[ones] if ones else "")


def _with_numbers_in_words(text: str) -> str:
    """Numbers up to 99 in characters, and longer ones digit by digit."""
    # Before a measure word two is liǎng.
    text = re.sub(r"(?<!\d)2(?=\s?(?:分|秒|个|次|张|位|天|小时))", "两", text)
    return re.sub(
        r"\s?(\d+)\s?",
        lambda found: (
            number_in_words(int(found[1]))
            if len(found[1]) < 3
            else "".join(DIGITS[int(digit)] for digit in found[1])
        ),
        text,
    )


def _look_up(characters: str) -> Iterator[str]:
    """Each character's syllable."""
    from pypinyin import Style, lazy_pinyin  # half a second: only who makes files waits for it

    for part in re.split(f"({'|'.join(READINGS)})", characters):
        if part in READINGS:
            yield from READINGS[part].split()
        else:
            yield from lazy_pinyin(part, style=Style.TONE3, neutral_tone_with_five=True)


def _change_tones(characters: str, syllables: list[str]) -> list[str]:
    """Change the tones of 一 and 不 by what follows; in 第一 and 十一, 一 keeps its own."""
    for at, (before, here) in enumerate(zip(" " + characters, characters, strict=False)):
        if at + 1 == len(syllables):
            break
        falling = syllables[at + 1][-1] == "4"
        if here == "不":
            syllables[at] = "bu2" if falling else "bu4"
        elif here == "一":
            syllables[at] = "yi1" if before in "第十" else "yi2" if falling else "yi4"
    return syllables
