"""Trials: pictures of which it is known what rules they keep or break, and what the rules say.

Labelled portraits, rendered people under good and bad light, and both with props.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.evaluation import truth as accuracy
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.look.hair import HAIR, head, measure_hair
from kiosk.pipeline.look.looker import LOOK_HEIGHT, Looker
from kiosk.pipeline.look.patch import LIDS
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.twin import find, names, props, sensor, show
from kiosk.twin.camera import SensorLight
from kiosk.twin.stage import EmptyBooth, Rendered
from kiosk.twin.wires import Posture

TWO_FACES = ("congress-raul-grijalva.jpg", "congress-madeleine-dean.jpg")
"""Portraits labelled as one face behind whose subject another's face is seen, out of focus."""

Truth = Mapping[str, bool]
"""Rule's id, and whether it truly holds; rules of which nothing is known are left out."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture: what is true of it, and what the rules said."""

    name: str
    set: str
    truth: Truth
    ok: Mapping[str, bool | None]
    notes: str = ""
    values: Mapping[str, float | None] = field(default_factory=dict)
    """What the rules measured."""

    @property
    def person(self) -> str:
        """Who is shown, so that people can be told apart whatever they wear."""
        return (
            f"{self.set}-{self.name}".replace("smiling", "neutral").split(",")[0].split(" with")[0]
        )


def of_label(row: Mapping[str, str]) -> Truth:
    """Give what a row of labels.csv says about the rules."""
    truth: dict[str, bool] = {}
    if row["faces"]:
        truth["one_face"] = row["faces"] == "1" and row["file"] not in TWO_FACES
    if row["set"] == "london_neutral":
        frontal = ("yaw", "pitch", "roll", "gaze", "neutral", "even_light", "exposure", "sharp",
                   "highlight", "shadow", "red_eye")  # fmt: skip
        truth |= dict.fromkeys(frontal, True)
    if row["eyes"] in ("open", "closed"):
        truth["eyes_open"] = row["eyes"] == "open"
    if row["mouth"]:
        truth["mouth_closed"] = row["mouth"] == "closed"
    if row["ears"] in ("visible", "covered"):
        truth["ears_visible"] = row["ears"] == "visible"
    if row["brows"] in ("clear", "covered"):
        truth["brows_clear"] = row["brows"] == "clear"
    if row["hat"] == "no":
        truth["bareheaded"] = True
    if row["glasses"]:
        truth["glasses_tint"] = True
    if row["glasses"] == "no":
        truth["glare"] = True
    return truth


def of_pose(truth: Mapping[str, Any]) -> Truth:
    """Give what a rendered pose's truth says about the rules, where it is clear."""
    holds: dict[str, bool] = {"one_face": True}
    for axis, level, turned in (("yaw", 6, 12), ("roll", 2, 5.5), ("pitch", 4, 15)):
        if abs(truth[axis]) <= level:
            holds[axis] = True
        elif abs(truth[axis]) >= turned:
            holds[axis] = False
    shut, half = truth["eye_opening"] <= 0.1, truth["eye_opening"] < 0.7
    if shut or not half:
        holds["eyes_open"] = not shut
    aside = abs(truth["gaze"]["aside"])
    if not half and truth["gaze"]["up"] == 0 and (aside <= 3 or aside >= 10):
        holds["gaze"] = aside <= 3
    covered = max(truth["brows_covered"].values())
    if covered <= 0.02 or covered >= 0.3:
        holds["brows_clear"] = covered <= 0.02
    covered = max(truth["ears_covered"].values())
    if covered <= 0.2 or covered >= 0.6:
        holds["ears_visible"] = covered <= 0.2
    holds |= {"bareheaded": not truth["hat"], "glasses_tint": True}
    if truth["mouth_opening"] >= 0.1 or truth["mouth_opening"] == 0:
        holds["mouth_closed"] = truth["mouth_opening"] == 0
    return holds


def judged(looker: Looker, portraits: Path, *, quick: bool) -> Iterator[Judged]:
    """Judge each labelled portrait, where there are any, each rendered pose, and props."""
    step = 6 if quick else 1
    studio: list[Picture] = []
    if (portraits / "labels.csv").exists():
        with (portraits / "labels.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows[::step]:
            picture = read_picture(portraits / row["file"])
            yield _judged(
                row["file"], row["set"], of_label(row), looker.look(picture), row["notes"]
            )
            if row["set"] in PLAIN:
                studio.append(picture)
    for name in names()[::step]:
        subject = Rendered(find(name))
        for pose in subject.poses:
            picture = accuracy.frame(subject, pose)
            truth = of_pose(subject.truth(pose))
            yield _judged(f"{name}, {pose}", "twin", truth, looker.look(picture))
        studio.append(accuracy.frame(subject, subject.poses[0]))
        yield from lit(looker, subject)
    yield from negatives(looker, studio)


def _judged(name: str, set_: str, truth: Truth, seen: Observation, notes: str = "") -> Judged:
    rules = judge(seen, specification()).rules
    ok, values = {rule.id: rule.ok for rule in rules}, {rule.id: rule.value for rule in rules}
    return Judged(name, set_, truth, ok, notes, values)


# ---- bad light on rendered people ----

KEYS: Mapping[str, Mapping[str, float]] = {
    "one key lamp": {"key_left": 1, "key_right": 0, "fill": 0.1, "backdrop": 0.6, "room": 0.3},
    "the other": {"key_left": 0, "key_right": 1, "fill": 0.1, "backdrop": 0.6, "room": 0.3},
    "both keys": {"key_left": 1, "key_right": 1, "fill": 0.2, "backdrop": 0.6, "room": 0.5},
    "fill": {"key_left": 0, "key_right": 0, "fill": 1, "backdrop": 0.6, "room": 0.3},
}
"""Lamps' levels under which rendered people are looked at."""

MIRRORED = 0.03, 0.085
"""Share of an eye's zone that truly mirrors a lamp, up to which lenses are free of glare, and from
which on they are not: between lies the rule's own limit."""


def lit(looker: Looker, subject: Rendered) -> Iterator[Judged]:
    """Judge a rendered person's poses under each of KEYS."""
    for pose in subject.poses:
        truth = subject.truth(pose)
        if truth["eye_opening"] < accuracy.OPEN or abs(truth["yaw"]) > 10:
            continue
        for lamps, levels in KEYS.items():
            picture = show.frame(subject, pose, levels, noise=True)
            holds: dict[str, bool] = {}
            if lamps in ("one key lamp", "the other"):
                holds["even_light"] = False
            glare = _glare(looker, subject, pose, picture, levels) if truth["glasses"] else 0.0
            if not MIRRORED[0] < glare < MIRRORED[1]:
                holds["glare"] = glare <= MIRRORED[0]
            yield _judged(f"{subject.name}, {pose}, {lamps}", "lit", holds, looker.look(picture))


def _glare(
    looker: Looker, subject: Rendered, pose: str, picture: Picture, levels: Mapping[str, float]
) -> float:
    """Share of the worse eye's zone in which a lens or skin mirrors a lamp that is lit."""
    mesh = looker.mesh(picture)
    if mesh is None:
        return 0.0
    bits = sum(1 << n for n, lamp in enumerate(subject.lamps) if levels.get(lamp, 0) > 0.3)
    mirror = (subject.highlights(pose) & bits) > 0
    shares = []
    for lid in LIDS:
        eye = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(eye, [np.rint(mesh.points[list(lid)]).astype(np.int32)], 1)
        reach = 2 * round(0.12 * np.hypot(*(mesh.points[33] - mesh.points[263])) * 0.7) + 1
        around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
        zone = (cv2.dilate(eye, around) > 0) & (eye == 0)
        shares.append(float(mirror[zone].mean()))
    return max(shares)


def empty(looker: Looker) -> tuple[int, int]:
    """Look at the empty booth in a hundred lights, and count where nobody is seen."""
    scene = SensorLight(Rendered(find(names()[0])), EmptyBooth(), large=False)
    rng, nobody, of = np.random.default_rng(0), 0, 100
    for _ in range(of):
        lamps = ("key_left", "key_right", "fill", "backdrop", "room")
        levels = {lamp: float(rng.uniform(0, 1)) for lamp in lamps}
        light = scene.light(levels, Posture(present=False))
        chip = sensor.SENSOR.binned(4)
        nobody += (
            looker.look(sensor.develop(sensor.expose(light, Controls(), chip, rng))).faces == 0
        )
    return nobody, of


# ---- props ----

PLAIN = ("london_neutral", "canada")
"""Sets of portraits that are frontal and evenly lit, on a plain backdrop: they wear the props."""

WIG = 0.3
"""Share of a brow, or of an ear's place, under a wig from which on it is covered."""


def negatives(looker: Looker, portraits: Sequence[Picture]) -> Iterator[Judged]:
    """Judge portraits with hats, dark glasses, shine, shadows, and with each other's hair."""
    heads = []
    for number, portrait in enumerate(portraits):
        picture = _small(portrait)
        mesh = looker.mesh(picture)
        if mesh is None:
            continue
        rng = np.random.default_rng(number)
        worn = {
            "bareheaded": props.hat(picture, mesh.points, rng),
            "glasses_tint": props.dark_glasses(picture, mesh.points, rng),
            "highlight": props.shine(picture, mesh.points, rng),
        }
        if looker.person_segmenter is not None:
            person = looker.person_segmenter.mask(picture)
            worn["shadow"] = props.shadow_behind(picture, mesh.points, person, rng)
        for rule, changed in worn.items():
            yield _judged(f"{number}, {rule}", "props", {rule: False}, looker.look(changed))
        if looker.hair_segmenter is not None:
            patch, placed = head(picture, mesh.points)
            mask = looker.hair_segmenter.mask(patch)
            heads.append((looker.look(picture), patch, placed, mask))
    yield from _wigs(looker, heads)


def _wigs(looker: Looker, heads: Sequence[Any]) -> Iterator[Judged]:
    """Give each head the hair of those whose brows or ears are covered."""
    segmenter = looker.hair_segmenter
    if segmenter is None:
        return
    donors = [
        (number, patch, mask)
        for number, (seen, patch, _, mask) in enumerate(heads)
        if any(
            rule.ok is False
            for rule in judge(seen, specification()).rules
            if rule.id in ("brows_clear", "ears_visible")
        )
    ]
    for number, (seen, patch, placed, _) in enumerate(heads):
        for donor, hair, mask in donors:
            if donor == number:
                continue
            changed = props.wig(patch, hair, mask)
            truth = measure_hair(patch, placed, mask * (mask > HAIR))
            ears = max(truth.ear_left, truth.ear_right)
            holds = {
                rule: False
                for rule, covered, least in (
                    ("brows_clear", truth.brows, WIG),
                    ("ears_visible", ears, 0.75),
                )
                if covered >= least
            }
            found = measure_hair(changed, placed, segmenter.mask(changed))
            name = f"{number} with the hair of {donor}"
            yield _judged(name, "props", holds, replace(seen, hair=found))


def _small(picture: Picture) -> Picture:
    scale = min(1.0, LOOK_HEIGHT / picture.shape[0])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
