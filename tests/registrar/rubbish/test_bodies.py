"""Bodies without end, and what unpacks to one: told, not stored, and nobody else waits for them."""

import gzip
import io
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from functools import cache, partial

import pytest
from nacl.public import SealedBox
from PIL import Image

from protocol.envelope import Envelope
from protocol.receipt import Receipt
from protocol.request import DIGEST_HEADER, PREFIX
from protocol.signing import UNSIGNED, sign
from tests.desk import Browser, signed_in
from tests.registrar.rubbish.served import Served, read_answer, serve, write
from tests.registrar.rubbish.stored import stored
from tests.town import BOOTH, submission

FLAT = 80.0
"""MB that rubbish may cost meanwhile: some of the largest bodies that are taken, or one password's
hash (64 MiB)."""

soak = partial(pytest.param, marks=pytest.mark.soak)

RESOLVE, SUBMIT = f"{PREFIX}/resolve", f"{PREFIX}/submissions"

megabytes = pytest.mark.parametrize(
    "megabytes", [100, pytest.param(1000, marks=pytest.mark.soak)], ids="{} MB".format
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served")) as served:
        assert served.is_booth_served()
        yield served


@pytest.fixture(scope="module")
def staff(served: Served) -> Browser:
    browser = signed_in(served.town.server, "registrar")
    assert browser.csrf()
    return browser


@pytest.fixture(autouse=True)
def _nothing_is_stored_and_nobody_named(served: Served, staff: Browser) -> Iterator[None]:
    before = stored(served.town.store)
    yield
    assert stored(served.town.store) == before
    assert served.is_booth_served()
    log = served.log()
    assert "Traceback" not in log
    for named in ("code-1", "record-1", "学生", "2022000"):
        assert named not in log


# ---- without end ----


GIGABYTE = 1_000_000_000


def pour(connection: socket.socket, piece: bytes) -> int:
    """Send a gigabyte, whatever is answered meanwhile; how many MB went until it was cut."""
    sent = 0
    try:
        while sent < GIGABYTE:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent // 1_000_000


Begin = Callable[[Served, str], dict[str, str]]
"""The headers of a request whose body is poured out."""


def told_length(served: Served, path: str) -> dict[str, str]:
    return {**served.signed("POST", path, b""), "Content-Length": str(GIGABYTE)}


def chunked(served: Served, path: str) -> dict[str, str]:
    return {**served.signed("POST", path, b""), "Transfer-Encoding": "chunked"}


def without_digest(served: Served, path: str) -> dict[str, str]:
    headers = chunked(served, path)
    del headers[DIGEST_HEADER]
    return headers


def strangers(served: Served, path: str) -> dict[str, str]:
    return {"Transfer-Encoding": "chunked"}


@pytest.mark.parametrize(
    ("path", "begin", "status"),
    [
        (SUBMIT, told_length, 413),
        (SUBMIT, chunked, 413),
        soak(SUBMIT, without_digest, 413),
        (SUBMIT, strangers, 413),
        soak(f"{PREFIX}/enrol", strangers, 413),
        soak("/login", strangers, 403),
        soak("/roster/preview", strangers, 303),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_body_without_end_is_refused_cut_and_not_kept(
    served: Served, path: str, begin: Begin, status: int
) -> None:
    piece = bytes(1 << 20)
    if begin is not told_length:
        piece = b"100000\r\n" + piece + b"\r\n"
    headers = write("POST", path, {"Connection": "keep-alive", **begin(served, path)})
    with served.flat(FLAT), served.connect(headers) as connection:
        gone: list[int] = []
        pouring = threading.Thread(target=lambda: gone.append(pour(connection, piece)), daemon=True)
        pouring.start()
        assert served.is_booth_served()
        found, _ = read_answer(connection)
        pouring.join()
    print(f"{path} {begin.__name__}: {found}, cut after {gone[0]} MB")
    assert found in (status, 0)  # 0: the answer was lost where the connection was cut
    assert gone[0] < 95


# ---- what unpacks to one ----


@cache
def _deflated() -> bytes:
    """A hundred megabytes, in a hundred kilobytes."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()


@pytest.mark.parametrize(
    "coding", ["gzip", *map(soak, ("deflate", "br", "zstd", "gzip, gzip", "identity"))]
)
def test_what_is_compressed_is_not_unpacked(served: Served, coding: str) -> None:
    body = gzip.compress(_deflated()) if "," in coding else _deflated()
    with served.flat(FLAT):
        for path in (RESOLVE, SUBMIT, f"{PREFIX}/reports"):
            status, answer = served.post(path, body, **{"Content-Encoding": coding})
            assert (status, b"malformed" in answer or b"too_large" in answer) in (
                (400, True),
                (413, True),
            )
        form = {"Content-Encoding": coding, "Content-Type": "application/x-www-form-urlencoded"}
        status, _ = served.ask(write("POST", "/login", form, gzip.compress(bytes(10_000_000))))
        assert status in (400, 403)


# ---- photos that are none ----


def _jpeg(size: tuple[int, int] = (480, 640), **options: object) -> bytes:
    file = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(file, "JPEG", **options)
    return file.getvalue()


def _claims(width: int, height: int) -> bytes:
    """A photo whose frame claims another size."""
    data = _jpeg()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def _of_scans() -> bytes:
    """A progressive picture of some thousand scans."""
    data = _jpeg((96, 128), progressive=True)
    scan = data[data.rindex(b"\xff\xc4") : -2]
    return data[:-2] + scan * (2_500_000 // len(scan)) + b"\xff\xd9"


def _of_parts(part: bytes) -> bytes:
    data = _jpeg()
    return data[:2] + part * (2_500_000 // len(part)) + data[2:]


def _of_restarts() -> bytes:
    data = _jpeg()
    scan = data.index(b"\xff\xda")
    restarts = b"".join(bytes((0xFF, 0xD0 + number % 8)) for number in range(8)) * 150_000
    return data[:scan] + b"\xff\xdd\x00\x04\x00\x01" + data[scan:-2] + restarts + b"\xff\xd9"


PHOTOS: dict[str, Callable[[], bytes]] = {
    "60000 x 60000": lambda: _claims(60_000, 60_000),
    "65535 x 65535": lambda: _claims(65_535, 65_535),
    "1 x 65535": lambda: _claims(1, 65_535),
    "cut off": lambda: _jpeg()[:20_000],
    "cut off, with an end": lambda: _jpeg()[:20_000] + b"\xff\xd9",
    "thousands of scans": _of_scans,
    "a million segments": lambda: _of_parts(b"\xff\xe1\x00\x02"),
    "a million comments": lambda: _of_parts(b"\xff\xfe\x00\x02"),
    "thousands of tables": lambda: _of_parts(b"\xff\xdb\x00\x43\x00" + b"\1" * 64),
    "a million restarts": _of_restarts,
    "nothing": lambda: b"",
    "a PNG": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000),
}


@pytest.mark.parametrize(
    "photo",
    [
        photo if photo in ("60000 x 60000", "a million segments") else soak(photo)
        for photo in PHOTOS
    ],
)
def test_a_sealed_photo_that_is_none_is_refused_and_costs_nothing(
    served: Served, photo: str
) -> None:
    envelope = served.town.envelope(1, photo=PHOTOS[photo]())
    with served.flat(FLAT):
        status, answer = served.post(SUBMIT, envelope.model_dump_json().encode())
    receipt = Receipt.model_validate_json(answer)
    assert (status, receipt.refused) == (409, "no_photo")
    assert receipt.answers(envelope)


def _named(count: int) -> bytes:
    return b"{" + b",".join(b'"%x":1' % number for number in range(count)) + b"}"


METADATA: dict[str, bytes] = {
    "unknown names": _named(250_000),
    "operations": b'{"provenance":{"operations":[' + b"1," * 1_200_000 + b"1]}}",
    "rules": b'{"rules":' + _named(250_000) + b"}",
    "depth": b"[" * 2_500_000,
    "a number": b'{"rules":{"a":' + b"9" * 2_500_000 + b"}}",
    "no end": b"x" * 2_500_000,
    "NUL": b'{"record_id":"\\u0000"}',
}


@pytest.mark.parametrize(
    "metadata", [one if one in ("operations", "NUL") else soak(one) for one in METADATA]
)
def test_sealed_metadata_that_are_none_are_refused_and_cost_nothing(
    served: Served, metadata: str
) -> None:
    public_key = served.town.server.keys.vault.public_key
    sealed = SealedBox(public_key).encrypt(METADATA[metadata] + b"\n" + _jpeg())
    envelope = sign(
        Envelope(submission_id=submission(1), booth_id=BOOTH, sealed=sealed, signature=UNSIGNED),
        served.town.key,
    )
    with served.flat(FLAT):
        status, answer = served.post(SUBMIT, envelope.model_dump_json().encode())
    assert (status, Receipt.model_validate_json(answer).refused) == (409, "unreadable")


@pytest.mark.parametrize(
    "body",
    [b'{"faults":[' + b"1," * 1_900_000 + b"1]}", b" " * 3_000_000],
    ids=["faults", "spaces"],
)
def test_a_report_of_megabytes_is_refused_unread(served: Served, body: bytes) -> None:
    with served.flat(FLAT):
        status, answer = served.post(f"{PREFIX}/reports", body)
    assert (status, b"too_large" in answer) == (413, True)


# ---- forms of staff ----


@pytest.mark.parametrize("path", ["/roster/preview", soak("/results"), soak("/schedule/preview")])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"a&" * 10_000_000),
        ("multipart/form-data; boundary=b", b"--b\r\nX: " + b"y" * 20_000_000),
        ("multipart/form-data; boundary=b", b"--b\r\n" + b"X: y\r\n" * 3_000_000),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 300_000,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 20_000_000,
        ),
    ],
    ids=["fields", "a long header", "many headers", "many parts", "a long field"],
)
def test_a_form_of_megabytes_is_refused(
    served: Served, staff: Browser, path: str, kind: str, body: bytes
) -> None:
    headers = {"Content-Type": kind, "X-CSRF-Token": staff.csrf()}
    with served.flat(FLAT):
        answer = staff.session.post(
            f"{staff.url}{path}", data=body, headers=headers, timeout=60, allow_redirects=False
        )
    assert answer.status_code in (400, 413)
