"""Measure a rendered subject with MediaPipe and hold it against the truth, pose by pose.

Needs mediapipe and a face_landmarker.task; every lamp is lit as in the booth.
"""

import argparse
import json
import math
from pathlib import Path

import encode
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

LEVELS = {"key_left": 0.6, "key_right": 0.6, "fill": 0.6, "backdrop": 0.6, "room": 1.0}
PUPILS = {"left": 473, "right": 468}  # the mesh's iris centres, by the subject's own side
SHAPES = ("eyeBlinkLeft", "eyeBlinkRight", "jawOpen", "mouthSmileLeft", "mouthSmileRight")


def srgb(light: np.ndarray) -> np.ndarray:
    """Encode linear light as 8-bit sRGB."""
    light = np.clip(light, 0, 1)
    curve = np.where(light < 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(curve * 255).astype(np.uint8)


def relight(folder: Path, white: dict[str, float]) -> np.ndarray:
    """Add the lamps up at the booth's levels."""
    return sum(
        level * encode.decode(folder / f"{lamp}.jpg", white[lamp]) for lamp, level in LEVELS.items()
    )


def angles(matrix: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees, signed as in truth.json, of a face's pose matrix."""
    r = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    yaw = math.atan2(r[0, 2], r[2, 2])
    pitch = math.asin(r[1, 2])
    roll = -math.atan2(r[1, 0], r[1, 1])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)


def main() -> None:
    """Print one line a pose: measured against true."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subject", type=Path, help="a subject's folder")
    parser.add_argument("--model", type=Path, required=True, help="face_landmarker.task")
    args = parser.parse_args()
    note = json.loads((args.subject / "subject.json").read_text())
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(args.model)),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker:
        for pose in note["poses"]:
            folder = args.subject / pose
            truth = json.loads((folder / "truth.json").read_text())
            pixels = srgb(relight(folder, note["white"]))
            found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=pixels))
            if not found.face_landmarks:
                print(f"{pose}: no face")
                continue
            held = angles(np.array(found.facial_transformation_matrixes[0]))
            turn = "  ".join(
                f"{name} {seen:+.1f}/{truth[name]:+.0f}"
                for name, seen in zip(("yaw", "pitch", "roll"), held, strict=True)
            )
            shape = {s.category_name: s.score for s in found.face_blendshapes[0]}
            marks = found.face_landmarks[0]
            off = max(
                math.hypot(marks[i].x * note["size"][0] - x, marks[i].y * note["size"][1] - y)
                for i, (x, y) in ((PUPILS[side], truth["eyes"][side]) for side in PUPILS)
            )
            scores = "  ".join(f"{name} {shape[name]:.2f}" for name in SHAPES)
            print(f"{pose}: {turn}  pupils off {off:.0f} px  {scores}")


if __name__ == "__main__":
    main()
