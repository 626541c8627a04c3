"""Turnout: how attendance votes on live people and on pictures of them held up in the booth."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from kiosk.camera.frame import Controls, Picture
from kiosk.lighting import control_law
from kiosk.pipeline.look.attendance import FRAMES, PERIOD, SWING, box_of
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import find, names, recapture, sensor, show
from kiosk.twin.camera import SensorLight
from kiosk.twin.stage import EmptyBooth, Rendered
from kiosk.twin.wires import Posture

Kind = Literal["live", "print", "screen"]

RATE = 30.0
"""Frames a second."""


@dataclass(frozen=True, slots=True)
class Voted:
    """One sequence of frames, and the vote on it."""

    person: str
    kind: Kind
    score: float | None


def turnout(looker: Looker, *, quick: bool) -> Iterator[Voted]:
    """Let each rendered person stand still, blink and turn, and hold up prints and screens of them.

    Half of the prints and screens are good: sharp, even, and without an edge in the picture.
    """
    booth = EmptyBooth()
    large = booth.stage(large=True)
    for number, name in enumerate(names()[:: 6 if quick else 1]):
        subject = Rendered(find(name))
        for take, poses in enumerate(_takes(subject)):
            rng = np.random.default_rng([number, take])
            yield Voted(name, "live", _score(looker, _live(subject, booth, poses, rng)))
        shown = show.frame(
            subject, subject.poses[0], {**control_law.WORKING, "room": 1.0}, noise=False
        )
        mesh = looker.mesh(shown)
        if mesh is None:
            continue
        face = box_of(mesh.points)
        for take in range(1 if quick else 2):
            kinds: tuple[recapture.Kind, ...] = ("print", "screen")
            for kind in kinds:
                rng = np.random.default_rng([number, take, len(kind)])
                attack = recapture.draw(kind, rng, good=bool(take))
                levels = _swinging(rng)
                seen = recapture.frames([(shown, face)], attack, large, levels, rng)
                small = ((_half(frame), lit) for frame, lit in zip(seen, levels, strict=True))
                yield Voted(name, kind, _score(looker, small))


def _takes(subject: Rendered) -> Iterator[list[str]]:
    rest = subject.poses[0]
    yield [rest] * FRAMES
    if "eyes_closed" in subject.poses:
        yield [rest] * 6 + ["eyes_closed"] * 3 + [rest] * (FRAMES - 9)
    # The booth calls on those who look ahead.
    turned = [
        pose
        for pose in subject.poses
        if pose.startswith(("yaw", "roll", "pitch")) and abs(subject.truth(pose)["yaw"]) < 10
    ]
    if turned:
        yield [turned[0]] * FRAMES


def _swinging(rng: np.random.Generator) -> list[Mapping[str, float]]:
    start = rng.uniform(0, 2 * np.pi)
    swung: list[Mapping[str, float]] = []
    for number in range(FRAMES):
        share = SWING * np.sin(2 * np.pi * number / PERIOD + start)
        levels = {**control_law.WORKING, "room": 1.0}
        levels["key_left"] *= 1 + share
        levels["key_right"] *= 1 - share
        swung.append(levels)
    return swung


def _live(
    subject: Rendered, booth: EmptyBooth, poses: list[str], rng: np.random.Generator
) -> Iterator[tuple[Picture, Mapping[str, float]]]:
    """A person who sways a little under swinging lamps."""
    scene, off = SensorLight(subject, booth, large=False), np.zeros(3)
    sway, stands = rng.uniform(0.0005, 0.004), rng.normal(0, [0.02, 0.02, 0.03])
    for pose, levels in zip(poses, _swinging(rng), strict=True):
        off = 0.9 * off + rng.normal(0, sway, 3)
        dx, dy, near = (float(v) for v in off + stands)
        light = scene.light(levels, Posture(pose, dx=dx, dy=dy, scale=1 + near))
        chip = sensor.SENSOR.binned(4)
        yield sensor.develop(sensor.expose(light, Controls(), chip, rng)), levels


def _half(frame: Picture) -> Picture:
    size = frame.shape[1] // 2, frame.shape[0] // 2
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8)


def _score(looker: Looker, frames: Iterator[tuple[Picture, Mapping[str, float]]]) -> float | None:
    looker.forget()
    score = None
    for number, (frame, levels) in enumerate(frames):
        score = looker.follow(frame, number / RATE, levels).attendance
    looker.forget()
    return score
