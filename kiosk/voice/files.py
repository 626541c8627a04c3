"""Where spoken phrases lie: staff's recordings, and the files that a synthesizer made.

A recording is `<recordings>/<language>/<phrase>.wav` or `.ogg`. A made file is
`<store>/<synthesizer>/<language>/<phrase>.<digest of its words>.wav`: one of other words is never
taken, so the booth says what it shows or nothing.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.voice.phrases import Utterance

SAMPLE_RATE = 44_100
"""Samples a second of made files, and of the loudspeaker: a phrase is begun between two pictures,
and converting it then would take half of that time."""

RECORDED_AS = (".wav", ".ogg")
"""How staff's recordings end; the first that is there counts."""

NATURAL_FIRST = ("kokoro", "espeak-ng")
"""What synthesizers' names begin with, the most natural first."""

Origin = Literal["recording", "synthesized", "none"]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One phrase in one language, and what is heard of it."""

    utterance: Utterance
    origin: Origin
    file: Path | None = None
    synthesizer: str | None = None
    """Who made the file, as `espeak-ng-1.51.1`."""

    def as_json(self) -> dict[str, str | None]:
        """One object for `kiosk voice --json`."""
        return {
            "phrase": self.utterance.name,
            "language": self.utterance.language,
            "origin": self.origin,
            "file": None if self.file is None else str(self.file),
            "synthesizer": self.synthesizer,
        }


def default_voice_store(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for the files of a booth whose configuration names none.

    That is `voice` in the service's state folder where systemd runs us, and a cache folder of the
    person otherwise.
    """
    if state := environ.get("STATE_DIRECTORY"):
        return Path(state) / "voice"
    cache = environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "kiosk" / "voice"


def place_of(utterance: Utterance, store: Path, synthesizer: str) -> Path:
    """Where a synthesizer's file of a phrase lies, or would lie."""
    file = f"{utterance.name}.{utterance.digest}.wav"
    return store / synthesizer / utterance.language / file


def look_up(
    utterances: Sequence[Utterance], store: Path, recordings: Path | None
) -> tuple[Spoken, ...]:
    """What is heard of each phrase: its recording, else the most natural file of just its words."""
    makers = sorted(
        (path.name for path in store.glob("*") if path.is_dir()),
        key=lambda name: (rank(name), name),
    )
    return tuple(_look_up_one(each, store, makers, recordings) for each in utterances)


def rank(synthesizer: str) -> int:
    """How natural a synthesizer is, by its name: 0 is the most natural."""
    places = [at for at, kind in enumerate(NATURAL_FIRST) if synthesizer.startswith(kind)]
    return places[0] if places else len(NATURAL_FIRST)


def unknown_recordings(utterances: Sequence[Utterance], recordings: Path) -> list[Path]:
    """Recordings that no phrase is called like: misspelled, or of a phrase that is gone."""
    known = {(utterance.language, utterance.name) for utterance in utterances}
    return sorted(
        path
        for path in recordings.glob("*/*")
        if path.suffix in RECORDED_AS and (path.parent.name, path.stem) not in known
    )


def _look_up_one(
    utterance: Utterance, store: Path, makers: list[str], recordings: Path | None
) -> Spoken:
    if recordings is not None:
        for ending in RECORDED_AS:
            path = recordings / utterance.language / f"{utterance.name}{ending}"
            if path.is_file():
                return Spoken(utterance, "recording", path)
    for maker in makers:
        path = place_of(utterance, store, maker)
        if path.is_file():
            return Spoken(utterance, "synthesized", path, maker)
    return Spoken(utterance, "none")
