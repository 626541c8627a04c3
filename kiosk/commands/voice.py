"""`kiosk voice`: list what the booth can say, or make the files of it."""

import argparse
import time
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark, print_table

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.voice.files import Spoken

TELL_EVERY = 10.0
"""Seconds between two words about how far the files are."""

HELP = "list what the booth can say, or make the files of it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--make", action="store_true", help="speak what has no file of its words, to files"
    )
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Tell where each phrase is heard from; with --make, make what is missing instead."""
    from kiosk.voice.files import look_up, unknown_recordings
    from kiosk.voice.phrases import utterances

    settings = loaded.config.voice
    phrases = utterances()
    if settings.recordings is not None:
        for path in unknown_recordings(phrases, settings.recordings):
            print_remark(f"{path}: no phrase is called so, and it is not heard")
    if args.make:
        from kiosk.isolation import leave_network
        from kiosk.voice.making import make_files
        from kiosk.voice.synthesizer import installed_synthesizers

        if args.own_process:
            leave_network()  # whatever speaks needs none
        made = make_files(phrases, settings.store, installed_synthesizers(), _Progress())
        if made:
            print_remark(f"voice: {made} phrases were spoken to {settings.store}")
        return 0
    found = look_up(phrases, settings.store, settings.recordings)
    if args.json:
        for spoken in found:
            print_json(spoken.as_json())
    else:
        print_table(
            ("phrase", "language", "is heard from", "file"),
            (
                (
                    spoken.utterance.name,
                    spoken.utterance.language,
                    _heard_from(spoken),
                    "" if spoken.file is None else str(spoken.file),
                )
                for spoken in found
            ),
        )
    return 0


class _Progress:
    """Tells on standard error how far a long making is, now and then."""

    def __init__(self) -> None:
        self._told = time.monotonic()

    def __call__(self, synthesizer: str, done: int, of: int) -> None:
        """Tell it, if nothing was told for a while."""
        if time.monotonic() - self._told > TELL_EVERY:
            print_remark(f"voice: {synthesizer} has spoken {done} of {of} phrases")
            self._told = time.monotonic()


def _heard_from(spoken: "Spoken") -> str:
    if spoken.origin == "synthesized":
        return f"{spoken.synthesizer}"
    return {"recording": "a recording", "none": "nothing: run kiosk voice --make"}[spoken.origin]
