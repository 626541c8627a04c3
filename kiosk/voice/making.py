"""Spoken phrases are made at set-up: what has changed is made anew, the rest costs nothing."""

import io
import math
import wave
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from durable import make_private_folder
from kiosk.errors import UsageError
from kiosk.files import write_whole
from kiosk.voice.files import SAMPLE_RATE, Spoken, look_up, place_of, rank
from kiosk.voice.kokoro import Kokoro
from kiosk.voice.phrases import Utterance
from kiosk.voice.shipped import FOLDER, decode, ready_to_decode, shipped_file
from kiosk.voice.synthesizer import Samples, Synthesizer, best_for

PAUSE = 0.35
"""Seconds of silence where a phrase has a line break."""

SILENT = 0.01
"""Samples below this part of the loudest one, at begin and end, are cut away: an instruction is
heard as soon as it is shown."""

MARGIN = 0.03
"""Seconds that are left of them."""

LOUDNESS = 0.12
"""Root mean square of the spoken parts, of full scale: all phrases are equally loud, about as loud
as the chimes."""

PEAK = 0.95
"""The loudest sample, at most."""


Make = Callable[[], bytes]
"""Makes a WAV file; raises UsageError."""


def make_files(
    utterances: Sequence[Utterance],
    store: Path,
    synthesizers: Sequence[Synthesizer],
    progress: Callable[[str, int, int], None],
    shipped: Path | None = FOLDER,
) -> int:
    """Make a file of every phrase of whose words there is none by the best voice, or a better one.

    That is the file in the folder `shipped`, else the first synthesizer that reads the language.
    Files that are not needed any more are removed. `progress` is told who speaks, how many phrases
    are done, and of how many. Returns how many were made; raises UsageError where the store cannot
    be written.
    """
    kept: set[Path] = set()
    missing: list[tuple[Path, str, Make]] = []
    for spoken in look_up(utterances, store, None):
        source = _find_source(spoken.utterance, synthesizers, shipped)
        if spoken.file is not None and (source is None or _is_better(spoken, source[0])):
            kept.add(spoken.file)
        elif source is not None:
            path = place_of(spoken.utterance, store, source[0])
            kept.add(path)
            if not path.is_file():
                missing.append((path, *source))
    with ready_to_decode() if missing else nullcontext():
        for done, (path, voice, make) in enumerate(missing):
            progress(voice, done, len(missing))
            try:
                make_private_folder(path.parent)
            except OSError as error:
                raise UsageError(
                    f"{path.parent}: cannot be made ({error.strerror});"
                    " name another folder as voice.store in the configuration"
                ) from error
            write_whole(path, make())
    _remove_others(kept, store)
    return len(missing)


def _find_source(
    utterance: Utterance, synthesizers: Sequence[Synthesizer], shipped: Path | None
) -> tuple[str, Make] | None:
    """The voice of a phrase, by its name, and what makes the file; None where there is none."""
    if shipped is not None and (ahead := shipped_file(utterance, shipped)).is_file():
        return Kokoro.name, lambda: _wav(np.frombuffer(decode(ahead), "<i2"))
    synthesizer = best_for(utterance.language, synthesizers)
    return (
        None if synthesizer is None else (synthesizer.name, lambda: speak(utterance, synthesizer))
    )


def speak(utterance: Utterance, synthesizer: Synthesizer) -> bytes:
    """A phrase as a WAV file: one channel, 16 bits, trimmed, all phrases equally loud."""
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    parts: list[Samples] = []
    for line in utterance.lines:
        said = _resample(synthesizer.speak(line, utterance.language), synthesizer.sample_rate)
        parts += [_trim(said), pause]
    samples = _level(np.concatenate(parts[:-1])) if parts else pause
    return _wav(np.rint(samples * 32_767).astype("<i2"))


def _wav(samples: NDArray[np.int16]) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(SAMPLE_RATE)
        wav.writeframes(samples.tobytes())
    return file.getvalue()


def _is_better(spoken: Spoken, voice: str) -> bool:
    """Whether a more natural voice made what there is: its model may be gone, its files stay."""
    return spoken.synthesizer is not None and rank(spoken.synthesizer) < rank(voice)


def _resample(samples: Samples, rate: int) -> Samples:
    """The same sound at SAMPLE_RATE: its spectrum, with nothing above what there was."""
    unit = math.gcd(rate, SAMPLE_RATE)
    # Silence is put behind, up to lengths of small factors: their transforms are quick.
    steps = 1 << math.ceil(math.log2(max(len(samples) * unit / rate, 1)))
    spectrum = np.fft.rfft(samples, steps * (rate // unit))
    scaled: NDArray[np.float64] = np.fft.irfft(spectrum, steps * (SAMPLE_RATE // unit))
    length = round(len(samples) * SAMPLE_RATE / rate)
    return (scaled[:length] * (SAMPLE_RATE / rate)).astype(np.float32)


def _trim(samples: Samples) -> Samples:
    heard = np.flatnonzero(np.abs(samples) > SILENT * np.abs(samples).max(initial=0))
    if not heard.size:
        return samples
    margin = round(MARGIN * SAMPLE_RATE)
    return samples[max(heard[0] - margin, 0) : heard[-1] + margin]


def _level(samples: Samples) -> NDArray[np.float32]:
    loud = np.abs(samples) > SILENT
    if not loud.any():
        return samples
    gain = LOUDNESS / float(np.sqrt(np.mean(samples[loud] ** 2)))
    return samples * min(gain, PEAK / float(np.abs(samples).max()))


def _remove_others(kept: set[Path], store: Path) -> None:
    for path in store.glob("*/*/*.wav"):
        if path not in kept:
            path.unlink(missing_ok=True)
    for folder in (*store.glob("*/*"), *store.glob("*")):
        with suppress(OSError):  # not empty, or no folder
            folder.rmdir()
