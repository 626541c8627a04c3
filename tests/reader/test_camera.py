"""Capture codes in the camera's picture, as telephones show them: turned, small, dark, blurred."""

import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import wait
from threading import Event

import cv2
import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from kiosk.reader.camera import CameraReader
from kiosk.reader.qr import decode
from kiosk.reader.reader import LONGEST_CODE, Heard

CODE = "9Fk2" * 24
"""As long as an encrypted code of 64 bytes is; 45 modules wide."""

Picture = NDArray[np.uint8]


def draw(text: str) -> Picture:
    """A QR code in black on white with its quiet zone, height × width."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    return np.asarray(zxingcpp.write_barcode_to_image(code, scale=8), np.uint8)


def held_out(
    text: str = CODE,
    *,
    side: float = 170,
    angle: float = 0,
    tilt: float = 0,
    blur: float = 0,
    light: float = 1,
    moire: float = 0,
    glare: float = 0,
    noise: float = 2,
    inverted: bool = False,
) -> Picture:
    """A 480×640 picture of a telephone with a code `side` px wide on it, before a blurred hall."""
    chance = np.random.default_rng(1)
    width, height = 480, 640
    code = 255 - draw(text) if inverted else draw(text)
    screen = cv2.copyMakeBorder(
        code, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=(int(code[0, 0]),)
    ).astype(np.float32)
    edge = screen.shape[0]
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / code.shape[0] * edge / 2
    turn = np.deg2rad(angle)
    turned = corners @ [[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]
    turned *= 1 + tilt * turned[:, 1:] / edge
    centre = np.array([width / 2 + 7.3, height / 2 - 4.6])
    placed = 2 * (turned + centre)  # drawn twice as large, to be averaged as a sensor does
    source = np.array([[0, 0], [edge, 0], [edge, edge], [0, edge]], np.float32)
    warp = cv2.getPerspectiveTransform(source, placed.astype(np.float32))
    hall = chance.integers(20, 140, (height // 16, width // 16)).astype(np.float32)
    scene = cv2.resize(hall, (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC)
    shown = cv2.warpPerspective(screen, warp, (2 * width, 2 * height), borderValue=(-1,))
    scene = np.where(shown >= 0, shown, scene)
    y, x = np.mgrid[: 2 * height, : 2 * width]
    scene *= 1 - moire / 2 * (1 + np.sin(2.2 * x + 0.35 * y))
    scene = cv2.resize(scene, (width, height), interpolation=cv2.INTER_AREA)
    if blur:
        scene = cv2.GaussianBlur(scene, (0, 0), blur)
    y, x = np.mgrid[:height, :width]
    distance = ((x - width / 2) ** 2 + (y - height / 2) ** 2) / (2 * (side / 4) ** 2)
    seen = (scene + glare * 255 * np.exp(-distance)) * light + chance.normal(0, noise, scene.shape)
    grey = np.clip(seen, 0, 255).astype(np.uint8)
    return np.dstack([grey] * 3)


HARD = {
    "upright": held_out(),
    "turned": held_out(angle=33),
    "upside down and tilted": held_out(side=200, angle=200, tilt=0.3),
    "small": held_out(side=100),
    "tiny": held_out(side=70),
    "slightly blurred": held_out(blur=1.5),
    "out of focus": held_out(blur=2.0),
    "dim": held_out(light=0.1),
    "nearly black": held_out(light=0.04, noise=1.5),
    "with moiré": held_out(moire=0.8),
    "small, turned, with moiré": held_out(side=120, angle=17, moire=0.8),
    "in dark mode": held_out(inverted=True),
    "under a lamp's reflection": held_out(glare=1.0),
    "noisy": held_out(side=140, noise=35),
}


@pytest.fixture
def reader() -> Iterator[CameraReader]:
    reader = CameraReader()
    yield reader
    reader.close()


def show(reader: CameraReader, picture: Picture, at: float) -> str | None:
    """Offer a picture in one round of the booth's loop, and hear in the next what it held."""
    assert reader.listen(Heard((), picture, at)) is None
    assert reader._decoding is not None
    wait([reader._decoding[0]])
    return reader.listen(Heard((), None, at))


@pytest.mark.parametrize("picture", HARD.values(), ids=HARD.keys())
def test_a_code_on_a_telephone_is_read(picture: Picture) -> None:
    assert decode(picture) == CODE


@pytest.mark.parametrize("picture", HARD.values(), ids=HARD.keys())
def test_a_telephone_held_still_is_read_within_a_few_pictures(
    picture: Picture, reader: CameraReader
) -> None:
    assert CODE in [show(reader, picture, at / 10) for at in range(3)]


def test_an_empty_booth_reads_nothing() -> None:
    chance = np.random.default_rng(2)
    assert decode(np.zeros((640, 480, 3), np.uint8)) is None
    assert decode(chance.integers(0, 256, (640, 480, 3), np.uint8)) is None


def test_what_is_out_of_reach_is_nothing_and_never_a_wrong_code() -> None:
    for blur in (2.4, 3.2, 5.0):
        assert decode(held_out(blur=blur)) in (None, CODE)


def test_a_chinese_text_is_read() -> None:
    assert decode(held_out("图像采集码-7")) == "图像采集码-7"


def test_other_kinds_of_codes_are_passed_over() -> None:
    for kind in (zxingcpp.BarcodeFormat.DataMatrix, zxingcpp.BarcodeFormat.Code128):
        image = zxingcpp.write_barcode_to_image(zxingcpp.create_barcode("4471", kind), scale=6)
        bare = cv2.copyMakeBorder(
            np.asarray(image, np.uint8), 40, 40, 40, 40, cv2.BORDER_CONSTANT, value=(255,)
        )
        assert decode(np.dstack([np.asarray(bare, np.uint8)] * 3)) is None


def test_a_code_that_stays_in_view_is_read_once(reader: CameraReader) -> None:
    picture = held_out()
    times = [0.0, 0.5, 1.0, 2.5, 4.0, 9.0]
    assert [show(reader, picture, at) for at in times] == [CODE, None, None, None, None, CODE]


def test_a_code_too_long_is_dropped(reader: CameraReader) -> None:
    picture = np.dstack([draw("A" * (LONGEST_CODE + 1))] * 3)
    assert decode(picture) is not None
    assert show(reader, picture, 0.0) is None


OTHERS = ("wxp://f2f0abcdefghij", "134567890123456789", "https://example.com/a?b=1")


@pytest.mark.parametrize("other", OTHERS[1:])
def test_a_code_that_is_something_else_is_told_of_once_it_is_held_out(
    reader: CameraReader, other: str
) -> None:
    picture = held_out(other)
    assert [show(reader, picture, at) for at in (0.0, 0.5)] == [None, None]
    assert [show(reader, picture, at) for at in (2.0, 2.6)] == [None, None]  # gone meanwhile
    assert [show(reader, picture, at) for at in (3.1, 3.6)] == [other, None]


@pytest.mark.parametrize(("other", "first"), [(OTHERS[0], True), (OTHERS[2], False)])
def test_of_several_codes_in_view_the_one_is_taken_that_can_be_a_capture_code(
    reader: CameraReader, other: str, first: bool
) -> None:
    codes = [held_out(text, side=140)[180:460] for text in (other, CODE)]
    picture = np.concatenate(codes if first else codes[::-1])
    assert [show(reader, picture, at) for at in (0.0, 0.5, 1.0, 1.5)] == [CODE, None, None, None]


def test_listening_does_not_wait_for_a_picture_and_the_newest_comes_next(
    reader: CameraReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = Event()
    seen: list[int] = []

    def decode_slowly(picture: Picture, turn: int, wanted: object) -> tuple[str, ...]:
        let_go.wait(10)
        seen.append(int(picture[0, 0, 0]))
        return (f"CODE-{seen[-1]}",)

    monkeypatch.setattr(reader, "_decode", decode_slowly)
    pictures = [np.full((4, 4, 3), number, np.uint8) for number in range(4)]
    heard = [reader.listen(Heard((), picture, 0.0)) for picture in pictures]
    assert heard == [None] * 4  # though the first is still being decoded
    let_go.set()
    codes = []
    while reader._decoding is not None:
        wait([reader._decoding[0]])
        codes.append(reader.listen(Heard((), None, 0.1)))
    assert (codes, seen) == (["CODE-0", "CODE-3"], [0, 3])


def test_nothing_of_a_picture_stays_once_it_was_read(reader: CameraReader) -> None:
    picture = held_out()
    kept = weakref.ref(picture)
    assert show(reader, picture, 0.0) == CODE
    del picture
    assert kept() is None
    assert reader._decoding is None
    assert CODE not in repr(vars(reader._debounce))


def test_a_picture_that_breaks_the_decoder_is_a_fault_and_the_next_mends_it(
    reader: CameraReader,
) -> None:
    assert show(reader, np.zeros((0, 0, 3), np.uint8), 0.0) is None
    assert not reader.available
    assert "codes cannot be read" in str(reader.fault)
    assert show(reader, held_out(), 0.1) == CODE
    assert (reader.available, reader.fault) == (True, None)


def test_a_closed_reader_has_ended_its_thread() -> None:
    reader = CameraReader()
    assert show(reader, held_out(), 0.0) == CODE
    assert [t for t in threading.enumerate() if t.name.startswith("camera-reader")]
    reader.close()
    reader.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("camera-reader")]
    assert reader.listen(Heard((), held_out(), 1.0)) is None
