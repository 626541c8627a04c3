"""How often the rules err: labelled portraits and rendered people against what is true of them."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from kiosk import accuracy
from kiosk.camera.frame import Picture
from kiosk.pipeline.judge import judge
from kiosk.pipeline.look import Looker
from kiosk.pipeline.picture import read_picture
from kiosk.pipeline.specification import specification
from kiosk.twin import find, names
from kiosk.twin.stage import Rendered

PORTRAITS = Path("../shared/data/portraits")
"""Where labelled portraits lie beside the project; nothing of them is kept."""

Z = 1.96
"""Of a normal distribution: 95 % lie within."""

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


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something happened of how many times."""

    says: str
    hits: int
    of: int
    goal: float | None = None
    """Per cent."""
    at_most: bool = True
    """Whether the goal is an upper bound."""

    @property
    def share(self) -> float:
        """Hits of all; NaN of none."""
        return self.hits / self.of if self.of else math.nan

    @property
    def holds(self) -> bool:
        """Whether the goal is kept."""
        if self.goal is None or not self.of:
            return False
        return 100 * self.share <= self.goal if self.at_most else 100 * self.share >= self.goal

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval in which the true share lies with 95 % confidence."""
        if not self.of:
            return 0.0, 1.0
        n, p = self.of, self.share
        middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        return max(middle - half, 0.0), min(middle + half, 1.0)


def of_label(row: Mapping[str, str]) -> Truth:
    """Give what a row of labels.csv says about the rules."""
    truth: dict[str, bool] = {}
    if row["faces"]:
        truth["one_face"] = row["faces"] == "1" and row["file"] not in TWO_FACES
    if row["set"] == "london_neutral":
        frontal = ("yaw", "pitch", "roll", "gaze", "neutral", "even_light", "exposure", "sharp")
        truth |= dict.fromkeys(frontal, True)
    if row["eyes"] in ("open", "closed"):
        truth["eyes_open"] = row["eyes"] == "open"
    if row["mouth"]:
        truth["mouth_closed"] = row["mouth"] == "closed"
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
    if truth["mouth_opening"] >= 0.1 or truth["mouth_opening"] == 0:
        holds["mouth_closed"] = truth["mouth_opening"] == 0
    return holds


def judged(looker: Looker, portraits: Path, *, quick: bool) -> Iterator[Judged]:
    """Judge each labelled portrait, where there are any, and each rendered pose."""
    if (portraits / "labels.csv").exists():
        with (portraits / "labels.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows[:: 6 if quick else 1]:
            ok = _ok(looker, read_picture(portraits / row["file"]))
            yield Judged(row["file"], row["set"], of_label(row), ok, row["notes"])
    for name in names()[:: 6 if quick else 1]:
        subject = Rendered(find(name))
        for pose in subject.poses:
            ok = _ok(looker, accuracy.frame(subject, pose))
            yield Judged(f"{name}, {pose}", "twin", of_pose(subject.truth(pose)), ok)


def _ok(looker: Looker, picture: Picture) -> dict[str, bool | None]:
    return {rule.id: rule.ok for rule in judge(looker.look(picture), specification()).rules}


def false_refusals(pictures: Iterable[Judged], rule: str) -> tuple[int, int]:
    """Give how many pictures on which a rule holds it refused, and how many there are."""
    hold = [picture for picture in pictures if picture.truth.get(rule) is True]
    return sum(picture.ok[rule] is not True for picture in hold), len(hold)


def caught(pictures: Iterable[Judged], rule: str) -> tuple[int, int]:
    """Give how many pictures on which a rule is broken it refused, and how many there are."""
    broken = [picture for picture in pictures if picture.truth.get(rule) is False]
    return sum(picture.ok[rule] is False for picture in broken), len(broken)


STUDIO = ("yaw", "pitch", "roll", "eyes_open", "mouth_closed", "neutral", "gaze")
"""Rules that studio portraits of neutral people keep."""

CAUGHT = {"eyes_open": 95.0, "mouth_closed": 95.0, "gaze": 85.0, "yaw": None, "roll": None}
"""Rules that some pictures break, and how many of them are to be caught, per cent."""


def measure(looker: Looker, portraits: Path, *, quick: bool) -> Iterator[Rate]:
    """Judge the pictures, and give the rates that the booth is held to."""
    return rates(list(judged(looker, portraits, quick=quick)), looker, portraits)


def rates(pictures: Sequence[Judged], looker: Looker, portraits: Path) -> Iterator[Rate]:
    """Give the rates of pictures that were judged, and of pairs made of the portraits."""
    studio = [picture for picture in pictures if picture.set == "london_neutral"]
    for rule in STUDIO:
        yield Rate(f"{rule}: studio portraits refused", *false_refusals(studio, rule), 2.0)
    any_of = sum(any(picture.ok[rule] is not True for rule in STUDIO) for picture in studio)
    yield Rate("any of these: studio portraits refused", any_of, len(studio), 6.0)
    found, of = false_refusals(pictures, "one_face")
    yield Rate("one_face: one face seen as one", of - found, of, 99.0, at_most=False)
    yield Rate("one_face: two people seen", *_pairs(looker, portraits), 99.0, at_most=False)
    for rule, goal in CAUGHT.items():
        yield Rate(f"{rule}: broken, and caught", *caught(pictures, rule), goal, at_most=False)
        twins = [picture for picture in pictures if picture.set == "twin"]
        yield Rate(f"{rule}: rendered people refused", *false_refusals(twins, rule))


def _pairs(looker: Looker, portraits: Path) -> tuple[int, int]:
    """Stand neighbours of the studio's portraits side by side, and count who is seen as two."""
    files = sorted(portraits.glob("london_neutral-*.jpg"))[:20]
    pictures = [read_picture(file)[:, 200:1150] for file in files]
    pairs = [np.hstack(pair) for pair in pairwise(pictures)]
    return sum(looker.look(pair).faces == 2 for pair in pairs), len(pairs)
