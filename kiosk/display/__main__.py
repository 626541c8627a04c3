"""Draws a gallery of every screen: `python -m kiosk.display OUTDIR`."""

import argparse
import sys
from pathlib import Path

import numpy as np
import pygame
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.display.gallery import screen_states
from kiosk.display.screens import draw_screen
from kiosk.display.state import ScreenState
from kiosk.errors import KioskError, UsageError
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.people import find_subject
from kiosk.visit import Stage
from kiosk.words import USUAL_LANGUAGES, Languages, available_languages

PREVIEW_LEVELS = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.7, "room": 1.0}
"""Levels of the lamps, and of the room's light, in the gallery's preview."""


def render_preview() -> Picture:
    """Render a student of the twin's as the camera would see her; H × W × 3, R, G, B."""
    figure = RenderedPerson(find_subject("lin")).stage("neutral", large=False)
    light = sum(
        figure.decoding_table(lamp, PREVIEW_LEVELS[lamp])[picture]
        for lamp, picture in figure.pictures.items()
    )
    linear = np.clip(light, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * 255), np.uint8)


def main() -> int:
    """Write the gallery; returns the exit status."""
    parser = argparse.ArgumentParser("python -m kiosk.display", description="Draw every screen.")
    parser.add_argument("out", type=Path, metavar="OUTDIR")
    parser.add_argument("--size", default="720x1280", metavar="WxH", help="the window's size")
    parser.add_argument(
        "--languages",
        nargs=2,
        choices=available_languages(),
        default=USUAL_LANGUAGES,
        metavar=("LARGE", "SMALL"),
        help="the two languages, as zh-CN en",
    )
    arguments = parser.parse_args()
    try:
        width, height = (int(part) for part in arguments.size.split("x"))
    except ValueError:
        parser.error(f"--size {arguments.size}: give width and height in pixels, as 720x1280")
    try:
        _write(arguments.out, (width, height), tuple(arguments.languages))
    except KioskError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _write(out: Path, size: tuple[int, int], languages: Languages) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        surface = pygame.Surface(size)
        for name, state in screen_states(render_preview(), languages):
            draw_screen(surface, state)
            pixels = pygame.image.tobytes(surface, "RGB")
            Image.frombytes("RGB", size, pixels).save(out / f"{_number(state)}{name}.png")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


def _number(state: ScreenState) -> str:
    """The stage's place in a visit, so that the files lie in the order in which one sees them."""
    return "" if state.visit.fault else f"{list(Stage).index(state.visit.stage) + 1:02}-"


if __name__ == "__main__":
    sys.exit(main())
