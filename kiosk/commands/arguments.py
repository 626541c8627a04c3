"""Arguments that several commands share, checked against what there is as they are read."""

import argparse
from collections.abc import Iterable


def add_json(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def add_photo_kind(parser: argparse.ArgumentParser) -> None:
    """Add `--background` and `--profile`; what is not given comes from the configuration."""
    parser.add_argument("--background", type=background, metavar="NAME")
    parser.add_argument("--profile", type=profile, metavar="NAME")


def background(text: str) -> str:
    """The name of a background of the specification."""
    from kiosk.pipeline.specification import specification

    return one_of(text, specification().background)


def profile(text: str) -> str:
    """The name of a profile of the specification."""
    from kiosk.pipeline.specification import specification

    return one_of(text, specification().profiles)


def language(text: str) -> str:
    """The tag of a language that has a file of phrases, as `zh-CN`."""
    from kiosk.words import available_languages

    return one_of(text, available_languages())


def size(text: str) -> tuple[int, int]:
    """A width and a height in pixels, as `480x640`."""
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is no size; give it as 480x640")
    return int(width), int(height)


def one_of(text: str, names: Iterable[str]) -> str:
    """One of the names; raises ArgumentTypeError, which tells all of them and the nearest."""
    if text in (there_are := list(names)):
        return text
    from kiosk.config.choice import refusal

    raise argparse.ArgumentTypeError(refusal(text, there_are))
