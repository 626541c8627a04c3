"""`kiosk screens`: draw every screen in every state, for review."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import language, size
from kiosk.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kiosk.config import Loaded
    from kiosk.display.state import ScreenState
    from kiosk.words import Languages

HELP = "draw every screen in every state, for review"

PREVIEW_LAMPS = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.7, "room": 1.0}
"""Levels of the lamps, and of the room's light, under which the screens' student stands."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--size", type=size, default=(720, 1280), metavar="WxH", help="the window's size"
    )
    parser.add_argument(
        "--languages",
        nargs=2,
        type=language,
        metavar=("LARGE", "SMALL"),
        help="the two that are shown, as zh-CN en (default: as configured)",
    )


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Draw them."""
    large, small = args.languages or loaded.config.display.languages
    _write_screens(args.out, args.size, (large, small))
    return 0


def _write_screens(out: Path, size: tuple[int, int], languages: "Languages") -> None:
    import pygame
    from PIL import Image

    from kiosk.display.gallery import screen_states
    from kiosk.display.screens import draw_screen

    try:
        out.mkdir(parents=True, exist_ok=True)
        surface = pygame.Surface(size)
        for name, state in screen_states(_render_student(), languages):
            draw_screen(surface, state)
            pixels = pygame.image.tobytes(surface, "RGB")
            Image.frombytes("RGB", size, pixels).save(out / f"{_place(state)}{name}.png")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


def _render_student() -> "NDArray[np.uint8]":
    """Take a picture of the twin's student, for the mirror and the review; H × W × 3, R, G, B."""
    from kiosk.twin.light_stage import RenderedPerson
    from kiosk.twin.people import find_subject
    from kiosk.twin.single_frame import take_frame

    person = RenderedPerson(find_subject("lin"))
    return take_frame(person, "neutral", PREVIEW_LAMPS, noise=False)[::2, ::2]


def _place(state: "ScreenState") -> str:
    """The stage's place in a visit, so that the files lie in the order in which one sees them."""
    from kiosk.visit import Stage

    return "" if state.visit.fault else f"{list(Stage).index(state.visit.stage) + 1:02}-"
