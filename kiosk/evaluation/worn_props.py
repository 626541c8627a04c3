"""Portraits with props drawn on them, each of which breaks a rule: hats, dark glasses, shine,
shadows, and each other's hair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from kiosk.camera.frame import Picture
from kiosk.evaluation.labelled import JudgedPicture, judge_picture
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.look.coverage import (
    CLASSES_SIDE,
    HAIR,
    SURE_HAIR,
    Head,
    cut_out_head,
    measure_coverage,
)
from kiosk.pipeline.look.looker import LOOK_HEIGHT, Looker
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.observation import Observation
from kiosk.pipeline.specification import specification
from kiosk.twin import props

WEARERS = ("london_neutral", "canada")
"""Sets of portraits that are frontal and evenly lit, before a plain backdrop."""

BROW_COVERED, EAR_COVERED = 0.3, 0.75
"""Share of a brow, and of an ear's place, under a wig from which on it is covered."""


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head on its upright patch, what was seen of it, and where its hair is."""

    seen: Observation
    head: Head
    hair: SoftMask


def judge_with_props(looker: Looker, portraits: Sequence[Picture]) -> Iterator[JudgedPicture]:
    """Judge each portrait with each prop, and then with the hair of others."""
    heads: list[SeenHead] = []
    for number, portrait in enumerate(portraits):
        picture = _shrink_to_preview(portrait)
        mesh = looker.find_mesh(picture)
        if mesh is None:
            continue
        # A generator for each prop, so that one more leaves the others as they were.
        rngs = iter(np.random.default_rng(number).spawn(7))
        worn = {
            "bareheaded": props.put_on_hat(picture, mesh.points, next(rngs)),
            "glasses_tint": props.put_on_dark_glasses(picture, mesh.points, next(rngs)),
            "highlight": props.add_shine(picture, mesh.points, next(rngs)),
            "mouth_covered": props.put_on_mask(picture, mesh.points, next(rngs)),
            "eye_covered": props.hold_hand_before_eye(picture, mesh.points, next(rngs)),
        }
        if looker.person_segmenter is not None:
            person = looker.person_segmenter.mask(picture)
            worn["shadow"] = props.cast_shadow(picture, mesh.points, person, next(rngs))
        worn["glasses_frame"] = props.put_on_low_glasses(picture, mesh.points, next(rngs))
        for rule, changed in worn.items():
            seen = looker.look(changed)
            yield judge_picture(f"{number}, {rule}", "props", {rule: False}, seen)
        if looker.coverage_models is not None:
            head = cut_out_head(picture, mesh.points)
            hair = looker.coverage_models.hair_mask(head.patch)
            heads.append(SeenHead(looker.look(picture), head, hair))
    yield from _judge_with_wigs(looker, heads)


def _judge_with_wigs(looker: Looker, heads: Sequence[SeenHead]) -> Iterator[JudgedPicture]:
    """Judge each head with the hair of those whose brows or ears are covered."""
    models = looker.coverage_models
    if models is None:
        return
    donors = [(number, donor) for number, donor in enumerate(heads) if _is_covered(donor.seen)]
    for number, wearer in enumerate(heads):
        patch, points = wearer.head
        bare = models.class_masks(patch)
        for donor_number, donor in donors:
            if donor_number == number:
                continue
            sure = donor.hair > SURE_HAIR
            small = cv2.resize(sure.astype(np.uint8), (CLASSES_SIDE, CLASSES_SIDE))
            worn = measure_coverage(wearer.head, np.where(small > 0, HAIR, bare), donor.hair * sure)
            holds: dict[str, bool] = {}
            if worn.brows >= BROW_COVERED:
                holds["brows_clear"] = False
            if max(worn.ear_left, worn.ear_right) >= EAR_COVERED:
                holds["ears_visible"] = False
            found = models.look(props.put_on_wig(patch, donor.head.patch, donor.hair), points)
            name = f"{number} with the hair of {donor_number}"
            yield judge_picture(name, "props", holds, replace(wearer.seen, coverage=found))


def _is_covered(seen: Observation) -> bool:
    return any(
        rule.ok is False
        for rule in judge(seen, specification()).rules
        if rule.id in ("brows_clear", "ears_visible")
    )


def _shrink_to_preview(picture: Picture) -> Picture:
    """The picture with at most as many rows as a look asks for."""
    scale = min(1.0, LOOK_HEIGHT / picture.shape[0])
    size = max(round(picture.shape[1] * scale), 1), max(round(picture.shape[0] * scale), 1)
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
