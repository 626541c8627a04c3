"""espeak-ng: small, in every Debian, speaks nearly every language, and sounds like a machine."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import UsageError
from kiosk.voice.mandarin import pinyin_of

PROGRAM = "espeak-ng"

EDITION = 1
"""To be raised with each change of how it is used here: what was made before is made anew."""

WORDS_A_MINUTE = 150
"""Its own default is 175, too fast for who hears a sentence once in a noisy hall."""

PATIENCE = 20
"""Seconds for one line."""

HEADER_BYTES = 44
"""Of the WAV file that it writes; the length therein is a placeholder where it writes to a pipe."""


@dataclass(frozen=True)
class Espeak:
    """The program, where it is installed."""

    program: str
    sample_rate: int = 22_050

    @classmethod
    def find(cls) -> "Espeak | None":
        """The program on the path; None where there is none."""
        program = shutil.which(PROGRAM)
        return None if program is None else cls(program)

    @cached_property
    def name(self) -> str:
        """With its version."""
        told = re.search(r"\d+(\.\d+)+", self._run("--version").decode())
        return f"espeak-ng-{told[0] if told else 'unknown'}.{EDITION}"

    @cached_property
    def _voices(self) -> frozenset[str]:
        listed = self._run("--voices").decode().splitlines()[1:]
        return frozenset(line.split()[1] for line in listed)

    def speaks(self, language: str) -> bool:
        """Whether it has a voice for the language."""
        return _voice(language) in self._voices

    def speak(self, line: str, language: str) -> NDArray[np.float32]:
        """Read one line aloud; raises UsageError where it cannot be run."""
        if language.startswith("zh"):
            # Given characters, its voice `cmn` of 1.51 spells their pinyin in English, and its own
            # dictionary misreads what pypinyin reads rightly.
            line = " ".join(pinyin_of(line))
        wav = self._run(
            "-v", _voice(language), "-s", str(WORDS_A_MINUTE), "--stdout", "--stdin", text=line
        )
        samples = np.frombuffer(wav[HEADER_BYTES : len(wav) & ~1], "<i2")
        return (samples / 32_768).astype(np.float32)

    def phonemes(self, text: str) -> str:
        """An American's pronunciation of English text: IPA, a sound of two signs tied by `^`."""
        said = self._run("-q", "--ipa", "--tie=^", "-v", "en-us", "--stdin", text=text)
        return " ".join(said.decode().split())

    def _run(self, *arguments: str, text: str = "") -> bytes:
        try:
            done = subprocess.run(
                [self.program, *arguments],
                input=text.encode(),
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip() or f"status {error.returncode}"
            raise UsageError(
                f"{self.program}: cannot speak ({said}); reinstall espeak-ng"
            ) from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(
                f"{self.program}: cannot be run ({error}); reinstall espeak-ng"
            ) from error
        return done.stdout


def _voice(language: str) -> str:
    if language.startswith("zh"):
        return "cmn-latn-pinyin"
    return "en-us" if language == "en" else language.lower()
