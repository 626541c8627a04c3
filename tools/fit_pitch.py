"""Fit how a head's pitch is read, on pictures that `tools/render/anyone.py` has rendered.

Prints the weights for `kiosk.pipeline.look.face`, and their mean error on people whom they were not
fitted on. `--only-try` leaves the fit and tries the weights that are there.

    .venv/bin/python tools/fit_pitch.py PICTURES
"""

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kiosk.config import load
from kiosk.pipeline.loading import load_looker
from kiosk.pipeline.look.face import PITCH_LEVEL, PITCH_WEIGHTS, signs_of_pitch
from kiosk.pipeline.picture import read_picture

RIDGE = 0.01
"""In the variance of the standardised signs."""

LEAST_OPENING, MOST_PAST = 0.08, 3.0
"""The lids' gap, T, and the eyes' height past the lens, degrees, of pictures that are fitted: who
is photographed looks into the lens."""

Array = NDArray[np.float64]


def gather(folder: Path) -> tuple[Array, Array, Array]:
    """The signs (n, 4), the true pitch and the person of each picture in which a mesh is found."""
    looker = load_looker(load().config.models.store)
    rows = []
    for file in sorted(folder.glob("*.json")):
        truth = json.loads(file.read_text(encoding="utf-8"))
        mesh = looker.find_mesh(read_picture(file.with_suffix(".png")))
        if mesh is None or abs(truth["gaze"][1]) > MOST_PAST:
            continue
        signs = signs_of_pitch(mesh)
        if signs[1] - signs[2] > LEAST_OPENING:
            rows.append((*signs, truth["pitch"], truth["person"]))
    looker.close()
    table = np.array(rows, np.float64)
    return table[:, :-2], table[:, -2], table[:, -1]


def fit(signs: Array, pitch: Array) -> tuple[Array, float]:
    """Weights and level by least squares with a ridge."""
    middle, spread = signs.mean(0), signs.std(0)
    scaled = (signs - middle) / spread
    square = scaled.T @ scaled / len(scaled) + RIDGE * np.eye(scaled.shape[1])
    weights = np.linalg.solve(square, scaled.T @ (pitch - pitch.mean()) / len(scaled)) / spread
    return weights, float(pitch.mean() - weights @ middle)


def leave_out(signs: Array, pitch: Array, person: Array) -> Array:
    """Each picture's error by the fit on everybody else, degrees."""
    errors = np.empty_like(pitch)
    for one in np.unique(person):
        own = person == one
        weights, level = fit(signs[~own], pitch[~own])
        errors[own] = signs[own] @ weights + level - pitch[own]
    return errors


def main() -> None:
    """Fit, or try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--only-try", action="store_true", help="fit nothing")
    args = parser.parse_args()
    signs, pitch, person = gather(args.pictures)
    print(f"{len(pitch)} pictures of {len(np.unique(person))} people")
    if not args.only_try:
        weights, level = fit(signs, pitch)
        errors = leave_out(signs, pitch, person)
        print(f"weights {weights.round(2).tolist()}, level {level:.2f}")
        print(f"people left out: mean error {np.abs(errors).mean():.2f} degrees")
    errors = signs @ PITCH_WEIGHTS + PITCH_LEVEL - pitch
    print(f"as it is: mean error {np.abs(errors).mean():.2f} degrees, bias {errors.mean():.2f}")


if __name__ == "__main__":
    main()
