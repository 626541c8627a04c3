"""The crop: inside every bound with the greatest margin, or a reason."""

from dataclasses import replace

import numpy as np
import pytest

from kiosk.errors import StandardiseError
from kiosk.pipeline.judge.judge import within
from kiosk.pipeline.photo.geometry import Crop, Head, find_crop
from kiosk.pipeline.specification import specification

GEOMETRY = specification().profile().geometry
SIZE = (480, 640)
HEAD = Head(
    width=960, height=1280, top=250, eye_line=520, face_width=380, midline=480,
    cut_left=False, cut_right=False,
)  # fmt: skip


def inside(head: Head, crop: Crop) -> bool:
    return (
        within((head.top - crop.top) / crop.height, GEOMETRY.head_top)
        and within((head.eye_line - crop.top) / crop.height, GEOMETRY.eye_line)
        and within(head.face_width / crop.width, GEOMETRY.face_width)
        and within((head.midline - crop.left) / crop.width - 0.5, GEOMETRY.midline)
    )


def test_a_usual_head_lies_well_inside_all_bounds() -> None:
    crop = find_crop(HEAD, GEOMETRY, SIZE)
    assert inside(HEAD, crop)
    assert crop.margin > 0.5
    assert crop.width / crop.height == pytest.approx(3 / 4)


def test_every_head_gets_a_crop_inside_all_bounds_or_a_reason() -> None:
    rng = np.random.default_rng(7)
    made, reasons = 0, set()
    for _ in range(300):
        face = rng.uniform(120, 700)
        eye_line = rng.uniform(100, 1100)
        head = Head(
            960, 1280, eye_line - face * rng.uniform(0.5, 1.4), eye_line, face,
            rng.uniform(200, 760), bool(rng.integers(2)), bool(rng.integers(2)),
        )  # fmt: skip
        try:
            crop = find_crop(head, GEOMETRY, SIZE)
        except StandardiseError as error:
            reasons.add(str(error).split(":")[0][:20])
            continue
        made += 1
        assert inside(head, crop)
        assert crop.height >= SIZE[1]
        assert crop.top + crop.height <= head.height
        assert crop.left >= 0 or not head.cut_left
        assert crop.left + crop.width <= head.width or not head.cut_right
    assert made > 40
    assert len(reasons) > 2


def test_bald_heads_and_tall_hair_are_cropped_alike() -> None:
    for top in (300, 210):
        assert inside(replace(HEAD, top=top), find_crop(replace(HEAD, top=top), GEOMETRY, SIZE))


@pytest.mark.parametrize(
    ("head", "reason", "rule", "side"),
    [
        (replace(HEAD, face_width=150), "too small", "face_size", "low"),
        (replace(HEAD, height=760), "below the chin", "face_size", "high"),
        (replace(HEAD, midline=250, cut_left=True), "beside the face", "centred", "low"),
        (replace(HEAD, midline=710, cut_right=True), "beside the face", "centred", "high"),
        (replace(HEAD, top=20, eye_line=620), "hair stands too high", None, "low"),
    ],
)
def test_a_head_that_cannot_be_placed_names_what_conflicts_and_what_would_help(
    head: Head, reason: str, rule: str | None, side: str
) -> None:
    with pytest.raises(StandardiseError, match=reason) as refused:
        find_crop(head, GEOMETRY, SIZE)
    assert (refused.value.rule, refused.value.side) == (rule, side)


def test_the_crop_never_enlarges() -> None:
    large = (960, 1280)
    with pytest.raises(StandardiseError, match="too small"):
        find_crop(replace(HEAD, face_width=300), GEOMETRY, large)
