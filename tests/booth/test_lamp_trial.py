"""Lamps that are dead or worn are told by their light."""

import pytest

from kiosk.booth.lamp_trial import find_worn

SOUND = {"key_left": 0.056, "key_right": 0.055, "fill": 0.029, "backdrop": 0.45}


@pytest.mark.parametrize(
    ("changed", "before", "worn"),
    [
        ({}, {}, {}),
        ({"fill": 0.0005}, {}, {"fill": 0.0}),
        ({"key_right": 0.028}, {}, {"key_right": 0.5}),
        ({"fill": 0.0145}, {}, {}),  # it has no pair, and nobody knows what it gave
        ({"fill": 0.0145}, SOUND, {"fill": 0.5}),
        ({"key_left": 0.03, "key_right": 0.03}, SOUND, {"key_left": 0.54, "key_right": 0.55}),
        (dict.fromkeys(SOUND, 0.0), {}, dict.fromkeys(SOUND, 0.0)),
    ],
)
def test_a_lamp_is_worn_against_its_pair_or_what_it_gave_when_it_was_calibrated(
    changed: dict[str, float], before: dict[str, float], worn: dict[str, float]
) -> None:
    found = find_worn(SOUND | changed, before)
    assert {name: round(share, 2) for name, share in found.items()} == worn
