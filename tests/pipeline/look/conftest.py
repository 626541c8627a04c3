"""Somebody who looks ahead, as what is worn is looked for on them."""

import pytest

from kiosk.evaluation.twin_pictures import picture_of
from kiosk.pipeline.look.coverage import cut_out_head
from kiosk.pipeline.look.looker import Looker
from kiosk.pipeline.look.patch import Points
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson


@pytest.fixture(scope="session")
def points(looker: Looker) -> Points:
    """Their mesh, where classes are told."""
    picture = picture_of(RenderedPerson(find_subject("lin")), "neutral")
    mesh = looker.find_mesh(picture)
    assert mesh is not None
    return cut_out_head(picture, mesh.points).points / 2
