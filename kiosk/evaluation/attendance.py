"""Votes of attendance on live people, and on prints and screens of them held up in the booth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.config import Config
from kiosk.errors import UsageError
from kiosk.evaluation.rates import Rate
from kiosk.evaluation.rows import Row
from kiosk.evaluation.twin_pictures import CAMERA_RATE, WORKING_LIGHT, picture_of
from kiosk.pipeline.loading import load_looker
from kiosk.pipeline.look.attendance import SWING_PERIOD, SWING_SHARE, VOTE_FRAMES
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.patch import bounding_box
from kiosk.twin import find_subject, recapture, sensor, subject_names
from kiosk.twin.camera import SensorLight
from kiosk.twin.light_stage import EmptyBooth, RenderedPerson
from kiosk.twin.wires import Posture

Kind = Literal["live", "print", "screen"]

LIVE_FROM = 0.5
"""Score from which on somebody is taken for a live person."""

LitFrame = tuple[Picture, Mapping[str, float]]
"""A preview, and the lamps' levels under which it was taken."""


@dataclass(frozen=True, slots=True)
class Vote:
    """The vote on one sequence of frames."""

    person: str
    kind: Kind
    score: float | None
    """0 (a picture) to 1 (a live person); None where no vote came about."""

    @property
    def refuses(self) -> bool:
        """Whether who was seen is not taken for a live person."""
        return self.score is None or self.score < LIVE_FROM


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Vote on everybody and on pictures of them, and count refusals by kind."""
    with load_looker(config.models.store) as looker:
        if not looker.can_tell_attendance:
            raise UsageError("there is no anti-spoofing model: see kiosk models")
        votes = list(hold_votes(looker, quick=quick))
    for kind, name, goal in (
        ("live", "live people refused", 1.0),
        ("print", "prints caught", 90.0),
        ("screen", "screens caught", 90.0),
    ):
        refused = [vote.refuses for vote in votes if vote.kind == kind]
        rate = Rate(name, sum(refused), len(refused), goal, at_most=kind == "live")
        low, high = rate.interval
        unit = f"% of {rate.total} ({100 * low:.0f} to {100 * high:.0f})"
        yield Row("attendance", name, 100 * rate.share, unit, goal, rate.holds)


def hold_votes(looker: Looker, *, quick: bool) -> Iterator[Vote]:
    """Let each rendered person stand still, blink and turn, and hold up prints and screens of them.

    Half of the prints and screens are good: sharp, even, and without an edge in the picture.
    """
    booth = EmptyBooth()
    large = booth.stage(large=True)
    for number, name in enumerate(subject_names()[:: 12 if quick else 1]):
        subject = RenderedPerson(find_subject(name))
        for take, poses in enumerate(_sequences(subject)):
            rng = np.random.default_rng([number, take])
            yield Vote(name, "live", _score(looker, _film_live(subject, booth, poses, rng)))
        shown = picture_of(subject, subject.poses[0])
        mesh = looker.find_mesh(shown)
        if mesh is None:
            continue
        face = bounding_box(mesh.points)
        for take in range(1 if quick else 2):
            kinds: tuple[recapture.Kind, ...] = ("print", "screen")
            for kind in kinds:
                rng = np.random.default_rng([number, take, len(kind)])
                attack = recapture.draw_attack(kind, rng, good=bool(take))
                levels = _swing_levels(rng)
                seen = recapture.take_frames([(shown, face)], attack, large, levels, rng)
                small = ((_halve(frame), lit) for frame, lit in zip(seen, levels, strict=True))
                yield Vote(name, kind, _score(looker, small))


def _sequences(subject: RenderedPerson) -> Iterator[list[str]]:
    """The poses of each sequence, frame by frame: at rest, a blink, and a head held otherwise."""
    rest = subject.poses[0]
    yield [rest] * VOTE_FRAMES
    if "eyes_closed" in subject.poses:
        yield [rest] * 6 + ["eyes_closed"] * 3 + [rest] * (VOTE_FRAMES - 9)
    # The booth calls on those who look ahead.
    turned = [
        pose
        for pose in subject.poses
        if pose.startswith(("yaw", "roll", "pitch")) and abs(subject.truth(pose)["yaw"]) < 10
    ]
    if turned:
        yield [turned[0]] * VOTE_FRAMES


def _swing_levels(rng: np.random.Generator) -> list[Mapping[str, float]]:
    """Levels frame by frame while the key lamps swing, from any moment of their swing on."""
    start = rng.uniform(0, 2 * np.pi)
    swung: list[Mapping[str, float]] = []
    for number in range(VOTE_FRAMES):
        share = SWING_SHARE * np.sin(2 * np.pi * number / SWING_PERIOD + start)
        levels = dict(WORKING_LIGHT)
        levels["key_left"] *= 1 + share
        levels["key_right"] *= 1 - share
        swung.append(levels)
    return swung


def _film_live(
    subject: RenderedPerson, booth: EmptyBooth, poses: list[str], rng: np.random.Generator
) -> Iterator[LitFrame]:
    """A person who sways a little under swinging lamps."""
    scene, off = SensorLight(subject, booth, large=False), np.zeros(3)
    sway, stands = rng.uniform(0.0005, 0.004), rng.normal(0, [0.02, 0.02, 0.03])
    for pose, levels in zip(poses, _swing_levels(rng), strict=True):
        off = 0.9 * off + rng.normal(0, sway, 3)
        dx, dy, near = (float(v) for v in off + stands)
        light = scene.light(levels, Posture(pose, dx=dx, dy=dy, scale=1 + near))
        chip = sensor.SENSOR.binned(4)
        yield sensor.develop(sensor.expose(light, Controls(), chip, rng)), levels


def _halve(frame: Picture) -> Picture:
    size = frame.shape[1] // 2, frame.shape[0] // 2
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _score(looker: Looker, frames: Iterator[LitFrame]) -> float | None:
    looker.forget()
    score = None
    for number, (frame, levels) in enumerate(frames):
        score = looker.follow(frame, number / CAMERA_RATE, levels).attendance
    looker.forget()
    return score
