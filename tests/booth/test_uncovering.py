"""Who sits down with a mask is told soon, and is asked no longer once it is off."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from kiosk import visit as v
from kiosk.camera.frame import Picture
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.rules import OF_COVERAGE
from kiosk.pipeline.judge.steady import Steady, smooth
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from tests.visit.playing import FRAME, at

At = Callable[..., Picture]

MASK = (234, 116, 118, 6, 347, 345, 454, 361, 397, 379, 400, 152, 176, 150, 172, 132)
"""Points of the face mesh about a mask: below the eyes, over the nose, along the jaw."""


def with_mask(picture: Picture, looker: Looker) -> Picture:
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    drawn = picture.copy()
    cv2.fillPoly(drawn, [np.rint(mesh.points[list(MASK)]).astype(np.int32)], (225, 230, 235))
    return drawn


def sayings_in_time(looker: Looker, pictures: list[tuple[Picture, float]]) -> dict[str, float]:
    """What is said of pictures that are seen for some seconds each, and when for the first time."""
    looker.forget()
    visit, steady, broken, when = at(v.Stage.GUIDE), Steady(), frozenset[str](), 0.0
    said: dict[str, float] = {}
    for picture, seconds in pictures:
        for _ in range(round(seconds / FRAME)):
            seen = looker.follow(picture, when, mending=bool(broken & OF_COVERAGE))
            found = judge(replace(seen, attendance=1.0), specification())
            steady, found = smooth(steady, found, when)
            broken = frozenset(rule.id for rule in found.rules if rule.good is False)
            found = replace(found, complete=looker.has_looked(when))
            visit, _ = v.step(visit, v.Assessed(found, when))
            told = visit.saying.instruction
            said.setdefault(visit.saying.name if told is None else told.rule, when)
            if visit.saying.name == "mended":
                said.setdefault("mended", when)
            when += FRAME
    looker.forget()
    return said


def test_a_mask_is_told_within_a_second_and_ticked_off_within_one_after_it_is_off(
    at_booth: At, looker: Looker
) -> None:
    bare = at_booth()
    said = sayings_in_time(looker, [(with_mask(bare, looker), 2.5), (bare, 2.5)])
    assert said["mouth_covered"] < 1.0
    assert 2.5 < said["mended"] < 3.5
    assert list(said)[:4] == ["checking", "mouth_covered", "mended", "hold"]
