"""A gallery of every screen, each with a made-up student: `python -m kiosk.display OUTDIR`."""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pygame
from PIL import Image

from kiosk.camera.frame import Picture
from kiosk.display.screens import draw
from kiosk.display.state import BoothLabels, ScreenState
from kiosk.errors import KioskError, UsageError
from kiosk.pipeline.assessment import Assessment, RuleResult
from kiosk.pipeline.judge.rules import RULES, words
from kiosk.pipeline.specification import specification
from kiosk.twin.stage import Rendered, find
from kiosk.visit import BLOCKED, HOLD, Instruction, Reason, Stage, Visit
from protocol.student import Student

BOOTH = BoothLabels("示范大学", "010-0000-0000", "8:30–17:00", "1")

STUDENT = Student("r-0001", "张小雨", "202012345678", "10000", "示范大学", "计算机科学与技术学院")

WORKING = {"key_left": 0.6, "key_right": 0.6, "fill": 0.5, "backdrop": 0.7, "room": 1.0}
"""Lamp levels of the gallery's preview."""

AT = 0.8
"""The moment shown, in seconds."""


def scenes(preview: Picture) -> Iterator[tuple[str, ScreenState]]:
    """Give a name and a scene for every screen there is."""
    plain = ScreenState(Visit(), AT, None, None, BOOTH, words())
    for number, stage in enumerate(Stage, start=1):
        name = f"{number:02}-{stage.value}"
        student = None if stage in (Stage.IDLE, Stage.RESOLVING) else STUDENT
        scene = replace(plain, visit=Visit(stage, student))
        if stage is Stage.GUIDE:
            yield f"{name}-begin", replace(scene, preview=preview)
            for key, visit in _guided(scene.visit):
                yield f"{name}-{key}", replace(scene, visit=visit, preview=preview)
        elif stage is Stage.REVIEW:
            yield name, replace(scene, photo=preview)
        elif stage is Stage.TURNED_AWAY:
            for reason in get_args(Reason):
                yield f"{name}-{reason}", replace(scene, visit=Visit(stage, reason=reason))
        else:
            yield name, scene
    for fault, stages in BLOCKED.items():
        for stage in sorted(stages & {Stage.IDLE, Stage.GUIDE}, key=lambda stage: stage.value):
            visit = Visit(stage, faults=frozenset({fault}))
            yield f"fault-{fault}-{stage.value}", replace(plain, visit=visit)


def assessment(broken: str = "", side: str = "low") -> Assessment:
    """Give an assessment in which one rule does not hold, or all do."""
    results = []
    for rule in RULES:
        goal, limit = specification().rules[rule.id].goal, specification().rules[rule.id].limit
        value = sum(goal) / 2
        if rule.id == broken:
            value = goal[0] - 1 if side == "low" else goal[1] + 1
        good = rule.id != broken
        results.append(RuleResult(rule.id, value, good, good, goal, limit, rule.who, rule.force))
    return Assessment(tuple(results))


def _guided(visit: Visit) -> Iterator[tuple[str, Visit]]:
    for rule, side in words():
        seen = assessment(rule, side)
        for failed in (False, True):
            worst = seen.worst(lamps_failed=failed)
            told = Instruction(worst.id, worst.direction) if worst else None
            if failed and seen.worst() is not None:
                continue  # nothing else is said of it
            key = f"{rule}-{side}-unmended" if failed else f"{rule}-{side}"
            yield key, replace(visit, assessment=seen, instruction=told)
    yield "hold", replace(visit, assessment=assessment(), held_since=AT - 0.7 * HOLD)


def subject() -> Picture:
    """Give the twin's student as the camera would see her; height × width × 3, R, G, B."""
    figure = Rendered(find("lin")).stage("neutral", large=False)
    light = sum(
        figure.table(lamp, WORKING[lamp])[picture] for lamp, picture in figure.pictures.items()
    )
    linear = np.clip(light, 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * 255), np.uint8)


def main() -> int:
    """Write the gallery; gives the exit status."""
    parser = argparse.ArgumentParser("python -m kiosk.display", description="Draw every screen.")
    parser.add_argument("out", type=Path, metavar="OUTDIR")
    parser.add_argument("--size", default="720x1280", metavar="WxH", help="the window's size")
    arguments = parser.parse_args()
    try:
        width, height = (int(part) for part in arguments.size.split("x"))
    except ValueError:
        parser.error(f"--size {arguments.size}: give width and height in pixels, as 720x1280")
    try:
        _write(arguments.out, (width, height))
    except KioskError as error:
        print(error, file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    return 0


def _write(out: Path, size: tuple[int, int]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        surface = pygame.Surface(size)
        for name, scene in scenes(subject()):
            draw(surface, scene)
            pixels = pygame.image.tobytes(surface, "RGB")
            Image.frombytes("RGB", size, pixels).save(out / f"{name}.png")
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


if __name__ == "__main__":
    sys.exit(main())
