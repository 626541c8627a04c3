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
    ClassMasks,
    Head,
    cut_out_head,
    measure_coverage,
)
from kiosk.pipeline.look.looker import Looker, shrink
from kiosk.pipeline.mask import SoftMask
from kiosk.pipeline.observation import Coverage, Observation
from kiosk.pipeline.specification import specification
from kiosk.twin import props

WEARERS = ("london_neutral", "canada")
"""Sets of portraits that are frontal and evenly lit, before a plain backdrop."""

BROW_COVERED, EAR_COVERED = 0.3, 0.75
"""Share of a brow, and of an ear's place, under a wig from which on it is covered."""


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head on its upright patch, what was seen of it, what it shows, and where its hair is."""

    seen: Observation
    head: Head
    masks: ClassMasks
    hair: SoftMask


def judge_with_props(looker: Looker, portraits: Sequence[Picture]) -> Iterator[JudgedPicture]:
    """Judge each portrait with each prop, and then with the hair of others."""
    heads: list[SeenHead] = []
    for number, portrait in enumerate(portraits):
        picture, _ = shrink(portrait)
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
            masks = looker.coverage_models.class_masks(head.patch)
            hair = looker.coverage_models.hair_mask(head.patch, masks)
            heads.append(SeenHead(looker.look(picture), head, masks, hair))
    yield from _judge_with_wigs(looker, heads)


def _judge_with_wigs(looker: Looker, heads: Sequence[SeenHead]) -> Iterator[JudgedPicture]:
    """Judge each head with the hair of those whose brows or ears are covered."""
    models = looker.coverage_models
    if models is None:
        return
    donors = [(number, donor) for number, donor in enumerate(heads) if _is_covered(donor.seen)]
    for number, wearer in enumerate(heads):
        patch, points = wearer.head
        for donor_number, donor in donors:
            if donor_number == number:
                continue
            worn = measure_under_wig(wearer.head, wearer.masks, donor.hair)
            holds: dict[str, bool] = {}
            if worn.brows >= BROW_COVERED:
                holds["brows_clear"] = False
            if max(worn.ear_left, worn.ear_right) >= EAR_COVERED:
                holds["ears_visible"] = False
            found = models.look(props.put_on_wig(patch, donor.head.patch, donor.hair), points)
            name = f"{number} with the hair of {donor_number}"
            yield judge_picture(name, "props", holds, replace(wearer.seen, coverage=found))


def measure_under_wig(head: Head, masks: ClassMasks, hair: SoftMask) -> Coverage:
    """What truly covers a head that wears another's hair: `masks` is what the head itself shows."""
    sure = hair > SURE_HAIR
    wig = cv2.resize(sure.astype(np.float32), (CLASSES_SIDE, CLASSES_SIDE)) > 0
    seen = masks * ~wig
    seen[HAIR, wig] = 1.0
    return measure_coverage(head, seen, hair * sure)


def _is_covered(seen: Observation) -> bool:
    return any(
        rule.ok is False
        for rule in judge(seen, specification()).rules
        if rule.id in ("brows_clear", "ears_visible")
    )
