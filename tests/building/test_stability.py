"""What stands, and what must be anchored."""

import pytest

from kiosk.building.stability import ANCHOR_MARGIN, THINGS, Standing


def test_weight_alone_holds_what_is_heavy_and_broad() -> None:
    assert Standing("a safe", 500.0, 0.4, 0.7, 250.0, 1.5).anchored_pull == 0


def test_anchors_hold_what_weight_does_not() -> None:
    light = Standing("a stand", 10.0, 0.2, 0.5, 250.0, 1.5)
    missing = 250 * 1.5 - 10 * 9.81 * 0.2
    assert light.anchored_pull == pytest.approx(ANCHOR_MARGIN * missing / 0.5)


def test_nothing_in_the_booth_may_stand_free() -> None:
    assert all(thing.anchored_pull > 0 for thing in THINGS)
