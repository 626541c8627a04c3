"""Write linear light as JPEG: a value of 255 * sqrt(linear / white), one `white` per lamp."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

LAMPS = ("key_left", "key_right", "fill", "backdrop", "room")


def matte(cover: np.ndarray, path: Path) -> None:
    """Write a matte, 0..1, as an 8-bit PNG."""
    Image.fromarray(np.round(np.clip(cover, 0, 1) * 255).astype(np.uint8)).save(path, optimize=True)


def marks(found: np.ndarray, path: Path) -> None:
    """Write which lamps each px mirrors, a bit a lamp, as a PNG: grey with the first eight, or in
    red, green and blue up to 24."""
    planes = [(found >> shift & 255).astype(np.uint8) for shift in (0, 8, 16)]
    picture = np.stack(planes, -1) if found.max() > 255 else planes[0]
    Image.fromarray(picture).save(path, optimize=True)


def whites(folders: list[Path], lamps: Sequence[str] = LAMPS) -> dict[str, float]:
    """Find the light at which each lamp's brightest picture just does not clip."""
    peaks = dict.fromkeys(lamps, 0.0)
    for folder in folders:
        with np.load(folder / "light.npz") as light:
            for lamp in lamps:
                peaks[lamp] = max(peaks[lamp], float(light[lamp].max()))
    return {lamp: math.ceil(peak * 1.005 * 1000) / 1000 for lamp, peak in peaks.items()}


def pictures(source: Path, target: Path, white: dict[str, float], quality: int = 95) -> None:
    """Encode one folder's linear pictures."""
    target.mkdir(parents=True, exist_ok=True)
    with np.load(source / "light.npz") as light:
        for lamp in white:
            value = 255 * np.sqrt(np.clip(light[lamp] / white[lamp], 0, 1))
            image = Image.fromarray(np.round(value).astype(np.uint8))
            image.save(target / f"{lamp}.jpg", quality=quality, subsampling=0, optimize=True)


def decode(path: Path, white: float) -> np.ndarray:
    """Read a picture back as linear light."""
    value = np.asarray(Image.open(path), np.float32) / 255
    return value**2 * white


def subject(work: Path, out: Path, spec: dict, size: tuple[int, int]) -> None:
    """Encode every pose that lies in `work`, with what is known about the subject."""
    done = [name for name in spec["poses"] if (work / name / "truth.json").exists()]
    white = whites([work / name for name in done])
    for name in done:
        pictures(work / name, out / name, white)
        for file in ("alpha.png", "highlights.png", "truth.json"):
            (out / name / file).write_bytes((work / name / file).read_bytes())
    note = {
        "name": spec["name"], "words": spec["words"], "size": list(size), "lamps": list(LAMPS),
        "white": white, "poses": done, "licence": "CC0-1.0",
    }  # fmt: skip
    (out / "subject.json").write_text(json.dumps(note, indent=1) + "\n")


def booth(work: Path, out: Path, size: tuple[int, int]) -> None:
    """Encode the empty booth."""
    white = whites([work])
    pictures(work, out, white)
    note = {"size": list(size), "lamps": list(LAMPS), "white": white}
    (out / "booth.json").write_text(json.dumps(note, indent=1) + "\n")
