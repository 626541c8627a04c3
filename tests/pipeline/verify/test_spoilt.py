"""Spoilt photos: each way is refused by its finding, with places, and drawn."""

import io

import numpy as np
import pytest
from PIL import Image

from kiosk.drawing.verification import draw_verification
from kiosk.evaluation.spoilt_photos import STRENGTHS, WAYS
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.specification import specification
from kiosk.pipeline.verify.verify import Verification, verify
from tests.pipeline.verify.figures import BLUE, draw_person

REFUSED_BY = {
    "islands": "specks",
    "pin-holes": "specks",
    "saw-teeth": "roughness",
    "old backdrop": "fringe",
}
LOOKS = {*REFUSED_BY.values(), "hard_edge", "background"}


def verified(photo: Image.Image, looker: Looker) -> Verification:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=95, subsampling=0, dpi=(300, 300))
    return verify(file.getvalue(), looker, specification(), "light-blue", "booth")


def test_a_clean_photo_is_cut_out_rightly(looker: Looker) -> None:
    found = verified(Image.fromarray(draw_person().lay(BLUE)), looker).findings
    assert {finding.id: finding.ok for finding in found if finding.id in LOOKS} == dict.fromkeys(
        LOOKS, True
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_spoilt_photo_is_refused_by_its_finding(way: str, looker: Looker) -> None:
    spoilt = WAYS[way](draw_person(), BLUE, STRENGTHS["plain"], np.random.default_rng(1))
    found = {finding.id: finding for finding in verified(Image.fromarray(spoilt), looker).findings}
    finding = found[REFUSED_BY[way]]
    assert finding.ok is False
    if finding.id == "specks":
        x, y = map(int, finding.reason.rsplit("at ", 1)[1].split(";")[0].split(","))
        clean = draw_person().lay(BLUE)
        near = np.abs(spoilt[y - 3 : y + 4, x - 3 : x + 4].astype(int) - clean[y, x])
        assert near.max() > 40


def test_specks_are_ringed_and_stay_seen_and_teeth_are_pointed_at(looker: Looker) -> None:
    clean, rng = draw_person(), np.random.default_rng(1)
    spoilt = WAYS["saw-teeth"](clean, BLUE, STRENGTHS["plain"], rng)
    specks = [(122, y) for y in range(204, 300, 12)]
    for x, y in specks:
        spoilt[y : y + 2, x : x + 2] = (30, 30, 30)
    geometry = specification().profile().geometry
    smooth, sheet = (
        draw_verification(verified(Image.fromarray(photo), looker), geometry)
        for photo in (clean.lay(BLUE), spoilt)
    )
    for x, y in specks:
        assert sheet[2 * y + 1, 2 * x + 1].max() < 60
    orange = [
        int((drawn[rows, :960] == (213, 94, 0)).all(2).sum())
        for rows in (slice(400, 620), slice(800, None))
        for drawn in (smooth, sheet)
    ]
    assert orange[1] > orange[0] + 100
    assert orange[3] > orange[2] + 100
