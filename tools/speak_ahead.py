"""Speak every phrase with the natural voice, and keep what it says beside the code (`make voice`).

Only phrases whose words have changed are spoken: each takes a second or two. Needs the model
(requirements-voice.lock) and sox, which writes OGG files.
"""

import shutil
import subprocess
import sys

from kiosk.errors import KioskError, UsageError
from kiosk.files import write_whole
from kiosk.isolation import leave_network
from kiosk.voice.espeak import Espeak
from kiosk.voice.kokoro import PARTS, Kokoro
from kiosk.voice.making import speak
from kiosk.voice.phrases import utterances
from kiosk.voice.shipped import FOLDER, shipped_file

QUALITY = 0
"""Of Vorbis, -1 to 10: about 30 kbit/s at this rate, at which a single voice loses nothing."""


def main() -> int:
    """Speak what is missing, and remove what no phrase says any more."""
    leave_network()  # what loads a model has no business there
    try:
        _speak_ahead()
    except KioskError as error:
        print(f"make voice: {error}", file=sys.stderr)
        return 1
    return 0


def _speak_ahead() -> None:
    espeak = Espeak.find()
    voice = None if espeak is None else Kokoro.find(espeak)
    if voice is None:
        raise UsageError(f"{', '.join(PARTS)} or espeak-ng: not installed; run make voice")
    said = [each for each in utterances() if voice.speaks(each.language)]
    missing = [each for each in said if not shipped_file(each).is_file()]
    for done, utterance in enumerate(missing, 1):
        path = shipped_file(utterance)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _compress(speak(utterance, voice), voice.sample_rate))
        print(f"{done} of {len(missing)}: {path.name}")
    kept = {shipped_file(each) for each in said}
    for path in FOLDER.glob("*/*.ogg"):
        if path not in kept:
            path.unlink()


def _compress(wav: bytes, rate: int) -> bytes:
    """A WAV file as an OGG file at the voice's own rate."""
    if shutil.which("sox") is None:
        raise UsageError("sox is not installed: apt-get install sox")
    command = ["sox", "-t", "wav", "-", "-r", str(rate), "-C", str(QUALITY), "-t", "ogg", "-"]
    done = subprocess.run(command, input=wav, capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"sox: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
