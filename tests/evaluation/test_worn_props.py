"""What drawn props truly cover."""

import numpy as np
import pytest

from kiosk.evaluation.twin_pictures import picture_of
from kiosk.evaluation.worn_props import measure_under_wig
from kiosk.pipeline.look.coverage import PATCH_SIDE, cut_out_head, measure_coverage
from kiosk.pipeline.look.looker import Looker
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


def test_a_wig_over_one_ear_covers_that_ear_and_no_more(looker: Looker) -> None:
    if looker.coverage_models is None:
        pytest.skip("the selfie multiclass segmenter is not to be had here")
    picture = picture_of(RenderedPerson(find_subject("lin")), "neutral")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    head = cut_out_head(picture, mesh.points)
    masks = looker.coverage_models.class_masks(head.patch)
    none = np.zeros((PATCH_SIDE, PATCH_SIDE), np.float32)
    bare = measure_coverage(head, masks, none)

    cheek = head.points[454]
    half, whole = none.copy(), none.copy()
    half[: round(cheek[1]), round(cheek[0]) - 9 :] = 1.0
    whole[:, round(cheek[0]) - 9 :] = 1.0
    upper, all_of_it = (measure_under_wig(head, masks, hair) for hair in (half, whole))
    assert bare.ear_left + 0.2 < upper.ear_left < 0.9 < all_of_it.ear_left
    assert upper.ear_right == all_of_it.ear_right == bare.ear_right
