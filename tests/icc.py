"""Small ICC profiles for tests: of displays with a matrix, of grey, of inks with a table."""

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kiosk.pipeline.colour_space import Chromaticities

D50 = np.array([0.9642, 1.0, 0.8249])
PRO_PHOTO: Chromaticities = (
    0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001,
)  # fmt: skip


def display_profile(corners: Chromaticities, gamma: float, version: int = 2) -> bytes:
    """A monitor's profile: primaries and white as in PNG's cHRM, and one power for all channels."""
    white, *primaries = (_xyz(x, y) for x, y in zip(corners[::2], corners[1::2], strict=True))
    columns = np.array(primaries).T
    scaled = columns * np.linalg.solve(columns, white)
    bradford = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    to_d50 = np.linalg.inv(bradford) @ np.diag((bradford @ D50) / (bradford @ white)) @ bradford
    red, green, blue = (to_d50 @ scaled).T
    tags = {b"rXYZ": _xyz_tag(red), b"gXYZ": _xyz_tag(green), b"bXYZ": _xyz_tag(blue)}
    return profile(b"RGB ", tags | {c + b"TRC": _curve(gamma) for c in (b"r", b"g", b"b")}, version)


def grey_profile(gamma: float) -> bytes:
    """A profile of grey alone."""
    return profile(b"GRAY", {b"kTRC": _curve(gamma)})


def ink_profile() -> bytes:
    """A profile of four inks, each as dark as the next: a table of its 16 corners."""
    corners = [
        100 * (1 - min(0.7 * ink / 3 + 0.3 * (number & 1), 1.0))
        for number in range(16)
        for ink in [(number >> 3 & 1) + (number >> 2 & 1) + (number >> 1 & 1)]
    ]
    table = b"".join(bytes((round(light * 2.55), 128, 128)) for light in corners)
    ramp = bytes(range(256))
    identity = b"".join(struct.pack(">i", 65536 * (n in (0, 4, 8))) for n in range(9))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + ramp * 4 + table + ramp * 3
    return profile(b"CMYK", {b"A2B0": lut}, kind=b"prtr", connection=b"Lab ")


def profile(
    colours: bytes,
    tags: dict[bytes, bytes],
    version: int = 2,
    kind: bytes = b"mntr",
    connection: bytes = b"XYZ ",
) -> bytes:
    """A whole profile: header, table of tags, and the tags."""
    words = b"test\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(words)) + words + bytes(78)
    if version == 4:
        text = "test".encode("utf-16-be")
        described = b"mluc\0\0\0\0" + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(text), 28)
        described += text
    tags = {b"desc": described, b"cprt": described if version == 4 else b"text\0\0\0\0none\0",
            b"wtpt": _xyz_tag(D50), **tags}  # fmt: skip
    at, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for signature, tag in tags.items():
        padded = tag + bytes(-len(tag) % 4)
        table += signature + struct.pack(">II", at + len(data), len(tag))
        data += padded
    body = struct.pack(">I", len(tags)) + table + data
    head = struct.pack(
        ">I4sI4s4s4s12s4s4sI4s4sQI", 128 + len(body), b"none", version << 24, kind, colours,
        connection, bytes(12), b"acsp", b"none", 0, b"none", b"none", 0, 0,
    )  # fmt: skip
    head += b"".join(struct.pack(">i", round(v * 65536)) for v in D50)
    return head.ljust(128, b"\0") + body


def _xyz(x: float, y: float) -> NDArray[np.float64]:
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _xyz_tag(xyz: Sequence[float] | NDArray[np.float64]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(float(v) * 65536)) for v in xyz)


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))
