"""Pinyin in the signs that Kokoro was taught Mandarin with.

After pinyin-to-ipa (S. Taubert, MIT) as misaki 0.9 (hexgrad, Apache-2.0) uses it for Kokoro 1.0.
"""

from collections.abc import Mapping

TONES: Mapping[str, str] = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}

INITIALS: Mapping[str, str] = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ", "zh": "ꭧ", "ch": "ꭧʰ",
    "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s",
}  # fmt: skip

FINALS: Mapping[str, str] = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0",
    "en": "ə0n", "eng": "ə0ŋ", "er": "ɚ0", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ",
    "iao": "jau0", "ie": "je0", "in": "i0n", "ing": "i0ŋ", "iong": "jʊ0ŋ", "iou": "jou0",
    "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ua": "wa0", "uai": "wai0", "uan": "wa0n",
    "uang": "wa0ŋ", "uei": "wei0", "uen": "wə0n", "ueng": "wə0ŋ", "uo": "wo0", "ü": "y0",
    "üan": "ɥɛ0n", "üe": "ɥe0", "ün": "y0n",
}  # fmt: skip
"""Each final, with 0 where its tone stands."""

BUZZED = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
"""Initials after which `i` is no [i]."""


def phonemes_of(syllable: str) -> str:
    """The signs of one syllable, as `qing3`; "" where it is none."""
    from pypinyin.contrib.tone_convert import to_finals, to_initials, to_normal

    spelled, tone = syllable[:-1], syllable[-1]
    if tone not in TONES:
        return ""
    if spelled == "o":
        return "ɔ" + TONES[tone]
    plain = to_normal(spelled)
    initial = to_initials(plain, strict=True)
    final = to_finals(plain, strict=True, v_to_u=True)
    signs = "ɨ0" if final == "i" and initial in BUZZED else FINALS.get(final, "")
    return INITIALS.get(initial, "") + signs.replace("0", TONES[tone])
