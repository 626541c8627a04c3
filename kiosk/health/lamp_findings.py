"""What is to be said of lamps that were tried: dead, weak, crossed, banded, or beside a window."""

from collections.abc import Iterator, Mapping

from kiosk.booth.lamp_trial import WORN, Trial, find_worn
from kiosk.health.finding import Finding
from kiosk.upkeep.calibration import Calibration
from kiosk.upkeep.measures import right_frequency, whole_exposure

SPARES = {
    "key_left": "key lamp",
    "key_right": "key lamp",
    "fill": "fill lamp",
    "backdrop": "backdrop lamp",
}

CROSSED = Finding(
    "lamps",
    "fail",
    "key_left and key_right are exchanged: each lights the other's side of the picture",
    "exchange their numbers in [lamps.pins], or their plugs; then kiosk calibrate lamps",
)

WINDOW = "draw the curtain, shade the window or the ceiling's lamp; the lamps cannot follow it all"


def describe_trial(trial: Trial, last: Calibration | None) -> Iterator[Finding]:
    """What is wrong with lamps that were tried; nothing where all is well.

    `last` is the last calibration, where it was made at the camera's controls of now.
    """
    yield from describe_worn(find_worn(trial.added, {} if last is None else last.effects))
    if trial.keys_crossed:
        yield CROSSED
    window = trial.find_window(None if last is None else last.room)
    if window:
        yield Finding("room", "warn", window, WINDOW)


def describe_worn(worn: Mapping[str, float]) -> Iterator[Finding]:
    """What is to be said of lamps that give a share of their light, or none (`find_worn`)."""
    for name, share in worn.items():
        spare = SPARES.get(name, "key lamp")
        if share == 0:
            yield Finding(
                "lamps",
                "fail",
                f"{name} is dark: its pin obeys, and the camera sees no light of it",
                "look at its fuse, its plugs and its driver; exchange the driver's place with"
                " another lamp's to see which of the two is dead",
                spare,
            )
            continue
        says = f"{name} is weak: it gives {share:.0%} of the light it should"
        if share < WORN:
            way_out = "wipe its diffuser and look at its cable; exchange it, then kiosk calibrate"
            yield Finding("lamps", "warn", says, way_out, spare)
        else:
            yield Finding("lamps", "warn", says, "wipe its diffuser; then kiosk calibrate lamps")


def describe_bands(
    deepest: Mapping[str, float], exposure: int, frequencies: Mapping[str, float]
) -> Finding:
    """What is to be said of lamps with bands, each with their depth and its PWM's frequency, Hz.

    `exposure` is in microseconds.
    """
    worst = max(deepest, key=deepest.__getitem__)
    frequency = frequencies[worst]
    whole = right_frequency(exposure, frequency)
    odd = whole_exposure(exposure, frequency) > 0.02
    return Finding(
        "bands",
        "fail",
        f"{', '.join(deepest)}: bands of {deepest[worst]:.1%} of the light, when dimmed, at"
        f" {frequency:.0f} Hz",
        f"set lamps.frequency to {whole:.0f}: {exposure / 1000:g} ms hold whole periods of it"
        if odd
        else "take a driver that is dimmed by a voltage: hardware.md, Dimming without bands",
        "lamp driver",
    )
