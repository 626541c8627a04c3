"""`kiosk screens`: draw every screen in every state, and a page of them all, for review."""

import argparse
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import language, size
from kiosk.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from kiosk.config import Loaded
    from kiosk.display.monitor import Monitor
    from kiosk.display.state import ScreenState
    from kiosk.visit import View

HELP = "draw every screen in every state, for review"

LEAST_INCHES, MOST_INCHES = 5.0, 65.0

PREVIEW_LAMPS = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.7, "room": 1.0}
"""Levels of the lamps, and of the room's light, under which the screens' student stands."""

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 24px; background: #e9edf1; color: #142028 }}
main {{ display: grid; gap: 20px; grid-template-columns: repeat(auto-fill, minmax({wide}px, 1fr)) }}
figure {{ margin: 0 }} img {{ width: 100%; display: block; box-shadow: 0 1px 6px #0005 }}
figcaption {{ padding: 6px 0; overflow-wrap: anywhere }}
</style></head><body><h1>{title}</h1><main>
{figures}
</main></body></html>
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument(
        "--size", type=size, metavar="WxH", help="the screen's pixels (default: as configured)"
    )
    parser.add_argument(
        "--diagonal",
        type=_diagonal,
        metavar="INCHES",
        help="the screen's (default: as screens of this size usually are, else as configured)",
    )
    parser.add_argument(
        "--language", type=language, metavar="TAG", help="the one chosen, which is written large"
    )
    parser.add_argument("--contrast", action="store_true", help="in high contrast")
    parser.add_argument("--larger", action="store_true", help="in larger letters")


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Draw them."""
    from kiosk.display.gallery import SERVED
    from kiosk.display.monitor import Monitor, usual_distance
    from kiosk.visit import View

    display = loaded.config.display
    pixels = args.size or display.size
    usual = SERVED.get(pixels, display.diagonal) if args.size else display.diagonal
    inches = args.diagonal or usual
    distance = display.distance if inches == display.diagonal else None
    monitor = Monitor(pixels, inches, distance or usual_distance(inches))
    first, second = display.languages
    chosen = args.language or first
    view = View(high_contrast=args.contrast, larger=args.larger)
    _write_screens(args.out, monitor, (chosen, second if chosen == first else first), view)
    return 0


def _diagonal(text: str) -> float:
    try:
        inches = float(text)
    except ValueError:
        inches = 0.0
    if not LEAST_INCHES <= inches <= MOST_INCHES:
        raise argparse.ArgumentTypeError(
            f"{text} is no diagonal; give inches from {LEAST_INCHES:g} to {MOST_INCHES:g}"
        )
    return inches


def _write_screens(out: Path, monitor: "Monitor", languages: tuple[str, str], view: "View") -> None:
    from dataclasses import replace

    import pygame
    from PIL import Image

    from kiosk.display.gallery import screen_states
    from kiosk.display.screens import draw_screen

    try:
        out.mkdir(parents=True, exist_ok=True)
        surface = pygame.Surface(monitor.pixels)
        names = []
        for name, state in screen_states(_render_student(), languages, monitor):
            draw_screen(surface, replace(state, visit=replace(state.visit, view=view)))
            pixels = pygame.image.tobytes(surface, "RGB")
            names.append(f"{_place(state)}{name}.png")
            Image.frombytes("RGB", monitor.pixels, pixels).save(out / names[-1], compress_level=3)
        (out / "index.html").write_text(_make_page(sorted(names), monitor), "utf-8")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


def _make_page(names: list[str], monitor: "Monitor") -> str:
    """A page that shows all pictures of its folder, and asks for nothing else."""
    figures = "\n".join(
        f'<figure><img loading="lazy" src="{escape(name)}" alt="">'
        f"<figcaption>{escape(name.removesuffix('.png'))}</figcaption></figure>"
        for name in names
    )
    return PAGE.format(title=monitor, wide=420 if monitor.is_landscape else 260, figures=figures)


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

    if state.staff is not None or state.visit.fault:
        return ""
    return f"{list(Stage).index(state.visit.stage) + 1:02}-"
