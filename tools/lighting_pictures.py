"""Draw what docs/lighting.md shows: docs/lighting_relief.svg, docs/lighting_law.svg, and the
animation docs/lighting.webp."""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from kiosk.booth.watch import Watch
from kiosk.camera.frame import Picture
from kiosk.config import load
from kiosk.drawing.line_chart import Chart, Phase, draw_charts
from kiosk.evaluation.lamps import open_looker
from kiosk.evaluation.lamps_booths import LitBooth, draw_booth
from kiosk.evaluation.lamps_law import Following, Summing, random_start
from kiosk.evaluation.light_truth import TrueLight
from kiosk.evaluation.lit_face import find_true_light
from kiosk.evaluation.lit_person import LitPerson
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification

DOCS = Path(__file__).parent.parent / "docs"

PERSON, SEED, LAW_SEED = "chen", 203, 100
"""Who stands in which booth: one from whose eyes lamps take the glare wholly. Of others some is
left, within the rule; here the fill lamp's small spots, above the eyes."""

FRAMES, LAW_FRAMES = 75, 45

FACE = (120, 130, 360, 400)
"""Left, top, right and bottom of what the animation shows of a preview."""

BARS = 150
"""Width of the levels beside it, px."""

SHOWN = ("key_left", "key_right", "fill", "backdrop")

SAID = {
    "following": "follows the face",
    "asking": "asks: which light is mirrored?",
    "relieving": "takes it off",
    "calling": "calls on the face",
    "rest": "rests",
    "holding": "holds still",
    "plate": "",
}
"""What is written under the picture for each phase."""


@dataclass(frozen=True)
class Moment:
    """How one frame was, and what the lamps did."""

    picture: Picture
    levels: dict[str, float]
    phase: str
    found: str
    """What was told to be mirrored so far."""
    glare: float
    ratio: float
    card: float


def watch(booth: LitBooth, truth: TrueLight, looker: Looker) -> list[Moment]:
    """Let the booth watch somebody, frame by frame."""
    person = booth.place_person(SEED)
    watching = Watch(looker, booth.light_of(person), specification())
    moments: list[Moment] = []
    found = ""
    while len(moments) < FRAMES:
        frame = person.next_frame()
        if frame is None:
            continue
        watching.look(frame)
        named = [each.source for each in watching.found if each.place == "lens"]
        found = ", ".join(dict.fromkeys(named)) or found
        moments.append(_moment(person, truth, booth, frame.preview, watching.phase, found))
    person.close()
    watching.forget()
    return moments


def settle(
    booth: LitBooth,
    truth: TrueLight,
    begin: Callable[[LitPerson], Callable[[object], object]],
) -> list[Moment]:
    """Let a law light somebody evenly, from levels at random."""
    person = booth.place_person(LAW_SEED)
    random_start(person, np.random.default_rng((LAW_SEED, 3)))
    drive = begin(person)
    moments = []
    while len(moments) < LAW_FRAMES:
        frame = person.next_frame()
        if frame is not None:
            moments.append(_moment(person, truth, booth, frame.preview, "following", ""))
            drive(frame)
    person.close()
    return moments


def _moment(
    person: LitPerson, truth: TrueLight, booth: LitBooth, picture: Picture, phase: str, found: str
) -> Moment:
    lit = person.truly_given
    return Moment(
        picture,
        {name: person.lamps.given[name] for name in SHOWN},
        phase,
        found,
        truth.glare(lit),
        truth.cheeks_ratio(lit),
        truth.card_light(lit) / booth.wanted,
    )


# ---- plots ----


def draw_relief(moments: Sequence[Moment]) -> str:
    """The plot of a glare that is found and taken off."""
    told = {"truth": moments}
    charts = [
        _levels(moments),
        _measure(
            "glare: share of the worse eye's zone, by the truth",
            told,
            lambda moment: moment.glare,
            (0.0, 0.15),
            {"goal": 0.06},
        ),
        _measure("cheeks: lighter over darker", told, _ratio, (1.0, 1.5), EVEN),
        _measure("white card at the face", told, _card, (0.8, 1.2), CALIBRATED),
    ]
    title = "A glare on glasses, found and taken off by the lamps"
    return draw_charts(charts, _phases(moments), len(moments)).to_svg(title)


def draw_law(ours: Sequence[Moment], summing: Sequence[Moment]) -> str:
    """The plot of two laws from the same start."""
    laws = {"the booth's law": ours, "adds up its error": summing}
    charts = [
        _levels(ours),
        _measure("cheeks: lighter over darker, by the truth", laws, _ratio, (1.0, 2.0), EVEN),
        _measure("white card at the face", laws, _card, (0.4, 1.6), CALIBRATED),
    ]
    return draw_charts(charts, (), len(ours)).to_svg("From a random start to even light")


EVEN, CALIBRATED = {"even": 1.1}, {"as calibrated": 1.0}


def _ratio(moment: Moment) -> float:
    return moment.ratio


def _card(moment: Moment) -> float:
    return moment.card


def _measure(
    title: str,
    watched: Mapping[str, Sequence[Moment]],
    of: Callable[[Moment], float],
    ends: tuple[float, float],
    marks: Mapping[str, float],
) -> Chart:
    """A chart of one measure of each that was watched, with marks across it."""
    lines = {name: [of(moment) for moment in moments] for name, moments in watched.items()}
    return Chart(title, lines, *ends, dict(marks))


def _levels(moments: Sequence[Moment]) -> Chart:
    lines = {name: [m.levels[name] for m in moments] for name in SHOWN}
    return Chart("levels of the lamps", lines, 0.0, 1.0, {})


def _phases(moments: Sequence[Moment]) -> list[Phase]:
    phases, first = [], 0
    for name, group in groupby(m.phase for m in moments):
        last = first + len(list(group))
        phases.append(Phase(name, first, min(last, len(moments) - 1)))
        first = last
    return phases


# ---- the animation ----


def animate(moments: Sequence[Moment]) -> list[Image.Image]:
    """What the camera sees, twice as large, with the lamps' levels beside it."""
    left, top, right, bottom = FACE
    size = 2 * (right - left), 2 * (bottom - top)
    pictures = []
    for moment in moments:
        face = cv2.resize(
            moment.picture[top:bottom, left:right], size, interpolation=cv2.INTER_CUBIC
        )
        sheet = Image.new("RGB", (size[0] + BARS, size[1] + 40), (255, 255, 255))
        sheet.paste(Image.fromarray(face), (0, 0))
        draw = ImageDraw.Draw(sheet)
        for number, (name, level) in enumerate(moment.levels.items()):
            y = 24 + 62 * number
            draw.text((size[0] + 14, y), name, (27, 31, 36), font_size=14)
            draw.rectangle(
                (size[0] + 14, y + 20, size[0] + BARS - 14, y + 34), outline=(138, 146, 156)
            )
            end = size[0] + 14 + round((BARS - 28) * level)
            draw.rectangle((size[0] + 14, y + 20, end, y + 34), fill=(213, 94, 0))
        said = SAID[moment.phase]
        if moment.found:
            said += f"   (mirrored: {moment.found})"
        draw.text((12, size[1] + 10), said, (27, 31, 36), font_size=18)
        pictures.append(sheet)
    return pictures


def write_figures(rows: Path) -> None:
    """Put what `kiosk bench lamps --json` has written to a file into the page."""
    page = DOCS / "lighting.md"
    head, rest = page.read_text().split("<!-- figures -->\n")
    tail = rest.split("<!-- /figures -->")[1]
    lines = ["| what | reached | goal | else |", "| --- | ---: | ---: | ---: |"]
    for line in rows.read_text().splitlines():
        row = json.loads(line)
        goal = "" if row["goal"] is None else f"{row['goal']:g}"
        short = " (missed)" if row["ok"] is False else ""
        peer = "" if row["baseline"] is None else f"{row['baseline']:.3g}"
        reached = f"{row['value']:.3g} {row['unit']}"
        lines.append(f"| {row['row']} | {reached}{short} | {goal} | {peer} |")
    table = "\n".join(lines)
    page.write_text(f"{head}<!-- figures -->\n\n{table}\n\n<!-- /figures -->{tail}")


def main() -> None:
    """Draw them all, or write the page's figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, help="what `kiosk bench lamps --json` wrote")
    args = parser.parse_args()
    if args.figures is not None:
        write_figures(args.figures)
        return
    config = load().config
    looker = open_looker(config.models.store)
    booth = draw_booth(PERSON, SEED, config)
    truth = find_true_light(booth.subject, looker, booth.card)
    moments = watch(booth, truth, looker)
    (DOCS / "lighting_relief.svg").write_text(draw_relief(moments))
    pictures = animate(moments)
    pictures[0].save(
        DOCS / "lighting.webp",
        save_all=True,
        append_images=pictures[1:],
        duration=66,
        loop=0,
        quality=60,
        method=6,
    )
    lawful = draw_booth(PERSON, LAW_SEED, config)
    looker.forget()
    ours = settle(
        lawful,
        truth,
        lambda person: Following(person.lamps, looker, lawful.response, lawful.working),
    )
    looker.forget()
    summing = settle(lawful, truth, lambda person: Summing(person.lamps, looker))
    (DOCS / "lighting_law.svg").write_text(draw_law(ours, summing))
    looker.close()


if __name__ == "__main__":
    main()
