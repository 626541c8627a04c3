import numpy as np
import pytest

from kiosk.lighting.control_law import HEARD, SOUND
from kiosk.lighting.lamp_power import LampPower, expect_power, learn_power

BACKDROP = np.array([0.08, 0.08, 0.045, 0.78, 0.05])
"""Of key lamps, fill, backdrop lamp and the room."""

MOVES = np.array([True, True, True, False])


def heard(shares: list[float], room: float, seed: int) -> LampPower:
    """What is known after thirty frames in which the face's lamps moved twice."""
    rng = np.random.default_rng(seed)
    power = expect_power(BACKDROP, np.ones(4), MOVES)
    for levels in ([0.6, 0.6, 0.5], [0.8, 0.3, 0.5], [0.4, 0.8, 0.7]):
        at = np.array([*levels, 0.25, 1.0])
        for _ in range(10):
            light = float(at * BACKDROP @ [*shares, room]) * (1 + 0.003 * rng.standard_normal())
            power = learn_power(power, light, at)
    return power


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_the_backdrop_tells_a_lamp_that_gives_half_or_nothing_from_a_sound_one(
    share: float,
) -> None:
    for seed in range(5):
        power = heard([1.0, share, 1.0, 1.0], room=1.3, seed=seed)
        (sound, _), (weak, doubt) = power.share(0), power.share(1)
        assert weak < SOUND - 0.1 < SOUND < sound
        assert doubt < HEARD


def test_a_lamp_that_is_not_moved_stays_in_doubt() -> None:
    power = expect_power(BACKDROP, np.ones(4), MOVES)
    for _ in range(30):
        power = learn_power(power, 0.3, np.array([0.6, 0.6, 0.5, 0.25, 1.0]))
    assert power.share(0)[1] > HEARD
